"""Krippendorff's alpha: agreement of any number of readers, with gaps, for words, grades or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

import numpy as np

from db.measures.bootstrap import Floats, SumMeasure


class Level(StrEnum):
    """What the difference of two answers means."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"


def alpha_of_answers(
    readings: Sequence[Sequence[str | None]],
    *,
    answers: Sequence[str],
    level: Level,
    counts: Sequence[int] | None = None,
) -> SumMeasure:
    """Alpha of words (nominal) or grades (ordinal); at most 1, and 0 is what chance would give.

    Cases with fewer than two answers add nothing and are not counted. NaN where only one answer ever came up.

    Args:
        readings: one row a case, one column a reader; None where a reader gave no answer.
        answers: every possible answer; for grades in their order.
        counts: how many cases each row stands for; None for one each.

    Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability", steps C and D.
    """
    size = len(answers)
    place = {answer: number for number, answer in enumerate(answers)}
    given = [[place[answer] for answer in row if answer is not None] for row in readings]
    paired, counts = _paired(given, counts)
    rows = np.zeros((len(paired), size * size))
    for case, row in enumerate(paired):
        often = np.bincount(row, minlength=size)
        coincidences = (np.outer(often, often) - np.diag(often)) / (len(row) - 1)
        rows[case] = coincidences.ravel()
    return SumMeasure(rows, lambda sums: _alpha_of(sums, size, level), counts)


def alpha_of_numbers(
    readings: Sequence[Sequence[float | None]], *, counts: Sequence[int] | None = None
) -> SumMeasure:
    """Alpha of numbers (interval level: a difference counts by its square); at most 1.

    Cases with fewer than two numbers add nothing and are not counted. NaN where no number differs from any
    other.

    Args:
        readings: one row a case, one column a reader; None where a reader gave no number.
        counts: how many cases each row stands for; None for one each.

    Source: as `alpha_of_answers`; written with sums of squares, which gives the same number.
    """
    given = [[value for value in row if value is not None] for row in readings]
    paired, counts = _paired(given, counts)
    flat = [value for row in paired for value in row]
    middle = float(np.mean(flat)) if flat else 0.0
    rows = np.zeros((len(paired), 4))
    for case, row in enumerate(paired):
        values = np.asarray(row, dtype=float) - middle
        m, total, squares = len(row), values.sum(), (values**2).sum()
        rows[case] = (m, total, squares, 2 * (m * squares - total**2) / (m - 1))
    return SumMeasure(rows, _interval_alpha_of, counts)


Given = TypeVar("Given", int, float)


def _paired(
    given: Sequence[list[Given]], counts: Sequence[int] | None
) -> tuple[list[list[Given]], Sequence[int] | None]:
    """The cases with two answers or more, and how often each came up."""
    kept = [place for place, row in enumerate(given) if len(row) > 1]
    return [given[place] for place in kept], None if counts is None else [counts[place] for place in kept]


def _interval_alpha_of(sums: Floats) -> Floats:
    n, total, squares, within = (sums[..., column] for column in range(4))
    among_all = 2 * (n * squares - total**2)
    # Rounding may leave a trace of a spread of zero.
    varies = among_all > 1e-12 * n * squares
    return np.where(varies, 1 - (n - 1) * within / np.where(varies, among_all, 1), np.nan)


def _alpha_of(sums: Floats, size: int, level: Level) -> Floats:
    table = sums.reshape(*sums.shape[:-1], size, size)
    totals = table.sum(axis=-1)
    n = totals.sum(axis=-1)
    distance = _nominal(size) if level is Level.NOMINAL else _ordinal(totals)
    observed = (table * distance).sum(axis=(-2, -1))
    expected = (totals[..., :, None] * totals[..., None, :] * distance).sum(axis=(-2, -1))
    varies = expected > 0
    return np.where(varies, 1 - (n - 1) * observed / np.where(varies, expected, 1), np.nan)


def _nominal(size: int) -> Floats:
    return 1.0 - np.eye(size)


def _ordinal(totals: Floats) -> Floats:
    """Squared distance of two grades: the answers between them, with half of their own."""
    middle = np.cumsum(totals, axis=-1) - totals / 2
    return np.asarray((middle[..., :, None] - middle[..., None, :]) ** 2)
