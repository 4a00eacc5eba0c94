"""Bringing a database to the schema this program knows: Alembic, run from here, under one lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from db import backup
from db.errors import EchoDeskError
from db.workspace import Workspace

# Any constant will do: it keeps two programs from migrating one PostgreSQL database at once.
MIGRATION_LOCK = 0x_EC_40_01


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings for our migrations over an open connection; there is no ini file."""
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def current_revision(connection: Connection) -> str | None:
    """The schema revision a database is at, or None before the first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def head_revision(connection: Connection) -> str:
    """The newest revision this program knows."""
    head = ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
    if head is None:
        raise RuntimeError("the program was installed without its migrations")
    return head


def migrate(engine: Engine, workspace: Workspace, *, clock: Callable[[], datetime], target: str | None = None) -> None:
    """Bring the database to `target` (default: the newest revision), with a backup of what was there first.

    Raises:
        EchoDeskError: when the database is newer than this program, holds somebody else's tables under our
            names, or could not be backed up.
    """
    with engine.connect() as connection:
        if current_revision(connection) == (target or head_revision(connection)):
            return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        _upgrade(connection, workspace, clock, target)


def _upgrade(connection: Connection, workspace: Workspace, clock: Callable[[], datetime], target: str | None) -> None:
    current = current_revision(connection)
    goal = target or head_revision(connection)
    if current == goal:
        return  # another process was faster
    scripts = ScriptDirectory.from_config(alembic_config(connection))
    known = [script.revision for script in scripts.walk_revisions()]
    if current is not None and current not in known:
        raise EchoDeskError(
            f"the database has schema {current}, which is newer than this program knows (up to {goal})",
            "Update EchoDesk, or restore a backup made before the update: echodesk restore FILE.",
        )
    if current is None and "case_record" in inspect(connection).get_table_names():
        raise EchoDeskError(
            "the database has EchoDesk's tables but no schema version",
            "Restore a backup: echodesk restore FILE.",
        )
    if current is not None:
        backup.before_migration(workspace, now=clock(), revision=current)
    try:
        command.upgrade(alembic_config(connection), goal)
        _check_references(connection, goal)
    except DBAPIError as error:
        raise EchoDeskError(
            f"the database could not be brought from schema {current or 'none'} to {goal} and was left as it was",
            "Check that no other tables use EchoDesk's names and that the disk has space.",
        ) from error


def _check_references(connection: Connection, goal: str) -> None:
    """SQLite does not check references while a migration rebuilds tables, so do it at the end."""
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise RuntimeError(f"migration to {goal} left a dangling reference in table {broken[0]}")
