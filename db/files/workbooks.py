"""Rows of plain values -> an XLSX file, text as text and nothing run."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from openpyxl import Workbook

    from db.tabular import Column

# What XML can't hold.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# A sheet holds no more in one cell.
_MOST_CHARACTERS: Final = 32_767
# Days of a sheet are counted from here; before March 1900 they would be one off.
_DAY_ZERO: Final = date(1899, 12, 30)


def write_xlsx(
    rows: Iterable[Sequence[str | float | date | None]], columns: Sequence[Column], path: Path
) -> None:
    """Write one sheet with a header, row by row; no cell is a formula, whatever it begins with.

    The rows are written as text here: an object for every cell takes four times as long.
    """
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "EchoDesk"
    sheet["A1"] = date(2026, 1, 1)  # has the book know how a day looks
    day_style = sheet["A1"].style_id
    written = io.BytesIO()
    written.write(_SHEET_BEGINS)
    header: list[Sequence[str | float | date | None]] = [[column.name for column in columns]]
    letters = [openpyxl.utils.get_column_letter(place) for place in range(1, len(columns) + 1)]
    for number, row in enumerate(chain(header, rows), start=1):
        cells = "".join(
            _cell(f"{letter}{number}", value, day_style) for letter, value in zip(letters, row, strict=True)
        )
        written.write(f'<row r="{number}">{cells}</row>'.encode())
    written.write(_SHEET_ENDS)
    path.write_bytes(workbook_bytes(book, {sheet.title: written.getvalue()}))


_SHEET_BEGINS: Final = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
_SHEET_ENDS: Final = b"</sheetData></worksheet>"


def _cell(place: str, value: str | float | date | None, day_style: int) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        words = escape(_CONTROL.sub("", value)[:_MOST_CHARACTERS], {"\r": "&#13;"})
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="{day_style}"><v>{(value - _DAY_ZERO).days}</v></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>' if isfinite(value) else ""


def workbook_bytes(book: Workbook, written: Mapping[str, bytes] | None = None) -> bytes:
    """The whole XLSX file of a workbook.

    What openpyxl itself does writes every sheet to the folder for temporary files first, which a program that
    is killed leaves there for everybody to find.

    Args:
        written: sheets that are written already, by their titles.
    """
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.packaging.relationship import RelationshipList
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class InMemory(ExcelWriter):  # type: ignore[misc]  # openpyxl has no types
        def write_worksheet(self, ws: Any) -> None:
            ws._drawing = SpreadsheetDrawing()
            ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
            content = (written or {}).get(ws.title)
            if content is None:
                writer = WorksheetWriter(ws, out=io.BytesIO())
                writer.write()
                ws._rels, content = writer._rels, writer.out.getvalue()
            else:
                ws._rels = RelationshipList()
            self._archive.writestr(ws.path[1:], content)
            self.manifest.append(ws)

    buffer = io.BytesIO()
    InMemory(book, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED)).save()
    return buffer.getvalue()
