"""Which patient key a SQLite database belongs to, and which of its pictures are there.

The mark is kept in the file's header, so that every copy of the file has it: 31 bits of a keyed hash, enough
to tell that a key is another one and no help to find the key.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session, select

from db.errors import EchoDeskError
from db.store.images import ImageStore
from db.tables.cases import Image
from db.workspace import Workspace


def key_mark(secret: bytes) -> int:
    """1 to 2^31 - 1, always the same for a key."""
    digest = hmac.new(secret, b"echodesk patient key mark", hashlib.sha256).digest()
    return int.from_bytes(digest[:4], "big") % (2**31 - 1) + 1


def stored_mark(session: Session) -> int:
    """The mark of the key that the patients of a SQLite database are hashed with; 0 where there is none."""
    if session.get_bind().dialect.name != "sqlite":
        return 0
    return int(session.execute(text("PRAGMA user_version")).scalar() or 0)


def mark_database(session: Session, secret: bytes) -> None:
    """Note in a SQLite database which key its patients are hashed with, unless it is noted."""
    if session.get_bind().dialect.name != "sqlite":
        return
    if not session.execute(text("PRAGMA user_version")).scalar():
        session.execute(text(f"PRAGMA user_version = {key_mark(secret)}"))


def check_key(session: Session, secret: bytes, workspace: Workspace) -> None:
    """Refuse a key that the patients of a SQLite database were not hashed with.

    Raises:
        EchoDeskError: it is another one. A database without a mark passes, and so does PostgreSQL.
    """
    mark = stored_mark(session)
    if mark and mark != key_mark(secret):
        raise EchoDeskError(
            f"{workspace.patient_key_file} is not the key that the patients of this database are hashed with",
            "Put the original file back from your backup: with another key nobody is found.",
        )


def check_mark(backup: Path, workspace: Workspace) -> None:
    """Refuse a backup whose patients were hashed with another key than this workspace's.

    Raises:
        EchoDeskError: the key file is another one, or missing. A backup without a mark passes.
    """
    with closing(sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        mark = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if not mark:
        return
    key = workspace.patient_key_file
    hint = "Restore into the backup's own workspace, or first put its patient.key and its images here."
    if not key.exists():
        raise EchoDeskError(f"{key} is missing, and the patients in {backup} are hashed with it", hint)
    if key_mark(key.read_bytes()) != mark:
        raise EchoDeskError(f"{backup} belongs to another patient key than {key}", hint)


def missing_pictures(session: Session, workspace: Workspace) -> tuple[int, int]:
    """How many of the database's pictures are not in the image store, and how many it has."""
    store = ImageStore(workspace.images)
    names = list(session.exec(select(Image.sha256)))
    return sum(not store.path(name).exists() for name in names), len(names)
