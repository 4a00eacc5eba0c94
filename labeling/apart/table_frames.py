"""Tables as a decoding process sends them: rows of text cells, or a whole workbook with cells added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from db.apart.frames import Frame
from db.files.workbooks import workbook_bytes
from labeling.intake.manifest_table import Row, read_list

_ROWS_A_FRAME: Final = 2000


def rows_of(path: Path) -> Iterator[Frame]:
    """What to know of a CSV or XLSX file, then its rows."""
    rows, notes = read_list(path)
    yield Frame({"rows": [], "notes": notes})
    yield from _framed(rows)


def _framed(rows: Sequence[Row]) -> Iterator[Frame]:
    for start in range(0, len(rows), _ROWS_A_FRAME):
        yield Frame({"rows": rows[start : start + _ROWS_A_FRAME]})


def workbook_of(path: Path, data: bytes, cells: Sequence[tuple[int, int, Any]]) -> Frame:
    """A workbook with cells put into its first sheet: row, column, value each."""
    from labeling.intake.workbook import with_cells

    written = workbook_bytes(with_cells(path, data, cells))
    return Frame({}, len(written), (written,))
