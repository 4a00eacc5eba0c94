"""Rows of plain values -> an XLSX file, text as text and nothing run."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from openpyxl import Workbook

    from db.tabular import Column

# What XML can't hold.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# A sheet holds no more in one cell.
_MOST_CHARACTERS: Final = 32_767


def write_xlsx(
    rows: Iterable[Sequence[str | float | date | None]], columns: Sequence[Column], path: Path
) -> None:
    """Write one sheet with a header, row by row; no cell is a formula, whatever it begins with."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("EchoDesk")
    _keep_in_memory(sheet)
    sheet.append([column.name for column in columns])

    def cell(value: str | float | date | None) -> object:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, value="")
        made.value = _CONTROL.sub("", value)[:_MOST_CHARACTERS]
        made.data_type = "s"
        return made

    for row in rows:
        sheet.append([cell(value) for value in row])
    path.write_bytes(workbook_bytes(book))


def workbook_bytes(book: Workbook) -> bytes:
    """The whole XLSX file of a workbook.

    What openpyxl itself does writes every sheet to the folder for temporary files first, which a program that
    is killed leaves there for everybody to find.
    """
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class InMemory(ExcelWriter):  # type: ignore[misc]  # openpyxl has no types
        def write_worksheet(self, ws: Any) -> None:
            ws._drawing = SpreadsheetDrawing()
            ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
            if self.workbook.write_only:
                if not ws.closed:
                    ws.close()
                writer = ws._writer
            else:
                writer = WorksheetWriter(ws, out=io.BytesIO())
                writer.write()
            ws._rels = writer._rels
            self._archive.writestr(ws.path[1:], writer.out.getvalue())
            self.manifest.append(ws)

    buffer = io.BytesIO()
    InMemory(book, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED)).save()
    return buffer.getvalue()


def _keep_in_memory(sheet: Any) -> None:
    """Have a sheet that is written row by row collect them here."""
    from openpyxl.worksheet._writer import WorksheetWriter

    sheet._writer = WorksheetWriter(sheet, out=io.BytesIO())
    sheet._writer.write_top()
