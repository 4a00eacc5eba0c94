"""Opening, settings, transactions."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from db_rows import World
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from db.errors import EchoDeskError
from db.files.journal import journal_for
from db.store.engine import Database, database_url, open_database, utc_now
from db.tables.people import User
from db.workspace import Workspace


@pytest.mark.parametrize(
    ("version", "journal"),
    [
        ((3, 40, 1), "delete"),
        ((3, 50, 4), "delete"),
        ((3, 50, 7), "wal"),
        ((3, 51, 2), "delete"),
        ((3, 51, 3), "wal"),
        ((3, 53, 0), "wal"),
        ((4, 0, 0), "wal"),
    ],
)
def test_the_write_ahead_log_is_used_only_where_its_reset_bug_is_fixed(
    version: tuple[int, ...], journal: str
) -> None:
    assert journal_for(version) == journal


def test_sqlite_runs_with_safe_settings(sqlite_workspace: Workspace) -> None:
    database = open_database(sqlite_workspace)
    wanted = {
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "synchronous": 2,
        "trusted_schema": 0,
        "recursive_triggers": 1,
    }
    for open_session in (database.write, database.read):
        with open_session() as session:
            found = {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted}
        assert found == wanted
    with database.read() as session:
        assert session.execute(text("PRAGMA query_only")).scalar_one() == 1
        assert session.execute(text("PRAGMA journal_mode")).scalar_one() == database.journal
    assert database.journal == journal_for(sqlite3.sqlite_version_info)
    database.close()


def test_a_write_ahead_log_left_by_another_program_is_put_right(sqlite_workspace: Workspace) -> None:
    with sqlite3.connect(sqlite_workspace.database_file) as connection:
        assert connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    connection.close()
    database = open_database(sqlite_workspace)
    assert database.journal == journal_for(sqlite3.sqlite_version_info)
    database.close()


def test_sqlite_takes_the_write_lock_before_the_first_statement(sqlite_workspace: Workspace) -> None:
    database = open_database(sqlite_workspace)
    with database.write():
        other = sqlite3.connect(sqlite_workspace.database_file, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    database.close()


def test_a_reader_cannot_write(database: Database, now: datetime) -> None:
    with pytest.raises(DBAPIError, match="(?i)read-?only"), database.read() as session:
        session.add(User(name="eve", created_at=now))
        session.flush()
    with database.read() as session:
        assert session.exec(select(User)).all() == []


def test_a_failed_write_leaves_nothing(database: Database, now: datetime) -> None:
    with pytest.raises(RuntimeError, match="stop"), database.write() as session:
        session.add(User(name="eve", created_at=now))
        session.flush()
        raise RuntimeError("stop")
    with database.read() as session:
        assert session.exec(select(User)).all() == []


def test_rows_stay_readable_after_their_transaction(world: World, database: Database) -> None:
    number = world.user("ana")
    with database.read() as session:
        found = session.get(User, number)
    assert found is not None
    assert found.name == "ana"


def test_a_reader_sees_one_moment(world: World, database: Database) -> None:
    if database.dialect == "sqlite" and database.journal == "delete":
        return  # there a reader makes the writer wait instead
    with database.read() as session:
        before = len(session.exec(select(User)).all())
        world.user("ana")
        assert len(session.exec(select(User)).all()) == before


def test_times_come_back_aware_in_utc(database: Database) -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    given = datetime(2026, 3, 4, 1, 2, 3, 456789, tzinfo=kolkata)
    with database.write() as session:
        session.add(User(name="ana", created_at=given))
    with database.read() as session:
        found = session.exec(select(User.created_at)).one()
    assert found == given
    assert found.tzinfo is UTC


def test_a_new_workspace_is_for_its_owner_alone(tmp_path: Path) -> None:
    workspace = Workspace(workspace=tmp_path / "deep" / "workspace")
    open_database(workspace).close()
    assert stat.S_IMODE(workspace.root.stat().st_mode) == 0o700
    assert stat.S_IMODE(workspace.images.stat().st_mode) == 0o700
    assert workspace.images.is_dir()


def test_a_folder_that_was_there_before_is_closed_to_others(tmp_path: Path) -> None:
    workspace = Workspace(workspace=tmp_path / "made by hand")
    workspace.root.mkdir(mode=0o755)
    workspace.root.chmod(0o755)
    open_database(workspace).close()
    assert stat.S_IMODE(workspace.root.stat().st_mode) == 0o700


def test_opening_twice_at_once_makes_the_tables_once(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    workspace = Workspace(workspace=tmp_path / "workspace")
    with ThreadPoolExecutor(4) as pool:
        opened = [future.result() for future in [pool.submit(open_database, workspace) for _ in range(4)]]
    with opened[0].read() as session:
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    for database in opened:
        database.close()
    assert not workspace.backups.exists()


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("postgres://ana@host/x", "postgresql+psycopg://ana@host/x"),
        ("postgresql://ana@host/x", "postgresql+psycopg://ana@host/x"),
        ("postgresql+psycopg2://ana@host/x", "postgresql+psycopg://ana@host/x"),
        ("sqlite:////data/x.db", "sqlite:////data/x.db"),
    ],
)
def test_any_spelling_of_an_address_gets_our_driver(address: str, meant: str) -> None:
    assert str(database_url(Workspace(database_url=address))) == meant


@pytest.mark.parametrize("name", ["a%20b", "a?b", "a?mode=ro", "100%", "x%3Fy#z & ç"])
def test_the_database_lies_in_the_folder_that_was_named(name: str, tmp_path: Path) -> None:
    open_database(Workspace(workspace=tmp_path / name)).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "echodesk.db").is_file()


@pytest.mark.parametrize("address", ["mysql://a@b/c", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_an_address_we_cannot_use_is_refused_with_a_hint(address: str, tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError) as caught:
        open_database(Workspace(workspace=tmp_path, database_url=address))
    assert "ECHODESK_DATABASE_URL" in caught.value.hint


def test_a_server_that_is_not_there_is_named_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    address = "postgresql://ana:opensesame@127.0.0.1:1/x?connect_timeout=2"
    with pytest.raises(EchoDeskError) as caught:
        open_database(Workspace(workspace=tmp_path, database_url=address))
    assert "127.0.0.1" in caught.value.message
    assert "opensesame" not in str(caught.value) + caught.value.hint


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    workspace = Workspace(workspace=tmp_path)
    workspace.database_file.write_bytes(b"this is not a database, but somebody needs it" * 50)
    before = workspace.database_file.read_bytes()
    with pytest.raises(EchoDeskError, match="cannot be opened"):
        open_database(workspace)
    assert workspace.database_file.read_bytes() == before


def test_machines_whose_clocks_differ_agree_on_the_time_of_their_database(database: Database) -> None:
    ahead = timedelta(hours=3)
    clock = database.shared_clock(lambda: utc_now() + ahead)
    expected = utc_now() if database.dialect == "postgresql" else utc_now() + ahead
    assert abs(clock() - expected) < timedelta(minutes=5)
    assert clock().utcoffset() == timedelta(0)
