"""Rows of plain values -> an XLSX file, text as text and nothing run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
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
    with path.open("wb") as file:
        book.save(file)
