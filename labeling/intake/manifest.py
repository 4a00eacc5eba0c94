"""The manifest: a CSV or XLSX table that says which files belong to which patient.

One row a report; titles may stand above the row that names the columns. Columns, by any of several usual
names, in any order and case:

* `patient_id` and `report` must be there; `ecg`, `report_date`, `ecg_date`, `site` and `layout` may be.
* `report` and `ecg` may hold several files, pages in order, separated by ";".
* Other columns are not read.

CSV may be UTF-8 (with or without a byte-order mark), UTF-16 or Windows-1252, separated by comma, semicolon or
tab. Of an XLSX file the first sheet is read.

Dates are read strictly, for a wrong one would put an ECG and an echo months apart. Accepted: `2024-03-05` (a
time after it is ignored) and day first, `05/03/2024`, with "/", "-" or ".". A date such as 05/03/2024 could
also be month first. It is accepted when another date of the same table shows the day in front (13/03/2024)
and none shows the month in front (03/13/2024); otherwise it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from db.errors import EchoDeskError
from labeling.intake.manifest_table import COLUMNS_HINT, find_columns, header_at, read_rows


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
    """One row that can't be used: code `bad_row` or `bad_date`."""

    row: int
    code: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Manifest:
    """The usable rows and the others, each in the order of the table."""

    rows: tuple[ManifestRow, ...]
    errors: tuple[RowError, ...]


def read_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        EchoDeskError: the file can't be read as a table, or a needed column is missing or there twice.
    """
    table = read_rows(path)
    if not table:
        raise EchoDeskError(f"the manifest {path} is empty", COLUMNS_HINT)
    at = header_at(table)
    _, header = table[at]
    columns = find_columns(path, header)
    body = table[at + 1 :]
    dates = [cell for field in ("report_date", "ecg_date") for cell in _cells(body, columns.get(field))]
    order = written_order(dates)
    rows: list[ManifestRow] = []
    errors: list[RowError] = []
    for number, cells in body:
        outcome = _read_row(number, cells, columns, len(header), order)
        if isinstance(outcome, ManifestRow):
            rows.append(outcome)
        else:
            errors.append(outcome)
    return Manifest(tuple(rows), tuple(errors))


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
    if not text["patient_id"]:
        return RowError(number, "bad_row", "the row has no patient id", "Fill in the patient id.")
    reports = _file_names(text["report"])
    if not reports:
        return RowError(number, "bad_row", "the row names no report file", "Fill in the report file.")
    dates: dict[str, date | None] = {}
    for field in ("report_date", "ecg_date"):
        try:
            dates[field] = parse_date(text.get(field, ""), order)
        except DateError as error:
            return RowError(number, "bad_date", f"{field}: {error}", error.remedy)
    return ManifestRow(
        row=number,
        patient_id=text["patient_id"],
        reports=reports,
        ecgs=_file_names(text.get("ecg", "")),
        report_date=dates["report_date"],
        ecg_date=dates["ecg_date"],
        site=text.get("site", ""),
        layout=text.get("layout", ""),
    )


def _file_names(cell: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in cell.split(";") if name.strip())


_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:[T ]{_TIME})?", re.ASCII)
_NUMBERS = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}})(?: {_TIME})?", re.ASCII)
_EARLIEST_YEAR = 1950

_REMEDY = "Write dates as year-month-day, such as 2024-03-05."


class DateError(ValueError):
    """A date that can't be read with certainty; the text says why, `remedy` what to do."""

    remedy = _REMEDY


class DateOrder(StrEnum):
    """What the dates of one table show about the order of day and month."""

    DAY_FIRST = "day_first"
    UNKNOWN = "unknown"


def written_order(cells: Iterable[str]) -> DateOrder:
    """Day first when some date can only be so and none can only be month first."""
    day_first = month_first = False
    for cell in cells:
        match = _NUMBERS.fullmatch(cell.strip())
        if match:
            first, second = int(match[1]), int(match[3])
            day_first |= first > 12 >= second
            month_first |= second > 12 >= first
    return DateOrder.DAY_FIRST if day_first and not month_first else DateOrder.UNKNOWN


def parse_date(cell: str, order: DateOrder) -> date | None:
    """The date in a cell; None for an empty one. Raises `DateError`."""
    text = " ".join(cell.split())
    if not text:
        return None
    if iso := _ISO.fullmatch(text):
        return _valid(text, int(iso[1]), int(iso[2]), int(iso[3]))
    if numbers := _NUMBERS.fullmatch(text):
        day, month = int(numbers[1]), int(numbers[3])
        if day <= 12 and month <= 12 and day != month and order is DateOrder.UNKNOWN:
            raise DateError(f"{text!r} may be day first or month first")
        return _valid(text, int(numbers[4]), month, day)
    raise DateError(f"{text[:40]!r} is not a date EchoDesk reads")


def _valid(text: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise DateError(f"{text!r} is not a day of the calendar (day first)") from None
    if year < _EARLIEST_YEAR:
        raise DateError(f"{text!r} is before {_EARLIEST_YEAR}")
    return found
