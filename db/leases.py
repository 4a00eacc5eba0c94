"""Who has which case on screen. One row a case: two people never get the same record.

Whatever changes a lease takes its place in the one queue of writers first (`events.lock_chain`), so what it saw
is still true when it writes, and a page may change leases and decide in one transaction without a deadlock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from db.events import lock_chain
from db.models import Case, Decision, Draft, Lease, Review

# A case with one of these is out of the ordinary queue.
SETTLED = (Decision.ACCEPT.value, Decision.CORRECT.value, Decision.FLAG.value)


def is_waiting() -> ColumnElement[bool]:
    """The condition on `Case` for the review queue: read by a machine, not settled by a person."""
    drafted = exists().where(col(Draft.case_id) == col(Case.id))
    settled = exists().where(col(Review.case_id) == col(Case.id), col(Review.decision).in_(SETTLED))
    return drafted & ~settled


def take_lease(session: Session, *, case_id: int, annotator_id: int, now: datetime, lease_s: float) -> bool:
    """Take a case that is free, ours, or whose lease ran out.

    Returns:
        False when somebody else holds it.
    """
    lock_chain(session)
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    wanted = dialect.insert(Lease).values(
        case_id=case_id, annotator_id=annotator_id, expires_at=now + timedelta(seconds=lease_s)
    )
    taken = session.execute(
        wanted.on_conflict_do_update(
            index_elements=["case_id"],
            set_={"annotator_id": wanted.excluded.annotator_id, "expires_at": wanted.excluded.expires_at},
            where=or_(col(Lease.annotator_id) == wanted.excluded.annotator_id, col(Lease.expires_at) <= now),
        ).returning(col(Lease.case_id))
    )
    return taken.first() is not None


def renew_lease(session: Session, *, case_id: int, annotator_id: int, now: datetime, lease_s: float) -> bool:
    """Push back the end of our lease, also one that just ran out but that nobody took.

    Returns:
        False when the case is no longer ours.
    """
    lock_chain(session)
    renewed = session.execute(
        update(Lease)
        .where(col(Lease.case_id) == case_id, col(Lease.annotator_id) == annotator_id)
        .values(expires_at=now + timedelta(seconds=lease_s))
        .returning(col(Lease.case_id))
    )
    return renewed.first() is not None


def release_lease(session: Session, *, case_id: int, annotator_id: int) -> bool:
    """Put our case back in the queue.

    Returns:
        False when it was not ours.
    """
    lock_chain(session)
    released = session.execute(
        delete(Lease)
        .where(col(Lease.case_id) == case_id, col(Lease.annotator_id) == annotator_id)
        .returning(col(Lease.case_id))
    )
    return released.first() is not None


def holds_lease(session: Session, *, case_id: int, annotator_id: int, now: datetime) -> bool:
    """Whether this person's lease on a case is live."""
    lease = session.exec(
        select(Lease).where(Lease.case_id == case_id).execution_options(populate_existing=True)
    ).first()
    return lease is not None and lease.annotator_id == annotator_id and lease.expires_at > now


def lease_next(
    session: Session, *, annotator_id: int, now: datetime, lease_s: float, skip: Collection[int] = ()
) -> Case | None:
    """Give this person a case to look at, and the lease on it.

    First the case they already hold; then the highest priority, then the lowest number, among cases with a
    draft that nobody has settled or holds. Cases this person skipped come last.

    Args:
        skip: case numbers not to give now.
    """
    lock_chain(session)
    held = _held_case(session, annotator_id=annotator_id, now=now, skip=skip)
    if held is not None:
        take_lease(session, case_id=int(held.id or 0), annotator_id=annotator_id, now=now, lease_s=lease_s)
        return held
    case = _next_free(session, annotator_id=annotator_id, now=now, skip=skip)
    if case is None:
        return None
    take_lease(session, case_id=int(case.id or 0), annotator_id=annotator_id, now=now, lease_s=lease_s)
    return case


def _held_case(session: Session, *, annotator_id: int, now: datetime, skip: Collection[int]) -> Case | None:
    held = (
        select(Case)
        .join(Lease, col(Lease.case_id) == Case.id)
        .where(Lease.annotator_id == annotator_id, Lease.expires_at > now, col(Case.id).not_in(skip))
        .order_by(col(Lease.expires_at).desc(), col(Case.id))
    )
    return session.exec(held.limit(1)).first()


def _next_free(session: Session, *, annotator_id: int, now: datetime, skip: Collection[int]) -> Case | None:
    held = exists().where(col(Lease.case_id) == col(Case.id), col(Lease.expires_at) > now)
    skipped = exists().where(
        col(Review.case_id) == col(Case.id),
        col(Review.annotator_id) == annotator_id,
        col(Review.decision) == Decision.SKIP.value,
    )
    free = (
        select(Case)
        .where(is_waiting(), ~held, col(Case.id).not_in(skip))
        .order_by(skipped, col(Case.priority).desc(), col(Case.id))
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return session.exec(free).first()


def count_free(session: Session, *, now: datetime) -> int:
    """How many cases wait in the queue and are on nobody's screen."""
    held = exists().where(col(Lease.case_id) == col(Case.id), col(Lease.expires_at) > now)
    return session.exec(select(func.count()).select_from(Case).where(is_waiting(), ~held)).one()
