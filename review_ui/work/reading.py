"""Starting and stopping the reading process, and knowing what became of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from shutil import disk_usage
from threading import Lock
from typing import Final

from db.queue.reading_runs import ReadingRun, reading_runs, stop_runs
from review_ui.work.hooks import Starting, WorkHooks

# Until a started process has said something of itself; Python and the command's modules take about a second.
_PATIENCE_S: Final = 3.0
_LOOK_EVERY_S: Final = 0.1
_ROOM_BYTES: Final = 1_000_000


@dataclass
class Reading:
    """What the page works with; without hooks it only looks."""

    hooks: WorkHooks | None
    _started: Starting | None = None
    _known: frozenset[str] = frozenset()
    _lock: Lock = field(default_factory=Lock)

    @property
    def can_start(self) -> bool:
        """Whether a process can be started from here."""
        return self.hooks is not None

    def runs(self) -> list[ReadingRun]:
        """Every run that is known of, the newest first."""
        return [] if self.hooks is None else reading_runs(self.hooks.workspace.readings)

    def start(self, *, again: bool) -> None:
        """Start a process, unless one runs; waits a moment until it has said something of itself.

        Args:
            again: try what failed, too.
        """
        if self.hooks is None:
            return
        with self._lock:
            runs = self.runs()
            if any(run.is_alive for run in runs) or self.is_starting():
                return
            self._known = frozenset(run.name for run in runs)
            self._started = self.hooks.start_reading(again)
        deadline_s = time.monotonic() + _PATIENCE_S
        while self.is_starting() and time.monotonic() < deadline_s:
            time.sleep(_LOOK_EVERY_S)

    def stop(self) -> None:
        """Ask what runs on this computer to stop, and wait a moment for it."""
        if self.hooks is None:
            return
        stop_runs(self.hooks.workspace.readings)
        deadline_s = time.monotonic() + _PATIENCE_S
        while any(run.is_alive and run.is_here for run in self.runs()) and time.monotonic() < deadline_s:
            time.sleep(_LOOK_EVERY_S)

    def is_starting(self) -> bool:
        """Whether a process was started and has neither said anything of itself nor ended."""
        started = self._started
        return started is not None and not self._has_spoken() and started.ended() is None

    def failed_to_start(self) -> int | None:
        """The exit code of the process that was started last, where it ended without a word."""
        started = self._started
        return None if started is None or self._has_spoken() else started.ended()

    def has_room(self) -> bool:
        """Whether the workspace's disk has any; a reading without can say nothing of itself."""
        return self.hooks is None or disk_usage(self.hooks.workspace.root).free > _ROOM_BYTES

    def _has_spoken(self) -> bool:
        return any(run.name not in self._known for run in self.runs())
