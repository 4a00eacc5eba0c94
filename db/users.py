"""The people who review: who they are, what they may do, and whether they may still come in."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from db.access.passwords import HASH_PREFIX
from db.access.sign_ins import end_sign_ins_of
from db.decisions import Role
from db.errors import EchoDeskError
from db.events import append_event, lock_chain
from db.tables.people import User

MAX_NAME_LENGTH: Final = 80


def ensure_local_user(
    session: Session, *, name: str = "local", role: Role = Role.ANNOTATOR, now: datetime
) -> User:
    """The person at this machine, made on first use; no password, they come in by a one-time link.

    A person who is there already keeps their role.
    """
    lock_chain(session)
    name = tidy_name(name)
    found = user_named(session, name=name)
    return found or add_user(session, name=name, role=role, actor=name, now=now)


def add_user(
    session: Session, *, name: str, role: Role, actor: str, now: datetime, password_hash: str | None = None
) -> User:
    """Add a person; without a password they can only come in by a link on this computer.

    Raises:
        EchoDeskError: the name is taken (also in other letters of the same words), empty, too long or not
            plain.
    """
    lock_chain(session)
    name = tidy_name(name)
    taken = [known for known in session.exec(select(User.name)) if known.casefold() == name.casefold()]
    if taken:
        raise EchoDeskError(
            f"there is already a person named {taken[0]!r}", "See everybody: echodesk users list"
        )
    user = User(name=name, role=role.value, password_hash=password_hash, created_at=now)
    session.add(user)
    session.flush()
    _announce(session, "user_added", user, actor, now, {"role": user.role})
    return user


def set_password_hash(session: Session, *, user: User, password_hash: str, actor: str, now: datetime) -> None:
    """Give a person a new password; wherever they are signed in, they have to sign in again.

    Raises:
        EchoDeskError: not an argon2id hash.
    """
    if not password_hash.startswith(HASH_PREFIX):
        raise EchoDeskError("that is not an argon2id hash", "Use echodesk users password NAME.")
    _change(session, user, "user_password_set", actor, now, {"password_hash": password_hash}, told={})


def change_role(session: Session, *, user: User, role: Role, actor: str, now: datetime) -> bool:
    """Give a person another role and end their sign-ins; False where they have it already."""
    if user.role == role.value:
        return False
    told = {"from": user.role, "to": role.value}
    _change(session, user, "user_role_changed", actor, now, {"role": role.value}, told=told)
    return True


def disable_user(session: Session, *, user: User, actor: str, now: datetime) -> bool:
    """Let a person in no more, from now on; what they did stays. False where that is so already."""
    if not user.is_active:
        return False
    _change(session, user, "user_disabled", actor, now, {"is_active": False}, told={})
    return True


def enable_user(session: Session, *, user: User, actor: str, now: datetime) -> bool:
    """Let a person in again; False where they may already."""
    if user.is_active:
        return False
    _change(session, user, "user_enabled", actor, now, {"is_active": True}, told={})
    return True


def user_named(session: Session, *, name: str) -> User | None:
    """The person with exactly this name, or None."""
    return session.exec(select(User).where(User.name == name)).first()


def list_users(session: Session) -> Sequence[User]:
    """Everybody, by name."""
    return session.exec(select(User).order_by(col(User.name))).all()


def has_password_user(session: Session) -> bool:
    """Whether anybody who may come in has an argon2id password."""
    wanted = select(User.id).where(
        col(User.is_active), col(User.password_hash).startswith(HASH_PREFIX, autoescape=True)
    )
    return session.exec(wanted.limit(1)).first() is not None


def tidy_name(name: str) -> str:
    """One spelling for one name: composed letters, single spaces, none at the ends.

    Raises:
        EchoDeskError: empty, too long, or with characters that cannot be seen.
    """
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(tidy) <= MAX_NAME_LENGTH:
        raise EchoDeskError(f"a name has 1 to {MAX_NAME_LENGTH} characters", "")
    if not tidy.isprintable():
        raise EchoDeskError("a name has only characters that can be seen", "")
    return tidy


def _change(
    session: Session,
    user: User,
    kind: str,
    actor: str,
    now: datetime,
    values: Mapping[str, Any],
    *,
    told: Mapping[str, Any],
) -> None:
    """Change a person, end their sign-ins and write it down, in the caller's transaction."""
    lock_chain(session)
    for name, value in values.items():
        setattr(user, name, value)
    session.add(user)
    session.flush()
    ended = end_sign_ins_of(session, annotator_id=int(user.id or 0), now=now)
    _announce(session, kind, user, actor, now, {**told, "sign_ins_ended": ended})


def _announce(
    session: Session, kind: str, user: User, actor: str, now: datetime, payload: Mapping[str, Any]
) -> None:
    append_event(session, kind=kind, actor=actor, subject=f"user:{user.id}", payload=payload, now=now)
