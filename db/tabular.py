"""Tables that other programs open: columns with type, unit and meaning; CSV, JSON lines, Parquet, XLSX.

Rows are plain values by column name. Days may be dates or text in ISO 8601, moments carry a time zone.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO, assert_never

Row = Mapping[str, Any]

_BATCH_ROWS: Final = 5000


class Kind(StrEnum):
    """The type of a column."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    YES_NO = "yes_no"
    DATE = "date"
    MOMENT = "moment"
    TEXTS = "texts"


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        meaning: in a few words; empty where the name says it.
        unit: `percent`, `mmHg`, `days`, ...; empty where there is none.
        codes: the answers it may hold; empty where they are open.
    """

    name: str
    kind: Kind
    meaning: str = ""
    unit: str = ""
    codes: tuple[str, ...] = ()


class FileFormat(StrEnum):
    """How a table is written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    XLSX = "xlsx"


def write_rows(rows: Iterable[Row], columns: Sequence[Column], file_format: FileFormat, path: Path) -> int:
    """Write rows to a file as they come, some thousands in memory at a time, and say how many there were."""
    counted = _Counted(rows)
    if file_format is FileFormat.CSV:
        with path.open("w", encoding="utf-8", newline="") as text:
            _write_csv(counted, columns, text, line_end="\r\n")
    elif file_format is FileFormat.JSONL:
        with path.open("wb") as file:
            for batch in _batches(counted):
                file.write(jsonl_bytes(batch, columns))
    elif file_format is FileFormat.PARQUET:
        with path.open("wb") as file:
            _write_parquet((jsonl_bytes(batch, columns) for batch in _batches(counted)), columns, file)
    elif file_format is FileFormat.XLSX:
        from db.files.workbooks import write_xlsx

        write_xlsx(
            ([_plain(row[column.name], column.kind) for column in columns] for row in counted), columns, path
        )
    else:
        assert_never(file_format)
    return counted.rows


def csv_bytes(rows: Sequence[Row], columns: Sequence[Column]) -> bytes:
    """UTF-8 with a header; lists joined by `;`, yes/no as `true`/`false`, no cell that a spreadsheet would
    run.
    """
    stream = io.StringIO(newline="")
    _write_csv(rows, columns, stream, line_end="\n")
    return stream.getvalue().encode()


def jsonl_bytes(rows: Iterable[Row], columns: Sequence[Column] | None = None) -> bytes:
    """One JSON object a line, UTF-8; what is absent is null, moments are in UTC."""
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_time_text).encode
    names = None if columns is None else [column.name for column in columns]
    lines = [encode(row if names is None else {name: row[name] for name in names}) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def parquet_bytes(jsonl: bytes, columns: Sequence[Column]) -> bytes:
    """The rows of a JSON-lines file with typed columns, one row group; the same rows give the same bytes."""
    stream = io.BytesIO()
    _write_parquet([jsonl], columns, stream)
    return stream.getvalue()


def read_jsonl(data: bytes) -> list[dict[str, Any]]:
    """The rows of a file made by `jsonl_bytes`; dates stay text."""
    return [json.loads(line) for line in data.decode().split("\n") if line]


# What Excel, LibreOffice and Google Sheets start a formula or a command with: = + - @, a tab or a line end.
# Then the full-width, small and mathematical forms of the four, which some imports fold to the plain ones.
_FORMULA: Final = (
    *"=+-@\t\r\n",
    *"\uff1d\uff0b\uff0d\uff20",
    *"\ufe66\ufe62\ufe63\ufe6b",
    *"\u2212\u207a\u207b\u207c",
)
# Spaces and invisible characters before the first visible one don't hide a formula.
_INVISIBLE: Final = " \u00a0\u200b\u200c\u200d\u2060\ufeff\0"
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def inert(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would otherwise run it.

    A plain number such as `-3.5` or `+1e5` stays a number, and a lone `=`, the operator of most ejection
    fractions, is no formula.
    """
    if text[:1].isalnum() or text == "=" or _NUMBER.fullmatch(text):
        return text
    return f"'{text}" if text.lstrip(_INVISIBLE).startswith(_FORMULA) else text


class _Counted:
    """Rows, counted as they go by."""

    def __init__(self, of: Iterable[Row]) -> None:
        self._of = of
        self.rows = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._of:
            self.rows += 1
            yield row


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, _BATCH_ROWS)):
        yield batch


def _write_csv(rows: Iterable[Row], columns: Sequence[Column], stream: TextIO, *, line_end: str) -> None:
    writer = csv.writer(stream, lineterminator=line_end)
    writer.writerow([column.name for column in columns])
    for batch in _batches(rows):
        told = (_cells([row[column.name] for row in batch], column.kind) for column in columns)
        writer.writerows(zip(*told, strict=True))


def _cells(values: list[Any], kind: Kind) -> list[str]:
    """A column's cells; most columns hold a few answers again and again."""
    if kind is Kind.TEXTS:
        return ["" if value is None else _text_cell(";".join(value)) for value in values]
    answers = {value: _cell(value, kind) for value in set(values)}
    return [answers[value] for value in values]


def _cell(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if kind is Kind.NUMBER:
        return repr(float(value)).removesuffix(".0")
    if kind is Kind.YES_NO:
        return "true" if value else "false"
    if isinstance(value, date):
        return _time_text(value)
    return str(value) if kind is Kind.INTEGER else _text_cell(str(value))


def _plain(value: Any, kind: Kind) -> str | float | date | None:
    """A value as a workbook keeps it: numbers and days as such, everything else as the text of the CSV."""
    if value is None or (kind in (Kind.INTEGER, Kind.NUMBER) and isinstance(value, int | float)):
        return value
    if kind is Kind.DATE:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    return ";".join(value) if kind is Kind.TEXTS else _time_or_text(value, kind)


def _time_or_text(value: Any, kind: Kind) -> str:
    return str(value) if kind is Kind.TEXT else _cell(value, kind)


def _text_cell(text: str) -> str:
    # The csv module quotes a carriage return only where lines end in one: a bare one would end the row.
    return inert(text).replace("\r\n", "\n").replace("\r", "\n")


def _time_text(value: Any) -> str:
    """A day or a moment in ISO 8601. Raises TypeError for anything else."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a table")


def _write_parquet(parts: Iterable[bytes], columns: Sequence[Column], file: BinaryIO) -> None:
    """Typed columns, one row group for each part of JSON lines; days are days and moments UTC microseconds.

    Made from JSON lines rather than from Python values: that is faster, and the two files cannot differ.
    """
    import pyarrow
    import pyarrow.json
    import pyarrow.parquet

    text = pyarrow.string()
    types = {
        Kind.INTEGER: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.TEXT: text,
        Kind.YES_NO: pyarrow.bool_(),
        Kind.DATE: pyarrow.date32(),
        Kind.MOMENT: pyarrow.timestamp("us", tz="UTC"),
        Kind.TEXTS: pyarrow.list_(text),
    }
    written = {kind: text if kind in (Kind.DATE, Kind.MOMENT) else kept for kind, kept in types.items()}
    source = pyarrow.schema([(column.name, written[column.kind]) for column in columns])
    schema = pyarrow.schema([(column.name, types[column.kind]) for column in columns])
    with pyarrow.parquet.ParquetWriter(file, schema, compression="zstd", store_schema=False) as writer:
        for lines in parts:
            table = source.empty_table() if not lines else pyarrow.json.read_json(
                io.BytesIO(lines),
                read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
                parse_options=pyarrow.json.ParseOptions(
                    explicit_schema=source, unexpected_field_behavior="error"
                ),
            )  # fmt: skip
            typed = table.select(schema.names).cast(schema)
            writer.write_table(typed, row_group_size=max(1, typed.num_rows))
