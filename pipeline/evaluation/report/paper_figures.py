"""The seed paper's reported numbers beside what they imply, worked out from them and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Final

from db.measures.estimate import Estimate
from db.measures.proportions import exact_share
from db.measures.reported import (
    auroc_error,
    highest_by_chance,
    reported_auroc,
    reported_correlation,
    rmse_from_deviations,
)
from pipeline.waveforms.cohort_table import EF_STRATA_PER_500
from pipeline.waveforms.ef_spread import PAPER_SD_PERCENT, median_answer

N: Final = 500
R, MAE_POINTS, WITHIN_10, SAID_SD = 0.37, 9.0, 0.63, 9.0
SEVERE_AUROC, RWMA_AUROC = 0.76, 0.70
SENSITIVITY, PRECISION, F1 = 0.48, 0.55, 0.52
TN, FP, FN, TP = 321, 50, 67, 62
FOLD_R: Final = (0.50, 0.35, 0.38, 0.24, 0.45)
FOLD_AUROC: Final = (0.83, 0.70, 0.68, 0.61, 0.86)


@dataclass(frozen=True)
class Implied:
    """One number that follows from reported ones.

    Attributes:
        id: key of its words and its formula in `report/text/`.
        reported: what the paper says of the same thing; None where it says nothing.
        inputs: the reported numbers it follows from, by the names the formula uses.
        found: what follows; NaN ends where it is a plain number.
    """

    id: str
    reported: float | None
    inputs: Mapping[str, float]
    found: Estimate


def paper_figures() -> tuple[Implied, ...]:
    """Everything that is worked out, in the order it is shown."""
    return (*_ef(), *_median(), *_severe(), *_walls(), *_folds())


def _plain(value: float, n: int = N) -> Estimate:
    return Estimate(value, float("nan"), float("nan"), n)


def _ef() -> tuple[Implied, ...]:
    rmse = rmse_from_deviations(R, SAID_SD, PAPER_SD_PERCENT)
    spread = {"r": R, "said_sd": SAID_SD, "truth_sd": PAPER_SD_PERCENT}
    return (
        Implied("r", R, {"r": R, "n": N}, reported_correlation(R, N)),
        Implied("rmse", None, spread, _plain(rmse)),
        Implied("r2", None, {"rmse": rmse, "truth_sd": PAPER_SD_PERCENT},
                _plain(1 - (rmse / PAPER_SD_PERCENT) ** 2)),
        Implied("slope", None, spread, _plain(R * PAPER_SD_PERCENT / SAID_SD)),
    )  # fmt: skip


def _median() -> tuple[Implied, ...]:
    answer = median_answer()
    bands: dict[str, float] = {str(band): n for band, n in EF_STRATA_PER_500.items()}
    return (
        Implied("median_mae", MAE_POINTS, {**bands, "even": answer.mae_even},
                Estimate(answer.mae_even, answer.mae_least, answer.mae_most, N)),
        Implied("median_within", WITHIN_10, {**bands, "even": answer.within_even},
                Estimate(answer.within_even, answer.within_least, answer.within_most, N)),
    )  # fmt: skip


def _severe() -> tuple[Implied, ...]:
    below_30 = EF_STRATA_PER_500["severely_reduced"]
    below_40 = below_30 + EF_STRATA_PER_500["moderately_reduced"]
    return tuple(
        Implied(name, SEVERE_AUROC, {"auroc": SEVERE_AUROC, "positives": ill, "negatives": N - ill},
                reported_auroc(SEVERE_AUROC, ill, N - ill))
        for name, ill in (("severe_below_30", below_30), ("severe_below_40", below_40))
    )  # fmt: skip


def _walls() -> tuple[Implied, ...]:
    matrix: dict[str, float] = {"tn": TN, "fp": FP, "fn": FN, "tp": TP}
    rates = {"sensitivity": SENSITIVITY, "precision": PRECISION}
    return (
        Implied("rwma_auroc", RWMA_AUROC, {"auroc": RWMA_AUROC, "positives": TP + FN, "negatives": TN + FP},
                reported_auroc(RWMA_AUROC, TP + FN, TN + FP)),
        Implied("sensitivity", SENSITIVITY, matrix, exact_share(TP, TP + FN)),
        Implied("precision", PRECISION, matrix, exact_share(TP, TP + FP)),
        Implied("f1_matrix", F1, matrix, _plain(2 * TP / (2 * TP + FP + FN))),
        Implied("f1_rates", F1, rates, _plain(2 * SENSITIVITY * PRECISION / (SENSITIVITY + PRECISION))),
        Implied("npv", None, matrix, exact_share(TN, TN + FN)),
        Implied("missed_among_cleared", None, matrix, exact_share(FN, TN + FN)),
    )  # fmt: skip


def _folds() -> tuple[Implied, ...]:
    folds = len(FOLD_AUROC)
    positives, negatives = round((TP + FN) / folds), round((TN + FP) / folds)
    mean = fmean(FOLD_AUROC)
    by_chance = auroc_error(mean, positives, negatives)
    chance: dict[str, float] = {"auroc": mean, "positives": positives, "negatives": negatives}
    each_r = {f"fold_{place}": value for place, value in enumerate(FOLD_R, start=1)}
    each_auroc = {f"fold_{place}": value for place, value in enumerate(FOLD_AUROC, start=1)}
    return (
        Implied("fold_mean_r", R, each_r, _plain(fmean(FOLD_R))),
        Implied("fold_mean_auroc", RWMA_AUROC, each_auroc, _plain(mean)),
        Implied("fold_sd", None, each_auroc, _plain(stdev(FOLD_AUROC))),
        Implied("fold_sd_by_chance", None, chance, _plain(by_chance)),
        Implied("best_fold_by_chance", max(FOLD_AUROC),
                {"auroc": mean, "error": by_chance, "above": highest_by_chance(folds)},
                _plain(mean + highest_by_chance(folds) * by_chance)),
    )  # fmt: skip
