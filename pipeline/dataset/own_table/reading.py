"""A researcher's table -> rows of labels, and the rows that can't be used with the reason and the remedy.

CSV or XLSX, read as the lists of intake are: an XLSX number as Excel shows it, ids as text, dates strictly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError
from db.files.manifest import hash_file
from db.labels import Findings
from labeling.apart.tables import read_rows
from labeling.intake.cells import as_stored, file_names_in, is_nothing, why_untold
from labeling.intake.dates import DateError, parse_date, written_order
from labeling.intake.manifest import EXCEL_REMEDY, RowError
from labeling.intake.manifest_table import Row, starts_as_workbook
from labeling.intake.patient_ids import AS_TEXT, why_no_id, written_id
from labeling.intake.sites import SiteNames
from pipeline.dataset.own_table.answers import (
    EF,
    PAH,
    RVSP,
    RWMA,
    AnswerError,
    Codes,
    Taken,
    codes_in,
    taken,
    taken_as,
)
from pipeline.dataset.own_table.columns import (
    AGE,
    DATES,
    DEVICE,
    PATIENT,
    PHOTO,
    SEVERITY,
    SEX,
    SITE,
    find_columns,
    header_of,
)

# Titles of columns that hold people's names: what stands there is looked for when pictures are masked.
_OF_PEOPLE: Final = ("name", "doctor", "consultant", "father", "husband", "guardian")
_CODED: Final = (RWMA, SEVERITY, PAH)
_MEASURED: Final = (EF, RVSP, AGE)


@dataclass(frozen=True)
class OwnRow:
    """One usable row.

    Attributes:
        row: its number in the file, from 1.
        photos: file names as written.
        age_years: whole years, 90 for everybody above 89; None where not known.
        sex: `female`, `male`, `other`, or None.
        people: names that stand in the row, of columns that are not used otherwise.
    """

    row: int
    patient_id: str
    photos: tuple[str, ...]
    findings: Findings
    age_years: int | None = None
    sex: str | None = None
    report_date: date | None = None
    ecg_date: date | None = None
    site: str = ""
    device: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnTable:
    """A table that was read.

    Attributes:
        sha256: of the file.
        count: rows below the header, usable or not.
        columns: field -> the title of its column.
        unused: titles of the other columns; people: of those among them that hold people's names.
        taken: (field, word as written in one case, what it was taken as) -> rows.
        files_refused: the photographs that rows which can't be used name.
    """

    path: Path
    sha256: str
    count: int
    rows: tuple[OwnRow, ...]
    errors: tuple[RowError, ...]
    notes: tuple[str, ...]
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    people: tuple[str, ...]
    taken: Mapping[tuple[str, str, str], int]
    files_refused: tuple[str, ...] = ()


def read_own_table(path: Path, mapping: Mapping[str, str], site: str, today: date) -> OwnTable:
    """Read a table.

    Args:
        mapping: field -> title of its column, where a person said so.
        site: of the rows that name none.
        today: rows of a later day are refused.

    Raises:
        EchoDeskError: the file is no table, has no rows, or a needed column is missing.
    """
    table = read_rows(path)
    if not table:
        raise EchoDeskError(f"the table {path} is empty", "Its first row names the columns; see --help.")
    at = header_of(table, mapping)
    header, body = [as_stored(title) for title in table[at][1]], table[at + 1 :]
    columns = find_columns(path, header, mapping)
    if not body:
        raise EchoDeskError(f"the table {path} has no row below its header", "Add a row for each record.")
    reading = _Reading(header, columns, body, today, site, is_workbook=starts_as_workbook(path))
    rows: list[OwnRow] = []
    errors: list[RowError] = []
    for number, cells in body:
        try:
            rows.append(reading.row(number, cells))
        except _RowRefused as refused:
            errors.append(refused.error)
    wrong = {error.row for error in errors}
    return OwnTable(
        path=path,
        sha256=hash_file(path).sha256,
        count=len(body),
        rows=tuple(rows),
        errors=tuple(errors),
        notes=(*reading.notes, *reading.sites.notes, *reading.devices.notes),
        columns={field: header[index].strip() for field, index in columns.items()},
        unused=tuple(
            name.strip()
            for index, name in enumerate(header)
            if name.strip() and index not in columns.values()
        ),
        people=tuple(header[index].strip() for index in reading.people),
        taken=reading.words,
        files_refused=tuple(
            name
            for number, cells in body
            if number in wrong
            for name in file_names_in(reading.cell(cells, PHOTO))
        ),
    )


class _RowRefused(ValueError):
    def __init__(self, row: int, code: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.error = RowError(row, code, reason, remedy)


class _Reading:
    """Reads one row after the other; counts what each word was taken as."""

    def __init__(
        self,
        header: Sequence[str],
        columns: Mapping[str, int],
        body: Sequence[Row],
        today: date,
        site: str,
        *,
        is_workbook: bool,
    ) -> None:
        self._width, self._columns, self._today = len(header), columns, today
        self._is_workbook = is_workbook
        # One person writes the dates of one table; either column shows the order.
        self._order = written_order(self.cell(cells, field) for _, cells in body for field in DATES)
        self._codes: Codes = {
            field: codes_in(self.cell(cells, field) for _, cells in body)
            for field in _CODED
            if field in columns
        }
        self.people = [
            index
            for index, name in enumerate(header)
            if index not in columns.values() and any(word in name.casefold() for word in _OF_PEOPLE)
        ]
        self.sites, self.devices = SiteNames(), SiteNames()
        self._site = self.sites.of(site)
        self.words: Counter[tuple[str, str, str]] = Counter()
        self.notes: list[str] = []

    def cell(self, cells: Sequence[str], field: str) -> str:
        """The cell of a field; empty where there is none."""
        index = self._columns.get(field)
        return cells[index].strip() if index is not None and index < len(cells) else ""

    def row(self, number: int, cells: Sequence[str]) -> OwnRow:
        """One row. Raises _RowRefused."""
        if not self._is_workbook and any(cell.strip() for cell in cells[self._width :]):
            raise _RowRefused(
                number,
                "bad_row",
                "the row has more cells than there are columns",
                'Put a cell with separators in it between "quotes".',
            )
        text = {field: self._told(field, self.cell(cells, field)) for field in self._columns}
        text[PATIENT] = written_id(text[PATIENT])
        self._refuse_unusable(number, text)
        try:
            said = taken(text, self._codes)
        except AnswerError as error:
            raise _RowRefused(number, "bad_answer", str(error), error.remedy) from None
        days = {field: self._day(number, field, text.get(field, "")) for field in DATES}
        self._count(said, text)
        return OwnRow(
            row=number,
            patient_id=text[PATIENT],
            photos=file_names_in(text[PHOTO]),
            findings=said.findings,
            age_years=said.age_years,
            sex=said.sex,
            report_date=days[DATES[0]],
            ecg_date=days[DATES[1]],
            site=self.sites.of(text.get(SITE, "")) or self._site,
            device=self.devices.of(text.get(DEVICE, "")),
            people=tuple(
                name
                for index in self.people
                if index < len(cells)
                if (name := as_stored(cells[index]).strip())
            ),
        )

    def _told(self, field: str, cell: str) -> str:
        """A cell; of a measured number that Excel shows with decimals or in percent, the number itself."""
        return (as_stored(cell) or cell) if field in _MEASURED and why_untold(cell) else cell

    def _refuse_unusable(self, number: int, text: Mapping[str, str]) -> None:
        for field, cell in text.items():
            if reason := why_untold(cell):
                raise _RowRefused(number, "bad_row", f"the cell of {field} {reason}", EXCEL_REMEDY)
        if not text[PATIENT]:
            raise _RowRefused(number, "bad_row", "the row has no patient id", "Fill in the patient id.")
        if reason := why_no_id(text[PATIENT]):
            raise _RowRefused(number, "bad_row", f"the patient id {reason}", AS_TEXT)
        if not file_names_in(text[PHOTO]) or is_nothing(text[PHOTO]):
            raise _RowRefused(
                number, "no_photo", "the row names no photograph", "Fill in the file, or remove the row."
            )

    def _day(self, number: int, field: str, cell: str) -> date | None:
        if is_nothing(cell):
            return None
        try:
            day = parse_date(cell, self._order)
        except DateError as error:
            raise _RowRefused(number, "bad_date", f"{field}: {error}", error.remedy) from None
        if day is not None and day > self._today:
            raise _RowRefused(number, "bad_date", f"{field} is in the future", "Correct the date.")
        return day

    def _count(self, said: Taken, text: Mapping[str, str]) -> None:
        for field, word in said.as_written.items():
            self.words[field, word, taken_as(field, said)] += 1
        if EF in text:
            self.words[EF, *_kind_of_ef(said.findings)] += 1


def _kind_of_ef(findings: Findings) -> tuple[str, str]:
    """What an ejection fraction was written as, and what it was taken as."""
    if findings.ef_percent is None:
        return "(no number)", findings.ef_state.value
    if findings.ef_low is not None:
        return "(a range)", "its midpoint, and its ends"
    operator = findings.ef_operator.value if findings.ef_operator else "="
    if operator == "=":
        return "(a number)", "percent"
    return f"({operator} a number)", "the number and its sign"


def has_people(table: OwnTable) -> tuple[str, ...]:
    """The fields about the person and the machine that the table has columns for."""
    return tuple(field for field in (AGE, SEX, DEVICE) if field in table.columns)
