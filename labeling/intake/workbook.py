"""A workbook with cells put into it: what stands in it keeps its looks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import EchoDeskError
from labeling.intake.excel_rows import list_sheet

if TYPE_CHECKING:
    from openpyxl import Workbook

Cell = str | float | int | None
# Row and column, from 1, and what goes there.
PutCell = tuple[int, int, Cell]


def with_cells(path: Path, data: bytes, cells: Sequence[PutCell]) -> Workbook:
    """The workbook of a file with cells put into its first sheet.

    Raises:
        EchoDeskError: it can't be read as one.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged workbook makes openpyxl raise anything at all
        reason = f"the list {path} can't be read as an Excel table ({type(error).__name__})"
        raise EchoDeskError(reason, "Open it, save it again as .xlsx or CSV, and try again.") from None
    put(book, cells)
    return book


def put(book: Workbook, cells: Sequence[PutCell]) -> None:
    """Put cells into the sheet that is the list. Text stays text: no spreadsheet runs what a note says."""
    sheet = list_sheet(book)
    for row, column, value in cells:
        cell = sheet.cell(row=row, column=column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
