"""The extraction job: every case that has no draft by this reader at this version gets one.

It can be stopped or killed at any moment and started again: an item is leased before it is read, and its
draft, its end and its event are stored in one transaction, so nothing stored is lost or read again. Items a
killed run held come back when their leases run out; a live run renews its own.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from db.cases import case_images, get_case
from db.decisions import ImageRole, ItemState
from db.errors import EchoDeskError
from db.queue.extraction_items import (
    complete_item,
    fail_item,
    is_item,
    lease_items,
    release_items,
    renew_items,
)
from db.queue.extraction_plan import count_items, failures, plan_items
from db.queue.extraction_plan import retry_failed as retry_failed_items
from labeling.extraction.drafting import draft_of_reading, reading_code_version
from labeling.extraction.pool import WorkerPool
from labeling.extraction.report import ExtractProgress, ExtractSummary
from labeling.extraction.worker import Task, TaskOutcome

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.store.images import ImageStore
    from labeling.readers.base import ReaderIdentity, ReaderSpec
    from labeling.trust.light import Calibration

# While another run holds the last items, look again this often.
_POLL_S = 0.5
# The same complaint from the reader about this many reports, and no success, is about the reader.
_SAME_COMPLAINTS = 3


def new_run_id() -> str:
    """A name for one run that no other run has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def extract(
    database: Database,
    store: ImageStore,
    *,
    reader_factory: ReaderSpec,
    workers: int = 1,
    retry_failed: bool = False,
    item_timeout_s: float = 300.0,
    lease_s: float = 30.0,
    clock: Callable[[], datetime] | None = None,
    on_progress: Callable[[ExtractProgress], None] | None = None,
    run_id: str | None = None,
    code_version: str | None = None,
    calibration_for: Callable[[ReaderIdentity], Calibration | None] | None = None,
) -> ExtractSummary:
    """Read every case that waits for this reader.

    Args:
        workers: reading processes.
        retry_failed: also try again what failed in earlier runs.
        item_timeout_s: a report that takes longer fails; its process is replaced.
        lease_s: how soon another run may take over what this one holds, should it be killed.
        clock, run_id, code_version: for tests; the clock is otherwise the database's.
        calibration_for: finds what earlier reviews say about a reader, for the lights.

    Raises:
        EchoDeskError: the reader can't be built, fails on every report for the same reason of its own, or
            can't be used any more; no report fails for that.
        KeyboardInterrupt: passed on after the leases were given back.
    """
    if workers < 1:
        raise EchoDeskError("at least one worker is needed", "Use --workers 1 or more.")
    pool = WorkerPool(reader_factory, store.root, size=workers, item_timeout_s=item_timeout_s)
    job = _Job(
        database=database,
        pool=pool,
        workers=workers,
        lease_s=lease_s,
        clock=clock or database.shared_clock(),
        on_progress=on_progress,
        run_id=run_id or new_run_id(),
        code_version=code_version or reading_code_version(),
        calibration_for=calibration_for or (lambda _: None),
    )
    try:
        return job.run(retry=retry_failed)
    finally:
        pool.close()
        with database.write() as session:
            release_items(session, worker=job.run_id)


@dataclass
class _Job:
    """One run of the job, in one thread; all database work is done here and not in the workers."""

    database: Database
    pool: WorkerPool
    workers: int
    lease_s: float
    clock: Callable[[], datetime]
    on_progress: Callable[[ExtractProgress], None] | None
    run_id: str
    code_version: str
    calibration_for: Callable[[ReaderIdentity], Calibration | None]
    calibration: Calibration | None = None
    done: int = 0
    failed: int = 0
    total: int = 0
    started_s: float = field(default_factory=time.monotonic)
    renewed_s: float = field(default_factory=time.monotonic)
    empty_since_s: float = float("-inf")
    waiting: deque[Task] = field(default_factory=deque)
    complaints: list[TaskOutcome] = field(default_factory=list)
    unavailable: TaskOutcome | None = None

    def run(self, *, retry: bool) -> ExtractSummary:
        """Plan, read everything, sum up."""
        identity = self._reader_ready()
        self.calibration = self.calibration_for(identity)
        names = {"reader": identity.name, "reader_version": identity.version}
        with self.database.write() as session:
            retried = retry_failed_items(session, **names) if retry else 0
            plan_items(session, **names)
            before = count_items(session, **names)
        self.total = before[ItemState.PENDING] + before[ItemState.LEASED]
        self.pool.start(self.total)
        self.started_s = time.monotonic()
        self._tell(identity)
        while self._step(identity):
            pass
        with self.database.read() as session:
            failed_items = failures(session, **names)
        return ExtractSummary(
            reader=identity.name,
            reader_version=identity.version,
            done=self.done,
            failed=self.failed,
            already_done=before[ItemState.DONE],
            retried=retried,
            elapsed_s=time.monotonic() - self.started_s,
            failures=failed_items,
        )

    def _reader_ready(self) -> ReaderIdentity:
        """Start the first process and learn who the reader is; a model may take minutes to load."""
        while self.pool.identity is None:
            self.pool.start(1)
            self.pool.wait(1.0)
        return self.pool.identity

    def _step(self, identity: ReaderIdentity) -> bool:
        """Hand out, wait, store; False when everything is done."""
        if self.unavailable is None:
            self._lease(identity)
            while self.waiting and self.pool.give(batch := self._next_batch()):
                for _ in batch:
                    self.waiting.popleft()
        elif not self.pool.busy():
            raise EchoDeskError(self.unavailable.error, self.unavailable.hint)
        if not self.waiting and not self.pool.busy():
            if self.complaints:
                self._settle_complaints(is_reader_well=False)
            if self._nothing_left(identity):
                return False
        for answer in self.pool.wait(min(_POLL_S, self.lease_s / 3)):
            self._take(answer, identity)
            self._tell(identity)
        self.pool.start(max(1, len(self.waiting) + self.pool.busy()))  # in place of those that died
        if time.monotonic() - self.renewed_s > self.lease_s / 3:
            self.renewed_s = time.monotonic()
            with self.database.write() as session:
                renew_items(session, worker=self.run_id, now=self.clock(), lease_s=self.lease_s)
        return True

    def _next_batch(self) -> list[Task]:
        """The next reports to hand over together; one that is to be read alone is a batch of its own."""
        batch: list[Task] = []
        for task in self.waiting:
            if batch and (task.is_alone or batch[0].is_alone or len(batch) >= self.pool.batch_size):
                break
            batch.append(task)
        return batch

    def _lease(self, identity: ReaderIdentity) -> None:
        """Keep one batch ahead for every process, so that none waits for the database."""
        ahead = self.workers * self.pool.batch_size
        if len(self.waiting) >= ahead or time.monotonic() - self.empty_since_s < _POLL_S:
            return
        wanted = 2 * ahead - len(self.waiting)
        with self.database.write() as session:
            items = lease_items(
                session,
                reader=identity.name,
                reader_version=identity.version,
                worker=self.run_id,
                limit=wanted,
                now=self.clock(),
                lease_s=self.lease_s,
            )
            for item in items:
                pages = case_images(session, case_id=item.case_id, role=ImageRole.REPORT)
                self.waiting.append(Task(item.item_id, item.case_id, tuple(page.sha256 for page in pages)))
        if len(items) < wanted:
            self.empty_since_s = time.monotonic()

    def _nothing_left(self, identity: ReaderIdentity) -> bool:
        with self.database.read() as session:
            counts = count_items(session, reader=identity.name, reader_version=identity.version)
        return counts[ItemState.PENDING] + counts[ItemState.LEASED] == 0

    def _take(self, answer: TaskOutcome, identity: ReaderIdentity) -> None:
        if answer.reading is not None:
            self._settle_complaints(is_reader_well=True)
            self._store(answer, identity)
        elif self._is_gone(answer):
            self.total -= 1
        elif answer.is_unavailable:
            self.unavailable = answer  # hand out nothing more, store what is still coming, and then say so
        elif answer.try_alone:
            self.waiting.append(replace(answer.task, is_alone=True))
        elif answer.hint and self.done == 0:
            # The reader says what to put right: it may be about this report or about the reader. Wait and
            # see.
            self.complaints.append(answer)
            if len(self.complaints) >= _SAME_COMPLAINTS:
                self._settle_complaints(is_reader_well=False)
        else:
            self._fail(answer, answer.error)

    def _is_gone(self, answer: TaskOutcome) -> bool:
        """Whether the record of a report that was not read is gone: its patient withdrew their consent."""
        with self.database.read() as session:
            return not is_item(session, item_id=answer.task.item_id)

    def _settle_complaints(self, *, is_reader_well: bool) -> None:
        """Fail the reports complained about, or stop with the complaint when it is the same about all of
        them.
        """
        complaints, self.complaints = self.complaints, []
        if complaints and not is_reader_well and len({answer.error for answer in complaints}) == 1:
            raise EchoDeskError(complaints[0].error, complaints[0].hint)
        for answer in complaints:
            self._fail(answer, answer.error)

    def _store(self, answer: TaskOutcome, identity: ReaderIdentity) -> None:
        from sqlalchemy.exc import DataError, IntegrityError

        reading = answer.reading
        try:
            with self.database.write() as session:
                case = get_case(session, case_id=answer.task.case_id)
                if reading is None or case is None:
                    raise ValueError("there is nothing to store")
                draft = draft_of_reading(
                    reading,
                    case_id=answer.task.case_id,
                    report_sha256=case.report_sha256,
                    identity=identity,
                    code_version=self.code_version,
                    elapsed_s=answer.elapsed_s,
                    calibration=self.calibration,
                )
                complete_item(
                    session, item_id=answer.task.item_id, worker=self.run_id, draft=draft, now=self.clock()
                )
        except (ValueError, TypeError, IntegrityError, DataError) as error:
            self._fail(answer, f"the reading can't be stored ({type(error).__name__})")
        else:
            self.done += 1

    def _fail(self, answer: TaskOutcome, reason: str) -> None:
        with self.database.write() as session:
            is_kept = fail_item(
                session, item_id=answer.task.item_id, worker=self.run_id, error=reason, now=self.clock()
            )
        if is_kept:
            self.failed += 1
        else:
            self.total -= 1

    def _tell(self, identity: ReaderIdentity) -> None:
        if self.on_progress is None:
            return
        self.on_progress(
            ExtractProgress.after(
                time.monotonic() - self.started_s,
                done=self.done,
                failed=self.failed,
                total=self.total,
                reader=f"{identity.name} {identity.version}",
            )
        )
