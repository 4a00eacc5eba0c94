"""Opening the database: safe SQLite settings, one transaction a write, readers that cannot write.

SQLite by default, PostgreSQL by address. SQLite's own defaults lose foreign keys and fail most writes under
contention; the settings here are the ones measured to lose nothing (see `docs/decisions.md`).
"""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlmodel import Session, create_engine

from db.errors import EchoDeskError, pip_install
from db.files.journal import journal_for
from db.files.trouble import disk_trouble, is_in_use
from db.store import schema
from db.store.next_writer import next_writer
from db.store.together import Together
from db.store.turns import Turns
from db.workspace import Workspace

# How long a connection waits for another program, seconds: where a person waits, and where nobody does.
PATIENCE_S = 10.0
PROGRAM_PATIENCE_S = 120.0


def database_url(workspace: Workspace) -> URL:
    """The address as SQLAlchemy wants it, with the driver we use.

    Raises:
        EchoDeskError: when the address cannot be understood or names another kind of database.
    """
    hint = "Use sqlite:///FILE or postgresql://USER@HOST/NAME in ECHODESK_DATABASE_URL."
    try:
        url = make_url(workspace.url)
    except ArgumentError as error:
        raise EchoDeskError("the database address cannot be understood", hint) from error
    kind = url.drivername.partition("+")[0]
    if kind in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise EchoDeskError(f"{kind} databases are not supported", hint)
    if url.database in {None, "", ":memory:"}:
        raise EchoDeskError("the database must be a file: readers and writers open it separately", hint)
    return url


def utc_now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


# What the drivers say when there is no room left to write: SQLITE_FULL (13), PostgreSQL's disk_full (53100).
_SQLITE_FULL = 13
_POSTGRESQL_DISK_FULL = "53100"


def is_disk_full(error: DBAPIError) -> bool:
    """Whether a write failed because the disk, or the database's own limit, has no room left."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    is_full = code is not None and code & 0xFF == _SQLITE_FULL
    return is_full or getattr(error.orig, "sqlstate", None) == _POSTGRESQL_DISK_FULL


class Database:
    """One open database: a write engine and a read engine, never mixed in one transaction.

    Attributes:
        dialect: `sqlite` or `postgresql`.
        journal: SQLite's journal mode as it really is (`wal` or `delete`); empty on PostgreSQL.
    """

    def __init__(
        self, write_engine: Engine, read_engine: Engine, *, journal: str, patience_s: float = PATIENCE_S
    ) -> None:
        self._write_engine = write_engine
        self._read_engine = read_engine
        self.dialect: str = write_engine.dialect.name
        self.journal = journal
        self._turns = Turns(journal, patience_s=patience_s)
        self._together = Together()

    @contextmanager
    def together(self) -> Iterator[None]:
        """One commit for whatever this thread writes in here: many small writes wait for the disk once.

        Each `write` inside is still whole or undone for itself (a savepoint), and each `read` sees what was
        written before it. Nothing is stored before this block has ended: tell nobody otherwise. An exception
        undoes everything. SQLite alone; PostgreSQL gathers the commits of its connections by itself.

        Raises:
            GaveUpTogether: the database undid it all.
        """
        with self._turns.writing(), self._together.transaction(self._write_engine):
            yield

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed on a clean exit, rolled back on any exception.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so it waits instead of failing half-way.
        Keep it short and never call a model inside it. Rows stay readable after it ends.
        """
        if self._together.is_open:
            with self._together.write() as session:
                yield session
            return
        with (
            self._turns.writing(),
            Session(self._write_engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            if self.dialect == "sqlite":
                session.connection()  # begin now, not at the first statement
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view that cannot write. Rows stay readable after it ends.

        On SQLite with the rollback journal an open reader holds up writers: keep it short.
        """
        # Nothing is ever changed here, so nothing has to be looked for before every question.
        if self._together.is_open:
            with self._together.read() as session:
                yield session
            return
        with (
            self._turns.reading(),
            Session(self._read_engine, expire_on_commit=False, autoflush=False) as session,
        ):
            yield session

    @contextmanager
    def outside_transactions(self) -> Iterator[Any]:
        """The driver's own connection, where each statement stands for itself: for what no transaction may
        hold. On SQLite in turn with those who write.
        """
        with self._turns.writing(), contextlib.closing(self._write_engine.raw_connection()) as pooled:
            connection: Any = pooled.driver_connection
            if self.dialect == "sqlite":
                with next_writer(Path(str(self._write_engine.url.database)), patience_s=PATIENCE_S):
                    yield connection
                return
            connection.autocommit = True
            try:
                yield connection
            finally:
                connection.autocommit = False

    def shared_clock(self, local: Callable[[], datetime] = utc_now) -> Callable[[], datetime]:
        """A clock that machines with one database agree on: leases are compared with it.

        On PostgreSQL this machine's clock, put right by its difference from the server's as it is now.
        """
        if self.dialect != "postgresql":
            return local
        with self.read() as session:
            ahead = session.execute(text("SELECT clock_timestamp()")).scalar_one() - local()
        return lambda: local() + ahead

    def close(self) -> None:
        """Close every pooled connection."""
        self._write_engine.dispose()
        self._read_engine.dispose()


def sqlite_engine(
    url: URL,
    *,
    begin: str,
    query_only: bool = False,
    foreign_keys: bool = True,
    patience_s: float = PATIENCE_S,
) -> Engine:
    """An engine whose every connection has our settings and whose transactions start with `begin`.

    Args:
        begin: `BEGIN IMMEDIATE` for writers, `BEGIN` for readers.
        query_only: refuse every change, so that a read transaction is never upgraded to a write.
        foreign_keys: off only for migrations that rebuild a table.
    """
    # Values are hidden in errors: they may be words of a report.
    engine = create_engine(url, pool_size=8, max_overflow=24, hide_parameters=True)

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin or commit on its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {round(1000 * patience_s)}")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA trusted_schema = OFF")
        # Without this INSERT OR REPLACE deletes rows behind the append-only triggers.
        cursor.execute("PRAGMA recursive_triggers = ON")
        cursor.execute(f"PRAGMA query_only = {'ON' if query_only else 'OFF'}")
        cursor.close()

    file = Path(str(url.database))

    def on_begin(connection: Connection) -> None:
        if query_only:
            connection.exec_driver_sql(begin)
            return
        with next_writer(file, patience_s=patience_s):
            connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine


def _set_journal(file: Path, wanted: str, patience_s: float) -> str:
    """Ask for a journal mode and answer the one in force: another process may hold the file just now."""
    connection = sqlite3.connect(file, timeout=patience_s, isolation_level=None)
    try:
        current = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
        if current == wanted:
            return current
        try:
            return str(connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0])
        except sqlite3.OperationalError:
            return current
    finally:
        connection.close()


def _open_sqlite(
    workspace: Workspace, url: URL, clock: Callable[[], datetime], patience_s: float
) -> Database:
    file = Path(str(url.database))
    file.parent.mkdir(parents=True, exist_ok=True)
    read_engine = sqlite_engine(url, begin="BEGIN", query_only=True, patience_s=patience_s)
    try:
        journal = _set_journal(file, journal_for(sqlite3.sqlite_version_info), patience_s)
        if not schema.is_current(read_engine):
            _migrate_sqlite(workspace, url, clock)
    except (DBAPIError, sqlite3.Error) as error:
        if is_in_use(error):
            raise disk_trouble(error) or error from error
        raise EchoDeskError(
            f"{file} cannot be opened as an EchoDesk database",
            "Check that the file is readable and writable, or restore a backup: echodesk restore FILE.",
        ) from error
    write_engine = sqlite_engine(url, begin="BEGIN IMMEDIATE", patience_s=patience_s)
    return Database(write_engine, read_engine, journal=journal, patience_s=patience_s)


def _migrate_sqlite(workspace: Workspace, url: URL, clock: Callable[[], datetime]) -> None:
    migrator = sqlite_engine(url, begin="BEGIN IMMEDIATE", foreign_keys=False)
    try:
        schema.migrate(migrator, workspace, clock=clock)
    finally:
        migrator.dispose()


def _open_postgresql(workspace: Workspace, url: URL, clock: Callable[[], datetime]) -> Database:
    try:
        write_engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise EchoDeskError(
            "PostgreSQL needs the psycopg package", f"Install it: {pip_install('postgres')}"
        ) from error
    read_engine = create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )
    for engine in (write_engine, read_engine):
        event.listen(engine, "handle_error", _without_values)
    try:
        if not schema.is_current(read_engine):
            schema.migrate(write_engine, workspace, clock=clock)
    except OperationalError as error:
        raise EchoDeskError(
            f"the PostgreSQL server at {url.host or 'the local socket'} cannot be used",
            "Check ECHODESK_DATABASE_URL, and that the server runs and lets this user in.",
        ) from error
    return Database(write_engine, read_engine, journal="")


def _without_values(context: ExceptionContext) -> None:
    """Keep only the first line of a PostgreSQL error: the next ones quote the failing row."""
    original, wrapped = context.original_exception, context.sqlalchemy_exception
    first_line = str(original).partition("\n")[0]
    original.args = (first_line,)
    if wrapped is not None:
        wrapped.args = (f"({type(original).__name__}) {first_line}",)


def open_database(
    workspace: Workspace, *, clock: Callable[[], datetime] = utc_now, patience_s: float = PATIENCE_S
) -> Database:
    """Open a workspace's database, making it or bringing it up to date first.

    An existing database that is behind is backed up and then migrated, under one lock: two processes may
    start at once.

    Args:
        clock: only names the backup file.
        patience_s: how long another program is waited for, on SQLite.

    Raises:
        EchoDeskError: when it cannot be opened, is newer than this program, or cannot be backed up first.
    """
    url = database_url(workspace)
    make_private_folder(workspace.root)
    make_private_folder(workspace.images)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(workspace, url, clock, patience_s)
    return _open_postgresql(workspace, url, clock)


def make_private_folder(folder: Path) -> None:
    """Make a folder of the workspace for its owner alone, or take everybody else's access to it away.

    Whoever made it: below it lie pages, quotes and password hashes. A folder of another owner stays as it is;
    `echodesk doctor` says so.
    """
    try:
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    except OSError as error:
        raise EchoDeskError(f"{folder} cannot be made", "Name another --workspace.") from error
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & 0o077:
            folder.chmod(mode & 0o700)
