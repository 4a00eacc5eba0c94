"""Tables of plain values: what a spreadsheet would run is text, numbers stay numbers, three formats say the
same.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.tabular import (
    Column,
    FileFormat,
    Kind,
    csv_bytes,
    inert,
    jsonl_bytes,
    parquet_bytes,
    read_jsonl,
    write_rows,
)

# A text and the cell it is written as, in every table that EchoDesk writes for other programs.
CELLS = {
    **{text: text for text in ("-3", "-3.5", "+1", "+4.", "-1e5", "+1E-5", "-.5", "0", "1e-5")},
    **{text: text for text in ("=", ">", "<", "~", "", "EF 35-40", "a=b", "'", "35-40", "²x")},
    **{text: f"'{text}" for text in ("=1+1", "==", "= ", " =", "+", "-", "@", "-5%", "-1+1", "--1", "+1,5")},
    **{text: f"'{text}" for text in ("+cmd|' /C calc'!A0", "@SUM(A1)", "\tx", "\r=1", "\n=1", " =1")},
    **{text: f"'{text}" for text in ("\u200b=1", "\ufeff@x", "＝1+1", "＋1", "－1+1", "＠x", "−1+1", "-١")},
}

NUMBER, TEXT = Column("ef_percent", Kind.NUMBER), Column("words", Kind.TEXT)


@pytest.mark.parametrize(("text", "cell"), CELLS.items())
def test_one_rule_makes_every_cell(text: str, cell: str) -> None:
    assert inert(text) == cell
    lines = csv_bytes([{"words": text}], [TEXT]).decode()
    cell = cell.replace("\r", "\n")
    assert [row["words"] for row in csv.DictReader(io.StringIO(lines, newline=""))] == (
        [cell] if text else [""]
    )


@given(st.text(max_size=20))
def test_no_text_begins_like_a_formula_unless_it_is_a_number_or_a_lone_sign(text: str) -> None:
    safe = inert(text)
    assert safe in (text, f"'{text}")
    begins = unicodedata.normalize("NFKC", safe.lstrip(" \u00a0\u200b\u200c\u200d\u2060\ufeff\0"))[:1]
    if begins in ("=", "+", "-", "@", "\t", "\r", "\n", "\u2212") and begins and safe != "=":
        float(safe)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_numeric_cell_is_the_number(number: float) -> None:
    written = csv_bytes([{"ef_percent": number}], [NUMBER]).decode().splitlines()[1]
    assert float(written) == number


EVERY_KIND = [Column(kind.value, kind) for kind in Kind]
ROWS: list[dict[str, Any]] = [
    {
        "integer": 3, "number": 37.5, "text": "=", "yes_no": True, "date": date(2026, 3, 5),
        "moment": datetime(2026, 3, 5, 12, 30, 1, 5, tzinfo=UTC), "texts": ["anterior", "apical"],
    },
    {
        "integer": -1, "number": -60.0, "text": 'a "quote";\n', "yes_no": False, "date": date(1999, 12, 31),
        "moment": datetime(2026, 3, 5, 12, tzinfo=UTC), "texts": [],
    },
    dict.fromkeys(Kind, None),
]  # fmt: skip


def test_parquet_holds_what_the_rows_hold() -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(parquet_bytes(jsonl_bytes(ROWS, EVERY_KIND), EVERY_KIND)))
    assert table.to_pylist() == ROWS
    assert table.schema.field("moment").type == pyarrow.timestamp("us", tz="UTC")


def test_json_lines_are_read_back_with_times_as_text() -> None:
    first, _, last = read_jsonl(jsonl_bytes(ROWS, EVERY_KIND))
    assert (first["date"], first["moment"]) == ("2026-03-05", "2026-03-05T12:30:01.000005Z")
    assert last == dict.fromkeys((kind.value for kind in Kind), None)


def test_csv_cells_are_as_a_reader_expects_them() -> None:
    first, second, last = csv.DictReader(io.StringIO(csv_bytes(ROWS, EVERY_KIND).decode(), newline=""))
    assert list(first.values()) == [
        "3", "37.5", "=", "true", "2026-03-05", "2026-03-05T12:30:01.000005Z", "anterior;apical",
    ]  # fmt: skip
    assert (second["integer"], second["number"], second["texts"]) == ("-1", "-60", "")
    assert set(last.values()) == {""}


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        jsonl_bytes([{"number": value}])


@pytest.mark.parametrize("file_format", list(FileFormat))
def test_rows_are_written_as_they_come(tmp_path: Path, file_format: FileFormat) -> None:
    alive = most = 0

    class Watched(dict[str, Any]):
        def __init__(self, number: int) -> None:
            nonlocal alive
            super().__init__({"case_id": number})
            alive += 1

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal most
        for number in range(20_000):
            most = max(most, alive)
            yield Watched(number)

    columns = [Column("case_id", Kind.INTEGER)]
    assert write_rows(rows(), columns, file_format, tmp_path / "out") == 20_000
    assert most <= 10_001


@pytest.mark.parametrize("file_format", list(FileFormat))
def test_a_file_written_as_rows_come_holds_them_all(tmp_path: Path, file_format: FileFormat) -> None:
    columns, path = [NUMBER, TEXT], tmp_path / "out"
    rows = [{"ef_percent": number / 2, "words": f"row {number}"} for number in range(12_000)]
    write_rows(iter(rows), columns, file_format, path)
    if file_format is FileFormat.PARQUET:
        found: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
    elif file_format is FileFormat.XLSX:
        cells = (
            openpyxl.load_workbook(path.open("rb"), read_only=True).worksheets[0].iter_rows(values_only=True)
        )
        header = next(cells)
        found = [dict(zip(map(str, header), row, strict=True)) for row in cells]
    elif file_format is FileFormat.JSONL:
        found = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    else:
        lines = csv.DictReader(io.StringIO(path.read_text("utf-8")))
        found = [{"ef_percent": float(row["ef_percent"]), "words": row["words"]} for row in lines]
    assert found == rows
