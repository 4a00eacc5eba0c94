"""Drafts and current labels as tables other programs open: CSV, JSON lines, Parquet.

Patients are keyed hashes and reviewers numbers; nobody is named. A draft's evidence quotes its report.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlmodel import Session, col, func, select

from db.access.own_ids import OwnIds
from db.errors import EchoDeskError
from db.fields.columns import FINDINGS
from db.fields.names import FIELDS
from db.files.whole import named_file
from db.label_view import CurrentLabel, current_labels
from db.standings import is_open_flag
from db.store.engine import Database
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.reviews import Review
from db.tabular import Column, FileFormat, Kind, write_rows

_BATCH_ROWS = 1000

_CASE: Final = (
    Column("case_id", Kind.INTEGER),
    Column("patient_key", Kind.TEXT),
    Column("site", Kind.TEXT),
    Column("is_synthetic", Kind.YES_NO),
    Column("report_date", Kind.DATE),
    Column("ecg_date", Kind.DATE),
)

# Only where it was asked for.
OWN_ID: Final = Column("own_id", Kind.TEXT, "the patient's own id, where intake kept it")

# What a draft has parts of its own in, as JSON text; null where a draft has none of it.
_PARTS: Final = ("reasons", "opinions", "grounding", "generation")

DRAFT_COLUMNS: Final = (
    Column("draft_id", Kind.INTEGER),
    *_CASE,
    *FINDINGS,
    *(Column(f"confidence_{field}", Kind.NUMBER) for field in FIELDS),
    *(Column(f"light_{field}", Kind.TEXT) for field in FIELDS),
    Column("evidence", Kind.TEXT),
    Column("checks", Kind.TEXT),
    *(Column(part, Kind.TEXT) for part in _PARTS),
    Column("unreadable_reason", Kind.TEXT),
    Column("warnings", Kind.TEXTS),
    Column("reader", Kind.TEXT),
    Column("reader_version", Kind.TEXT),
    Column("weights_revision", Kind.TEXT),
    Column("prompt_version", Kind.TEXT),
    Column("code_version", Kind.TEXT),
    Column("report_sha256", Kind.TEXT),
    Column("elapsed_s", Kind.NUMBER),
    Column("created_at", Kind.MOMENT),
)

# A reviewer's note is free text that may name somebody: it stays in the database.
LABEL_COLUMNS: Final = (
    *_CASE,
    *FINDINGS,
    Column("decision", Kind.TEXT),
    Column("is_flagged", Kind.YES_NO, "somebody flagged the record since, and nobody has settled it"),
    Column("review_id", Kind.INTEGER),
    Column("reviewer_id", Kind.INTEGER),
    Column("draft_id", Kind.INTEGER),
    Column("reader", Kind.TEXT),
    Column("reader_version", Kind.TEXT),
    Column("codebook_version", Kind.TEXT),
    Column("decided_at", Kind.MOMENT),
)


class Table(StrEnum):
    """What can be exported."""

    DRAFTS = "drafts"
    LABELS = "labels"


def export_table(
    database: Database,
    table: Table,
    target: Path,
    *,
    file_format: FileFormat,
    overwrite: bool = False,
    own_ids: OwnIds | None = None,
) -> int:
    """Write a table to a file and say how many rows it has.

    The file is readable by its owner alone and appears only when it is complete.

    Args:
        own_ids: put the hospital's own patient ids beside the keyed hashes; the file then names patients.

    Raises:
        EchoDeskError: the file exists and `overwrite` is false, or it can't be written.
    """
    columns, rows_of = _TABLES[table]
    if target.is_dir():
        raise EchoDeskError(f"{target} is a folder", "Name a file to write.")
    with named_file(target, overwrite=overwrite) as temporary:
        rows = rows_of(database)
        if own_ids is not None:
            columns, rows = (columns[0], OWN_ID, *columns[1:]), _with_own_ids(list(rows), own_ids)
        return write_rows(rows, columns, file_format, temporary)


def _with_own_ids(rows: list[dict[str, Any]], own_ids: OwnIds) -> Iterator[dict[str, Any]]:
    found = own_ids.of(sorted({row["patient_key"] for row in rows}))
    for row in rows:
        yield row | {OWN_ID.name: found.get(row["patient_key"])}


def _draft_rows(database: Database) -> Iterator[dict[str, Any]]:
    """All drafts by number, read in short steps so that a long export never holds up a reviewer's decision.

    Drafts are only ever added, so the steps together are the table as it stood at the first.
    """
    with database.read() as session:
        last = session.exec(select(func.max(Draft.id))).one() or 0
    seen = 0
    while seen < last:
        step = (
            select(Draft, Case)
            .join(Case, col(Case.id) == Draft.case_id)
            .where(col(Draft.id) > seen, col(Draft.id) <= last)
            .order_by(col(Draft.id))
            .limit(_BATCH_ROWS)
        )
        with database.read() as session:
            rows = [draft_row(draft, case) for draft, case in session.exec(step)]
        yield from rows
        seen = rows[-1]["draft_id"] if rows else last


def draft_row(draft: Draft, case: Case) -> dict[str, Any]:
    """One draft with its case.

    A language model's raw answer is left out: it is report text, and its values and quotes are columns
    already.
    """
    row = {column.name: getattr(case, column.name) for column in _CASE if column.name != "case_id"}
    row |= {
        column.name: getattr(draft, column.name) for column in DRAFT_COLUMNS if hasattr(draft, column.name)
    }
    row["draft_id"] = draft.id
    for field in FIELDS:
        row[f"confidence_{field}"] = draft.confidence.get(field)
        row[f"light_{field}"] = draft.light.get(field)
    row["evidence"] = _json(draft.evidence)
    row["checks"] = _json(draft.checks)
    for part in _PARTS:
        row[part] = None if row[part] is None else _json(row[part])
    generation = {name: value for name, value in (draft.generation or {}).items() if name != "raw_text"}
    row["generation"] = _json(generation) if generation else None
    return row


def _label_rows(database: Database) -> Iterator[dict[str, Any]]:
    with database.read() as session:
        rows = label_rows(session)
    yield from rows


def label_rows(session: Session, *, after: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
    """The labels, or so many of the cases with a higher number, as rows of `LABEL_COLUMNS`."""
    labels = current_labels(session, after=after, limit=limit)
    among = None if limit is None else [label.case_id for label in labels]
    flags = set(session.exec(select(col(Review.case_id)).where(is_open_flag(among))))
    drafts = select(Draft.id, Draft.reader, Draft.reader_version)
    if limit is not None:
        drafts = drafts.where(col(Draft.id).in_([label.draft_id for label in labels]))
    readers = {draft_id: (reader, version) for draft_id, reader, version in session.exec(drafts)}
    return [_label_row(label, readers) | {"is_flagged": label.case_id in flags} for label in labels]


def _label_row(label: CurrentLabel, readers: Mapping[int | None, tuple[str, str]]) -> dict[str, Any]:
    """One current label; `readers` tells who made the draft the person saw, and its version."""
    row = {column.name: getattr(label, column.name) for column in _CASE}
    row |= label.findings.model_dump(mode="json")
    reader, version = readers.get(label.draft_id, ("", ""))
    return row | {
        "decision": label.decision.value,
        "review_id": label.review_id,
        "reviewer_id": label.annotator_id,
        "draft_id": label.draft_id,
        "reader": reader,
        "reader_version": version,
        "codebook_version": label.codebook_version,
        "decided_at": label.decided_at,
    }


def flagged_labels(database: Database) -> int:
    """How many of the labels have a flag that nobody has settled: rows with `is_flagged`."""
    with database.read() as session:
        return sum(bool(row["is_flagged"]) for row in label_rows(session))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


_TABLES: Final[dict[Table, tuple[tuple[Column, ...], Callable[[Database], Iterator[dict[str, Any]]]]]] = {
    Table.DRAFTS: (DRAFT_COLUMNS, _draft_rows),
    Table.LABELS: (LABEL_COLUMNS, _label_rows),
}
