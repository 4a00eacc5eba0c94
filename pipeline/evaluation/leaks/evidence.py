"""What the leakage audit looks at, read once as plain values: a run folder, a snapshot folder, statements.

Nothing is refused here: a snapshot or a run that was changed is what the audit is there to tell.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from db.errors import EchoDeskError
from db.files.manifest import MANIFEST_NAME
from db.tabular import read_jsonl
from pipeline.dataset.opened import RECORDINGS_FILE
from pipeline.dataset.verifying import verify_folder
from pipeline.training import run_folder
from pipeline.training.run_folder import rows_sha256, run_problems

Row = Mapping[str, Any]

_TEXTS: Final = ("row_id", "patient_id")


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything that is recorded about one run.

    Attributes:
        settings, data, reference, manifest: the run's JSON files.
        models: what each fold's model says of itself: `data` (hashes of records) and `metrics`.
        predictions, validation, metrics: the run's tables; numbers as floats, None where empty.
        labels, pairs, lineage: the snapshot's tables.
        pictures: path in the snapshot -> (sha256, bytes).
        same_pages: pairs of paths whose photographs show one page; None where nobody looked.
        recordings: row id -> the recording its page was printed from; None where that is not known.
        choices: what the evaluation says was chosen on what: name -> `value`, `chosen_on`, ...
        headline: the numbers that are quoted: name -> value.
    """

    settings: Row
    data: Row
    reference: Row
    manifest: Row
    models: Sequence[Row]
    predictions: Sequence[Row]
    validation: Sequence[Row]
    metrics: Sequence[Row]
    labels: Sequence[Row]
    pairs: Sequence[Row]
    lineage: Sequence[Row]
    snapshot_manifest: Row
    pictures: Mapping[str, tuple[str, int]]
    run_problems: Sequence[str] = ()
    snapshot_problems: Sequence[str] = ()
    same_pages: Sequence[tuple[str, str]] | None = None
    recordings: Mapping[str, str] | None = None
    choices: Mapping[str, Row] = field(default_factory=dict)
    headline: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def provenance(self) -> Row:
        """What training recorded of its sources; empty in runs from before it did."""
        found: Row = self.data.get("provenance") or {}
        return found

    @cached_property
    def label_of(self) -> dict[str, Row]:
        """Row id -> its label."""
        return {row["row_id"]: row for row in self.labels}

    @cached_property
    def fold_of(self) -> dict[str, int]:
        """Row id -> the fold it was answered in."""
        return {row["row_id"]: int(row["fold"]) for row in self.predictions}

    @cached_property
    def held_out(self) -> dict[int, set[str]]:
        """Fold -> the records that its model was judged on."""
        return _by_fold(self.predictions)

    @cached_property
    def stopped_by(self) -> dict[int, set[str]]:
        """Fold -> the records that stopped its model, as `validation.csv` has them."""
        return _by_fold(self.validation)

    @cached_property
    def usable(self) -> set[str]:
        """Records with a photograph that training could use."""
        left_out = set(self.data.get("photographs_left_out") or ())
        return {row["row_id"] for row in self.pairs if row["path"] and row["image_id"] not in left_out}

    def learnt_from(self, fold: int) -> set[str]:
        """What a fold's model may have learnt from: neither judged on nor stopped by."""
        return self.usable - self.held_out.get(fold, set()) - self.stopped_by.get(fold, set())

    @cached_property
    def known_sets(self) -> dict[str, str]:
        """Hash of a set of records -> what set it is, to name what somebody used."""
        found = {rows_sha256(self.usable): "all records"}
        for fold, judged in self.held_out.items():
            found[rows_sha256(judged)] = f"the records fold {fold} is judged on"
            found[rows_sha256(self.usable - judged)] = f"all records outside fold {fold}"
            found[rows_sha256(self.learnt_from(fold))] = f"the training records of fold {fold}"
            found[rows_sha256(self.stopped_by.get(fold, set()))] = f"the records that stop fold {fold}"
        return found


def _by_fold(rows: Sequence[Row]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        found[int(row["fold"])].add(row["row_id"])
    return dict(found)


def read_evidence(
    run: Path,
    snapshot: Path,
    *,
    same_pages: Sequence[tuple[str, str]] | None = None,
    choices: Mapping[str, Row] | None = None,
    headline: Mapping[str, float] | None = None,
) -> Evidence:
    """Read a run and its snapshot as they lie there, changed or not.

    Args:
        same_pages: from `leaks.same_pages`; without them near duplicates are not looked for.
        choices, headline: what the evaluation states; see `Evidence`.

    Raises:
        EchoDeskError: a file that a run or a snapshot has is missing, or is not what it should be.
    """
    try:
        return _read(run, snapshot, same_pages, choices or {}, headline or {})
    except (OSError, ValueError, KeyError) as error:
        what = error.filename if isinstance(error, OSError) else f"{run} or {snapshot}"
        raise EchoDeskError(
            f"{what} can't be read as a run with its snapshot", "See: echodesk runs verify, snapshot verify."
        ) from error


def _read(
    run: Path,
    snapshot: Path,
    same_pages: Sequence[tuple[str, str]] | None,
    choices: Mapping[str, Row],
    headline: Mapping[str, float],
) -> Evidence:
    manifest = _json(snapshot / MANIFEST_NAME)
    recordings = snapshot / RECORDINGS_FILE
    labels, pairs, lineage = (
        read_jsonl((snapshot / f"data/{name}.jsonl").read_bytes()) for name in ("labels", "pairs", "lineage")
    )
    return Evidence(
        settings=_json(run / run_folder.SETTINGS),
        data=_json(run / run_folder.DATA),
        reference=_json(run / run_folder.REFERENCE_JSON),
        manifest=_json(run / MANIFEST_NAME),
        models=[_json(path) for path in sorted((run / run_folder.FOLDS).glob("*.json"))],
        predictions=_table(run / run_folder.PREDICTIONS),
        validation=_table(run / run_folder.VALIDATION),
        metrics=_table(run / run_folder.METRICS),
        labels=labels,
        pairs=pairs,
        lineage=lineage,
        snapshot_manifest=manifest,
        pictures={
            name: (one["sha256"], one["bytes"])
            for name, one in manifest["files"].items()
            if name.startswith("images/")
        },
        run_problems=run_problems(run),
        snapshot_problems=verify_folder(snapshot).problems,
        same_pages=same_pages,
        recordings=_json(recordings) if recordings.is_file() else None,
        choices=choices,
        headline=headline,
    )


def _json(path: Path) -> Any:
    return json.loads(path.read_bytes())


def _table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            {name: cell if name in _TEXTS else (float(cell) if cell else None) for name, cell in row.items()}
            for row in csv.DictReader(stream)
        ]
