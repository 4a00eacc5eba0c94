"""What rows leave behind is written over with either journal, or it is said who stood in the way."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from desk_work import NOW
from one_patient import MARK, PATIENT, files_holding, fill, leave_traces, pragma, rows_of
from sqlalchemy import text

from db.consent.removing import TABLES, withdraw_consent
from db.errors import EchoDeskError
from db.events import verify_database
from db.store.engine import Database, open_database
from db.store.key_mark import check_key, key_mark, mark_database
from db.store.scrub import scrub
from db.workspace import Workspace


def withdrawn(database: Database, workspace: Workspace) -> list[int]:
    theirs = fill(database, workspace)
    withdraw_consent(database, workspace, patient_key=PATIENT, actor="lead", now=NOW)
    return theirs


def test_with_the_write_ahead_log_nothing_stays_in_it(
    sqlite_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.engine.journal_for", lambda _: "wal")
    database = open_database(sqlite_workspace)
    assert database.journal == "wal"
    with closing(sqlite3.connect(sqlite_workspace.database_file, isolation_level=None)) as another:
        another.execute("SELECT count(*) FROM event").fetchall()  # connected, and not looking just now
        theirs = fill(database, sqlite_workspace)
        leave_traces(sqlite_workspace, theirs[0], MARK)
        assert "echodesk.db-wal" in files_holding(database, sqlite_workspace, MARK)
        withdraw_consent(database, sqlite_workspace, patient_key=PATIENT, actor="lead", now=NOW)
        scrub(database, TABLES)
        assert files_holding(database, sqlite_workspace, MARK) == []
        assert another.execute("SELECT count(*) FROM draft").fetchone()[0] == 9
    assert verify_database(database).reason == ""
    database.close()


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_who_keeps_a_view_of_sqlite_open_is_waited_for_and_then_told_of(
    sqlite_workspace: Workspace, journal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.engine.journal_for", lambda _: journal)
    database = open_database(sqlite_workspace, patience_s=0.2)
    theirs = withdrawn(database, sqlite_workspace)
    with closing(sqlite3.connect(sqlite_workspace.database_file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM event").fetchone()
        with pytest.raises(EchoDeskError, match="could not be written over") as caught:
            scrub(database, TABLES, patience_s=0.2)
        reader.execute("ROLLBACK")
    assert "records themselves are gone" in caught.value.hint
    assert set(rows_of(database, theirs).values()) == {0}
    scrub(database, TABLES, patience_s=5)
    assert files_holding(database, sqlite_workspace, MARK) == []
    database.close()


@pytest.mark.postgres
def test_who_keeps_a_view_of_postgresql_open_is_waited_for_and_then_told_of(
    postgres_workspace: Workspace,
) -> None:
    """Rows that somebody can still see would be carried along into the new files."""
    database = open_database(postgres_workspace)
    fill(database, postgres_workspace)
    with database.read() as session:
        session.execute(text("SELECT count(*) FROM app_user"))  # no table that is written anew
        withdraw_consent(database, postgres_workspace, patient_key=PATIENT, actor="lead", now=NOW)
        with pytest.raises(EchoDeskError, match="view of it open"):
            scrub(database, TABLES, patience_s=0.3)
    scrub(database, TABLES, patience_s=5)
    assert files_holding(database, postgres_workspace, MARK) == []
    with database.write() as session:  # its connection serves again as before
        session.execute(text("SELECT 1"))
    assert verify_database(database).reason == ""
    database.close()


@pytest.mark.postgres
def test_who_holds_a_table_of_postgresql_is_waited_for_and_then_told_of(
    postgres_workspace: Workspace,
) -> None:
    database, another = open_database(postgres_workspace), open_database(postgres_workspace)
    withdrawn(database, postgres_workspace)
    with another.write() as session:
        session.execute(text("LOCK TABLE review IN ACCESS SHARE MODE"))
        with pytest.raises(EchoDeskError, match="LockNotAvailable"):
            scrub(database, TABLES, patience_s=0.3)
    scrub(database, TABLES, patience_s=5)
    assert files_holding(database, postgres_workspace, MARK) == []
    another.close()
    database.close()


def test_the_mark_of_the_key_stays_in_the_file(sqlite_workspace: Workspace) -> None:
    database = open_database(sqlite_workspace)
    with database.write() as session:
        mark_database(session, b"k" * 32)
    withdrawn(database, sqlite_workspace)
    scrub(database, TABLES)
    assert pragma(sqlite_workspace, "user_version") == key_mark(b"k" * 32)
    with database.read() as session:
        check_key(session, b"k" * 32, sqlite_workspace)
        with pytest.raises(EchoDeskError, match="is not the key"):
            check_key(session, b"x" * 32, sqlite_workspace)
    database.close()
