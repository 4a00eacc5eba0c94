"""Copies of the database that can be trusted: SQLite's backup call or pg_dump, never a file copy.

Copying only the .db file of a running SQLite database silently drops rows.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from db.errors import EchoDeskError
from db.files.leftovers import remove_leftovers
from db.files.whole import whole_file
from db.store.key_mark import check_mark
from db.workspace import Workspace


def backup_database(workspace: Workspace, *, now: datetime, label: str = "") -> Path:
    """Write a whole copy of the database into the workspace's backup folder.

    Returns:
        the copy: a SQLite file (.db), or for PostgreSQL a pg_dump archive (.dump).

    Raises:
        EchoDeskError: when there is nothing to copy or the copy could not be made whole.
    """
    url = make_url(workspace.url)
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    name = f"echodesk-{stamp}{'-' + label if label else ''}"
    try:
        workspace.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
        remove_leftovers([workspace.backups])  # a killed copy had another name
        if url.get_backend_name() != "sqlite":
            target = _free_name(workspace.backups, name, ".dump")
            _dump_postgresql(url, target)
            return target
        source = Path(str(url.database))
        if not source.is_file():
            raise EchoDeskError(f"{source} does not exist, so there is nothing to back up")
        target = _free_name(workspace.backups, name, ".db")
        copy_sqlite(source, target)
        return target
    except OSError as error:
        raise EchoDeskError(
            f"no backup could be written to {workspace.backups}: {error.strerror}",
            "Check the folder and its free space.",
        ) from error


def before_migration(workspace: Workspace, *, now: datetime, revision: str) -> Path | None:
    """The copy every migration starts with; None where the owner said they made one.

    Raises:
        EchoDeskError: when no copy could be made; the migration must not go on.
    """
    if workspace.migrate_without_backup:
        return None
    try:
        return backup_database(workspace, now=now, label=f"before-migration-from-{revision}")
    except EchoDeskError as error:
        raise EchoDeskError(
            f"the database must be migrated, and could not be backed up first: {error.message}",
            "Back it up yourself (pg_dump for PostgreSQL), then run once with "
            "ECHODESK_MIGRATE_WITHOUT_BACKUP=true.",
        ) from error


# What a person would miss, by its table.
_MISSED = {"review": "decision", "draft": "draft", "case_record": "case"}


def newer_than(workspace: Workspace, backup: Path) -> dict[str, int]:
    """How many rows of the database are newer than a backup of it, by what they are; only SQLite is asked.

    Empty where there is no sound database. Numbers are given once and never again, so the highest tells.
    """
    try:
        with (
            closing(_read_only(Path(str(make_url(workspace.url).database)))) as live,
            closing(_read_only(backup)) as old,
        ):
            found = {}
            for table, noun in _MISSED.items():
                highest = old.execute(f"SELECT MAX(id) FROM {table}").fetchone()[0] or 0  # noqa: S608 - a name from _MISSED
                newer = f"SELECT COUNT(*) FROM {table} WHERE id > ?"  # noqa: S608 - a name from _MISSED
                found[noun] = int(live.execute(newer, (highest,)).fetchone()[0])
            return {noun: count for noun, count in found.items() if count}
    except sqlite3.Error:
        return {}


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=10)


def restore_database(workspace: Workspace, *, backup: Path, now: datetime) -> Path | None:
    """Put a SQLite backup in the place of the database; `db/files/at_work.py` keeps others out meanwhile.

    Returns:
        a safety copy of what was there, damaged or not; None when there was nothing.

    Raises:
        EchoDeskError: when the backup is the database itself or not a whole EchoDesk database, its patients
            are hashed with another key than this workspace's, or the database is PostgreSQL (then pg_restore
            is the tool).
    """
    url = make_url(workspace.url)
    if url.get_backend_name() != "sqlite":
        raise EchoDeskError(
            "a PostgreSQL database is restored with its own tool",
            "pg_restore --clean --if-exists --single-transaction --dbname=ADDRESS FILE.dump",
        )
    target = Path(str(url.database))
    if target.exists() and backup.exists() and backup.samefile(target):
        raise EchoDeskError(f"{backup} is the database itself", "Name a file from the backups folder.")
    check_sqlite(backup)
    check_mark(backup, workspace)
    safety = _set_aside(workspace, target, now=now)
    if target.exists():
        _overwrite_sqlite(backup, target)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_sqlite(backup, target)
    check_sqlite(target)
    return safety


def _set_aside(workspace: Workspace, target: Path, *, now: datetime) -> Path | None:
    """Keep what a restore will replace: a copy of a sound database, or a damaged one's file itself."""
    if not target.exists():
        return None
    try:
        return backup_database(workspace, now=now, label="before-restore")
    except EchoDeskError:
        if _is_sound(target):
            raise  # there is no room for the copy: what is there stays where it is
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        damaged = _free_name(workspace.backups, f"echodesk-{stamp}-damaged", ".db")
        for ending in ("-journal", "-wal", ""):
            part = target.with_name(target.name + ending)
            if part.exists():
                part.replace(damaged.with_name(damaged.name + ending))
        return damaged


def _is_sound(file: Path) -> bool:
    try:
        check_sqlite(file)
    except EchoDeskError:
        return False
    return True


def check_sqlite(file: Path) -> None:
    """Refuse a file that is not a whole EchoDesk SQLite database.

    Raises:
        EchoDeskError: naming what is wrong with it.
    """
    if not file.is_file():
        what = "is a folder" if file.is_dir() else "does not exist"
        raise EchoDeskError(f"{file} {what}", "Name a file from the workspace's backups folder.")
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            answer = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise EchoDeskError(
            f"{file} is not an EchoDesk database", "Use one made by echodesk backup."
        ) from error
    if answer != "ok":
        raise EchoDeskError(f"{file} is damaged", "Use another backup.")


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a live SQLite database with its backup call, check the copy, and only then give it its name."""
    with whole_file(target) as partial:
        try:
            with (
                closing(sqlite3.connect(source, timeout=10)) as live,
                closing(sqlite3.connect(partial)) as copy,
            ):
                live.backup(copy)
                # A copy of a write-ahead-log database would need side files; a backup must be one file.
                copy.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            raise EchoDeskError(
                f"{source} could not be copied", "Is there space, and is the file sound?"
            ) from error
        check_sqlite(partial)


def _overwrite_sqlite(source: Path, target: Path) -> None:
    """Replace a database's content in one transaction of SQLite's own: a kill leaves the old or the new."""
    try:
        with closing(sqlite3.connect(source)) as backup, closing(sqlite3.connect(target, timeout=10)) as live:
            backup.backup(live)
    except sqlite3.Error as error:
        raise EchoDeskError(
            f"{target} could not be replaced", "Stop every EchoDesk program that uses it, then try again."
        ) from error


def _dump_postgresql(url: URL, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise EchoDeskError(
            "pg_dump is not installed, so this PostgreSQL database was not backed up",
            "Back it up on its server with pg_dump, or install PostgreSQL's client programs.",
        )
    settings = {
        "PGHOST": url.query.get("host") or url.host,
        "PGPORT": url.query.get("port") or (str(url.port) if url.port else None),
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password else None,
        "PGDATABASE": url.database,
    }
    # By environment, not by argument: arguments are visible to every user of the machine.
    environment = dict(os.environ) | {key: str(value) for key, value in settings.items() if value}
    with whole_file(target) as partial:
        done = subprocess.run(  # noqa: S603 - a fixed program with fixed arguments
            [program, "--format=custom", "--no-owner", f"--file={partial}"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason given"
            raise EchoDeskError(
                f"pg_dump failed: {reason}", "Back the database up on its server, with its own pg_dump."
            )


def _free_name(folder: Path, name: str, suffix: str) -> Path:
    """A file name not in use: two backups may be made in one second."""
    candidate = folder / f"{name}{suffix}"
    number = 2
    while candidate.exists():
        candidate = folder / f"{name}-{number}{suffix}"
        number += 1
    return candidate
