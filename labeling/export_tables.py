"""Drafts and current labels as tables other programs open: CSV, JSON lines, Parquet.

Patients are keyed hashes and reviewers numbers; nobody is named. A draft's evidence quotes its report.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.errors import EchoDeskError
from labeling.export_columns import DRAFT_COLUMNS, LABEL_COLUMNS, draft_row, label_row
from labeling.export_writers import FileFormat, write_rows
from labeling.readers.registry import ReaderIdentity
from labeling.whole_files import whole_file

if TYPE_CHECKING:
    from db.store.engine import Database

__all__ = ["FileFormat", "Table", "export_table"]

_BATCH_ROWS = 1000


class Table(StrEnum):
    """What can be exported."""

    DRAFTS = "drafts"
    LABELS = "labels"


def export_table(
    database: Database, table: Table, target: Path, *, file_format: FileFormat, overwrite: bool = False
) -> int:
    """Write a table to a file and say how many rows it has.

    The file is readable by its owner alone and appears only when it is complete.

    Raises:
        EchoDeskError: the file exists and `overwrite` is false, or it can't be written.
    """
    rows = _draft_rows(database) if table is Table.DRAFTS else _label_rows(database)
    columns = DRAFT_COLUMNS if table is Table.DRAFTS else LABEL_COLUMNS
    if target.is_dir():
        raise EchoDeskError(f"{target} is a folder", "Name a file to write.")
    try:
        with whole_file(target, overwrite=overwrite) as temporary:
            return write_rows(rows, columns, file_format, temporary)
    except FileExistsError:
        raise EchoDeskError(f"{target} exists already", "Name another file, or allow overwriting.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise EchoDeskError(
            f"{target} can't be written ({reason})", "Check the folder and its room."
        ) from error


def _draft_rows(database: Database) -> Iterator[dict[str, Any]]:
    """All drafts by number, read in short steps so that a long export never holds up a reviewer's decision.

    Drafts are only ever added, so the steps together are the table as it stood at the first.
    """
    from sqlmodel import col, func, select

    from db.tables.cases import Case
    from db.tables.drafts import Draft

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


def _label_rows(database: Database) -> Iterator[dict[str, Any]]:
    from sqlmodel import select

    from db.label_view import current_labels
    from db.tables.drafts import Draft

    with database.read() as session:
        labels = current_labels(session)
        readers = {
            draft_id: (reader, version)
            for draft_id, reader, version in session.exec(
                select(Draft.id, Draft.reader, Draft.reader_version)
            )
        }

    def reader_of(draft_id: int | None) -> ReaderIdentity:
        return ReaderIdentity(*readers.get(draft_id, ("", "")))

    for label in labels:
        yield label_row(label, reader_of)
