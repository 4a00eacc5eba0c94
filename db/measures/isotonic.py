"""Scores turned into probabilities on reviewed records: isotonic regression and the Venn-Abers interval."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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


# A block of steps on its way: right answers, answers, and the block next to it, further away.
_Block = tuple[float, float, "_Block | None"]


@dataclass(frozen=True, eq=False)
class VennAbers:
    """Answers with their scores, ready to say how probable a right answer is at any score.

    Attributes:
        scores: those that occur, rising.
        hits, counts: right answers and answers at each.
        below, above: the isotonic blocks of everything before the place, and of everything from it on.
    """

    scores: tuple[float, ...]
    hits: tuple[float, ...]
    counts: tuple[float, ...]
    below: tuple[_Block | None, ...]
    above: tuple[_Block | None, ...]

    @classmethod
    def of(cls, scores: Sequence[float], is_right: Sequence[bool]) -> VennAbers:
        """Prepare answers, in any order; scores are finite."""
        groups: dict[float, list[float]] = {}
        for score, right in zip(scores, is_right, strict=True):
            group = groups.setdefault(float(score), [0.0, 0.0])
            group[0] += float(right)
            group[1] += 1.0
        ordered = sorted(groups)
        hits, counts = ([groups[score][place] for score in ordered] for place in (0, 1))
        below: list[_Block | None] = [None]
        for hit, count in zip(hits, counts, strict=True):
            below.append(_pooled(hit, count, below[-1], rising=False))
        above: list[_Block | None] = [None]
        for hit, count in zip(reversed(hits), reversed(counts), strict=True):
            above.append(_pooled(hit, count, above[-1], rising=True))
        return cls(tuple(ordered), tuple(hits), tuple(counts), tuple(below), tuple(reversed(above)))

    def interval(self, score: float) -> tuple[float, float]:
        """Lower and upper probability that an answer of this score is right; (0, 1) without answers."""
        return self.end(score, is_right=False), self.end(score, is_right=True)

    def end(self, score: float, *, is_right: bool) -> float:
        """One end of the interval: the lower one has the answer wrong, the upper one right."""
        place = bisect_left(self.scores, score)
        is_known = place < len(self.scores) and self.scores[place] == score
        hit, count = (self.hits[place], self.counts[place]) if is_known else (0.0, 0.0)
        return _settled(hit + is_right, count + 1, self.below[place], self.above[place + is_known])


def _pooled(hit: float, count: float, neighbour: _Block | None, *, rising: bool) -> _Block:
    """A block pooled with its neighbours while they are out of order with it."""
    while neighbour is not None and _is_less(hit, count, neighbour) != rising:
        hit, count, neighbour = hit + neighbour[0], count + neighbour[1], neighbour[2]
    return hit, count, neighbour


def _is_less(hit: float, count: float, other: _Block) -> bool:
    return hit * other[1] < other[0] * count


def _settled(hit: float, count: float, below: _Block | None, above: _Block | None) -> float:
    """The mean of the block that holds the new answer, once nothing beside it is out of order."""
    while True:
        if above is not None and not _is_less(hit, count, above):
            hit, count, above = hit + above[0], count + above[1], above[2]
        elif below is not None and _is_less(hit, count, below):
            hit, count, below = hit + below[0], count + below[1], below[2]
        else:
            return hit / count


def venn_abers(scores: Sequence[float], is_right: Sequence[bool], score: float) -> tuple[float, float]:
    """Lower and upper probability that an answer of this score is right (inductive Venn-Abers).

    The answer is added once as wrong and once as right, and each time the isotonic fit is read at its score.
    The wider the interval, the fewer reviews speak for this score. With no reviews at all it is (0, 1). Who
    asks for many scores keeps a `VennAbers`.

    Source: Vovk, Petej 2014, arXiv 1211.0025.
    """
    return VennAbers.of(scores, is_right).interval(score)


def merged_probability(low: float, high: float) -> float:
    """One number of a Venn-Abers interval, the one with the least regret in log loss.

    Source: as `venn_abers`.
    """
    return high / (1.0 - low + high)
