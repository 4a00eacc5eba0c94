"""What a run said of every record out of fold, beside the labels, as columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from pipeline.dataset.opened import OpenedSnapshot, Pair
from pipeline.training.run_folder import REFERENCE_ANSWERS, Run, numbers_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Spread = Literal["seeds", "views", "models"]

UNKNOWN: Final = "unknown"
# What a snapshot may say of a record, besides age.
_COLUMNS: Final = ("sex", "site", "layout", "device")
# Ends of the bands of age, years.
AGE_BANDS: Final = (40, 55, 70)


@dataclass(frozen=True, eq=False)
class Method:
    """What another method says about the same records, out of fold; NaN where it says nothing.

    Attributes:
        ef_percent: shape (n,). rwma_score: shape (n,), the higher the likelier; a probability or not.
    """

    ef_percent: Floats
    rwma_score: Floats


@dataclass(frozen=True, eq=False)
class Answers:
    """Out-of-fold answers to n records, one each, by the model that never learnt from the record's patient.

    Attributes:
        row_ids: names of the records in their snapshot.
        patients: whose they are: what intervals are redrawn by, shape (n,).
        folds: shape (n,).
        ef_percent: the label, NaN where there is none. rwma: 1 significant, 0 not, -1 where there is none.
        ef_said: percent, mean over shifted views, within 0-100. rwma_said: probability, mean over views.
        ef_one_view, rwma_one_view: the same from the picture alone.
        ef_spread, rwma_spread: how far the answers to one record lie apart (standard deviation), over seeds
            where the run has several, else over shifted views; over the fold models where all of them were
            asked: `spread_over` says which.
        groups: name of a column (`sex`, `site`, ...) -> its value for each record, for subgroups.
        methods: name -> answers of simpler methods, where the run kept them.
    """

    row_ids: tuple[str, ...]
    patients: NDArray[np.str_]
    folds: Ints
    ef_percent: Floats
    rwma: Ints
    ef_said: Floats
    rwma_said: Floats
    ef_one_view: Floats
    rwma_one_view: Floats
    ef_spread: Floats
    rwma_spread: Floats
    spread_over: Spread = "views"
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    methods: Mapping[str, Method] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Records."""
        return len(self.row_ids)

    @property
    def has_ef(self) -> Bools:
        """Records whose EF is known and was answered, shape (n,)."""
        return np.isfinite(self.ef_percent) & np.isfinite(self.ef_said)

    @property
    def has_rwma(self) -> Bools:
        """Records whose wall motion is known and was answered, shape (n,)."""
        return (self.rwma >= 0) & np.isfinite(self.rwma_said)

    def where(self, kept: Bools) -> Answers:
        """Some of the records."""
        columns = {
            name: getattr(self, name)[kept]
            for name in (
                "patients", "folds", "ef_percent", "rwma", "ef_said", "rwma_said", "ef_one_view",
                "rwma_one_view", "ef_spread", "rwma_spread",
            )
        }  # fmt: skip
        places = np.flatnonzero(kept)
        return replace(
            self,
            **columns,
            row_ids=tuple(self.row_ids[place] for place in places),
            groups={name: tuple(held[place] for place in places) for name, held in self.groups.items()},
            methods={
                name: Method(one.ef_percent[kept], one.rwma_score[kept]) for name, one in self.methods.items()
            },
        )


def answers_of(
    run: Run,
    snapshot: OpenedSnapshot,
    *,
    more_groups: Mapping[str, Mapping[str, str]] | None = None,
) -> Answers:
    """The out-of-fold answers of a finished run, in the order of its predictions.

    Args:
        snapshot: the one the run was trained on.
        more_groups: name of a column -> row id -> value, for subgroups that the snapshot does not name.

    Raises:
        EchoDeskError: the run is of another snapshot, a record is not in it or answered twice, or its fold or
            patient differ.
    """
    if run.manifest["content_sha256"] != snapshot.content_sha256:
        raise EchoDeskError(
            f"run {run.name} was trained on other data than snapshot {snapshot.name}",
            "Name the snapshot that the run's data.json names.",
        )
    rows = run.predictions()
    pairs = _pairs_of(rows, snapshot, run.name)
    return answers_of_rows(
        rows, groups=_groups(pairs, more_groups or {}), methods=_methods(run, [row["row_id"] for row in rows])
    )


def answers_of_rows(
    rows: Sequence[Mapping[str, Any]],
    *,
    groups: Mapping[str, tuple[str, ...]] | None = None,
    methods: Mapping[str, Method] | None = None,
) -> Answers:
    """From rows as `Run.predictions` gives them."""
    over: Spread = "seeds" if any(row["ef_seed_spread"] is not None for row in rows) else "views"
    kind = {"seeds": "seed", "views": "view"}[over]
    return Answers(
        row_ids=tuple(str(row["row_id"]) for row in rows),
        patients=np.array([str(row["patient_id"]) for row in rows], dtype=np.str_),
        folds=np.array([int(row["fold"]) for row in rows], dtype=np.int64),
        ef_percent=numbers_of(rows, "ef_percent"),
        rwma=np.array([-1 if row["rwma"] is None else int(row["rwma"]) for row in rows], dtype=np.int64),
        ef_said=numbers_of(rows, "ef_percent_predicted"),
        rwma_said=numbers_of(rows, "rwma_probability"),
        ef_one_view=np.clip(numbers_of(rows, "ef_percent_one_view"), 0, 100),
        rwma_one_view=numbers_of(rows, "rwma_probability_one_view"),
        ef_spread=numbers_of(rows, f"ef_{kind}_spread"),
        rwma_spread=numbers_of(rows, f"rwma_{kind}_spread"),
        spread_over=over,
        groups=groups or {},
        methods=methods or {},
    )


def _pairs_of(rows: Sequence[Mapping[str, Any]], snapshot: OpenedSnapshot, name: str) -> list[Pair]:
    """Each record's first photograph."""
    hint = "Train again: the run does not fit its snapshot."
    first: dict[str, Pair] = {}
    for pair in snapshot.pairs:
        first.setdefault(pair.row_id, pair)
    seen: set[str] = set()
    for row in rows:
        row_id = row["row_id"]
        if row_id in seen:
            raise EchoDeskError(f"run {name} answers record {row_id} twice", hint)
        seen.add(row_id)
        if row_id not in first:
            raise EchoDeskError(f"run {name} answers record {row_id}, which its snapshot does not have", hint)
        if first[row_id].patient_id != row["patient_id"]:
            raise EchoDeskError(f"run {name} gives record {row_id} to another patient", hint)
    return [first[row["row_id"]] for row in rows]


def age_band(years: float | None) -> str:
    """`<40`, `40-54`, `55-69`, `>=70`, or `unknown`."""
    if years is None:
        return UNKNOWN
    low = max((end for end in AGE_BANDS if years >= end), default=None)
    high = min((end for end in AGE_BANDS if years < end), default=None)
    if low is None:
        return f"<{high}"
    return f">={low}" if high is None else f"{low}-{high - 1}"


def _groups(pairs: Sequence[Pair], more: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Columns in which records differ."""
    columns = {}
    for name in _COLUMNS:
        columns[name] = tuple(getattr(pair, name) or UNKNOWN for pair in pairs)
    columns["age"] = tuple(age_band(pair.age_years) for pair in pairs)
    for name, of in more.items():
        columns[name] = tuple(of.get(pair.row_id) or UNKNOWN for pair in pairs)
    return {name: values for name, values in columns.items() if len(set(values)) > 1}


def _methods(run: Run, row_ids: Sequence[str]) -> dict[str, Method]:
    """What the run kept of simpler methods; nothing where it is older than that file."""
    if not (run.folder / REFERENCE_ANSWERS).is_file():
        return {}
    place = {row_id: number for number, row_id in enumerate(row_ids)}
    found: dict[str, Method] = {}
    for row in run.predictions(REFERENCE_ANSWERS):
        if row["method"] not in found:
            found[row["method"]] = Method(np.full(len(row_ids), np.nan), np.full(len(row_ids), np.nan))
        held = found[row["method"]]
        if row["row_id"] in place:
            for column in ("ef_percent", "rwma_score"):
                value = row[column]
                getattr(held, column)[place[row["row_id"]]] = np.nan if value is None else value
    return found
