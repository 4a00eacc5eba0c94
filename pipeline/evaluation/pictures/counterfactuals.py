"""What a model's answers follow: each thing on a page changed by itself, everything else left as it was.

* the waveform erased: nothing may be told any more,
* header, paper, light exchanged with those of a patient of the other class: answers must stay,
* waveforms exchanged: answers must follow them.

Partners come from the same fold, so that the network that is asked has seen neither of the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from db.measures.bootstrap import redrawn
from db.measures.discrimination import auroc, mid_ranks
from db.measures.estimate import Estimate, unknown
from db.measures.means import mean_of
from db.measures.medians import median_of
from db.measures.paired import correlation
from db.measures.proportions import wilson_share
from pipeline.evaluation.pictures.pages import Square, Squares, in_threads, stacked
from pipeline.evaluation.pictures.subjects import LOW_EF_PERCENT, Subjects
from pipeline.modeling.ensemble import Predictions

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Whose answers differ by less (probability, EF points) says nothing about which of the two is followed.
_TELLS_APART: Final = {"rwma": 0.05, "ef": 2.0}

# Everything but the waveform in one: header, paper, camera, light and table of drawn pages, all that is left
# of photographs.
_ALL_AT_ONCE: Final = ("look", "background")
# So many times answers are drawn to say how many would follow.
_DRAWN: Final = 400


class Answering(Protocol):
    """A model, out of fold."""

    def __call__(self, squares: Squares, folds: Ints) -> Predictions:
        """Squares uint8 [n, side, side], each answered by the model that never saw its fold."""
        ...


class Pages(Protocol):
    """Pages of the subjects, and what can be changed on them; places count subjects."""

    @property
    def masks(self) -> str:
        """`exact` or `estimated`."""
        ...

    @property
    def changes(self) -> tuple[str, ...]:
        """What `changed` can change."""
        ...

    def own(self, place: int) -> Square: ...
    def erased(self, place: int) -> Square: ...
    def changed(self, change: str, place: int, other: int) -> Square: ...
    def with_waveform(self, place: int, other: int) -> Square: ...


@dataclass(frozen=True)
class Told:
    """How much answers tell.

    Attributes:
        rwma_auroc: of significant wall motion. low_ef_auroc: of an EF below 50.
        ef_r: correlation with the EF.
    """

    rwma_auroc: Estimate
    low_ef_auroc: Estimate
    ef_r: Estimate


@dataclass(frozen=True)
class Moved:
    """What a change of the pages did to one head's answers.

    Attributes:
        auroc_change: after less before, the same patients.
        median_move: of the size of each answer's change: probability, or EF points.
        towards: mean change towards the class of the patient the change came from; above 0 means that
            answers follow it. Same unit.
    """

    auroc_change: Estimate
    median_move: Estimate
    towards: Estimate


@dataclass(frozen=True)
class Swap:
    """One thing exchanged between patients of different class: told and moved after it, by head."""

    name: str
    told: Told
    rwma: Moved
    ef: Moved


@dataclass(frozen=True)
class Counterfactuals:
    """What a model's answers follow.

    Attributes:
        masks: `exact` where pages were drawn anew, `estimated` where real photographs were cut.
        patients, ill: how many were asked about.
        likeness_rwma, likeness_ef: median distance of the answers to these pages from those to the snapshot's
            own photographs, without test-time augmentation; 0 is the same picture.
        own: how much the answers to the unchanged pages tell. erased: the same without a waveform, each
            answer less the mean of its fold.
        rwma_follows, ef_follows: share of pages with a waveform of another patient whose answer is nearer to
            that patient's; n counts those whose two patients are told apart at all.
        rwma_look_share, ef_look_share: share of the variance of the answers that header, paper, light make;
            0 for who reads nothing but the waveform, however weakly it tells.
        rwma_would_follow, ef_would_follow: the share that would follow with so much of it, if it were chance.
    """

    masks: str
    patients: int
    ill: int
    likeness_rwma: Estimate
    likeness_ef: Estimate
    own: Told
    erased: Told
    swaps: tuple[Swap, ...]
    rwma_follows: Estimate
    ef_follows: Estimate
    rwma_look_share: Estimate
    ef_look_share: Estimate
    rwma_would_follow: Estimate
    ef_would_follow: Estimate


@dataclass(frozen=True, eq=False)
class _Asked:
    subjects: Subjects
    seed: int
    resamples: int

    def told(self, said: Predictions) -> Told:
        people, ef = self.subjects, self.subjects.ef_percent
        has_ef, has_rwma = np.isfinite(ef), people.rwma >= 0
        return Told(
            self._over(has_rwma, lambda at: auroc(said.rwma_probability[at], people.rwma[at] == 1)),
            self._over(has_ef, lambda at: auroc(-said.ef_percent[at], ef[at] < LOW_EF_PERCENT)),
            self._over(has_ef, lambda at: correlation(ef[at], said.ef_percent[at])),
        )

    def moved(self, before: Floats, after: Floats, is_positive: Bools, has: Bools, sign: Floats) -> Moved:
        """Scores are the higher the iller."""
        move = after - before
        return Moved(
            self._over(
                has, lambda at: auroc(after[at], is_positive[at]) - auroc(before[at], is_positive[at])
            ),
            median_of(np.abs(move).tolist()),
            mean_of((sign * move)[sign != 0].tolist()),
        )

    def look_shares(self, own: Predictions, exchanged: Predictions | None) -> dict[str, Estimate]:
        """Share of the variance of each head's answers that another look makes; unknown where none was."""
        if exchanged is None:
            return dict.fromkeys(("rwma", "ef"), unknown())
        return {
            "rwma": self._look_share(own.rwma_probability, exchanged.rwma_probability),
            "ef": self._look_share(own.ef_percent, exchanged.ef_percent),
        }

    def _look_share(self, own: Floats, exchanged: Floats) -> Estimate:
        def share(at: Ints) -> float:
            whole = float(own[at].var())
            # Both looks are in the difference, each with the same variance.
            moved = float(((exchanged[at] - own[at]) ** 2).mean()) / 2
            return min(1.0, moved / whole) if whole else math.nan

        return self._over(np.ones(len(own), np.bool_), share)

    def _over(self, has: Bools, measure: Callable[[Ints], float]) -> Estimate:
        places = np.flatnonzero(has)
        if not len(places):
            return unknown()
        return redrawn(
            lambda at: measure(places[at]),
            self.subjects.patients[places],
            seed=self.seed,
            resamples=self.resamples,
        )


def counterfactuals(
    subjects: Subjects,
    pages: Pages,
    answer: Answering,
    rng: np.random.Generator,
    *,
    resamples: int = 1000,
) -> Counterfactuals:
    """Ask a model about the subjects' pages as they are and with one thing changed at a time."""
    n = len(subjects.pairs)
    asked = _Asked(subjects, int(rng.integers(2**31)), resamples)
    own = answer(stacked(in_threads(pages.own, n)), subjects.folds)
    blank = answer(stacked(in_threads(pages.erased, n)), subjects.folds)
    swaps = []
    exchanged_look: Predictions | None = None
    for change in pages.changes:
        others = _of_the_other_class(subjects, rng)
        squares = in_threads(lambda at, c=change, o=others: pages.changed(c, at, int(o[at])), n)  # type: ignore[misc]
        said = answer(stacked(squares), subjects.folds)
        swaps.append(_swap(change, asked, own, said, others))
        exchanged_look = said if change in _ALL_AT_ONCE else exchanged_look
    partners = _far_partners(subjects, own)
    exchanged = in_threads(lambda at: pages.with_waveform(at, int(partners[at])), n)
    followed = answer(stacked(exchanged), subjects.folds)
    photographs = subjects.one_view
    shares = asked.look_shares(own, exchanged_look)
    return Counterfactuals(
        masks=pages.masks,
        patients=n,
        ill=int(subjects.is_ill.sum()),
        likeness_rwma=_distance(own.rwma_probability, photographs.rwma_probability),
        likeness_ef=_distance(own.ef_percent, photographs.ef_percent),
        own=asked.told(own),
        erased=asked.told(_without_levels(blank, subjects.folds)),
        swaps=tuple(swaps),
        rwma_follows=_follows(own.rwma_probability, followed.rwma_probability, partners, "rwma"),
        ef_follows=_follows(own.ef_percent, followed.ef_percent, partners, "ef"),
        rwma_look_share=shares["rwma"],
        ef_look_share=shares["ef"],
        rwma_would_follow=_would_follow(shares["rwma"], n),
        ef_would_follow=_would_follow(shares["ef"], n),
    )


def _without_levels(said: Predictions, folds: Ints) -> Predictions:
    """Answers less the mean of their fold.

    The models of a fold learnt the mean of the others: where nothing else is said, that alone runs against
    the truth.
    """
    ef, rwma = said.ef_percent.copy(), said.rwma_probability.copy()
    for fold in np.unique(folds):
        here = folds == fold
        ef[here] -= ef[here].mean()
        rwma[here] -= rwma[here].mean()
    return Predictions(ef, rwma)


def _of_the_other_class(subjects: Subjects, rng: np.random.Generator) -> Ints:
    """For each subject one of its fold that is ill where it is well; itself where there is none."""
    others = np.arange(len(subjects.pairs))
    for place, (fold, ill) in enumerate(zip(subjects.folds, subjects.is_ill, strict=True)):
        there = np.flatnonzero((subjects.folds == fold) & (subjects.is_ill != ill))
        if len(there):
            others[place] = rng.choice(there)
    return others


def _far_partners(subjects: Subjects, own: Predictions) -> Ints:
    """For each subject one of its fold whose answers are far: the low half meets the high half."""
    score = mid_ranks(own.rwma_probability) + mid_ranks(-own.ef_percent)
    partners = np.arange(len(score))
    for fold in np.unique(subjects.folds):
        here = np.flatnonzero(subjects.folds == fold)
        ordered = here[np.argsort(score[here], kind="stable")]
        partners[ordered] = np.roll(ordered, -(len(ordered) // 2))
    return partners


def _swap(name: str, asked: _Asked, before: Predictions, after: Predictions, others: Ints) -> Swap:
    people = asked.subjects
    sign = people.is_ill[others].astype(np.float64) - people.is_ill
    has_ef, has_rwma = np.isfinite(people.ef_percent), people.rwma >= 0
    return Swap(
        name,
        asked.told(after),
        asked.moved(before.rwma_probability, after.rwma_probability, people.rwma == 1, has_rwma, sign),
        asked.moved(-before.ef_percent, -after.ef_percent, people.ef_percent < LOW_EF_PERCENT, has_ef, sign),
    )


def _follows(own: Floats, exchanged: Floats, partners: Ints, head: str) -> Estimate:
    apart = np.abs(own - own[partners]) >= _TELLS_APART[head]
    nearer = np.abs(exchanged - own[partners]) < np.abs(exchanged - own)
    n = int(apart.sum())
    return wilson_share(int((nearer & apart).sum()), n) if n else unknown()


def _would_follow(share: Estimate, n: int) -> Estimate:
    """How many answers would follow another waveform, were the rest of them chance; see `follow_rate`."""
    if not share.is_known:
        return unknown()
    value, low, high = (follow_rate(one, n) for one in (share.value, share.high, share.low))
    return Estimate(value, low, high, share.n)


def follow_rate(share: float, n: int) -> float:
    """How many answers follow an exchanged waveform if this share of their variance has another cause.

    Answers are sums of two normal parts; the low half meets the high half, as in `counterfactuals`. Half of
    the variance gives a half, a twentieth 97 %: where answers lie close together, a small move changes sides.

    Args:
        n: how many patients.
    """
    rng = np.random.default_rng(0)
    waveform, look = rng.normal(size=(2, _DRAWN, n)) * np.sqrt([[[1 - share]], [[share]]])
    own = waveform + look
    order = np.argsort(own, axis=1)
    partners = np.empty_like(order)
    np.put_along_axis(partners, order, np.roll(order, -(n // 2), axis=1), axis=1)
    theirs, after = np.take_along_axis(own, partners, 1), np.take_along_axis(waveform, partners, 1) + look
    return float((np.abs(after - theirs) < np.abs(after - own)).mean())


def _distance(one: Floats, other: Floats) -> Estimate:
    return median_of([abs(a - b) for a, b in zip(one, other, strict=True) if np.isfinite(a - b)])
