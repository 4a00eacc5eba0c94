"""The answers of a run as columns, for the checks that calculate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.leaks.evidence import Row
from pipeline.training.run_folder import numbers_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Columns:
    """Of n records, shape [n] each.

    Attributes:
        ef, ef_said: percent; NaN where there is no label, or no answer.
        rwma: 1 significant, 0 not, -1 no label. probability: of 1.
    """

    ef: Floats
    ef_said: Floats
    rwma: NDArray[np.int64]
    probability: Floats


def answered(rows: Sequence[Row]) -> Columns:
    """Rows of `predictions.csv` as columns."""
    rwma = numbers_of(rows, "rwma")
    return Columns(
        numbers_of(rows, "ef_percent"),
        numbers_of(rows, "ef_percent_predicted"),
        np.where(np.isfinite(rwma), rwma, -1).astype(np.int64),
        numbers_of(rows, "rwma_probability"),
    )
