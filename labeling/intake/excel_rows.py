"""The first sheet of an XLSX file that people see -> rows of text cells, as they see them in Excel."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from db.errors import EchoDeskError
from labeling.intake.cells import untold
from labeling.intake.number_formats import UnknownNumber, is_in_percent, shown_number

_NOT_WORKED_OUT: Final = "holds a formula whose value isn't stored in the file"
_MERGED: Final = "is merged with the one above it: unmerge them, and fill in each row"
_MERGED_AREA: Final = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"'
)
# A hidden row's number, whichever of the two attributes comes first.
_HIDDEN_ROW: Final = re.compile(
    rb'<(?:\w+:)?row\s(?=[^>]*?\shidden="(?:1|true)")(?:[^>]*?\s)?r="([0-9]{1,7})"'
)
# Texts of a workbook, and what in them is struck out or says how a word is spoken.
_TEXT_ITEM: Final = re.compile(rb"<(?:\w+:)?(si|is)>(.*?)</(?:\w+:)?\1>", re.DOTALL)
_STRUCK: Final = re.compile(rb"<(?:\w+:)?strike(?!\s+val=\"(?:0|false)\")[\s/>]")
_SPOKEN: Final = re.compile(rb"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", re.DOTALL)
_LETTERS: Final = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>(.*?)</(?:\w+:)?t>", re.DOTALL)
_IS_STRUCK: Final = "is struck out, wholly or in part: leave the row out, or take the line off"
_FILLED: Final = re.compile(rb"<(?:\w+:)?(?:v|is|f)[ >]")
_NAMED: Final = 6
# What tells a file of another program that is a zip archive, too.
_OTHER_PROGRAMS: Final = {
    "content.xml": "a table of LibreOffice or OpenOffice (.ods)",
    "Index/Document.iwa": "a table of Apple Numbers",
    "xl/workbook.bin": "a binary Excel file (.xlsb)",
    "word/document.xml": "a Word document",
}


def excel_list(path: Path, data: bytes, max_bytes: int) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Every row with its 1-based number, and what the workbook holds besides: other sheets, hidden rows.

    Cells that can't be told are `untold` texts; what is besides is told in a sentence each.

    Raises:
        EchoDeskError: the workbook is damaged, of another program, or larger than `max_bytes` when unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > max_bytes:
                raise EchoDeskError(f"the list {path} is too large", "Split it into several files.")
            names = set(archive.namelist())
        if other := next((what for name, what in _OTHER_PROGRAMS.items() if name in names), ""):
            raise EchoDeskError(f"the list {path} is {other}", "Open it there and save it as .xlsx or CSV.")
        return _rows(data), _besides(data)
    except (EchoDeskError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - a damaged workbook makes openpyxl raise anything at all
        reason = f"the list {path} can't be read as an Excel table ({type(error).__name__})"
        raise EchoDeskError(reason, "Open it, save it again as .xlsx or CSV, and try again.") from None


def list_sheet(book: Any) -> Any:
    """The sheet of a workbook that is its list: the first that people see."""
    sheets = _sheets(book)
    return next((sheet for sheet in sheets if sheet.sheet_state == "visible"), sheets[0])


def _sheets(book: Any) -> list[Any]:
    """The sheets with cells: a chart may have one of its own."""
    return [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]


def _besides(data: bytes) -> list[str]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    try:
        chosen = list_sheet(book)
        others = [sheet.title for sheet in _sheets(book) if sheet is not chosen and _source(sheet)]
        hidden = [int(number) for number in _HIDDEN_ROW.findall(_source(chosen))]
    finally:
        book.close()
    told = []
    if others:
        names = ", ".join(repr(name) for name in others[:_NAMED])
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        told.append(f"only the sheet {chosen.title!r} is read, and not {names}{more}")
    if hidden:
        numbers = ", ".join(map(str, hidden[:_NAMED]))
        more = f" and {len(hidden) - _NAMED} more" if len(hidden) > _NAMED else ""
        told.append(f"rows that are hidden or filtered out are read, too: {numbers}{more}")
    return told


def _source(sheet: Any) -> bytes:
    """A sheet's XML; nothing where no cell of it holds anything."""
    with sheet._get_source() as source:
        data = bytes(source.read())
    return data if _FILLED.search(data) else b""


def _rows(data: bytes) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    without_value: list[tuple[int, int]] = []
    struck = _struck_texts(data)
    for number, row in _sheet_rows(data, data_only=True):
        rows.append((number, [_seen(cell, struck) for cell in row]))
        # A formula without its value looks like an empty cell that has a style; one that gave "" is "str".
        without_value += [
            (number, place)
            for place, cell in enumerate(row)
            if cell.value is None and getattr(cell, "data_type", "") == "n" and hasattr(cell, "row")
        ]
    _mark_merged(data, rows)
    if without_value:
        formulas = _formulas(data)
        for number, place in without_value:
            if (number, place) in formulas:
                rows[number - 1][1][place] = untold(_NOT_WORKED_OUT)
    return rows


def _mark_merged(data: bytes, rows: list[tuple[int, list[str]]]) -> None:
    """Of a merged cell Excel shows the value of the first row over all, and stores none in the others."""
    width = max((len(cells) for _, cells in rows), default=0)
    for first, last, left, right in _merged_down(data):
        for _, cells in rows[first:last]:
            cells += [""] * (min(right, width) - len(cells))
            for place in range(left, min(right, width)):
                cells[place] = cells[place] or untold(_MERGED)


def _merged_down(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """First and last row, first column from 0 and the one behind the last, of what is merged over rows."""
    from openpyxl.utils import range_boundaries

    for area in _MERGED_AREA.findall(_sheet_source(data)):
        left, first, right, last = range_boundaries(area.decode())
        if last > first:
            yield first, last, left - 1, right


def _sheet_source(data: bytes) -> bytes:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    try:
        with list_sheet(book)._get_source() as source:
            return bytes(source.read())
    finally:
        book.close()


def _formulas(data: bytes) -> set[tuple[int, int]]:
    return {
        (number, place)
        for number, row in _sheet_rows(data, data_only=False)
        for place, cell in enumerate(row)
        if getattr(cell, "data_type", "") == "f"
    }


def _sheet_rows(data: bytes, *, data_only: bool) -> Iterator[tuple[int, Any]]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=data_only)
    try:
        sheet = list_sheet(book)
        # The size a file declares may be wrong, and is believed unless reset.
        sheet.reset_dimensions()
        yield from enumerate(sheet.iter_rows(), start=1)
    finally:
        book.close()


def _struck_texts(data: bytes) -> frozenset[str]:
    """The texts of a workbook of which letters are struck out: cells that are so as a whole say it by their
    style.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sources = [archive.read(name) for name in archive.namelist() if name.endswith("sharedStrings.xml")]
    found = set()
    for source in (*sources, _sheet_source(data)):
        for _, item in _TEXT_ITEM.findall(source):
            if _STRUCK.search(item):
                letters = b"".join(_LETTERS.findall(_SPOKEN.sub(b"", item)))
                found.add(html.unescape(letters.decode("utf-8", "replace")))
    return frozenset(found)


def _seen(cell: Any, struck: Collection[str]) -> str:
    text = _text(cell)
    if text and not text.startswith(untold("")[0]):
        is_struck = text in struck or bool(getattr(getattr(cell, "font", None), "strike", False))
        return untold(_IS_STRUCK, text) if is_struck else text
    return text


def _text(cell: Any) -> str:
    """A cell as a person sees it; dates as year-month-day."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        return untold("holds a time of day", str(value))
    if isinstance(value, int | float):
        try:
            return shown_number(value, str(cell.number_format))
        except UnknownNumber as error:
            return untold(str(error), _stored(value, str(cell.number_format)))
    return str(value)


def _stored(value: int | float, number_format: str) -> str:
    """The number; of one shown in percent, the percent: 55% is stored as 0.55."""
    return f"{100 * value:.10g}%" if is_in_percent(number_format) else str(value)
