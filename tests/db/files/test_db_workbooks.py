"""A table for Excel: numbers and days as such, text as text, nothing run."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl

from db.tabular import Column, FileFormat, Kind, write_rows

COLUMNS = (
    Column("n", Kind.INTEGER),
    Column("ef", Kind.NUMBER),
    Column("site", Kind.TEXT),
    Column("day", Kind.DATE),
    Column("yes", Kind.YES_NO),
    Column("walls", Kind.TEXTS),
)


def test_excel_shows_the_very_words_and_numbers(tmp_path: Path) -> None:
    rows = [
        {
            "n": 1,
            "ef": 42.5,
            "site": "Köln Ä",
            "day": date(2024, 4, 5),
            "yes": True,
            "walls": ["apical", "septal"],
        },
        {"n": 2, "ef": None, "site": "=1+1\x07", "day": None, "yes": False, "walls": []},
    ]
    assert write_rows(rows, COLUMNS, FileFormat.XLSX, tmp_path / "t.xlsx") == 2
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    assert list(sheet.iter_rows(values_only=True)) == [
        ("n", "ef", "site", "day", "yes", "walls"),
        (1, 42.5, "Köln Ä", datetime(2024, 4, 5), "true", "apical;septal"),
        (2, None, "=1+1", None, "false", None),
    ]
    assert sheet.cell(3, 3).data_type == "s"
