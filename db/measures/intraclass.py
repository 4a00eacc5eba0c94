"""The intraclass correlation ICC(2,1): absolute agreement of single readings by interchangeable readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from db.measures.bootstrap import Floats, SumMeasure


class _Squares(NamedTuple):
    """Mean squares of the two-way table: between cases, between readers, what is left; and their rounding
    error.
    """

    cases: Floats
    readers: Floats
    rest: Floats
    n: Floats
    noise: Floats


def icc21(readings: Sequence[Sequence[float]], *, counts: Sequence[int] | None = None) -> SumMeasure:
    """ICC(2,1) of every case read by the same k >= 2 readers; at most 1, higher is better.

    NaN with fewer than two cases, or where no number differs from any other.

    Args:
        readings: one row a case, one column a reader, no gaps, shape (cases, readers).
        counts: how many cases each row stands for; None for one each.

    Source: Shrout and Fleiss 1979, doi 10.1037/0033-2909.86.2.420, case 2; ICC(A,1) of McGraw and Wong 1996.
    """
    values = np.asarray(readings, dtype=float)
    if values.size == 0:
        return SumMeasure(np.zeros((0, 1)), lambda sums: np.full(sums.shape[:-1], np.nan))
    readers = values.shape[1]
    # Around the middle, because sums of squares of large numbers lose digits.
    values = values - values.mean()
    totals = values.sum(axis=1, keepdims=True)
    rows = np.hstack([np.ones((len(values), 1)), values, totals**2, (values**2).sum(axis=1, keepdims=True)])
    return SumMeasure(rows, lambda sums: _icc_of(_squares(sums, readers), readers), counts)


def _squares(sums: Floats, readers: int) -> _Squares:
    n = sums[..., 0]
    by_reader = sums[..., 1 : readers + 1]
    total = by_reader.sum(axis=-1)
    correction = total**2 / (n * readers)
    cases = sums[..., -2] / readers - correction
    between_readers = (by_reader**2).sum(axis=-1) / n - correction
    rest = sums[..., -1] - correction - cases - between_readers
    with np.errstate(invalid="ignore", divide="ignore"):
        return _Squares(
            np.maximum(cases, 0) / (n - 1),
            np.maximum(between_readers, 0) / (readers - 1),
            np.maximum(rest, 0) / ((n - 1) * (readers - 1)),
            n,
            1e-12 * sums[..., -1],
        )


def _icc_of(squares: _Squares, readers: int) -> Floats:
    below = (
        squares.cases + (readers - 1) * squares.rest + readers * (squares.readers - squares.rest) / squares.n
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        # What rounding leaves of a spread of zero is no spread.
        varies = (squares.n > 1) & (squares.cases + squares.readers + squares.rest > squares.noise)
        return np.where(
            varies & (below > 0), (squares.cases - squares.rest) / np.where(below > 0, below, 1), np.nan
        )
