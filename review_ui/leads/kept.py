"""Counts kept for a moment, so that a page looked at again and again does not count the same table anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from db.quality.newest import case_spans, newest_rows

if TYPE_CHECKING:
    from sqlmodel import Session

# Counting takes at most a fiftieth of the time, and a count is never older than this while decisions come in.
TIMES_AS_LONG: Final = 50.0
LONGEST_S: Final = 60.0

Counted = TypeVar("Counted")
# Opens a read session, as `Database.read` does. Each is closed before the next: while one is open, nobody can
# decide on SQLite with the rollback journal, and everything together takes seconds at 100,000 records.
Read = Callable[[], AbstractContextManager["Session"]]


@dataclass(frozen=True)
class Kept(Generic[Counted]):
    """A count, when it was made, from which rows, how long that took; whether a newer one is on its way."""

    counts: Counted
    at: datetime
    stamp: tuple[Any, ...]
    took_s: float
    is_being_counted: bool = False

    def is_fresh(self, stamp: tuple[Any, ...], now: datetime) -> bool:
        """Whether nothing was added since, or the count is young for what it costs."""
        age_s = (now - self.at).total_seconds()
        return self.stamp == stamp or 0 <= age_s < min(LONGEST_S, TIMES_AS_LONG * self.took_s)


@dataclass
class KeptCounts:
    """One database's newest counts by name.

    A small project is counted every time, a large one once a minute, in a thread that no page waits for.

    Attributes:
        patience_s: how long a page waits for a new count before it shows the last one.
    """

    clock: Callable[[], float] = time.perf_counter
    patience_s: float = 0.2
    _kept: WeakKeyDictionary[Any, dict[str, Kept[Any]]] = field(default_factory=WeakKeyDictionary)
    _counting: WeakKeyDictionary[Any, dict[str, Future[Kept[Any]]]] = field(default_factory=WeakKeyDictionary)
    _lock: Lock = field(default_factory=Lock)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "counting"))

    def get(
        self,
        read: Read,
        name: str,
        count: Callable[[], Counted],
        *,
        now: datetime,
        by: tuple[Any, ...] = (),
    ) -> Kept[Counted] | None:
        """The kept count of this name or a new one; while that takes long the last one, or None.

        Args:
            by: what the count depends on besides the rows, such as the day.
        """
        with read() as session:
            engine = session.get_bind()
            stamp = (*by, *newest_rows(session))

        def work() -> Kept[Counted]:
            started_s = self.clock()
            counts = count()
            made = kept[name] = Kept(counts, now, stamp, self.clock() - started_s)
            return made

        with self._lock:
            kept = self._kept.setdefault(engine, {})
            counting = self._counting.setdefault(engine, {})
            found = kept.get(name)
            if found is not None and found.is_fresh(stamp, now):
                return found
            if name not in counting or counting[name].done():
                counting[name] = self._thread.submit(work)
            waited_for = counting[name]
        if wait([waited_for], self.patience_s).done:
            return waited_for.result()
        return None if found is None else replace(found, is_being_counted=True)


def in_parts(read: Read, count: Callable[[Session, range], Counted]) -> list[Counted]:
    """What is counted of all cases, a span of them at a time: nobody who decides waits for the whole."""
    with read() as session:
        spans = case_spans(session)
    found = []
    for span in spans:
        with read() as session:
            found.append(count(session, span))
    return found
