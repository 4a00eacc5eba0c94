"""How a long training says where it is; the command shows it, a test writes it down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Advance(Protocol):
    """Called with how much of a phase is done."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


class Reporter(Protocol):
    """Where a training says what it does."""

    def say(self, line: str) -> None:
        """One line, to be kept in sight."""
        ...

    def progress(self, title: str, unit: str) -> AbstractContextManager[Advance]:
        """A phase that takes long."""
        ...


class Silent:
    """Says nothing: all processes but the first."""

    def say(self, line: str) -> None:
        """Nothing."""

    @contextmanager
    def progress(self, title: str, unit: str) -> Iterator[Advance]:
        """Nothing."""
        del title, unit

        def advance(done: int, total: int, note: str = "") -> None:
            del done, total, note

        yield advance
