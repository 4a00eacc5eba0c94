"""What follows from numbers that are reported without their cases: intervals, and errors from deviations."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

from db.measures.estimate import CONFIDENCE, Estimate

_REACH: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def reported_correlation(r: float, n: int) -> Estimate:
    """Pearson's r of n cases with its 95 % interval.

    Source: Fisher 1921, the z transformation.
    """
    reach = _REACH / math.sqrt(n - 3)
    return Estimate(r, math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach), n)


def reported_auroc(auroc: float, positives: int, negatives: int) -> Estimate:
    """An AUROC with its 95 % interval, held within 0-1.

    Source: Hanley and McNeil 1982, doi 10.1148/radiology.143.1.7063747.
    """
    reach = _REACH * auroc_error(auroc, positives, negatives)
    return Estimate(auroc, max(auroc - reach, 0.0), min(auroc + reach, 1.0), positives + negatives)


def auroc_error(auroc: float, positives: int, negatives: int) -> float:
    """The standard error of an AUROC from nothing but itself and the counts; source as above."""
    above_two, below_two = auroc / (2 - auroc), 2 * auroc**2 / (1 + auroc)
    variance = (
        auroc * (1 - auroc)
        + (positives - 1) * (above_two - auroc**2)
        + (negatives - 1) * (below_two - auroc**2)
    ) / (positives * negatives)
    return math.sqrt(variance)


def rmse_from_deviations(r: float, said_sd: float, truth_sd: float, bias: float = 0.0) -> float:
    """Root mean squared error of predictions: the variance of the difference of two correlated numbers."""
    return math.sqrt(said_sd**2 + truth_sd**2 - 2 * r * said_sd * truth_sd + bias**2)


def highest_by_chance(draws: int) -> float:
    """How many standard deviations the highest of some equal normal numbers lies above their mean.

    Source: Tippett 1925; by Simpson's rule from -10 to 10 over 2,000 steps.
    """
    normal = NormalDist()
    steps, low, width = 2000, -10.0, 20 / 2000

    def density(x: float) -> float:
        return x * draws * normal.pdf(x) * normal.cdf(x) ** (draws - 1)

    inner = sum((4 if place % 2 else 2) * density(low + place * width) for place in range(1, steps))
    return (density(low) + inner + density(low + steps * width)) * width / 3
