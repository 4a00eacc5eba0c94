"""Fold by fold, and how far apart folds would lie by chance alone.

A best fold proves nothing by itself: among five draws of the same model one is always the best. The folds are
dealt anew many times, with the same strata in each, and the real spread is held against that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.fields.strata import ef_stratum
from db.measures.estimate import Estimate
from db.measures.p_values import permutation_p
from db.measures.predicting.ranking import Ranking
from db.measures.predicting.redraws import Floats, Ints, Redraws
from db.measures.predicting.regression import error_measures
from pipeline.evaluation.answers import Answers, Bools
from pipeline.evaluation.screens import ef_screen, rwma_screen

_CELLS_AT_ONCE: Final = 200_000
DEALS: Final = 1_000


@dataclass(frozen=True)
class FoldRow:
    """One fold; intervals are 95 % bootstrap ones over its patients."""

    fold: int
    records: int
    with_ef: int
    with_rwma: int
    rwma_positives: int
    measures: Mapping[str, Estimate]


@dataclass(frozen=True)
class FoldSpread:
    """How far the folds lie apart in one measure, beside folds dealt anew.

    Attributes:
        mean: over the folds. sd: standard deviation over the folds.
        sd_by_chance: its median over deals, with the middle 95 %. p_value: share of deals as far apart.
        best: the best fold's value. best_by_chance: the median best of a deal, with the middle 95 %.
        best_p_value: share of deals whose best fold is as good.
    """

    mean: float
    sd: float
    sd_by_chance: Estimate
    p_value: float
    best: float
    best_by_chance: Estimate
    best_p_value: float


@dataclass(frozen=True)
class FoldNumbers:
    """Folds in order, and their spread by measure: `ef_r`, `ef_mae`, `rwma_auroc`, `ef_below_40_auroc`."""

    rows: tuple[FoldRow, ...]
    spread: Mapping[str, FoldSpread]


def fold_numbers(
    answers: Answers, redraws: Redraws, rng: np.random.Generator, deals: int = DEALS
) -> FoldNumbers:
    """The table of folds.

    Args:
        redraws: of all records. rng: of the deals.
    """
    rows = tuple(_row(answers, redraws, fold) for fold in np.unique(answers.folds))
    real = {name: np.array([row.measures[name].value for row in rows]) for name in rows[0].measures}
    dealt = dealt_folds(answers, rng, deals)
    chance = {name: _by_chance(measure, dealt, len(rows)) for name, measure in _measures(answers).items()}
    return FoldNumbers(rows, {name: _spread(name, real[name], chance[name]) for name in real})


def _row(answers: Answers, redraws: Redraws, fold: int) -> FoldRow:
    inside = answers.folds == fold
    own = answers.where(inside)
    drawn = redraws.where(inside)
    screen = rwma_screen(own)
    return FoldRow(
        fold=int(fold),
        records=own.n,
        with_ef=int(own.has_ef.sum()),
        with_rwma=screen.n,
        rwma_positives=screen.positives,
        measures={
            name: drawn.where(kept).estimate(measure) for name, (kept, measure) in _measures(own).items()
        },
    )


def _measures(answers: Answers) -> dict[str, tuple[Bools, Callable[[Floats], Floats]]]:
    """Which records each measure is of, and the measure of their weights."""
    kept = answers.has_ef
    truth, said = answers.ef_percent[kept], answers.ef_said[kept]
    rwma, low = rwma_screen(answers), ef_screen(answers, 40)
    ranks, low_ranks = (Ranking.of(one.score, one.is_positive) for one in (rwma, low))
    return {
        "ef_r": (kept, lambda weights: error_measures(truth, said, weights)["r"]),
        "ef_mae": (kept, lambda weights: error_measures(truth, said, weights)["mae"]),
        "rwma_auroc": (rwma.kept, ranks.auroc),
        "ef_below_40_auroc": (low.kept, low_ranks.auroc),
    }


def dealt_folds(answers: Answers, rng: np.random.Generator, deals: int) -> Ints:
    """Folds of all records dealt anew, shape (deals, n): patients whole, strata as they are spread."""
    names, first, people = np.unique(answers.patients, return_index=True, return_inverse=True)
    folds = answers.folds[first]
    strata = np.array(
        [
            f"{ef_stratum(ef) if np.isfinite(ef) else ''} {rwma}"
            for ef, rwma in zip(answers.ef_percent[first], answers.rwma[first], strict=True)
        ]
    )
    groups = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    dealt = np.tile(folds, (deals, 1))
    for row in dealt:
        for group in groups:
            row[group] = rng.permutation(folds[group])
    return np.asarray(dealt[:, people]).reshape(deals, answers.n)


def _by_chance(measured: tuple[Bools, Callable[[Floats], Floats]], dealt: Ints, folds: int) -> Floats:
    """The measure in every fold of every deal, shape (deals, folds)."""
    kept, measure = measured
    own = dealt[:, kept]
    numbers = np.unique(dealt)
    found = np.empty((len(own), folds))
    at_once = max(1, _CELLS_AT_ONCE // max(1, own.shape[1]))
    for start in range(0, len(own), at_once):
        part = own[start : start + at_once]
        for place, fold in enumerate(numbers):
            found[start : start + at_once, place] = measure((part == fold).astype(np.float64))
    return found


def _spread(name: str, real: Floats, chance: Floats) -> FoldSpread:
    sign = -1.0 if name.endswith("mae") else 1.0
    apart, best = chance.std(axis=1, ddof=1), sign * (sign * chance).max(axis=1)
    known = np.isfinite(apart)
    sd, top = float(real.std(ddof=1)), float(sign * (sign * real).max())
    return FoldSpread(
        mean=float(real.mean()),
        sd=sd,
        sd_by_chance=_middle(apart[known]),
        p_value=permutation_p(sd, apart[known].tolist()),
        best=top,
        best_by_chance=_middle(best[known]),
        best_p_value=permutation_p(sign * top, (sign * best[known]).tolist()),
    )


def _middle(values: Floats) -> Estimate:
    if not len(values):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    low, middle, high = np.quantile(values, [0.025, 0.5, 0.975])
    return Estimate(float(middle), float(low), float(high), len(values))
