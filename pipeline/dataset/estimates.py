"""Shares and averages of a snapshot's rows, each with n and a 95 % interval, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

from pipeline.dataset.describe.markdown import counted

NOT_KNOWN: Final = "not known"
_Z: Final[float] = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Interval:
    """A number, between `low` and `high` with 95 % confidence, from `n` rows; None where it cannot be said."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    @classmethod
    def from_json(cls, one: Mapping[str, Any]) -> Interval:
        """From `{value, low, high, n}`."""
        return cls(one.get("value"), one.get("low"), one.get("high"), int(one.get("n") or 0))


def share(count: int, n: int) -> Interval:
    """A share of n rows.

    Source: Wilson 1927, Journal of the American Statistical Association 22:209-212.
    """
    if n == 0:
        return Interval(None, None, None, 0)
    p, square = count / n, _Z**2
    middle = (p + square / (2 * n)) / (1 + square / n)
    reach = _Z * math.sqrt(p * (1 - p) / n + square / (4 * n**2)) / (1 + square / n)
    low = 0.0 if count == 0 else middle - reach
    high = 1.0 if count == n else middle + reach
    return Interval(p, low, high, n)


def mean(values: Sequence[float]) -> Interval:
    """The mean; its interval by Student's t, None with fewer than three values."""
    n = len(values)
    if n == 0:
        return Interval(None, None, None, 0)
    middle = math.fsum(values) / n
    if n < 3:
        return Interval(middle, None, None, n)
    reach = _t(n - 1) * spread(values) / math.sqrt(n)
    return Interval(middle, middle - reach, middle + reach, n)


def _t(df: int) -> float:
    """The 97.5 % quantile of Student's t, from 2 degrees of freedom on; off by less than 0.05 from 3 on.

    Source: Abramowitz and Stegun 1964, formula 26.7.5.
    """
    if df == 2:
        return 4.303
    z: float = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + math.fsum(term / float(df) ** power for power, term in enumerate(terms, start=1))


def spread(values: Sequence[float]) -> float:
    """The standard deviation of two values or more."""
    middle = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def median(values: Sequence[float]) -> Interval:
    """The median; its interval by the ranks between which it lies, None with fewer than six values.

    Source: Campbell and Gardner 1988, British Medical Journal 296:1454-1456.
    """
    n = len(values)
    if n == 0:
        return Interval(None, None, None, 0)
    ordered = sorted(values)
    middle = quantile(ordered, 0.5)
    if n < 6:
        return Interval(middle, None, None, n)
    reach = _Z * math.sqrt(n) / 2
    low, high = max(1, round(n / 2 - reach)), min(n, round(1 + n / 2 + reach))
    return Interval(middle, ordered[low - 1], ordered[high - 1], n)


def quantile(ordered: Sequence[float], at: float) -> float:
    """A quantile of values in order, between two of them by a straight line."""
    place = at * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def percent(one: Interval) -> str:
    """`31.7 % (21.3-44.2)`."""
    if one.value is None:
        return NOT_KNOWN
    said = f"{one.value:.1%}".replace("%", " %")
    return (
        said
        if one.low is None or one.high is None
        else f"{said} ({100 * one.low:.1f} to {100 * one.high:.1f})"
    )


def number(one: Interval, digits: int = 1) -> str:
    """`54.2 (51.0 to 57.4)`."""
    if one.value is None:
        return NOT_KNOWN
    said = f"{one.value:.{digits}f}"
    if one.low is None or one.high is None:
        return f"{said} (no interval)"
    return f"{said} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def of(one: Interval, noun: str) -> str:
    """`60 labels`."""
    return counted(one.n, noun)
