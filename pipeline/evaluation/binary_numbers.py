"""How well a yes-or-no question is answered: ranks, and what a cut does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from db.measures.estimate import Estimate
from db.measures.predicting.delong import delong_auroc
from db.measures.predicting.ranking import Ranking
from db.measures.predicting.rates import Confusion, values_at
from db.measures.predicting.redraws import Floats, Redraws
from db.measures.proportions import exact_share
from pipeline.evaluation.answers import Bools
from pipeline.evaluation.screens import Screen


@dataclass(frozen=True)
class BinaryNumbers:
    """One question on n records; intervals are 95 % bootstrap ones over patients unless said otherwise.

    Attributes:
        positives: records that are positive. prevalence: their share, exact interval.
        pooled: `auroc`, `average_precision` over all out-of-fold answers. Chance gives 0.5 and the
            prevalence.
        fold_means: the mean over folds of each.
        delong: the pooled AUROC with DeLong's interval, which takes records for independent.
        one_view: pooled, from the picture alone. views_gain: pooled minus one view.
    """

    name: str
    n: int
    positives: int
    prevalence: Estimate
    pooled: Mapping[str, Estimate]
    fold_means: Mapping[str, Estimate]
    delong: Estimate
    one_view: Mapping[str, Estimate]
    views_gain: Mapping[str, Estimate]


def binary_numbers(screen: Screen, redraws: Redraws) -> BinaryNumbers:
    """Every number of one question.

    Args:
        redraws: of all records the screen was cut from.
    """
    own = redraws.where(screen.kept)
    truth = screen.is_positive
    pooled = own.draws(Ranks(screen.score, truth))
    alone = own.draws(Ranks(screen.one_view, truth))
    return BinaryNumbers(
        name=screen.name,
        n=screen.n,
        positives=screen.positives,
        prevalence=exact_share(screen.positives, screen.n),
        pooled={name: one.estimate() for name, one in pooled.items()},
        fold_means=own.estimates(_FoldRanks(screen)),
        delong=delong_auroc(screen.score, truth),
        one_view={name: one.estimate() for name, one in alone.items()},
        views_gain={name: one.minus(alone[name]).estimate() for name, one in pooled.items()},
    )


class Ranks:
    """AUROC and average precision of scores, under any weights."""

    def __init__(self, score: Floats, is_positive: Bools) -> None:
        self._ranking = Ranking.of(score, is_positive)

    def __call__(self, weights: Floats) -> Mapping[str, Floats]:
        return self._ranking.measures(weights)


class _FoldRanks:
    """The mean over folds of the same; NaN where a fold cannot be measured."""

    def __init__(self, screen: Screen) -> None:
        self._folds = [screen.folds == fold for fold in np.unique(screen.folds)]
        self._ranks = [Ranks(screen.score[fold], screen.is_positive[fold]) for fold in self._folds]

    def __call__(self, weights: Floats) -> Mapping[str, Floats]:
        found = [ranks(weights[:, fold]) for ranks, fold in zip(self._ranks, self._folds, strict=True)]
        if not found:
            nothing = np.full(len(weights), np.nan)
            return {"auroc": nothing, "average_precision": nothing}
        return {name: np.mean([one[name] for one in found], axis=0) for name in found[0]}


@dataclass(frozen=True)
class Elsewhere:
    """What a cut is worth where another share is ill; see `db.measures.predicting.rates.values_at`."""

    prevalence: float
    ppv: Estimate
    npv: Estimate


@dataclass(frozen=True)
class CutNumbers:
    """What flagging some records does; intervals are exact.

    Attributes:
        tn, fp, fn, tp: negatives not flagged and flagged, positives not flagged and flagged.
        flagged: share of all that is flagged.
        found_per_100_slots: positives among a hundred echo slots given to flagged people.
        screened_per_100_slots: people screened to fill a hundred slots, by the interval of `flagged`;
            NaN where nobody is flagged.
        elsewhere: predictive values at other prevalences.
    """

    n: int
    positives: int
    tn: int
    fp: int
    fn: int
    tp: int
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate
    f1: Estimate
    flagged: Estimate
    found_per_100_slots: Estimate
    screened_per_100_slots: Estimate
    elsewhere: tuple[Elsewhere, ...]


def _per_hundred(share: float) -> float:
    return 100 / share if share > 0 else float("nan")


def cut_numbers(is_positive: Bools, is_flagged: Bools, prevalences: tuple[float, ...] = ()) -> CutNumbers:
    """Count what is flagged, shape (n,) each."""
    counted = Confusion.of(is_positive, is_flagged)
    ppv, flagged = counted.ppv, counted.flagged
    screened, fewest, most = (_per_hundred(share) for share in (flagged.value, flagged.high, flagged.low))
    return CutNumbers(
        n=counted.n,
        positives=counted.tp + counted.fn,
        tn=counted.tn,
        fp=counted.fp,
        fn=counted.fn,
        tp=counted.tp,
        sensitivity=counted.sensitivity,
        specificity=counted.specificity,
        ppv=ppv,
        npv=counted.npv,
        f1=counted.f1,
        flagged=flagged,
        found_per_100_slots=Estimate(100 * ppv.value, 100 * ppv.low, 100 * ppv.high, ppv.n),
        screened_per_100_slots=Estimate(screened, fewest, most, flagged.n),
        elsewhere=tuple(Elsewhere(share, *values_at(counted, share)) for share in prevalences),
    )
