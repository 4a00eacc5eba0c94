"""A backup is whole or not made; a restore keeps what it replaces."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import threading
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from db_rows import World
from postgres_server import PostgresServer, find_programs
from sqlmodel import select

from db.errors import EchoDeskError
from db.events import verify_chain
from db.files.held import hold
from db.store.backup import backup_database, check_sqlite, restore_database
from db.store.engine import Database, open_database
from db.tables.cases import Case
from db.workspace import Workspace


def count_cases(workspace: Workspace) -> int:
    database = open_database(workspace)
    with database.read() as session:
        assert verify_chain(session).bad_id is None
        number = len(session.exec(select(Case)).all())
    database.close()
    return number


@pytest.fixture
def filled(sqlite_workspace: Workspace, now: datetime) -> Workspace:
    """Three cases in a closed SQLite database."""
    database = open_database(sqlite_workspace)
    World(database, now).cases(3)
    database.close()
    return sqlite_workspace


def add_cases(workspace: Workspace, count: int, now: datetime) -> None:
    database = open_database(workspace)
    World(database, now).cases(count, prefix="more")
    database.close()


def test_a_backup_is_one_sound_private_file_named_by_its_time(filled: Workspace, now: datetime) -> None:
    copy = backup_database(filled, now=now)
    assert copy == filled.backups / "echodesk-20260304T050607Z.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    check_sqlite(copy)
    assert [path.name for path in filled.backups.iterdir()] == [copy.name]


def test_what_a_killed_backup_left_goes_with_the_next_and_what_is_held_stays(
    filled: Workspace, now: datetime
) -> None:
    filled.backups.mkdir(mode=0o700)
    left, held = filled.backups / ".older.db.a1.partial", filled.backups / ".other.db.b2.partial"
    left.touch()
    living = hold(held)
    assert living is not None
    with living:
        copy = backup_database(filled, now=now)
        assert {path.name for path in filled.backups.iterdir()} == {copy.name, held.name}


def test_two_backups_in_one_second_are_both_kept(filled: Workspace, now: datetime) -> None:
    assert backup_database(filled, now=now) != backup_database(filled, now=now)


def test_a_backup_brings_back_what_was_there_and_keeps_what_it_replaced(
    filled: Workspace, now: datetime
) -> None:
    copy = backup_database(filled, now=now)
    add_cases(filled, 2, now)
    assert count_cases(filled) == 5
    safety = restore_database(filled, backup=copy, now=now)
    assert count_cases(filled) == 3
    assert safety is not None
    restore_database(filled, backup=safety, now=now)
    assert count_cases(filled) == 5


def test_a_restore_without_room_for_the_safety_copy_leaves_the_database_where_it_is(
    filled: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backup_database(filled, now=now)
    add_cases(filled, 2, now)

    def full(*_: object) -> None:
        raise EchoDeskError("could not be copied", "Is there space?")

    monkeypatch.setattr("db.store.backup.copy_sqlite", full)
    with pytest.raises(EchoDeskError, match="could not be copied"):
        restore_database(filled, backup=copy, now=now)
    assert count_cases(filled) == 5


def test_a_backup_holds_what_a_write_ahead_log_has_not_yet_written(filled: Workspace, now: datetime) -> None:
    """Copying the .db file alone would lose these rows."""
    with closing(sqlite3.connect(filled.database_file, isolation_level=None)) as live:
        live.execute("PRAGMA journal_mode = WAL")
        live.execute("PRAGMA wal_autocheckpoint = 0")
        live.execute(
            "INSERT INTO app_user (name, role, is_active, created_at) VALUES ('late', 'lead', 1, '2026')"
        )
        copy = backup_database(filled, now=now)
        naive = filled.root / "naive.db"
        shutil.copyfile(filled.database_file, naive)
        assert users(naive) == []
    assert users(copy) == [("late",)]


def users(file: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return connection.execute("SELECT name FROM app_user").fetchall()


def test_backups_taken_while_somebody_writes_are_sound(filled: Workspace, now: datetime) -> None:
    database = open_database(filled)
    world, stop, sizes = World(database, now), threading.Event(), []

    def keep_writing() -> None:
        number = 0
        while not stop.is_set():
            world.cases(1, prefix=f"meanwhile {number}")
            number += 1

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        copies = [backup_database(filled, now=now) for _ in range(5)]
    finally:
        stop.set()
        writer.join()
        database.close()
    for copy in copies:
        restored = Workspace(workspace=filled.root, database_url=f"sqlite:///{copy}")
        sizes.append(count_cases(restored))
    assert sizes == sorted(sizes)
    assert sizes[0] >= 3


def test_a_lost_database_is_restored_from_its_backup(filled: Workspace, now: datetime) -> None:
    copy = backup_database(filled, now=now)
    filled.database_file.unlink()
    assert restore_database(filled, backup=copy, now=now) is None
    assert count_cases(filled) == 3


def test_a_damaged_database_is_set_aside_and_restored(filled: Workspace, now: datetime) -> None:
    copy = backup_database(filled, now=now)
    with filled.database_file.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(20_000))
    damaged = restore_database(filled, backup=copy, now=now)
    assert damaged is not None
    assert damaged.name == "echodesk-20260304T050607Z-damaged.db"
    assert count_cases(filled) == 3


@pytest.mark.parametrize("content", [b"", b"not a database" * 99, None])
def test_a_file_that_is_no_backup_is_refused_before_anything_changes(
    filled: Workspace, now: datetime, content: bytes | None
) -> None:
    wrong = filled.root / "wrong.db"
    if content is not None:
        wrong.write_bytes(content)
    before = filled.database_file.read_bytes()
    with pytest.raises(EchoDeskError):
        restore_database(filled, backup=wrong, now=now)
    assert filled.database_file.read_bytes() == before
    assert not filled.backups.exists()


def test_there_is_nothing_to_back_up_in_an_empty_workspace(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(EchoDeskError, match="nothing to back up"):
        backup_database(Workspace(workspace=tmp_path), now=now)


@pytest.mark.postgres
def test_a_postgresql_backup_restores_with_the_tool_the_hint_names(
    postgres_workspace: Workspace, postgres_server: PostgresServer, now: datetime
) -> None:
    programs = find_programs()
    if programs is None or shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    database = open_database(postgres_workspace)
    World(database, now).cases(3)
    database.close()
    copy = backup_database(postgres_workspace, now=now)
    assert copy.suffix == ".dump"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with pytest.raises(EchoDeskError) as caught:
        restore_database(postgres_workspace, backup=copy, now=now)
    assert "pg_restore" in caught.value.hint
    address = postgres_server.create("restored")
    try:
        subprocess.run([str(programs / "pg_restore"), f"--dbname={address}", str(copy)], check=True)
        assert count_cases(Workspace(workspace=postgres_workspace.root, database_url=address)) == 3
    finally:
        postgres_server.drop("restored")


def test_an_open_database_is_backed_up_too(database: Database, workspace: Workspace, now: datetime) -> None:
    if database.dialect == "postgresql" and shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    World(database, now).cases(1)
    with database.read() as session:
        assert len(session.exec(select(Case)).all()) == 1
        assert backup_database(workspace, now=now).stat().st_size > 0
