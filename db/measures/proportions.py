"""Shares with intervals: exact (Clopper-Pearson), Wilson, and the difference of two shares (Newcombe)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from db.measures.distributions import beta_quantile
from db.measures.estimate import CONFIDENCE, Estimate, unknown


def exact_share(count: int, n: int, *, confidence: float = CONFIDENCE) -> Estimate:
    """A share, 0-1, with its exact two-sided interval; unknown without cases.

    Args:
        count: how many of the `n` cases, 0 to n.

    Source: Clopper and Pearson 1934, Biometrika 26:404-413. It covers at least `confidence`, usually more.
    """
    if not n:
        return unknown()
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else beta_quantile(tail, count, n - count + 1)
    high = 1.0 if count == n else 1 - beta_quantile(tail, n - count, count + 1)
    return Estimate(count / n, low, high, n)


def wilson_share(count: int, n: int, *, confidence: float = CONFIDENCE) -> Estimate:
    """A share, 0-1, with Wilson's two-sided interval; unknown without cases.

    Source: Wilson 1927, JASA 22:209-212, without continuity correction.
    """
    if not n:
        return unknown()
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = count / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low = 0.0 if count == 0 else max(0.0, centre - reach)
    high = 1.0 if count == n else min(1.0, centre + reach)
    return Estimate(share, low, high, n)


def difference_of_shares(
    count_a: int, n_a: int, count_b: int, n_b: int, *, confidence: float = CONFIDENCE
) -> Estimate:
    """Share of A minus share of B, -1 to 1, of two independent groups; unknown where a group is empty.

    Source: Newcombe 1998, Statistics in Medicine 17:873-890, method 10 (the two Wilson intervals combined).
    """
    if not n_a or not n_b:
        return unknown(n_a + n_b)
    a = wilson_share(count_a, n_a, confidence=confidence)
    b = wilson_share(count_b, n_b, confidence=confidence)
    difference = a.value - b.value
    low = difference - math.hypot(a.value - a.low, b.high - b.value)
    high = difference + math.hypot(a.high - a.value, b.value - b.low)
    return Estimate(difference, max(-1.0, low), min(1.0, high), n_a + n_b)


@dataclass(frozen=True)
class Rate:
    """`hits` of `n`, with its 95 % Wilson interval (0-1; NaN when n is 0)."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """The proportion, NaN when n is 0."""
        return self.hits / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Both ends of the interval, as `wilson_share`."""
        found = wilson_share(self.hits, self.n)
        return found.low, found.high
