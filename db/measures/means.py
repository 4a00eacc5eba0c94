"""The mean of numbers with Student's interval, and how far two means lie apart (Welch)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from db.measures.distributions import t_quantile
from db.measures.estimate import CONFIDENCE, Estimate, unknown

Counts = Sequence[tuple[float, int]]


def mean_of(values: Sequence[float], *, least: int = 2) -> Estimate:
    """The mean with its 95 % interval; unknown without values.

    Args:
        least: fewer values than this, at least 2, have no interval.
    """
    n = len(values)
    if not n:
        return unknown()
    if n < least:
        return Estimate(fmean(values), math.nan, math.nan, n)
    return _estimate(_Moments(n, fmean(values), stdev(values) ** 2))


def mean_of_counts(counts: Counts) -> Estimate:
    """As `mean_of`, of values given as (value, how often); unknown with fewer than two."""
    found = _Moments.of(counts)
    return _estimate(found) if found.n > 1 else unknown(found.n)


def difference_of_means(a: Counts, b: Counts) -> Estimate:
    """Mean of A minus mean of B with its 95 % interval; independent groups, each as (value, how often).

    Unknown where a group has fewer than two.

    Source: Welch 1947, Biometrika 34:28-35.
    """
    first, second = _Moments.of(a), _Moments.of(b)
    n = first.n + second.n
    if min(first.n, second.n) < 2:
        return unknown(n)
    parts = first.variance / first.n, second.variance / second.n
    apart, reach = first.mean - second.mean, 0.0
    if sum(parts) > 0:
        freedom = sum(parts) ** 2 / (parts[0] ** 2 / (first.n - 1) + parts[1] ** 2 / (second.n - 1))
        reach = _t(freedom) * math.sqrt(sum(parts))
    return Estimate(apart, apart - reach, apart + reach, n)


@dataclass(frozen=True)
class _Moments:
    n: int
    mean: float = math.nan
    variance: float = math.nan

    @classmethod
    def of(cls, counts: Counts) -> _Moments:
        n = sum(often for _, often in counts)
        if n < 2:
            return cls(n)
        mean = sum(value * often for value, often in counts) / n
        return cls(n, mean, sum(often * (value - mean) ** 2 for value, often in counts) / (n - 1))


def _estimate(found: _Moments) -> Estimate:
    reach = _t(found.n - 1) * math.sqrt(found.variance / found.n)
    return Estimate(found.mean, found.mean - reach, found.mean + reach, found.n)


def _t(freedom: float) -> float:
    return t_quantile((1 + CONFIDENCE) / 2, freedom)
