"""Who is signed in at the desk: sessions in the database, known by the hash of their secret alone.

A session ends by itself when nothing was done for a while or after its absolute time, and at once when it is
revoked: by signing out, and by a change of the person's role, password or right to come in (`db/users.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, select, update
from sqlmodel import Session, col

from db.decisions import Role
from db.events import append_event, lock_chain
from db.files.manifest import sha256_of
from db.tables.people import DeskSignIn, User

# A sign of life is written this often at most: a write waits for the disk, and half a minute changes nothing.
SEEN_EVERY_S: Final = 15.0
# The clocks of several desks on one database may differ by this. A session seen later than that was opened
# while a clock was ahead: nobody knows how old it is, and it would last until that time has come.
CLOCKS_APART_S: Final = 300.0


@dataclass(frozen=True)
class SignIn:
    """One live session and whose it is.

    Attributes:
        role: as the person's row has it now.
        seen_at: the last sign of life, at most `SEEN_EVERY_S` older than the truth.
        expires_at: the end, whatever is done until then.
    """

    annotator_id: int
    name: str
    role: Role
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime


def secret_digest(secret: str) -> str:
    """SHA-256 in hex of a session's secret: all that is stored of it."""
    return sha256_of(secret.encode("utf-8", "surrogateescape"))


def open_sign_in(
    session: Session, *, secret: str, annotator_id: int, max_age_s: float, now: datetime
) -> None:
    """Open a session for a person, and write down that they came in."""
    lock_chain(session)
    row = DeskSignIn(
        secret_sha256=secret_digest(secret),
        annotator_id=annotator_id,
        opened_at=now,
        seen_at=now,
        expires_at=now + timedelta(seconds=max_age_s),
    )
    session.add(row)
    session.flush()
    user = session.get_one(User, annotator_id)
    append_event(
        session, kind="signed_in", actor=user.name, subject=f"user:{annotator_id}", payload={}, now=now
    )


def find_sign_in(session: Session, *, secret: str, idle_s: float, now: datetime) -> SignIn | None:
    """The live session with this secret; None for an unknown, ended, expired or idle one, or a disabled
    person. One seen in the future, because the clock was put back since, has ended as well.
    """
    wanted = (
        select(
            col(DeskSignIn.annotator_id),
            col(User.name),
            col(User.role),
            col(DeskSignIn.opened_at),
            col(DeskSignIn.seen_at),
            col(DeskSignIn.expires_at),
        )
        .join(User, col(User.id) == col(DeskSignIn.annotator_id))
        .where(
            col(DeskSignIn.secret_sha256) == secret_digest(secret),
            col(DeskSignIn.ended_at).is_(None),
            col(DeskSignIn.expires_at) > now,
            col(DeskSignIn.seen_at) > now - timedelta(seconds=idle_s),
            col(DeskSignIn.seen_at) <= now + timedelta(seconds=CLOCKS_APART_S),
            col(User.is_active),
        )
    )
    found = session.execute(wanted).first()
    if found is None:
        return None
    annotator_id, name, role, opened_at, seen_at, expires_at = found
    return SignIn(annotator_id, name, Role(role), opened_at, seen_at, expires_at)


def note_seen(session: Session, *, secret: str, now: datetime) -> None:
    """Write down a sign of life; never brings back a session that has ended."""
    session.execute(
        update(DeskSignIn)
        .where(
            col(DeskSignIn.secret_sha256) == secret_digest(secret),
            col(DeskSignIn.ended_at).is_(None),
            col(DeskSignIn.seen_at) < now,
        )
        .values(seen_at=now)
    )


def end_sign_in(session: Session, *, secret: str, now: datetime) -> bool:
    """Revoke one session; False where it had ended or never was."""
    return _end(session, col(DeskSignIn.secret_sha256) == secret_digest(secret), now) > 0


def end_sign_ins_of(session: Session, *, annotator_id: int, now: datetime) -> int:
    """Revoke every session of a person; answers how many were open."""
    return _end(session, col(DeskSignIn.annotator_id) == annotator_id, now)


def _end(session: Session, which: Any, now: datetime) -> int:
    lock_chain(session)
    ended = session.execute(
        update(DeskSignIn).where(which, col(DeskSignIn.ended_at).is_(None)).values(ended_at=now)
    )
    return cast("CursorResult[Any]", ended).rowcount
