"""Bland and Altman's limits: by how much two readings of the same number differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

from db.measures.distributions import t_quantile
from db.measures.estimate import CONFIDENCE, Estimate, unknown


@dataclass(frozen=True)
class Limits:
    """How two readings differ, in the unit of the readings.

    Attributes:
        bias: the mean of first minus second; 0 is best, above 0 means that the first reads higher.
        lower, upper: between these lie about 95 % of the differences, if they are roughly normal.
        sd: the standard deviation of the differences.
    """

    bias: Estimate
    lower: Estimate
    upper: Estimate
    sd: float


def bland_altman(first: Sequence[float], second: Sequence[float]) -> Limits:
    """Bias and limits of agreement, each with its 95 % interval; unknown with fewer than two pairs.

    Source: Bland and Altman 1999, doi 10.1177/096228029900800204, section 2; intervals by Student's t.
    """
    differences = [one - other for one, other in zip(first, second, strict=True)]
    n = len(differences)
    if n < 2:
        alone = Estimate(differences[0], math.nan, math.nan, 1) if n else unknown()
        return Limits(alone, unknown(n), unknown(n), math.nan)
    bias, sd = fmean(differences), stdev(differences)
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    t = t_quantile((1 + CONFIDENCE) / 2, n - 1)
    of_bias = t * sd / math.sqrt(n)
    of_limit = t * sd * math.sqrt(1 / n + z**2 / (2 * (n - 1)))

    def around(value: float, reach: float) -> Estimate:
        return Estimate(value, value - reach, value + reach, n)

    return Limits(around(bias, of_bias), around(bias - z * sd, of_limit), around(bias + z * sd, of_limit), sd)
