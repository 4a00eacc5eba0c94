"""Writing together: one commit, and each writing still whole or undone for itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import event, text
from sqlmodel import select

from db.decisions import Role
from db.store.engine import Database, open_database
from db.store.together import GaveUpTogether
from db.tables.people import User
from db.users import ensure_local_user
from db.workspace import Workspace


@pytest.fixture
def files(sqlite_workspace: Workspace) -> Iterator[Database]:
    opened = open_database(sqlite_workspace)
    yield opened
    opened.close()


def add(database: Database, name: str, now: datetime) -> None:
    with database.write() as session:
        ensure_local_user(session, name=name, role=Role.ANNOTATOR, now=now)


def names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(User.name).order_by(User.name)))


def test_what_is_written_together_is_committed_once(files: Database, now: datetime) -> None:
    commits: list[int] = []
    event.listen(files._write_engine, "commit", lambda _: commits.append(1))
    with files.together():
        add(files, "ana", now)
        add(files, "ben", now)
        assert names(files) == ["ana", "ben"], "what was written is seen by the next"
        assert commits == []
    assert commits == [1]
    assert names(files) == ["ana", "ben"]


def test_one_that_fails_leaves_the_others(files: Database, now: datetime) -> None:
    with files.together():
        add(files, "ana", now)
        with pytest.raises(ZeroDivisionError), files.write() as session:
            ensure_local_user(session, name="ben", role=Role.ANNOTATOR, now=now)
            session.flush()
            raise ZeroDivisionError
        add(files, "chitra", now)
    assert names(files) == ["ana", "chitra"]


def test_nothing_is_stored_where_the_whole_fails(files: Database, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError), files.together():
        add(files, "ana", now)
        raise ZeroDivisionError
    assert names(files) == []
    add(files, "ben", now)
    assert names(files) == ["ben"], "the thread is back to one commit a writing"


def test_a_transaction_that_the_database_undid_is_not_taken_for_stored(
    files: Database, now: datetime
) -> None:
    with pytest.raises(GaveUpTogether), files.together():
        add(files, "ana", now)
        with files.read() as session:
            session.connection().exec_driver_sql("ROLLBACK")  # as SQLite does where the disk is full
    assert names(files) == []


def test_the_write_settings_hold_inside(files: Database) -> None:
    with files.together(), files.write() as session:
        assert session.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
