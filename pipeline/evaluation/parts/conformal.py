"""EF intervals and sets of wall motion that hold a chosen share of new patients, each fold by the others.

An interval that holds 90 % of all patients may hold few of the ill: most are well. So errors are also kept
apart by the band of the EF that is true, and the answer is every EF that would not be strange in its band.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.measures.estimate import Estimate
from db.measures.predicting.conformal import BandErrors, class_p_values, conformal_quantile, hull_of
from db.measures.predicting.redraws import Redraws, ratio
from db.measures.predicting.regression import share_of
from db.measures.proportions import exact_share
from pipeline.evaluation.answers import Answers, Bools, Floats
from pipeline.evaluation.ef_numbers import bands_of
from pipeline.evaluation.screens import rwma_screen

COVERAGE: Final = 0.9
# Errors are kept apart at these limits of EF, percent, as far as a band has this many records.
_BAND_LIMITS: Final = (40.0, 50.0)
_BAND_NEEDS: Final = 40
_PREDICTED_BINS: Final = 3
PLAIN, SPREAD, BY_PREDICTION, BY_TRUTH, BY_TRUTH_SPREAD = (
    "plain",
    "spread",
    "by_prediction",
    "by_truth",
    "by_truth_and_spread",
)


@dataclass(frozen=True, eq=False)
class Intervals:
    """What EFs are held possible for each of n records, as up to k pieces of the scale.

    Attributes:
        lows, highs: percent, shape (n, k); NaN where a record has no such piece. Infinite ends say that too
            few records are known.
    """

    lows: Floats
    highs: Floats

    def hold(self, truth: Floats) -> Bools:
        """Whether a piece holds each truth, shape (n,)."""
        return np.asarray(((self.lows <= truth[:, None]) & (truth[:, None] <= self.highs)).any(axis=1))

    @property
    def hull(self) -> tuple[Floats, Floats]:
        """From the lowest to the highest EF that is possible, within 0-100; shape (n,) each, NaN for none."""
        return hull_of(self.lows, self.highs, 0, 100)


@dataclass(frozen=True)
class IntervalNumbers:
    """One way of making EF intervals, every fold by the errors of the others.

    Attributes:
        coverage: share of the records whose EF is held, bootstrap interval over patients.
        bands: the same in each band of the true EF. bins: in each third of the predicted EF, lowest first;
            exact intervals.
        width: mean of the hull, points. held_by_hull: share held by the hull, which is what a reader sees.
    """

    coverage: Estimate
    bands: Mapping[str, Estimate]
    bins: tuple[Estimate, ...]
    width: Estimate
    held_by_hull: Estimate


@dataclass(frozen=True)
class SetNumbers:
    """Sets of wall motion: `normal`, `abnormal`, both (refer) or none (strange).

    Attributes:
        shares: of the four kinds, exact intervals.
        held: share of each class whose set holds it, by `normal` and `abnormal`.
        only: among those with a single answer, how often it is right.
    """

    n: int
    shares: Mapping[str, Estimate]
    held: Mapping[str, Estimate]
    only: Mapping[str, Estimate]


@dataclass(frozen=True)
class ConformalNumbers:
    """Intervals and sets that should hold `target` of new patients.

    Attributes:
        intervals: `plain` (one error for all), `spread` (errors relative to how far the answers lie apart),
            `by_prediction` (thirds of the predicted EF), `by_truth` (bands of the true EF: the one that holds
            the ill, too) and `by_truth_and_spread`.
        rwma: label-conditional sets.
    """

    target: float
    intervals: Mapping[str, IntervalNumbers]
    rwma: SetNumbers


def conformal_numbers(answers: Answers, redraws: Redraws, coverage: float = COVERAGE) -> ConformalNumbers:
    """Everything about intervals and sets.

    Args:
        redraws: of all records of `answers`.
    """
    kept = answers.has_ef
    own, truth = redraws.where(kept), answers.ef_percent[kept]
    known = answers.where(kept)
    return ConformalNumbers(
        target=coverage,
        intervals={
            name: _interval_numbers(found, truth, known.ef_said, own)
            for name, found in intervals_out_of_fold(known, coverage).items()
        },
        rwma=set_numbers(answers, coverage),
    )


def intervals_out_of_fold(answers: Answers, coverage: float) -> dict[str, Intervals]:
    """Intervals of every record by the errors of the other folds, by every way.

    Args:
        answers: all with a known EF.
    """
    truth, said = answers.ef_percent, answers.ef_said
    hard = difficulty(answers.ef_spread)
    even = np.ones(len(truth))
    made: dict[str, list[tuple[Bools, Intervals]]] = {}
    for fold in np.unique(answers.folds):
        asked = answers.folds == fold
        errors, others = truth - said, ~asked
        for name, found in (
            (PLAIN, around(errors[others], said[asked], even[others], even[asked], coverage)),
            (SPREAD, around(errors[others], said[asked], hard[others], hard[asked], coverage)),
            (BY_PREDICTION, _binned(errors[others], said[others], said[asked], coverage)),
            (BY_TRUTH, by_truth(truth[others], said[others], said[asked], coverage)),
            (
                BY_TRUTH_SPREAD,
                by_truth(truth[others], said[others], said[asked], coverage, hard[others], hard[asked]),
            ),
        ):
            made.setdefault(name, []).append((asked, found))
    return {name: _joined(parts, len(truth)) for name, parts in made.items()}


def difficulty(spread: Floats) -> Floats:
    """How hard each record seems: its spread and the median one together; 1 where there is none."""
    known = np.isfinite(spread)
    middle = float(np.median(spread[known])) if known.any() else 0.0
    if middle <= 0:
        return np.ones(len(spread))
    return np.where(known, spread, middle) / middle + 1


def around(errors: Floats, asked: Floats, hard: Floats, hard_asked: Floats, coverage: float) -> Intervals:
    """The prediction, give or take one error for all that grows with the difficulty."""
    reach = conformal_quantile(np.abs(errors) / hard, coverage) * hard_asked
    return Intervals((asked - reach)[:, None], (asked + reach)[:, None])


def _binned(errors: Floats, said: Floats, asked: Floats, coverage: float) -> Intervals:
    """The same with an error for each third of the predicted EF."""
    limits = np.quantile(said, np.arange(1, _PREDICTED_BINS) / _PREDICTED_BINS)
    own, theirs = np.digitize(said, limits), np.digitize(asked, limits)
    reaches = np.array(
        [conformal_quantile(np.abs(errors[own == bin_]), coverage) for bin_ in range(_PREDICTED_BINS)]
    )
    reach = reaches[theirs]
    return Intervals((asked - reach)[:, None], (asked + reach)[:, None])


def by_truth(
    truth: Floats,
    said: Floats,
    asked: Floats,
    coverage: float,
    hard: Floats | None = None,
    hard_asked: Floats | None = None,
) -> Intervals:
    """Every EF whose error would not be strange among the known records of its own band.

    Each band holds `coverage` of its own, from the weakest hearts to the normal ones.

    Args:
        truth, said: of known records, shape (n,). asked: predictions, shape (m,).
        hard, hard_asked: `difficulty` of both.

    Source: label-conditional (Mondrian) conformal prediction, Vovk 2012, arXiv 1209.2673, with bands of the
    number as labels.
    """
    scale = np.ones(len(truth)) if hard is None else hard
    theirs = np.ones(len(asked)) if hard_asked is None else hard_asked
    known = BandErrors.of((truth - said) / scale, truth, tuple(band_limits(truth)), coverage)
    return Intervals(*known.pieces(asked, theirs))


def band_limits(truth: Floats) -> list[float]:
    """Limits between the bands of true EF, percent; a band that would hold too few joins the next one."""
    limits: list[float] = []
    for limit in _BAND_LIMITS:
        below = (truth < limit) & (truth >= (limits[-1] if limits else -np.inf))
        if below.sum() >= _BAND_NEEDS and (truth >= limit).sum() >= _BAND_NEEDS:
            limits.append(limit)
    return limits


def _joined(parts: list[tuple[Bools, Intervals]], n: int) -> Intervals:
    """The pieces of all folds in the order of the records."""
    most = max(found.lows.shape[1] for _, found in parts)
    lows, highs = np.full((n, most), np.nan), np.full((n, most), np.nan)
    for asked, found in parts:
        places = np.flatnonzero(asked)[:, None]
        columns = np.arange(found.lows.shape[1])
        lows[places, columns], highs[places, columns] = found.lows, found.highs
    return Intervals(lows, highs)


def _interval_numbers(found: Intervals, truth: Floats, said: Floats, redraws: Redraws) -> IntervalNumbers:
    held = found.hold(truth)
    low, high = found.hull
    width = np.where(np.isnan(low), 0.0, high - low)
    thirds = np.digitize(said, np.quantile(said, [1 / 3, 2 / 3])) if len(said) else np.empty(0)

    def share(of: Bools, inside: Bools) -> Estimate:
        return exact_share(int(of[inside].sum()), int(inside.sum()))

    return IntervalNumbers(
        coverage=redraws.estimate(lambda weights: share_of(held, weights)),
        bands={name: share(held, inside) for name, inside in bands_of(truth).items()},
        bins=tuple(share(held, thirds == third) for third in range(3)),
        width=redraws.estimate(lambda weights: ratio(weights @ width, weights.sum(axis=1))),
        held_by_hull=redraws.estimate(lambda weights: share_of((low <= truth) & (truth <= high), weights)),
    )


def sets_out_of_fold(answers: Answers, coverage: float = COVERAGE) -> tuple[Bools, Bools, Bools]:
    """For each record with a label of wall motion: is it abnormal, may it be normal, may it be abnormal."""
    screen = rwma_screen(answers)
    normal, abnormal = (np.zeros(screen.n, dtype=bool) for _ in range(2))
    for fold in np.unique(screen.folds):
        asked = screen.folds == fold
        known, truth, new = screen.score[~asked], screen.is_positive[~asked], screen.score[asked]
        normal[asked] = class_p_values(known[~truth], new) > 1 - coverage
        abnormal[asked] = class_p_values(-known[truth], -new) > 1 - coverage
    return screen.is_positive, normal, abnormal


def set_numbers(answers: Answers, coverage: float = COVERAGE) -> SetNumbers:
    """How sets of wall motion turn out."""
    ill, normal, abnormal = sets_out_of_fold(answers, coverage)
    n = len(ill)

    def share(part: Bools, whole: Bools) -> Estimate:
        return exact_share(int((part & whole).sum()), int(whole.sum()))

    everybody = np.ones(n, dtype=bool)
    kinds = {
        "normal": normal & ~abnormal,
        "abnormal": abnormal & ~normal,
        "both": normal & abnormal,
        "none": ~normal & ~abnormal,
    }
    return SetNumbers(
        n=n,
        shares={name: share(kind, everybody) for name, kind in kinds.items()},
        held={"normal": share(normal, ~ill), "abnormal": share(abnormal, ill)},
        only={"normal": share(~ill, kinds["normal"]), "abnormal": share(ill, kinds["abnormal"])},
    )
