"""Which journal a SQLite file can be kept with: the write-ahead log only where it can't corrupt it."""

from __future__ import annotations

from typing import Final

# Several writers on a write-ahead log could corrupt the file in SQLite 3.7.0 to 3.51.2.
# Source: https://sqlite.org/wal.html#walresetbug; 3.50.7 carries the fix too.
WAL_FIXED_IN: Final = (3, 51, 3)
WAL_BACKPORTS: Final = ((3, 50, 7),)


def journal_for(version: tuple[int, ...]) -> str:
    """The journal mode safe with this SQLite version: `wal` where its reset bug is fixed, else `delete`."""
    backported = any(version[:2] == fixed[:2] and version >= fixed for fixed in WAL_BACKPORTS)
    return "wal" if version >= WAL_FIXED_IN or backported else "delete"
