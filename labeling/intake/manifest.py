"""The manifest: a CSV or XLSX table that says which files belong to which patient.

One row a report; titles may stand above the row that names the columns. Columns, by any of several usual
names, in any order and case:

* `patient_id` and `report` must be there; `ecg`, `report_date`, `ecg_date`, `site` and `layout` may be.
* `report` and `ecg` may hold several files, pages in order, separated by ";" or each in a line of its own.
* Other columns are not read.

CSV may be UTF-8 or UTF-16 (each with or without a byte-order mark) or Windows-1252, separated by comma,
semicolon, tab or "|". Of an XLSX file the first sheet is read that is not hidden.

Dates are read strictly (`dates.py`); N/A or a dash in a date column means that there is none, and is told. A
row whose patient id is what Excel leaves of one (1.2E+11, #N/A, a date) is refused (`patient_ids.py`), and so
are rows whose ids would wrongly be one patient or two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from db.errors import EchoDeskError
from labeling.apart.tables import read_list
from labeling.intake.cells import file_names_in, is_nothing, why_untold
from labeling.intake.dates import DateError, DateOrder, parse_date, written_order
from labeling.intake.manifest_table import (
    COLUMNS_HINT,
    Row,
    find_columns,
    header_at,
    refuse_further_columns,
    refuse_page_column,
    starts_as_workbook,
    unused_date_columns,
)
from labeling.intake.patient_ids import AS_TEXT, ONE_SPELLING, mixed_up, why_no_id, written_id

DATE_FIELDS = ("report_date", "ecg_date")
EXCEL_REMEDY = "In Excel, give the column the format Text and type the value, or paste it as a value."


@dataclass(frozen=True)
class ManifestRow:
    """One usable row: `row` is its number in the file, from 1; file names are as written."""

    row: int
    patient_id: str
    reports: tuple[str, ...]
    ecgs: tuple[str, ...] = ()
    report_date: date | None = None
    ecg_date: date | None = None
    site: str = ""
    layout: str = ""


@dataclass(frozen=True)
class RowError:
    """One row that can't be used: code `bad_row`, `bad_date` or `id_clash`."""

    row: int
    code: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class RowNote:
    """What a row's reader should know, though the row is used."""

    row: int
    text: str


@dataclass(frozen=True)
class Manifest:
    """The usable rows and the others, each in the order of the table.

    Attributes:
        refused_files: what the rows that can't be used name.
        about: what to know of the list as a whole, a sentence each: other sheets, hidden rows, letters that
            were guessed.
    """

    rows: tuple[ManifestRow, ...]
    errors: tuple[RowError, ...]
    notes: tuple[RowNote, ...] = ()
    refused_files: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


def read_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        EchoDeskError: the file can't be read as a table, or a needed column is missing or there twice.
    """
    table, about = read_list(path)
    try:
        if not table:
            raise EchoDeskError(f"the list {path} is empty", COLUMNS_HINT)
        found = read_table(path, table, is_workbook=starts_as_workbook(path))
    except EchoDeskError as error:
        more = "".join(f" And {note}." for note in about)
        raise EchoDeskError(str(error), f"{error.hint}{more}") from None
    return replace(found, about=tuple(about))


def read_table(path: Path, table: Sequence[Row], *, is_workbook: bool) -> Manifest:
    """The rows of a list under its header.

    Args:
        path: named in errors.

    Raises:
        EchoDeskError: a needed column is missing or there twice.
    """
    at = header_at(table)
    header_row, header = table[at]
    columns = find_columns(path, header)
    body = table[at + 1 :]
    refuse_further_columns(path, header, columns, body)
    refuse_page_column(path, header, columns, body)
    dates = [cell for field in DATE_FIELDS for cell in _cells(body, columns.get(field))]
    order = written_order(dates)
    rows: list[ManifestRow] = []
    errors: list[RowError] = []
    for number, cells in body:
        # A jotting beside the table of a workbook moves no cell; a separator too many in a text file does.
        row_cells = cells[: len(header)] if is_workbook else cells
        outcome = _read_row(number, row_cells, columns, len(header), order)
        if isinstance(outcome, ManifestRow):
            rows.append(outcome)
        else:
            errors.append(outcome)
    rows, unclear = _told_apart(rows)
    errors = sorted(errors + unclear, key=lambda error: error.row)
    dropped = [
        RowNote(header_row, f"the column {name!r} is not used; called report_date, it is the report's date")
        for name in unused_date_columns(header, columns)
    ]
    notes = [*dropped, *_notes(body, columns, {row.row for row in rows})]
    refused = _files_named([one for one in body if one[0] in {error.row for error in errors}], columns)
    return Manifest(tuple(rows), tuple(errors), tuple(notes), refused)


def _files_named(body: Sequence[tuple[int, list[str]]], columns: dict[str, int]) -> tuple[str, ...]:
    cells = [cell for field in ("report", "ecg") for cell in _cells(body, columns.get(field))]
    return tuple(name for cell in cells for name in file_names_in(cell))


def _told_apart(rows: list[ManifestRow]) -> tuple[list[ManifestRow], list[RowError]]:
    """The rows whose ids are clear, and the errors of the others."""
    first_row = {row.patient_id: row.row for row in reversed(rows)}
    problems = mixed_up(row.patient_id for row in rows)
    errors = []
    for row in rows:
        if row.patient_id in problems:
            other, what = problems[row.patient_id]
            reason = f"its patient id and that of row {first_row[other]} {what}"
            errors.append(RowError(row.row, "id_clash", reason, ONE_SPELLING))
    return [row for row in rows if row.patient_id not in problems], errors


def _cells(body: Sequence[tuple[int, list[str]]], column: int | None) -> list[str]:
    if column is None:
        return []
    return [cells[column] for _, cells in body if column < len(cells)]


def _read_row(
    number: int, cells: list[str], columns: dict[str, int], width: int, order: DateOrder
) -> ManifestRow | RowError:
    if any(cell.strip() for cell in cells[width:]):
        return RowError(
            number,
            "bad_row",
            "the row has more cells than there are columns",
            'Put a file list with separators between "quotes".',
        )
    text = {field: cells[index].strip() if index < len(cells) else "" for field, index in columns.items()}
    text["patient_id"] = written_id(text["patient_id"])
    reports = file_names_in(text["report"])
    if problem := _problem(text, reports):
        return RowError(number, "bad_row", *problem)
    dates: dict[str, date | None] = {}
    for field in DATE_FIELDS:
        try:
            dates[field] = None if is_nothing(text.get(field, "")) else parse_date(text.get(field, ""), order)
        except DateError as error:
            return RowError(number, "bad_date", f"{field}: {error}", error.remedy)
    return ManifestRow(
        row=number,
        patient_id=text["patient_id"],
        reports=reports,
        ecgs=file_names_in(text.get("ecg", "")),
        report_date=dates["report_date"],
        ecg_date=dates["ecg_date"],
        site="" if is_nothing(text.get("site", "")) else text.get("site", ""),
        layout=text.get("layout", ""),
    )


def _problem(text: dict[str, str], reports: tuple[str, ...]) -> tuple[str, str] | None:
    """Why a row's texts can't be used and what to do; None where they can."""
    for field, cell in text.items():
        if reason := why_untold(cell):
            return f"the cell of {field} {reason}", EXCEL_REMEDY
    if not text["patient_id"]:
        return "the row has no patient id", "Fill in the patient id."
    if reason := why_no_id(text["patient_id"]):
        return f"the patient id {reason}", AS_TEXT
    if not reports:
        return "the row names no report file", "Fill in the report file."
    return None


def _notes(rows: Sequence[tuple[int, list[str]]], columns: dict[str, int], used: set[int]) -> list[RowNote]:
    return [
        RowNote(number, f"{field} {cells[columns[field]].strip()!r} was taken as no date")
        for number, cells in rows
        for field in DATE_FIELDS
        if number in used and field in columns and columns[field] < len(cells)
        if is_nothing(cells[columns[field]])
    ]
