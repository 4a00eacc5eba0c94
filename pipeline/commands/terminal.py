"""What the verbs share on the terminal: lines, tables, JSON, progress, and how an error looks."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from db.errors import EchoDeskError

# Without a terminal, a line at least this far apart, so that a log of an hour stays readable.
PLAIN_LINE_EVERY_S = 5.0


def say(text: str = "") -> None:
    """One line on standard output."""
    print(text)


def complain(text: str) -> None:
    """One line on standard error."""
    print(text, file=sys.stderr, flush=True)


def say_json(value: Any) -> None:
    """One JSON value on one line; letters stay letters."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


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


Advance = Callable[[int, int], None]


@contextmanager
def progress(title: str, unit: str) -> Iterator[Advance]:
    """Show `advance(done, total)` as a bar with rate and time left on a terminal, as plain lines otherwise.

    On standard error, so that what a script reads on standard output stays clean.
    """
    if sys.stderr.isatty():
        with _progress_bar(title, unit) as advance:
            yield advance
    else:
        yield PlainProgress(title, unit, complain, time.monotonic)


class PlainProgress:
    """Progress as lines: the first, the last, and one every few seconds between."""

    def __init__(
        self, title: str, unit: str, write: Callable[[str], None], clock: Callable[[], float]
    ) -> None:
        self._title, self._unit, self._write, self._clock = title, unit, write, clock
        self._started_s = clock()
        self._last_line_s = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        """Say how far it is, when a line is due."""
        if not total:
            return  # nothing to do is not worth a line
        now_s = self._clock()
        if done < total and now_s - self._last_line_s < PLAIN_LINE_EVERY_S:
            return
        self._last_line_s = now_s
        elapsed_s = now_s - self._started_s
        rate = done / elapsed_s if elapsed_s > 0 else 0.0
        line = f"{self._title}: {done} of {total} {self._unit}"
        if done and rate:
            line += f", {rate:.1f} a second, {(total - done) / rate:.0f} s left"
        self._write(line)


@contextmanager
def _progress_bar(title: str, unit: str) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class RateColumn(ProgressColumn):
        """Things finished a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f} {unit}/s" if task.speed else "")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
