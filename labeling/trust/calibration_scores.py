"""How good probabilities of being right are, out of fold: calibration error, Brier score, reliability."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from labeling.benchmark.scoring import Rate
from labeling.trust.calibration import ReviewedField
from labeling.trust.isotonic import merged_probability, venn_abers

BINS = 10
FOLDS = 5


@dataclass(frozen=True)
class Bin:
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
class Quality:
    """How good the probabilities of one field are.

    Attributes:
        ece: expected calibration error, 0-1; lower is better. brier: 0-1, lower is better.
        accuracy: of the drafts.
    """

    n: int
    accuracy: Rate
    ece: float
    brier: float
    bins: tuple[Bin, ...]


def measure_quality(probabilities: Sequence[float], is_right: Sequence[bool]) -> Quality:
    """Expected calibration error over ten bins of equal width, and the rest.

    Source: Naeini et al. 2015, doi 10.1609/aaai.v29i1.9602.
    """
    n = len(probabilities)
    bins = tuple(_bin(probabilities, is_right, number) for number in range(BINS))
    ece = (
        sum(one.right.n * abs(one.right.value - one.mean) for one in bins if one.right.n) / n
        if n
        else math.nan
    )
    squared = sum((chance - right) ** 2 for chance, right in zip(probabilities, is_right, strict=True))
    return Quality(n, Rate(sum(is_right), n), ece, squared / n if n else math.nan, bins)


def _bin(probabilities: Sequence[float], is_right: Sequence[bool], number: int) -> Bin:
    inside = [
        (chance, right)
        for chance, right in zip(probabilities, is_right, strict=True)
        if min(BINS - 1, int(chance * BINS)) == number
    ]
    mean = sum(chance for chance, _ in inside) / len(inside) if inside else math.nan
    return Bin(number / BINS, (number + 1) / BINS, mean, Rate(sum(right for _, right in inside), len(inside)))


def fold_of(patient_key: str, folds: int = FOLDS) -> int:
    """The fold of a patient, always the same: all records of one patient are in one."""
    return int(hashlib.sha256(patient_key.encode()).hexdigest(), 16) % folds


def out_of_fold(fields: Sequence[ReviewedField]) -> list[tuple[float, float]]:
    """Lower and upper probability of each reviewed field, from the reviews of other patients only.

    Args:
        fields: of one field name.
    """
    intervals = []
    cache: dict[tuple[int, float], tuple[float, float]] = {}
    for one in fields:
        key = (fold_of(one.patient_key), one.score)
        if key not in cache:
            others = [other for other in fields if fold_of(other.patient_key) != key[0]]
            cache[key] = venn_abers(
                [other.score for other in others], [other.is_right for other in others], one.score
            )
        intervals.append(cache[key])
    return intervals


def merged(intervals: Sequence[tuple[float, float]]) -> list[float]:
    """One probability an interval."""
    return [merged_probability(low, high) for low, high in intervals]
