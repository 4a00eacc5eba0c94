"""The processes of an extraction: started, given tasks, watched, and replaced when they die or hang."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from db.errors import EchoDeskError
from labeling.extraction.worker import CannotStart, Ready, Task, TaskOutcome, work
from labeling.readers.base import ReaderIdentity, ReaderSpec

# A reader that dies this often before it is built will not be built the next time either.
_MAX_STARTS = 3


@dataclass
class _Worker:
    process: SpawnProcess
    connection: Connection
    is_ready: bool = False
    tasks: list[Task] = field(default_factory=list)
    size: int = 0
    since_s: float = 0.0


class WorkerPool:
    """Up to `size` reading processes.

    Attributes:
        identity: the reader's, once a first process is ready; batch_size: how many reports it takes at once.
    """

    def __init__(self, spec: ReaderSpec, store_root: Path, *, size: int, item_timeout_s: float) -> None:
        self._spec = spec
        self._store_root = store_root
        self._size = size
        self._item_timeout_s = item_timeout_s
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        self.identity: ReaderIdentity | None = None
        self.batch_size = 1

    def start(self, wanted: int) -> None:
        """Bring the pool to `wanted` processes, at most `size`."""
        context = get_context("spawn")
        while len(self._workers) < min(wanted, self._size):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs, self._spec, self._store_root), daemon=True)
            with _without_interrupts():
                process.start()
            theirs.close()
            self._workers.append(_Worker(process, ours))

    def busy(self) -> int:
        """How many processes have a batch."""
        return sum(bool(worker.tasks) for worker in self._workers)

    def give(self, tasks: Sequence[Task]) -> bool:
        """Hand a batch to an idle process; False when there is none (or it has just died)."""
        for worker in self._workers:
            if worker.is_ready and not worker.tasks:
                try:
                    worker.connection.send(tuple(tasks))
                except OSError:
                    continue  # its death is reported by the next `wait`
                worker.tasks = list(tasks)
                worker.size = len(tasks)
                worker.since_s = time.monotonic()
                return True
        return False

    def wait(self, timeout_s: float) -> list[TaskOutcome]:
        """The answers that arrive within `timeout_s`, as soon as there are any.

        A process that died or took too long answers with the reason, and another takes its place.

        Raises:
            EchoDeskError: the reader can't be built, or its processes keep dying before it is.
        """
        watched = [worker.connection for worker in self._workers]
        wait(watched, timeout=max(0.0, min([timeout_s, *self._until_timeouts()])))
        answers: list[TaskOutcome] = []
        for worker in list(self._workers):
            answers.extend(self._messages(worker))
            if worker.tasks and time.monotonic() - worker.since_s > self._item_timeout_s * worker.size:
                self._kill(worker)
                answers.extend(_lost(worker, f"the reader took longer than {self._item_timeout_s:g} s"))
        return answers

    def close(self) -> None:
        """End every process at once; what they were reading is lost to them, not to the job."""
        for worker in list(self._workers):
            self._kill(worker)

    def _until_timeouts(self) -> list[float]:
        now = time.monotonic()
        return [
            worker.since_s + self._item_timeout_s * worker.size - now
            for worker in self._workers
            if worker.tasks
        ]

    def _messages(self, worker: _Worker) -> Iterator[TaskOutcome]:
        try:
            while worker.connection.poll():
                message = worker.connection.recv()
                if isinstance(message, CannotStart):
                    raise EchoDeskError(message.message, message.hint)
                if isinstance(message, Ready):
                    self._failed_starts = 0
                    worker.is_ready = True
                    self.identity = message.identity
                    self.batch_size = message.batch_size
                elif isinstance(message, TaskOutcome):
                    worker.tasks = [task for task in worker.tasks if task.item_id != message.task.item_id]
                    yield message
        except (EOFError, OSError):
            yield from self._bury(worker)

    def _bury(self, worker: _Worker) -> Iterator[TaskOutcome]:
        """A process is dead: report what it had, and start another."""
        worker.process.join(timeout=5)
        reason = f"the reading process ended ({_ending(worker.process.exitcode)})"
        self._kill(worker)
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= _MAX_STARTS:
                raise EchoDeskError(
                    f"the reader {self._spec.name!r} can't be started: {reason}",
                    "Run `echodesk doctor`; try fewer workers if memory is short.",
                )
        yield from _lost(worker, reason)

    def _kill(self, worker: _Worker) -> None:
        if worker in self._workers:
            self._workers.remove(worker)
        pid = worker.process.pid
        # The group: with the programs the process has started. It has none before it made its own.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if pid is not None and hasattr(os, "killpg") and os.getpgid(pid) == pid:
                os.killpg(pid, signal.SIGKILL)
        worker.process.kill()
        worker.process.join()
        worker.connection.close()


def _lost(worker: _Worker, reason: str) -> list[TaskOutcome]:
    """What a process had when it ended. Only one of several can be to blame, so each is tried again alone."""
    return [TaskOutcome(task, None, reason, try_alone=worker.size > 1) for task in worker.tasks]


def _ending(code: int | None) -> str:
    if code is None:
        return "it closed its line"
    if code < 0:
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let a process be born deaf to Ctrl-C, so that it prints no traceback while Python starts in it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
