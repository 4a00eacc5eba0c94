"""The median of many values with an interval that assumes no distribution."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import NormalDist

from db.measures.estimate import CONFIDENCE, Estimate, unknown

_EXACT_UP_TO = 2_000


def median_of(values: Sequence[float]) -> Estimate:
    """The median of values with its 95 % interval, as `median_of_counts`."""
    return median_of_counts(tuple(Counter(values).items()))


def median_of_counts(counts: Sequence[tuple[float, int]]) -> Estimate:
    """The median of values given as (value, how often), with its 95 % interval by order statistics.

    The interval is NaN where there are too few values for any (fewer than six).

    Source: Conover 1999, Practical Nonparametric Statistics, section 3.2: the ranks are binomial quantiles,
    normal-approximated above 2,000 values.
    """
    ordered = sorted((value, often) for value, often in counts if often > 0)
    n = sum(often for _, often in ordered)
    if not n:
        return unknown()
    middle = (_at(ordered, (n + 1) // 2) + _at(ordered, n // 2 + 1)) / 2
    rank = _lower_rank(n)
    if rank < 1:
        return Estimate(middle, math.nan, math.nan, n)
    return Estimate(middle, _at(ordered, rank), _at(ordered, n + 1 - rank), n)


def _at(ordered: Sequence[tuple[float, int]], rank: int) -> float:
    """The value with this 1-based rank."""
    passed = 0
    for value, often in ordered:
        passed += often
        if passed >= rank:
            return value
    raise ValueError(f"no rank {rank}")


def _lower_rank(n: int) -> int:
    """The largest r with P(fewer than r of n values lie below the median) <= 2.5 %; 0 where there is none."""
    tail = (1 - CONFIDENCE) / 2
    if n > _EXACT_UP_TO:
        z = NormalDist().inv_cdf(1 - tail)
        return math.floor(n / 2 - z * math.sqrt(n) / 2)
    below, rank = 0.0, 0
    while True:
        below += math.exp(
            math.lgamma(n + 1) - math.lgamma(rank + 1) - math.lgamma(n - rank + 1) - n * math.log(2)
        )
        if below > tail:
            return rank
        rank += 1
