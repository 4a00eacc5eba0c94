"""Cohen's kappa of two readers: plain for answers without an order, quadratic-weighted for grades."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from db.measures.bootstrap import Floats, SumMeasure


def confusion(
    first: Sequence[Hashable], second: Sequence[Hashable], *, answers: Sequence[Hashable]
) -> list[list[int]]:
    """How often each pair of answers came up: rows by the first reader, columns by the second.

    Raises:
        ValueError: where an answer is none of `answers`, or the two are not equally long.
    """
    place = {answer: number for number, answer in enumerate(answers)}
    table = [[0] * len(answers) for _ in answers]
    for one, other in zip(first, second, strict=True):
        if one not in place or other not in place:
            raise ValueError("an answer outside the list")
        table[place[one]][place[other]] += 1
    return table


def kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    answers: Sequence[Hashable],
    is_graded: bool = False,
    counts: Sequence[int] | None = None,
) -> SumMeasure:
    """Agreement beyond chance of two readers, at most 1; 0 is what chance alone would give.

    NaN where both readers gave one and the same answer throughout: there is no chance to beat.

    Args:
        answers: every possible answer; for grades in their order, one step apart.
        counts: how many cases each pair of answers stands for; None for one each.
        is_graded: weigh a disagreement by the square of its steps instead of counting all the same.

    Source: Cohen 1960, doi 10.1177/001316446002000104; Cohen 1968, doi 10.1037/h0026256 (weights).
    """
    size = len(answers)
    place = {answer: number for number, answer in enumerate(answers)}
    rows = np.zeros((len(first), size * size))
    for case, (one, other) in enumerate(zip(first, second, strict=True)):
        rows[case, place[one] * size + place[other]] = 1
    steps = np.subtract.outer(np.arange(size), np.arange(size))
    weights = (steps**2 if is_graded else steps != 0).astype(float)
    return SumMeasure(rows, lambda sums: _kappa_of(sums, weights), counts)


def _kappa_of(sums: Floats, weights: Floats) -> Floats:
    size = len(weights)
    table = sums.reshape(*sums.shape[:-1], size, size)
    n = table.sum(axis=(-2, -1))
    rows, columns = table.sum(axis=-1), table.sum(axis=-2)
    observed = (table * weights).sum(axis=(-2, -1)) * n
    expected = np.einsum("...i,ij,...j->...", rows, weights, columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - observed / np.where(expected > 0, expected, 1), np.nan)
