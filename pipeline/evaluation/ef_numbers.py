"""How well EF is predicted: pooled over all out-of-fold answers, as means over folds, and band by band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.fields.strata import EF_STRATA, ef_stratum
from db.measures.bland_altman import Limits, bland_altman
from db.measures.estimate import Estimate
from db.measures.predicting.redraws import Draws, Floats, Redraws
from db.measures.predicting.regression import by_band, error_measures, share_of, share_within
from pipeline.evaluation.answers import Answers, Bools

# Predictions this much less spread than the truth have collapsed, whatever else is good about them: the best
# guess of somebody who attains a correlation of r has r times the spread of the truth.
COLLAPSED_BELOW: Final = 0.3
# A spike is counted this far around the median of the predictions, points.
_SPIKE_POINTS: Final = 2.0


@dataclass(frozen=True)
class BandNumbers:
    """One band of the true EF. MAE and bias in points; above 0 means that EF is predicted too high."""

    n: int
    mae: Estimate
    bias: Estimate


@dataclass(frozen=True)
class Collapse:
    """Whether predictions shrank to a spike (regression to the mean).

    Attributes:
        spread_ratio: SD of the predictions over SD of the truth.
        in_spike: share of predictions within 2 points of their median.
        is_collapsed: the upper end of the ratio's interval is below 0.3.
    """

    said_sd: Estimate
    truth_sd: Estimate
    spread_ratio: Estimate
    in_spike: Estimate
    is_collapsed: bool


@dataclass(frozen=True)
class EfNumbers:
    """EF on n records of so many patients; intervals are 95 % bootstrap ones over patients.

    Attributes:
        pooled: over all out-of-fold answers: `mae`, `rmse`, `bias` (points), `r2`, `r`, `slope`, `intercept`
            of the truth on the prediction, `within_5`, `within_10` (shares).
        fold_means: the mean over folds of each of these.
        one_view: pooled, from the picture alone. views_gain: pooled minus one view.
        bands: by true EF, strata of `db.fields.strata`.
        limits: Bland-Altman, predicted minus true, points.
    """

    n: int
    patients: int
    pooled: Mapping[str, Estimate]
    fold_means: Mapping[str, Estimate]
    one_view: Mapping[str, Estimate]
    views_gain: Mapping[str, Estimate]
    bands: Mapping[str, BandNumbers]
    limits: Limits
    collapse: Collapse


_SPREADS: Final = ("truth_sd", "said_sd", "spread_ratio")


def ef_numbers(answers: Answers, redraws: Redraws) -> EfNumbers:
    """Every number of EF.

    Args:
        redraws: of all records of `answers`.
    """
    kept = answers.has_ef
    truth, said, own = answers.ef_percent[kept], answers.ef_said[kept], redraws.where(kept)
    folds = [answers.folds[kept] == fold for fold in np.unique(answers.folds[kept])]
    pooled = own.draws(lambda weights: ef_measures(truth, said, weights))
    one_view = answers.ef_one_view[kept]
    alone = own.draws(lambda weights: ef_measures(truth, one_view, weights))
    means = own.draws(lambda weights: _fold_means(truth, said, folds, weights))
    found = {name: one.estimate() for name, one in pooled.items()}
    return EfNumbers(
        n=len(truth),
        patients=len(set(answers.patients[kept].tolist())),
        pooled={name: one for name, one in found.items() if name not in _SPREADS},
        fold_means=_without_spreads(means),
        one_view=_without_spreads(alone),
        views_gain={
            name: one.minus(alone[name]).estimate() for name, one in pooled.items() if name not in _SPREADS
        },
        bands=_bands(truth, said, own),
        limits=bland_altman(said.tolist(), truth.tolist()),
        collapse=_collapse(said, own, found),
    )


def ef_measures(truth: Floats, said: Floats, weights: Floats) -> dict[str, Floats]:
    """`error_measures` and the shares within 5 and 10 points."""
    return {
        **error_measures(truth, said, weights),
        "within_5": share_within(truth, said, 5, weights),
        "within_10": share_within(truth, said, 10, weights),
    }


def _fold_means(truth: Floats, said: Floats, folds: list[Bools], weights: Floats) -> dict[str, Floats]:
    found = [ef_measures(truth[fold], said[fold], weights[:, fold]) for fold in folds]
    if not found:
        return ef_measures(truth, said, weights)
    return {name: np.mean([one[name] for one in found], axis=0) for name in found[0]}


def _without_spreads(draws: Mapping[str, Draws]) -> dict[str, Estimate]:
    return {name: one.estimate() for name, one in draws.items() if name not in _SPREADS}


def bands_of(truth: Floats) -> dict[str, Bools]:
    """Which records are in each band of EF that occurs, shape (n,) each."""
    strata = np.array([ef_stratum(value) for value in truth], dtype=np.str_)
    return {name: inside for name in EF_STRATA if (inside := strata == name).any()}


def _bands(truth: Floats, said: Floats, redraws: Redraws) -> dict[str, BandNumbers]:
    bands = bands_of(truth)
    draws = redraws.draws(lambda weights: by_band(truth, said, bands, weights))
    found = {}
    for name, inside in bands.items():
        n = int(inside.sum())
        ends = [draws[f"{name} {measure}"].estimate() for measure in ("mae", "bias")]
        mae, bias = (Estimate(one.value, one.low, one.high, n) for one in ends)
        found[name] = BandNumbers(n, mae, bias)
    return found


def _collapse(said: Floats, redraws: Redraws, found: Mapping[str, Estimate]) -> Collapse:
    middle = float(np.median(said)) if len(said) else 0.0
    is_near = np.abs(said - middle) <= _SPIKE_POINTS
    ratio = found["spread_ratio"]
    return Collapse(
        said_sd=found["said_sd"],
        truth_sd=found["truth_sd"],
        spread_ratio=ratio,
        in_spike=redraws.estimate(lambda weights: share_of(is_near, weights)),
        is_collapsed=bool(ratio.high < COLLAPSED_BELOW or ratio.value == 0),
    )
