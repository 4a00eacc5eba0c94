"""The relay's rows: one SQLite file, one writer at a time, on the disk before anybody is told so."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError
from db.files.journal import journal_for

BUSY_TIMEOUT_MS: Final = 10_000
Clock = Callable[[], float]

# Times are seconds since 1970, UTC. `talk`, `body` and `text` are JSON; what people are told is sealed.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS person (
    id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, user_id TEXT NOT NULL DEFAULT '',
    wa_id TEXT NOT NULL DEFAULT '', talk TEXT NOT NULL DEFAULT '', heard_at REAL NOT NULL,
    photos INTEGER NOT NULL DEFAULT 0, forgotten INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS alias (
    channel TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, old INTEGER NOT NULL DEFAULT 0,
    person INTEGER NOT NULL REFERENCES person(id) ON DELETE CASCADE,
    PRIMARY KEY (channel, kind, value)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alias_person ON alias (person);
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL UNIQUE, person INTEGER,
    kind TEXT NOT NULL, body TEXT NOT NULL, sent_at REAL NOT NULL, taken_at REAL NOT NULL,
    done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS inbox_open ON inbox (id) WHERE done = 0;
CREATE INDEX IF NOT EXISTS inbox_person ON inbox (person);
CREATE INDEX IF NOT EXISTS inbox_age ON inbox (taken_at);
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY, message_id TEXT NOT NULL, person INTEGER NOT NULL, number INTEGER NOT NULL,
    media_id TEXT NOT NULL DEFAULT '', mime TEXT NOT NULL DEFAULT '', state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL, lease TEXT NOT NULL DEFAULT '',
    made_at REAL NOT NULL, done_at REAL, delayed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS job_due ON job (state, next_at);
CREATE INDEX IF NOT EXISTS job_person ON job (person);
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, person INTEGER NOT NULL,
    quote TEXT NOT NULL DEFAULT '', sealed BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
    tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL, by_phone INTEGER NOT NULL DEFAULT 0,
    sent_id TEXT, code INTEGER NOT NULL DEFAULT 0, made_at REAL NOT NULL,
    done_at REAL);
CREATE INDEX IF NOT EXISTS outbox_open ON outbox (id) WHERE state IN ('waiting', 'sending');
CREATE INDEX IF NOT EXISTS outbox_person ON outbox (person);
CREATE INDEX IF NOT EXISTS outbox_sent ON outbox (sent_id);
CREATE TABLE IF NOT EXISTS status (
    message_id TEXT NOT NULL, state TEXT NOT NULL, code INTEGER NOT NULL, taken_at REAL NOT NULL,
    PRIMARY KEY (message_id, state)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link (
    id TEXT PRIMARY KEY, holder TEXT NOT NULL, person INTEGER NOT NULL, ends_at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
"""


class Store:
    """One open file of rows. Used from one thread; a second process may write besides, each in its turn.

    Attributes:
        journal: the journal in force, `wal` or `truncate`.
    """

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        """Open the rows of a relay, making its folder, for its owner alone, and its tables.

        Raises:
            EchoDeskError: the folder or the file can't be used.
        """
        self.clock = clock
        self.file = folder / "relay.db"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600)
            os.close(handle)
            self.rows = sqlite3.connect(self.file, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
            self.rows.row_factory = sqlite3.Row
            self.journal = self._prepared()
        except (OSError, sqlite3.Error) as error:
            raise EchoDeskError(
                f"{self.file} can't be used for the relay's rows",
                "Name another folder in ECHODESK_RELAY_STATE, or see that this user may write to it.",
            ) from error

    def _prepared(self) -> str:
        # A rollback journal that is emptied instead of removed spares the folder a write at each commit.
        safe = journal_for(sqlite3.sqlite_version_info)
        wanted = "truncate" if safe == "delete" else safe
        journal = str(self.rows.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0])
        self.rows.execute("PRAGMA synchronous = FULL")
        self.rows.execute("PRAGMA foreign_keys = ON")
        self.rows.execute("PRAGMA trusted_schema = OFF")
        # What is deleted is overwritten, not only forgotten.
        self.rows.execute("PRAGMA secure_delete = ON")
        self.rows.executescript(SCHEMA)
        return journal

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, on the disk when it ends; nothing of it where it fails."""
        self.rows.execute("BEGIN IMMEDIATE")
        try:
            yield self.rows
        except BaseException:
            # Whatever it is, a stop of the program too: half a transaction must never wait to be committed.
            self.rows.execute("ROLLBACK")
            raise
        self.rows.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self.rows.close()


def count(rows: sqlite3.Connection, name: str, by: int = 1) -> None:
    """Add to a counter; it is shown by `/metrics`."""
    rows.execute(
        "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET count = count + excluded.count",
        (name, by),
    )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: two relays on one folder would send everything twice.

    Raises:
        EchoDeskError: another relay holds it, or it is no folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError) as error:
        raise EchoDeskError(
            f"{folder} is not a folder", "Name one in ECHODESK_RELAY_STATE; it is made where there is none."
        ) from error
    with (folder / "relay.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise EchoDeskError(
                f"another relay works in {folder}", "Stop it first, or name another ECHODESK_RELAY_STATE."
            ) from error
        yield
