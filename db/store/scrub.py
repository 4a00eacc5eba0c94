"""What deleted rows leave in a database's files (free pages, write-ahead log, dead rows), written over.

What no program can reach is said in docs/security.md: a server's own log of changes, blocks of the disk.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from db.errors import EchoDeskError
from db.files.trouble import is_in_use
from db.store.engine import Database

# How long others are waited for, seconds.
PATIENCE_S: Final = 120.0
_LOOK_S: Final = 0.2
# How long a lock is asked for at a time: others who want the same wait behind it. And the pause between.
_AT_A_TIME_S: Final = 2.0
_PAUSE_S: Final = 0.5
_AGAIN: Final = (
    "The records themselves are gone. Run the same again when the other programs have less to do and the "
    "disk has room for the database twice."
)


def scrub(database: Database, tables: Sequence[type[SQLModel]], *, patience_s: float = PATIENCE_S) -> None:
    """Write what is left of deleted rows over: the whole file of SQLite, these tables of PostgreSQL.

    Others may be at work; they wait for as long as it takes. The disk needs room for the database twice.

    Raises:
        EchoDeskError: others did not let go of it, or the disk is full. Nothing is lost.
    """
    try:
        with database.outside_transactions() as connection:
            if database.dialect == "sqlite":
                _scrub_sqlite(connection, patience_s)
            else:
                _scrub_postgresql(connection, tables, patience_s)
    except _refusals(database) as error:
        raise _not_clean(type(error).__name__) from error


def _refusals(database: Database) -> tuple[type[Exception], ...]:
    """What the drivers raise where a lock, the disk or a right is not to be had."""
    if database.dialect == "sqlite":
        import sqlite3

        return (DBAPIError, sqlite3.OperationalError)
    import psycopg

    return (DBAPIError, psycopg.OperationalError, psycopg.errors.InsufficientPrivilege)


def _not_clean(why: str) -> EchoDeskError:
    return EchoDeskError(f"free pages of the database could not be written over ({why})", _AGAIN)


def _scrub_sqlite(connection: Any, patience_s: float) -> None:
    """The file is built anew from what is in it, and the write-ahead log is emptied."""
    import sqlite3

    until = time.monotonic() + patience_s
    (before_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {round(1000 * min(_AT_A_TIME_S, patience_s))}")
    connection.execute("PRAGMA secure_delete = ON")
    try:
        while True:
            try:
                connection.execute("VACUUM")
                break
            except sqlite3.OperationalError as error:
                if not is_in_use(error) or time.monotonic() > until:
                    raise
            time.sleep(_PAUSE_S)  # those who waited meanwhile have their turn
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:  # somebody still reads it
            if time.monotonic() > until:
                raise _not_clean("its write-ahead log is being read")
            time.sleep(_LOOK_S)
    finally:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute(f"PRAGMA busy_timeout = {before_ms}")


def _scrub_postgresql(connection: Any, tables: Sequence[type[SQLModel]], patience_s: float) -> None:
    """The tables are written anew without their dead rows, once nobody can still see those."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        # Rows that a transaction of before may still look at would be carried along.
        now = int(cursor.fetchone()[0].split(":")[1])
        until = time.monotonic() + patience_s
        while _oldest_view(cursor, now):
            if time.monotonic() > until:
                raise _not_clean("another program has had a view of it open for too long")
            time.sleep(_LOOK_S)
        cursor.execute(f"SET lock_timeout = {round(1000 * min(_AT_A_TIME_S, patience_s))}")
        try:
            for table in tables:
                _written_anew(cursor, str(table.__tablename__), until)
        finally:
            cursor.execute("RESET lock_timeout")


def _written_anew(cursor: Any, table: str, until: float) -> None:
    """One table. Who asks for it while this waits for its lock waits as well: so a moment at a time."""
    import psycopg

    while True:
        try:
            cursor.execute(f"VACUUM (FULL) {table}")
            return
        except psycopg.errors.LockNotAvailable:
            if time.monotonic() > until:
                raise
        time.sleep(_PAUSE_S)


def _oldest_view(cursor: Any, now: int) -> int:
    """How many others look at this database as it was before transaction `now`."""
    cursor.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL "
        "AND age(backend_xmin) > age((%s::bigint %% 4294967296)::text::xid)",
        (now,),
    )
    return int(cursor.fetchone()[0])
