"""How good probabilities of being right are: calibration error, Brier score, reliability by bin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from db.measures.proportions import Rate

BINS = 10


@dataclass(frozen=True)
class ReliabilityBin:
    """One bar of a reliability diagram.

    Attributes:
        low, high: bounds of the probability, 0-1; the last bin includes 1.
        mean: average probability of what fell in; NaN when nothing did.
        right: how many of those were right, with its interval.
    """

    low: float
    high: float
    mean: float
    right: Rate


@dataclass(frozen=True)
class Reliability:
    """How good some probabilities are.

    Attributes:
        accuracy: how many of what they speak of was right.
        ece: expected calibration error, 0-1; lower is better. brier: 0-1, lower is better.
    """

    n: int
    accuracy: Rate
    ece: float
    brier: float
    bins: tuple[ReliabilityBin, ...]


def reliability(probabilities: Sequence[float], is_right: Sequence[bool]) -> Reliability:
    """Expected calibration error over ten bins of equal width, and the rest; NaN without cases.

    Source: Naeini et al. 2015, doi 10.1609/aaai.v29i1.9602.
    """
    n = len(probabilities)
    bins = tuple(_bin(probabilities, is_right, number) for number in range(BINS))
    if not n:
        return Reliability(0, Rate(0, 0), math.nan, math.nan, bins)
    ece = sum(one.right.n * abs(one.right.value - one.mean) for one in bins if one.right.n) / n
    squared = sum((chance - right) ** 2 for chance, right in zip(probabilities, is_right, strict=True))
    return Reliability(n, Rate(sum(is_right), n), ece, squared / n, bins)


def _bin(probabilities: Sequence[float], is_right: Sequence[bool], number: int) -> ReliabilityBin:
    inside = [
        (chance, right)
        for chance, right in zip(probabilities, is_right, strict=True)
        if min(BINS - 1, int(chance * BINS)) == number
    ]
    mean = sum(chance for chance, _ in inside) / len(inside) if inside else math.nan
    right = Rate(sum(right for _, right in inside), len(inside))
    return ReliabilityBin(number / BINS, (number + 1) / BINS, mean, right)
