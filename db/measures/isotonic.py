"""Scores turned into probabilities on reviewed records: isotonic regression and the Venn-Abers interval."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class IsotonicFit:
    """A step function that never falls.

    Attributes:
        scores: lower ends of the steps, rising. values: the share of right answers on each, 0-1, not falling.
    """

    scores: tuple[float, ...]
    values: tuple[float, ...]

    def value(self, score: float) -> float:
        """The value of the step a score stands on; below the first step that step's, 0.5 without any data."""
        if not self.scores:
            return 0.5
        return self.values[max(0, bisect_right(self.scores, score) - 1)]


def fit_isotonic(scores: Sequence[float], is_right: Sequence[bool]) -> IsotonicFit:
    """The rising step function nearest to the answers in squared error (pool adjacent violators).

    Args:
        scores: any order, finite. is_right: one for each.

    Source: Ayer et al. 1955, doi 10.1214/aoms/1177728423.
    """
    groups: dict[float, list[float]] = {}
    for score, right in zip(scores, is_right, strict=True):
        group = groups.setdefault(score, [0.0, 0.0])
        group[0] += float(right)
        group[1] += 1.0
    # One block a step: lowest score, right answers, answers.
    blocks: list[list[float]] = []
    for score in sorted(groups):
        blocks.append([score, *groups[score]])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            _, hits, count = blocks.pop()
            blocks[-1][1] += hits
            blocks[-1][2] += count
    return IsotonicFit(tuple(block[0] for block in blocks), tuple(block[1] / block[2] for block in blocks))


def venn_abers(scores: Sequence[float], is_right: Sequence[bool], score: float) -> tuple[float, float]:
    """Lower and upper probability that an answer of this score is right (inductive Venn-Abers).

    The answer is added once as wrong and once as right, and each time the isotonic fit is read at its score.
    The wider the interval, the fewer reviews speak for this score. With no reviews at all it is (0, 1).

    Source: Vovk, Petej 2014, arXiv 1211.0025.
    """
    low, high = (
        fit_isotonic([*scores, score], [*is_right, outcome]).value(score) for outcome in (False, True)
    )
    return low, high


def merged_probability(low: float, high: float) -> float:
    """One number of a Venn-Abers interval, the one with the least regret in log loss.

    Source: as `venn_abers`.
    """
    return high / (1.0 - low + high)
