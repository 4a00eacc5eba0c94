"""Writers and readers of one process take turns in the order they came, instead of polling the file's lock.

SQLite lets one writer in at a time, and with the rollback journal no reader during its commit. Who finds the
file locked sleeps and tries again, longer each time, with no order among those who wait: with sixteen people
at once that was measured at 21 decisions a second, the slowest of twenty taking 4 s. Programs take
turns with each other in `next_writer`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(eq=False)
class _Waiting:
    is_writer: bool
    called: threading.Event = field(default_factory=threading.Event)


class Turns:
    """First come, first served: readers next to each other go together, a writer goes alone.

    A thread that already has a turn goes straight on, so that a reading inside a writing cannot wait for
    itself. Nobody waits longer than `patience_s`: after that the file's own lock decides, as without turns.

    Args:
        journal: as in `Database`: with `delete` a writer and readers wait for each other, with `wal` writers
            for each other alone, and without one (PostgreSQL has an order of its own) nobody waits.
        patience_s: longest wait for a turn, seconds.
    """

    def __init__(self, journal: str, *, patience_s: float) -> None:
        self._patience_s = patience_s
        self._writers_wait = bool(journal)
        self._readers_wait = self._writers_wait and journal != "wal"
        self._lock = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._readers = 0
        self._is_writing = False
        self._own = threading.local()

    @property
    def waiting(self) -> int:
        """How many wait for a turn just now."""
        return len(self._queue)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A turn alone."""
        with self._turn(is_writer=True, waits=self._writers_wait):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A turn together with other readers."""
        with self._turn(is_writer=False, waits=self._readers_wait):
            yield

    @contextmanager
    def _turn(self, *, is_writer: bool, waits: bool) -> Iterator[None]:
        if not waits or getattr(self._own, "has_turn", False):
            yield
            return
        was_called = self._wait(_Waiting(is_writer))
        self._own.has_turn = True
        try:
            yield
        finally:
            self._own.has_turn = False
            if was_called:
                self._leave(is_writer)

    def _wait(self, place: _Waiting) -> bool:
        """Wait to be called; False when patience ran out first."""
        with self._lock:
            self._queue.append(place)
            self._call()
        if place.called.wait(self._patience_s):
            return True
        with self._lock:
            if place.called.is_set():  # called at the last moment
                return True
            self._queue.remove(place)
            self._call()  # those behind may have waited for this place alone
        return False

    def _leave(self, is_writer: bool) -> None:
        with self._lock:
            if is_writer:
                self._is_writing = False
            else:
                self._readers -= 1
            self._call()

    def _call(self) -> None:
        """Call whoever may go now, from the front of the queue on."""
        while self._queue and not self._is_writing:
            if self._queue[0].is_writer:
                if self._readers:
                    return
                self._is_writing = True
                self._queue.popleft().called.set()
                return
            self._readers += 1
            self._queue.popleft().called.set()
