"""Which patients are asked about when pages are changed: few, even over folds and over ill and well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.opened import Pair
from pipeline.modeling.ensemble import Predictions

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# An EF below this, or significant wall motion, is an ill heart.
LOW_EF_PERCENT: Final = 50.0


@dataclass(frozen=True, eq=False)
class Subjects:
    """The patients that are asked about.

    Attributes:
        pairs: one photograph each.
        folds: shape [n].
        ef_percent: shape [n], NaN where it is not known.
        rwma: shape [n], 1 significant, 0 not, -1 where it is not known.
        one_view: what the run said about the photographs themselves.
    """

    pairs: tuple[Pair, ...]
    folds: Ints
    ef_percent: Floats
    rwma: Ints
    one_view: Predictions

    @cached_property
    def is_ill(self) -> Bools:
        """EF below 50 or significant wall motion."""
        is_ill: Bools = (self.ef_percent < LOW_EF_PERCENT) | (self.rwma == 1)
        return is_ill

    @cached_property
    def patients(self) -> NDArray[np.str_]:
        """Of each pair."""
        return np.array([pair.patient_id for pair in self.pairs])


def choose_subjects(
    pairs: Sequence[Pair], rows: Sequence[dict[str, Any]], n: int, rng: np.random.Generator
) -> Subjects:
    """At most n patients, evenly from the folds, half of them ill as far as there are so many.

    Args:
        pairs: with pictures. rows: the run's predictions, with labels.
    """
    photographs: dict[str, Pair] = {}
    for pair in pairs:
        photographs.setdefault(pair.row_id, pair)
    known: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["row_id"] in photographs and (row["rwma"] is not None or row["ef_percent"] is not None):
            known.setdefault(row["patient_id"], row)
    order = [list(known.values())[place] for place in rng.permutation(len(known))]
    everybody = _subjects([photographs[row["row_id"]] for row in order], order)
    chosen: list[int] = []
    cells = [(fold, ill) for fold in np.unique(everybody.folds) for ill in (True, False)]
    for fold, ill in cells:
        here = np.flatnonzero((everybody.folds == fold) & (everybody.is_ill == ill))
        chosen += here[: max(1, n // len(cells))].tolist()
    chosen.sort()
    return _subjects([everybody.pairs[place] for place in chosen], [order[place] for place in chosen])


def _subjects(pairs: Sequence[Pair], rows: Sequence[dict[str, Any]]) -> Subjects:
    def column(name: str, missing: float) -> Floats:
        return np.array([missing if row[name] is None else row[name] for row in rows], dtype=np.float64)

    return Subjects(
        pairs=tuple(pairs),
        folds=column("fold", -1).astype(np.int64),
        ef_percent=column("ef_percent", np.nan),
        rwma=column("rwma", -1).astype(np.int64),
        one_view=Predictions(
            column("ef_percent_one_view", np.nan), column("rwma_probability_one_view", np.nan)
        ),
    )
