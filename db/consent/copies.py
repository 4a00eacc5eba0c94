"""Copies in the workspace that still hold a patient: backups of the database, reports of refused files."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.access.patient_key import normal_patient_id
from db.files.whole import whole_file
from db.workspace import Workspace

_AT_ONCE: Final = 500
_BESIDE: Final = ("", "-journal", "-wal", "-shm")


@dataclass(frozen=True)
class Copy:
    """A backup.

    Attributes:
        is_sure: whether it was looked into; a PostgreSQL archive and a damaged file can't be.
    """

    file: Path
    is_sure: bool


def backups_holding(workspace: Workspace, patient_keys: Collection[str]) -> list[Copy]:
    """Backups in the workspace that hold one of these patients, or that may, by name."""
    found = []
    for file in sorted(workspace.backups.glob("*")):
        if file.suffix not in (".db", ".dump") or file.name.startswith("."):
            continue
        holds = _holds(file, list(patient_keys)) if file.suffix == ".db" else None
        if holds is not False:
            found.append(Copy(file, is_sure=holds is True))
    return found


def _holds(file: Path, keys: Sequence[str]) -> bool | None:
    """Whether a SQLite backup has records of these patients; None where it can't be read."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                asked = f"SELECT 1 FROM case_record WHERE patient_key IN ({marks}) LIMIT 1"  # noqa: S608 - marks hold ? alone
                if copy.execute(asked, list(some)).fetchone():
                    return True
    except sqlite3.Error:
        return None
    return False


def delete_backups(copies: Iterable[Copy]) -> int:
    """Delete backups, with what lies beside a damaged one; how many. Raises OSError."""
    count = 0
    for copy in copies:
        for ending in _BESIDE:
            copy.file.with_name(copy.file.name + ending).unlink(missing_ok=True)
        count += 1
    return count


def lines_naming(workspace: Workspace, ids: Collection[str]) -> dict[Path, int]:
    """Intake's report of refused files -> how many of its lines name one of these ids."""
    found = {}
    for file in sorted(workspace.reports.glob("intake-*.csv")):
        named = sum(_names(row, ids) for row in _rows(file)[1:])
        if named:
            found[file] = named
    return found


def drop_lines_naming(workspace: Workspace, ids: Collection[str]) -> int:
    """Take those lines out; how many. Raises OSError."""
    dropped = 0
    for file, named in lines_naming(workspace, ids).items():
        header, *rows = _rows(file)
        kept = io.StringIO(newline="")
        csv.writer(kept).writerows([header, *(row for row in rows if not _names(row, ids))])
        with whole_file(file, overwrite=True) as temporary:
            temporary.write_text(kept.getvalue(), encoding="utf-8-sig", newline="")
        dropped += named
    return dropped


def _rows(file: Path) -> list[list[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.reader(stream)) or [[]]
    except (OSError, UnicodeDecodeError, csv.Error):
        return [[]]


def _names(row: Sequence[str], ids: Collection[str]) -> bool:
    """Whether a line holds an id as a word of its own: 17 is not in IMG_2017."""
    said = normal_patient_id("|".join(row).replace("_", "-"))
    patterns = (re.escape(normal_patient_id(one).replace("_", "-")) for one in ids if normal_patient_id(one))
    return any(re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", said) for pattern in patterns)
