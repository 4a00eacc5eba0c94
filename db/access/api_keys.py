"""Keys with which a person's programs read the desk: shown once, kept as a hash, ended at any time.

A key opens what its person's role may read, as that role is now; of a person who may not come in, nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, select, update
from sqlmodel import Session, col

from db.access.sign_ins import secret_digest
from db.decisions import Role
from db.events import append_event, lock_chain
from db.tables.people import ApiKey, User

PREFIX: Final = "echodesk_"
SECRET_BYTES: Final = 32


def store_key(session: Session, *, secret: str, user: User, actor: str, now: datetime) -> None:
    """Let a key open what its person may read."""
    lock_chain(session)
    session.add(ApiKey(secret_sha256=secret_digest(secret), annotator_id=int(user.id or 0), made_at=now))
    session.flush()
    append_event(session, kind="api_key_made", actor=actor, subject=f"user:{user.id}", payload={}, now=now)


def end_keys(session: Session, *, user: User, actor: str, now: datetime) -> int:
    """End every key of a person; answers how many were in force."""
    lock_chain(session)
    done = session.execute(
        update(ApiKey)
        .where(col(ApiKey.annotator_id) == user.id, col(ApiKey.ended_at).is_(None))
        .values(ended_at=now)
    )
    ended = cast("CursorResult[Any]", done).rowcount
    append_event(
        session,
        kind="api_keys_ended",
        actor=actor,
        subject=f"user:{user.id}",
        payload={"ended": ended},
        now=now,
    )
    return ended


def find_key(session: Session, *, secret: str) -> tuple[int, str, Role] | None:
    """Number, name and role of the person whose key this is; None for one that opens nothing."""
    wanted = (
        select(col(User.id), col(User.name), col(User.role))
        .join(ApiKey, col(ApiKey.annotator_id) == col(User.id))
        .where(
            col(ApiKey.secret_sha256) == secret_digest(secret),
            col(ApiKey.ended_at).is_(None),
            col(User.is_active),
        )
    )
    found = session.execute(wanted).first()
    return None if found is None else (int(found[0]), str(found[1]), Role(found[2]))
