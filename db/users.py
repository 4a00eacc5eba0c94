"""The people who review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from db.events import append_event, lock_chain
from db.models import Role, User


def ensure_local_user(session: Session, *, name: str = "local", now: datetime) -> User:
    """The person at this machine, made on first use; no password, they come in by a one-time link."""
    lock_chain(session)
    found = session.exec(select(User).where(User.name == name)).first()
    if found is not None:
        return found
    user = User(name=name, role=Role.ANNOTATOR.value, created_at=now)
    session.add(user)
    session.flush()
    append_event(
        session,
        kind="user_added",
        actor=name,
        subject=f"user:{user.id}",
        payload={"role": user.role},
        now=now,
    )
    return user


def get_user(session: Session, *, user_id: int) -> User | None:
    """The person with this number, or None."""
    return session.get(User, user_id)


def list_users(session: Session) -> Sequence[User]:
    """Everybody, by name."""
    return session.exec(select(User).order_by(col(User.name))).all()
