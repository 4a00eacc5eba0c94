"""suspects.csv: the only way from a dataset back to the queue; it raises a record and edits no label."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from db.cases import set_priority
from db.decisions import Purpose
from db.drafts import latest_draft
from db.errors import EchoDeskError
from db.files.whole import named_file
from db.label_view import current_label
from db.queue.items import refresh_case
from db.queue.plan import ReadingRules
from db.queue.second_people import choose_second
from db.queue.sending_back import send_back
from db.tabular import inert
from labeling.apart.tables import read_sheet
from labeling.intake.cells import as_stored
from labeling.intake.manifest_table import decoded
from pipeline.curation.records import NoiseScore

if TYPE_CHECKING:
    from sqlmodel import Session

# What the most suspicious record gains in the queue: as much as a red light.
MOST_POINTS = 100.0
REASON_MAX_CHARACTERS = 200
_MAX_BYTES = 100_000_000
COLUMNS_HINT = (
    "The first row names the columns: case_id, and if you have them score (0-1, low is suspicious) "
    "or priority, reason."
)
COLUMNS = ("case_id", "score", "field", "reason")


@dataclass(frozen=True)
class Suspect:
    """One line of the file: a record, how far it moves up, and why.

    The reason is for people and not stored: it may hold a value of the report, and the log forgets nothing.
    """

    line: int
    case_id: int
    priority: float
    reason: str


def write_suspects(output: Path, scores: Sequence[NoiseScore], *, overwrite: bool) -> None:
    """Write the ranking as a table that `read_suspects` takes and no spreadsheet takes for formulas.

    Raises:
        EchoDeskError: the file exists, or cannot be written.
    """
    with (
        named_file(output, overwrite=overwrite) as partial,
        partial.open("w", encoding="utf-8", newline="") as file,
    ):
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows((one.case_id, f"{one.score:.6f}", one.field, inert(one.reason)) for one in scores)


def read_suspects(file: Path) -> Iterator[Suspect]:
    """The lines of a suspects file.

    Raises:
        EchoDeskError: naming the file, the line and what is wrong with it; nothing is queued then.
    """
    try:
        table = _lines(file, file.read_bytes())
    except OSError as error:
        raise EchoDeskError(f"{file} cannot be read", "Name a CSV file, such as suspects.csv.") from error
    except csv.Error as error:
        raise EchoDeskError(f"{file} is not a CSV file", COLUMNS_HINT) from error
    _, header = table[0] if table else (0, [])
    names = [name.strip().lower() for name in header]
    if "case_id" not in names:
        raise EchoDeskError(f"{file} has no column case_id", COLUMNS_HINT)
    for line, cells in table[1:]:
        yield _suspect(file, line, dict(zip(names, cells, strict=False)))


def _lines(file: Path, data: bytes) -> list[tuple[int, list[str]]]:
    """The lines that aren't empty, each with its number; as Excel saves them, too, in any of its ways."""
    if data.startswith(b"PK\x03\x04"):
        rows = read_sheet(file, data, _MAX_BYTES)
        return [(line, [as_stored(cell) for cell in cells]) for line, cells in rows if any(cells)]
    text = decoded(data)
    if "\0" in text:
        raise csv.Error("NUL")
    lines = text.splitlines(keepends=True)
    hint = lines[0].strip().lower() if lines else ""
    first = 1 if len(hint) == 5 and hint.startswith("sep=") else 0
    header = lines[first] if len(lines) > first else ""
    separator = (
        hint[4] if first else max(",;\t", key=lambda mark: (_is_named(header, mark), header.count(mark)))
    )
    reader = csv.reader(lines[first:], delimiter=separator, strict=True)
    return [(reader.line_num + first, row) for row in reader if row]


def _is_named(header: str, separator: str) -> bool:
    return "case_id" in (name.strip(' "\r\n').lower() for name in header.split(separator))


def _suspect(file: Path, line: int, row: dict[str, str]) -> Suspect:
    def number(name: str, lowest: float, highest: float) -> float | None:
        # Half of the world's spreadsheets write 0,2.
        written = (row.get(name) or "").strip().replace(",", ".")
        if not written:
            return None
        try:
            value = float(written)
        except ValueError:
            value = float("nan")
        if not lowest <= value <= highest:
            wanted = f"{name} is a number from {lowest:g} to {highest:g}"
            raise EchoDeskError(f"{file} line {line}: {wanted}, not {written[:40]!r}", COLUMNS_HINT)
        return value

    case_id, score, priority = number("case_id", 1, 2**31), number("score", 0, 1), number("priority", 0, 1e6)
    if case_id is None or case_id != int(case_id):
        raise EchoDeskError(f"{file} line {line} names no record", COLUMNS_HINT)
    points = priority if priority is not None else MOST_POINTS * (1 - score if score is not None else 1)
    return Suspect(line, int(case_id), points, (row.get("reason") or "").strip()[:REASON_MAX_CHARACTERS])


def send_to_review(
    session: Session,
    suspects: Iterable[Suspect],
    *,
    rules: ReadingRules,
    twice: bool,
    clock: Callable[[], datetime],
) -> tuple[Counter[Purpose], list[Suspect]]:
    """Move records up in the queue, and have those with a label read again; labels are not touched.

    Args:
        twice: have records without a label read twice, too.

    Returns:
        how many labels wait for what, and which records do not exist.
    """
    waiting: Counter[Purpose] = Counter()
    unknown = []
    for one in suspects:
        if latest_draft(session, case_id=one.case_id) is None:
            unknown.append(one)
            continue
        now = clock()
        set_priority(
            session, case_id=one.case_id, priority=one.priority, reason="suspects", actor="enqueue", now=now
        )
        if current_label(session, case_id=one.case_id) is not None:
            waiting[send_back(session, case_id=one.case_id, rules=rules, actor="enqueue", now=now)] += 1
        elif twice:
            choose_second(session, case_id=one.case_id, chosen_by="list", actor="enqueue", now=now)
            refresh_case(session, case_id=one.case_id, rules=rules)
            waiting[Purpose.SECOND] += 1
    return waiting, unknown
