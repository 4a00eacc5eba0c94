"""What the verbs share on the terminal: lines, tables, JSON, and how an error looks."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

import typer

from db.errors import EchoDeskError
from db.files.as_typed import as_typed

EXIT_INTERRUPTED: Final = 130

# The workspace that was named on the command line; None where none was.
_NAMED: ContextVar[Path | None] = ContextVar("workspace", default=None)


def name_workspace(folder: Path | None) -> None:
    """Have every command that is printed from now on name this folder."""
    _NAMED.set(folder)


def say(text: str = "") -> None:
    """One line on standard output; its commands can be typed as they stand."""
    print(as_typed(text, _NAMED.get()))


def complain(text: str) -> None:
    """One line on standard error; its commands can be typed as they stand."""
    print(as_typed(text, _NAMED.get()), file=sys.stderr, flush=True)


@contextmanager
def keeping_nothing() -> Iterator[None]:
    """Ctrl-C within it is told as what it is where a verb keeps nothing of what it began."""
    try:
        yield
    except KeyboardInterrupt:
        complain("\nStopped. Nothing of it is kept; the same command begins anew.")
        raise typer.Exit(EXIT_INTERRUPTED) from None


def say_json(value: Any) -> None:
    """One JSON value on one line; letters stay letters."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def without_nan(value: Any) -> Any:
    """Plain values with null for what is undefined: JSON has no NaN."""
    if isinstance(value, dict):
        return {name: without_nan(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def counted(number: int, noun: str) -> str:
    """`1 case`, `2 cases`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def show_error(error: EchoDeskError) -> None:
    """The message on one line and the hint on the next, on standard error."""
    complain(f"echodesk: {error.message}")
    if error.hint:
        complain(f"  {error.hint}")


def say_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns; numbers to the right, words to the left."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(line[column]) for line in [list(headings), *cells]) for column in range(len(headings))]
    to_right = [_is_numeric([row[column] for row in rows]) for column in range(len(headings))]

    def line(words: Sequence[str]) -> str:
        padded = [
            word.rjust(width) if right else word.ljust(width)
            for word, width, right in zip(words, widths, to_right, strict=True)
        ]
        return "  ".join(padded).rstrip()

    say(line(list(headings)))
    say("  ".join("-" * width for width in widths))
    for row in cells:
        say(line(row))


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _is_numeric(values: Sequence[object]) -> bool:
    return bool(values) and all(value is None or isinstance(value, int | float) for value in values)
