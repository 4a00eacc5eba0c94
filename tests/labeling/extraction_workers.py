"""Extraction workers as processes of their own over PostgreSQL, each asking a model server; made to be
killed.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from extraction_runs import NOW
from PIL import Image
from sqlmodel import func, select
from stub_server import ef_of_grey

from db.cases import register_case
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tables.drafts import Draft
from db.workspace import Workspace
from labeling.extraction.job import extract
from labeling.readers.base import ReaderSpec
from labeling.readers.remote.servers import Patience

LEASE_S = 2.0


def add_grey_cases(database: Database, store: ImageStore, count: int) -> dict[int, int]:
    """Register cases with one page of one colour each; case id -> the EF the stub server reads from it."""
    added: dict[int, int] = {}
    with database.write() as session:
        for number in range(count):
            colour = (number % 256, 40 + number // 256, number * 7 % 256)
            image = Image.new("RGB", (28, 28), colour)
            stored = store.put(image, original_sha256=f"{number:064x}", page=1, lossy=False)
            case, _ = register_case(
                session,
                patient_key=f"{number:064x}",
                site="",
                is_synthetic=True,
                report_images=[stored],
                ecg_images=[],
                report_date=None,
                ecg_date=None,
                now=NOW,
            )
            added[int(case.id or 0)] = ef_of_grey(image.convert("L").getpixel((0, 0)))  # type: ignore[arg-type]
    return added


def reader_options(urls: list[str], **more: Any) -> dict[str, Any]:
    """Options of a remote reader with small pages."""
    patience = Patience(timeout_s=20, give_up_s=60, start_s=30, first_wait_s=0.05, first_cool_down_s=0.1)
    return {"urls": urls, "min_pixels": 784, "max_pixels": 784, "concurrency": 4, "patience": patience} | more


def run_worker(root: Path, database_url: str, options: dict[str, Any]) -> None:
    """One `echodesk extract --reader remote`: the real job, until nothing waits."""
    os.setsid()
    workspace = Workspace(workspace=root, database_url=database_url)
    database = open_database(workspace)
    try:
        extract(
            database,
            ImageStore(workspace.images),
            reader_factory=ReaderSpec("remote", options),
            workers=1,
            lease_s=LEASE_S,
        )
    finally:
        database.close()


@dataclass
class Crew:
    """Some workers on one workspace, and a way to kill them."""

    workspace: Workspace
    options: dict[str, Any]
    alive: list[ForkServerProcess] = field(default_factory=list)
    kills: int = 0

    def start(self, count: int) -> None:
        """Start more workers."""
        processes = multiprocessing.get_context("forkserver")
        processes.set_forkserver_preload(["extraction_workers", "sqlalchemy.dialects.postgresql.psycopg"])
        for _ in range(count):
            process = processes.Process(
                target=run_worker, args=(self.workspace.root, self.workspace.database_url, self.options)
            )
            process.start()
            self.alive.append(process)

    def kill_one(self, chance: random.Random) -> None:
        """Kill -9 one of them, as a power cut would, and start another in its place."""
        victim = self.alive.pop(chance.randrange(len(self.alive)))
        os.kill(int(victim.pid or 0), signal.SIGKILL)
        victim.join()
        assert victim.exitcode == -signal.SIGKILL, "it was to be killed at work"
        self.kills += 1
        self.start(1)

    def join(self, limit_s: float) -> list[int | None]:
        """Wait for all to end; their exit codes."""
        end = time.monotonic() + limit_s
        for process in self.alive:
            process.join(max(0.0, end - time.monotonic()))
        return [process.exitcode for process in self.alive]

    def end(self) -> None:
        """Kill what is left."""
        for process in self.alive:
            process.kill()
            process.join()


def stored(database: Database) -> int:
    """How many drafts there are."""
    with database.read() as session:
        return int(session.exec(select(func.count()).select_from(Draft)).one())


def wait_for(condition: Callable[[], object], limit_s: float) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)
