"""What an intake did: counts, and every refused file by name with the reason and the remedy."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from db.files.whole import whole_file
from db.tabular import inert

REPORT_COLUMNS = ("file", "manifest_row", "code", "reason", "remedy")

WITHDRAWN_CODE = "withdrawn"
# In place of a file's name, which is often the id: no new list of who withdrew may come about.
_NAME_LEFT_OUT = "(name not kept: see echodesk intake --plan)"


@dataclass(frozen=True)
class Refused:
    """One file (or manifest row) that was not taken in.

    Attributes:
        path: the file; for a row that can't be used, the manifest.
        code: the reason for a program: the codes of `PageError`, and `bad_row`, `bad_date`, `bad_name`,
            `id_clash`, `no_report`, `clash`, `missing_page`, `other_patient`, `outside_link`, `endless_link`,
            `unreadable_folder`, `withdrawn`, `not_taken` (nothing wrong with the file itself, but with
            another of the same case).
        reason, remedy: one plain sentence each, for a person.
        row: the manifest row it was named in, else None.
    """

    path: Path
    code: str
    reason: str
    remedy: str
    row: int | None = None


@dataclass(frozen=True)
class IntakeReport:
    """The outcome of one intake.

    Attributes:
        registered: cases registered by this run.
        duplicates: cases whose report was registered before, or twice in this run.
        near_duplicates: pairs of pictures that look alike, flagged by this run.
        refused: every file or row not taken in.
        report_file: the CSV that lists `refused`; None when nothing was refused.
        duplicate_files: the first report file of each duplicate.
        copies: files left out because they are copies of another of their case, byte by byte.
        notes: what the list says in a way that may surprise, by row.
        not_listed: page files under the given folders that the manifest doesn't mention; left alone.
    """

    registered: int
    duplicates: int
    near_duplicates: int
    refused: list[Refused]
    report_file: Path | None
    duplicate_files: list[Path] = field(default_factory=list)
    not_listed: list[Path] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def write_refusals(refused: Sequence[Refused], folder: Path, now: datetime) -> Path | None:
    """List the refused files in a new CSV only its owner can read; None when there are none.

    File names can carry patient ids, hence the mode; no spreadsheet takes any of it for a formula. Files of
    patients who withdrew their consent are told to whoever hands them in, and are not named here.
    """
    if not refused:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"intake-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for number in count(1):
        target = folder / (f"{stem}.csv" if number == 1 else f"{stem}-{number}.csv")
        # The report of another intake of the same second is not replaced.
        with suppress(FileExistsError), whole_file(target) as temporary:
            _write(refused, temporary)
            return target
    return None


def _write(refused: Sequence[Refused], path: Path) -> None:
    # A file name that isn't valid text is shown with its odd bytes escaped.
    with path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REPORT_COLUMNS)
        for item in refused:
            name = _NAME_LEFT_OUT if item.code == WITHDRAWN_CODE else str(item.path)
            row = (name, str(item.row or ""), item.code, item.reason, item.remedy)
            writer.writerow([inert(cell) for cell in row])
