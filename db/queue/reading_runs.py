"""How far each reading process is: a small file that it writes and holds, so that anybody can see whether it
lives.

No database: a process that is about to begin, or that cannot, has something to say, too.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError
from db.files.held import HeldFile, hold, is_held
from db.files.whole import whole_file

# Several reports a second may end; the file need not be written for each.
_TOLD_EVERY_S: Final = 0.5


@dataclass(frozen=True)
class ReadingRun:
    """One reading process as its file tells it.

    Attributes:
        done, failed: reports ended by it, out of `total`; 0 of 0 before its reader is ready.
        eta_s: seconds to go; None where it cannot be said.
        ending: `finished`, `stopped`, `failed`; empty while it has said nothing of its end.
        reason: what it ended with, for a person; only after `failed`.
        is_alive: whether its process runs. Not in the file.
    """

    name: str
    process: int
    host: str
    started_at: datetime
    told_at: datetime
    done: int = 0
    failed: int = 0
    total: int = 0
    eta_s: float | None = None
    ending: str = ""
    reason: str = ""
    is_alive: bool = False

    @property
    def is_here(self) -> bool:
        """Whether it runs on this computer."""
        return self.host == socket.gethostname()


def reading_runs(folder: Path) -> list[ReadingRun]:
    """Every run that is known of, the newest first."""
    found = [run for path in folder.glob("*.json") if (run := _read(path)) is not None]
    return sorted(found, key=lambda run: run.started_at, reverse=True)


def stop_runs(folder: Path) -> int:
    """Ask the runs of this computer to stop; they give back what they hold. How many were asked."""
    asked = 0
    for run in reading_runs(folder):
        if run.is_alive and run.is_here:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(run.process, signal.SIGTERM)
                asked += 1
    return asked


@dataclass
class RunFile:
    """What a reading process tells of itself; use it as a context: how that is left is how the run ended.

    A folder that cannot be written is no reason not to read.

    Args:
        now: the wall clock, UTC.
    """

    folder: Path
    name: str
    now: Callable[[], datetime]
    run: ReadingRun = field(init=False)
    _held: HeldFile | None = None
    _told_s: float = 0.0

    def __enter__(self) -> RunFile:
        moment = self.now()
        self.run = ReadingRun(self.name, os.getpid(), socket.gethostname(), moment, moment)
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _forget_old(self.folder)
            self._held = hold(self.folder / f"{self.name}.held")
        self._write()
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            self._end("finished")
        elif isinstance(error, KeyboardInterrupt):
            self._end("stopped")
        elif isinstance(error, EchoDeskError):
            said = ". ".join(part.rstrip(".") for part in (error.message, error.hint) if part)
            self._end("failed", f"{said}.")
        else:  # its text may hold what a report says
            self._end("failed", f"{type(error).__name__}.")
        self._write()
        if self._held is not None:
            self._held.close()

    def tell(self, *, done: int, failed: int, total: int, eta_s: float | None) -> None:
        """Say how far it is; now and then it is written down."""
        self.run = replace(self.run, done=done, failed=failed, total=total, eta_s=eta_s)
        if time.monotonic() - self._told_s >= _TOLD_EVERY_S or done + failed == total:
            self._write()

    def _end(self, ending: str, reason: str = "") -> None:
        self.run = replace(self.run, ending=ending, reason=reason, eta_s=None)

    def _write(self) -> None:
        self._told_s = time.monotonic()
        self.run = replace(self.run, told_at=self.now())
        told = {name: value for name, value in asdict(self.run).items() if name != "is_alive"}
        with suppress(OSError), whole_file(self.folder / f"{self.name}.json", overwrite=True) as path:
            path.write_text(json.dumps(told, default=lambda moment: moment.isoformat()), "utf-8")


def _read(path: Path) -> ReadingRun | None:
    """A run's file; None for one that is none."""
    try:
        told = json.loads(path.read_text("utf-8"))
        for name in ("started_at", "told_at"):
            told[name] = datetime.fromisoformat(told[name])
        return ReadingRun(**told, is_alive=is_held(path.with_suffix(".held")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _forget_old(folder: Path) -> None:
    """Remove the files of runs that have ended."""
    for path in folder.glob("*.json"):
        if not is_held(path.with_suffix(".held")):
            path.unlink(missing_ok=True)
            path.with_suffix(".held").unlink(missing_ok=True)
