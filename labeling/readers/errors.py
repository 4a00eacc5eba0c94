"""An unexpected error of a reader, told without the words it may carry from the report."""

from __future__ import annotations

import traceback
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def describe_failure(error: BaseException) -> str:
    """Such as `the reader failed (KeyError, labeling/readers/parse.py line 41)`: its kind and our last line
    on the way.

    The text of the error is left out: it may quote the report.
    """
    ours = [
        f"{Path(frame.filename).relative_to(_ROOT).as_posix()} line {frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_ROOT) and "site-packages" not in frame.filename
    ]
    place = f", {ours[-1]}" if ours else ""
    return f"the reader failed ({type(error).__name__}{place})"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on the CPU or on a GPU; torch has no one kind for it."""
    if isinstance(error, MemoryError):
        return True
    if not isinstance(error, RuntimeError):
        return False
    text = str(error).lower()
    return "out of memory" in text or "can't allocate memory" in text or "cannot allocate memory" in text
