"""Counts kept for a moment, so that a page looked at again and again does not count the same table anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from db.quality.newest import newest_rows

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
    """A count, when it was made, from which rows, and how long that took."""

    counts: Counted
    at: datetime
    stamp: tuple[Any, ...]
    took_s: float

    def is_fresh(self, stamp: tuple[Any, ...], now: datetime) -> bool:
        """Whether nothing was added since, or the count is young for what it costs."""
        age_s = (now - self.at).total_seconds()
        return self.stamp == stamp or 0 <= age_s < min(LONGEST_S, TIMES_AS_LONG * self.took_s)


@dataclass
class KeptCounts:
    """One database's newest counts by name.

    A small project is counted every time, a large one once a minute.
    """

    clock: Callable[[], float] = time.perf_counter
    _kept: WeakKeyDictionary[Any, dict[str, Kept[Any]]] = field(default_factory=WeakKeyDictionary)
    _lock: Lock = field(default_factory=Lock)

    def get(
        self,
        read: Read,
        name: str,
        count: Callable[[], Counted],
        *,
        now: datetime,
        by: tuple[Any, ...] = (),
    ) -> Kept[Counted]:
        """The kept count of this name, or a new one.

        Args:
            by: what the count depends on besides the rows, such as the day.
        """
        with read() as session:
            engine = session.get_bind()
            stamp = (*by, *newest_rows(session))
        with self._lock:
            kept = self._kept.setdefault(engine, {})
        found = kept.get(name)
        if found is None or not found.is_fresh(stamp, now):
            started_s = self.clock()
            counts = count()
            found = kept[name] = Kept(counts, now, stamp, self.clock() - started_s)
        return found
