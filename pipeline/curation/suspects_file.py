"""suspects.csv: the only way from a dataset back to the queue; it raises a record and edits no label."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from labeling.apart.tables import read_list, read_rows
from labeling.intake.cells import as_stored
from labeling.intake.manifest_table import Row, header_at, plain_name
from labeling.intake.patient_ids import written_id
from pipeline.curation.records import NoiseScore

if TYPE_CHECKING:
    from sqlmodel import Session

# What the most suspicious record gains in the queue: as much as a red light.
MOST_POINTS = 100.0
REASON_MAX_CHARACTERS = 200
COLUMNS_HINT = (
    "The first row names the columns: case_id, and if you have them score (0-1, low is suspicious) "
    "or priority, reason."
)
COLUMNS = ("case_id", "score", "field", "reason")
COLUMNS_READ = ("case_id", "score", "priority", "reason")
# Every name of a column that is known, reduced to its letters and digits.
_NAMES = {
    **dict.fromkeys("caseid case caseno recordid record recordno echodeskrecord".split(), "case_id"),
    **{name: name for name in COLUMNS_READ[1:]},
}


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
    """The lines of a suspects file, as a spreadsheet may have saved it.

    Raises:
        EchoDeskError: naming the file, the line and what is wrong with it; nothing is queued then.
    """
    table = [(line, [as_stored(cell) for cell in cells]) for line, cells in _rows(file)]
    if not table:
        raise EchoDeskError(f"{file} is empty", COLUMNS_HINT)
    at = header_at(table, _field_of, ("case_id",))
    header = [_field_of(name) for name in table[at][1]]
    if "case_id" not in header:
        raise EchoDeskError(f"{file} has no column case_id", COLUMNS_HINT)
    twice = next((field for field in COLUMNS_READ if header.count(field) > 1), "")
    if twice:
        raise EchoDeskError(f"{file} has two columns for {twice}", "Keep one of them.")
    for line, cells in table[at + 1 :]:
        if any(cell.strip() for cell in cells[len(header) :]):
            raise EchoDeskError(
                f"{file} line {line} has more cells than there are columns",
                'Put a reason with separators, or a number with a decimal comma, between "quotes".',
            )
        yield _suspect(file, line, {name: cell for name, cell in zip(header, cells, strict=False) if name})


def notes_on(file: Path) -> list[str]:
    """What to know of a suspects file as a whole, a sentence each: rows that are hidden, sheets not read."""
    return read_list(file)[1]


def _rows(file: Path) -> Sequence[Row]:
    """The lines that aren't empty, each with its number, read as a list of reports is."""
    if not file.is_file():
        raise EchoDeskError(f"{file} cannot be read", "Name a CSV file, such as suspects.csv.")
    try:
        return read_rows(file)
    except EchoDeskError as error:
        raise EchoDeskError(str(error).replace("the list ", "", 1), error.hint) from None


def _field_of(column: str) -> str | None:
    return _NAMES.get(plain_name(column))


def _suspect(file: Path, line: int, row: Mapping[str, str]) -> Suspect:
    def number(name: str, lowest: float, highest: float) -> float | None:
        written = written_id(row.get(name) or "").lstrip("'").strip()
        if not written:
            return None
        value = _number(written)
        if value is None or not lowest <= value <= highest:
            wanted = f"{name} is a number from {lowest:g} to {highest:.15g}"
            raise EchoDeskError(f"{file} line {line}: {wanted}, not {written[:40]!r}", COLUMNS_HINT)
        return value

    case_id, score, priority = number("case_id", 1, 2**31), number("score", 0, 1), number("priority", 0, 1e6)
    if case_id is None or case_id != int(case_id):
        raise EchoDeskError(f"{file} line {line} names no record", COLUMNS_HINT)
    points = priority if priority is not None else MOST_POINTS * (1 - score if score is not None else 1)
    return Suspect(line, int(case_id), points, (row.get("reason") or "").strip()[:REASON_MAX_CHARACTERS])


def _number(written: str) -> float | None:
    """A number as spreadsheets write it: 0,2 and 20 %; None otherwise, and for 1.000: 1 or 1000?"""
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", written):
        return None
    plain = written.replace(",", ".")
    try:
        return float(plain.rstrip(" %")) / 100 if plain.endswith("%") else float(plain)
    except ValueError:
        return None


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
