"""How far long work is: a bar on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from pipeline.commands.terminal import complain

# Without a terminal, a line at least this far apart, so that a log of an hour stays readable.
PLAIN_LINE_EVERY_S = 5.0


class Advance(Protocol):
    """Called with how much is done, and a word about how it goes."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


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

    def __call__(self, done: int, total: int, note: str = "") -> None:
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
        self._write(f"{line} ({note})" if note else line)


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
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None, note="")

        def advance(done: int, total: int, note: str = "") -> None:
            bar.update(task, completed=done, total=total, note=note)

        yield advance
