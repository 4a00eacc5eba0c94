"""A program that writes without a pause lets another in; a folder without locks changes nothing."""

from __future__ import annotations

import errno
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from db.store import next_writer as module
from db.store.engine import Database, open_database
from db.store.next_writer import next_writer
from db.workspace import Workspace

WRITINGS = 10


def write(database: Database, seconds: float = 0.0) -> None:
    with database.write() as session:
        session.execute(text("UPDATE image SET page = page WHERE 0"))
        time.sleep(seconds)


@contextmanager
def one_that_never_pauses(database: Database) -> Iterator[list[int]]:
    """Another program, as far as the file's lock goes; how often it has written."""
    count, stopped = [0], threading.Event()

    def again() -> None:
        while not stopped.is_set():
            write(database, 0.004)
            count[0] += 1

    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield count
    finally:
        stopped.set()
        thread.join()


def test_a_writer_comes_in_after_the_one_that_is_writing(sqlite_workspace: Workspace) -> None:
    busy, patient = open_database(sqlite_workspace), open_database(sqlite_workspace)
    with one_that_never_pauses(busy) as count:
        while not count[0]:
            time.sleep(0.001)
        before = count[0]
        for _ in range(WRITINGS):
            write(patient)
        assert count[0] - before <= 4 * WRITINGS
    busy.close()
    patient.close()


def test_who_waits_keeps_others_from_beginning_and_nobody_waits_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    with next_writer(file, patience_s=5):
        assert module._waited_for(tmp_path / "a.db-next", 0.0) is None
        with next_writer(file, patience_s=0.01):
            pass
    assert stat.S_IMODE((tmp_path / "a.db-next").stat().st_mode) == 0o600
    held = module._waited_for(tmp_path / "a.db-next", 0.0)
    assert held is not None
    module.os.close(held)


def test_where_there_are_no_locks_the_files_own_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr("fcntl.flock", refuse)
    with next_writer(tmp_path / "a.db", patience_s=5):
        pass
    with next_writer(tmp_path / "missing" / "a.db", patience_s=5):
        pass
