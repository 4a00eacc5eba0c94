"""Bringing a database to the schema this program knows: Alembic, run from here, under one lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from db.errors import EchoDeskError
from db.store import backup
from db.workspace import Workspace

if TYPE_CHECKING:
    from alembic.config import Config  # a quarter of the time to start, and needed for migrations only

# Any constant will do: it keeps two programs from migrating one PostgreSQL database at once.
MIGRATION_LOCK = 0x_EC_40_01


MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings for our migrations over an open connection; there is no ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def current_revision(connection: Connection) -> str | None:
    """The schema revision a database is at, or None before the first migration."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if revision is None else str(revision)


def known_revisions() -> list[str]:
    """Every revision this program knows, oldest first: the numbers the migration files start with."""
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def head_revision(_connection: Connection | None = None) -> str:
    """The newest revision this program knows."""
    return known_revisions()[-1]


def is_current(engine: Engine) -> bool:
    """Whether a database is at the newest revision; a look, without a lock."""
    with engine.connect() as connection:
        return current_revision(connection) == head_revision()


def migrate(
    engine: Engine, workspace: Workspace, *, clock: Callable[[], datetime], target: str | None = None
) -> None:
    """Bring the database to `target` (default: the newest revision), with a backup of what was there first.

    Raises:
        EchoDeskError: when the database is newer than this program, holds somebody else's tables under our
            names, or could not be backed up.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        _upgrade(connection, workspace, clock, target or head_revision())


def _upgrade(connection: Connection, workspace: Workspace, clock: Callable[[], datetime], goal: str) -> None:
    from alembic import command

    current = current_revision(connection)
    if current == goal:
        return  # another process was faster
    if current is not None and current not in known_revisions():
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
            f"the database could not be brought from schema {current or 'none'} to {goal} "
            "and was left as it was",
            "Check that no other tables use EchoDesk's names and that the disk has space.",
        ) from error


def _check_references(connection: Connection, goal: str) -> None:
    """SQLite does not check references while a migration rebuilds tables, so do it at the end."""
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise RuntimeError(f"migration to {goal} left a dangling reference in table {broken[0]}")
