"""Rows of plain values -> CSV, JSON lines or Parquet, a batch at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from labeling.export_columns import Column, Kind
from labeling.spreadsheet_safe import spreadsheet_safe

_BATCH_ROWS = 5000

Row = Mapping[str, Any]


class FileFormat(StrEnum):
    """What an exported file may be."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


def write_rows(rows: Iterable[Row], columns: Sequence[Column], file_format: FileFormat, path: Path) -> int:
    """Write all rows to a file and say how many there were."""
    writer = {FileFormat.CSV: _csv, FileFormat.JSONL: _jsonl, FileFormat.PARQUET: _parquet}[file_format]
    return writer(rows, columns, path)


def _csv(rows: Iterable[Row], columns: Sequence[Column], path: Path) -> int:
    """UTF-8 with a header; no cell of text can run as a formula, numbers stay numbers."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in columns])
        for row in rows:
            writer.writerow([_cell(row[column.name], column.kind) for column in columns])
            count += 1
    return count


def _cell(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if kind is Kind.YES_NO:
        return "true" if value else "false"
    if kind in (Kind.TEXT, Kind.TEXTS):
        text = ";".join(value) if kind is Kind.TEXTS else str(value)
        return str(spreadsheet_safe(text))
    if kind is Kind.NUMBER:
        return repr(float(value)).removesuffix(".0")
    return str(_plain(value))


def _plain(value: Any) -> Any:
    """A value as JSON has it; times in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _jsonl(rows: Iterable[Row], columns: Sequence[Column], path: Path) -> int:
    """One JSON object a line, UTF-8; what is absent is null."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            plain = {column.name: _plain(row[column.name]) for column in columns}
            file.write(json.dumps(plain, ensure_ascii=False, allow_nan=False) + "\n")
            count += 1
    return count


def _parquet(rows: Iterable[Row], columns: Sequence[Column], path: Path) -> int:
    """Typed columns; times are UTC microseconds, lists are lists of text."""
    import pyarrow
    import pyarrow.parquet

    types = {
        Kind.INTEGER: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.TEXT: pyarrow.string(),
        Kind.YES_NO: pyarrow.bool_(),
        Kind.DATE: pyarrow.date32(),
        Kind.MOMENT: pyarrow.timestamp("us", tz="UTC"),
        Kind.TEXTS: pyarrow.list_(pyarrow.string()),
    }
    schema = pyarrow.schema([(column.name, types[column.kind]) for column in columns])
    count = 0
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        for batch in _batches(rows):
            listed = {column.name: [row[column.name] for row in batch] for column in columns}
            writer.write_table(pyarrow.table(listed, schema=schema))
            count += len(batch)
    return count


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, _BATCH_ROWS)):
        yield batch
