"""Who has which case on screen. One row a case: two people never get the same record.

Whatever changes a lease takes its place in the one queue of writers first (`events.lock_chain`), so what it
saw is still true when it writes, and a page may change leases and decide in one transaction without a
deadlock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam, delete, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from db.decisions import Purpose, QueueState
from db.events import lock_chain
from db.queue.known import known_case
from db.store.plain_rows import first_row, run, table_of
from db.tables.people import User
from db.tables.queue import Lease, QueueItem


@dataclass(frozen=True)
class Holding:
    """How many waiting first readings a person has open, and when the last of them comes free by itself."""

    name: str
    number: int
    until: datetime


def held_by_others(session: Session, *, annotator_id: int, now: datetime) -> list[Holding]:
    """Who else holds first readings that wait, by name."""
    rows = session.execute(
        sqlalchemy.select(col(User.name), func.count(), func.max(col(Lease.expires_at)))
        .join(User, col(User.id) == col(Lease.annotator_id))
        .join(QueueItem, col(QueueItem.case_id) == col(Lease.case_id))
        .where(
            col(QueueItem.purpose) == Purpose.FIRST.value,
            col(QueueItem.state) == QueueState.WAITING.value,
            col(Lease.annotator_id) != annotator_id,
            col(Lease.expires_at) > now,
        )
        .group_by(col(User.name))
        .order_by(col(User.name))
    )
    return [Holding(name, number, until) for name, number, until in rows]


# Put together once: that takes many times as long as asking them.
_HOLDER = sqlalchemy.select(col(Lease.annotator_id), col(Lease.expires_at)).where(
    col(Lease.case_id) == bindparam("case_id")
)
_RELEASING = (
    delete(table_of(Lease))
    .where(col(Lease.case_id) == bindparam("number"), col(Lease.annotator_id) == bindparam("annotator_id"))
    .returning(col(Lease.case_id))
)
_NEARING = (
    update(table_of(Lease))
    .where(col(Lease.case_id) == bindparam("number"))
    .values(ahead=0, expires_at=bindparam("until", type_=table_of(Lease).c.expires_at.type))
)
_LEASE = select(Lease).where(Lease.case_id == bindparam("case_id")).execution_options(populate_existing=True)


@cache
def _taking(dialect_name: str) -> Any:
    """The statement of `take_lease`, put together once: that takes many times as long as running it."""
    dialect: Any = postgresql if dialect_name == "postgresql" else sqlite
    lease = table_of(Lease)
    wanted = dialect.insert(lease)
    taken_over = {
        name: wanted.excluded[name]
        for name in ("annotator_id", "expires_at", "purpose", "sample_id", "ahead")
    }
    return wanted.on_conflict_do_update(
        index_elements=["case_id"],
        set_={**taken_over, "work": None, "entered": None},
        where=or_(
            lease.c.annotator_id == wanted.excluded.annotator_id,
            lease.c.expires_at <= bindparam("now", type_=lease.c.expires_at.type),
        ),
    ).returning(lease.c.case_id)


def take_lease(
    session: Session,
    *,
    case_id: int,
    annotator_id: int,
    now: datetime,
    lease_s: float,
    purpose: Purpose = Purpose.FIRST,
    sample_id: int | None = None,
    ahead: int = 0,
) -> bool:
    """Take a case that is free, ours, or whose lease ran out.

    Args:
        ahead: 0 for the record on screen, 1 and more for those held for later.

    Returns:
        False when somebody else holds it.
    """
    lock_chain(session)
    asked = {
        "case_id": case_id,
        "annotator_id": annotator_id,
        "expires_at": now + timedelta(seconds=lease_s),
        "purpose": purpose.value,
        "sample_id": sample_id,
        "ahead": ahead,
        "now": now,
    }
    taken = first_row(session, _taking(session.get_bind().dialect.name), asked) is not None
    _forget_lease(session, case_id)
    return taken


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


def shorten_leases(session: Session, *, now: datetime, lease_s: float) -> None:
    """Let no lease last longer than one taken now: such were taken while the clock was ahead."""
    lock_chain(session)
    longest = now + timedelta(seconds=lease_s)
    session.execute(update(Lease).where(col(Lease.expires_at) > longest).values(expires_at=longest))


def bring_near(session: Session, *, case_id: int, now: datetime, lease_s: float) -> None:
    """Put a held case on screen: as it was, with the work kept beside it, only nearer and for longer."""
    lock_chain(session)
    run(session, _NEARING, {"number": case_id, "until": now + timedelta(seconds=lease_s)})
    _forget_lease(session, case_id)


def keep_work(session: Session, *, case_id: int, annotator_id: int, work: Mapping[str, Any] | None) -> bool:
    """Keep what was answered and not stored yet beside our lease; it goes with the lease.

    Returns:
        False when the case is no longer ours.
    """
    lock_chain(session)
    kept = session.execute(
        update(Lease)
        .where(col(Lease.case_id) == case_id, col(Lease.annotator_id) == annotator_id)
        .values(work=dict(work) if work is not None else None)
        .returning(col(Lease.case_id))
    )
    return kept.first() is not None


def keep_entered(session: Session, *, case_id: int, annotator_id: int, entered: Mapping[str, Any]) -> bool:
    """Keep the record as entered before its hidden draft is shown: the first time counts, a repeat changes
    nothing.

    Returns:
        False when the case is no longer ours.
    """
    lock_chain(session)
    lease = session.exec(
        select(Lease)
        .where(Lease.case_id == case_id, Lease.annotator_id == annotator_id)
        .execution_options(populate_existing=True)
    ).first()
    if lease is None:
        return False
    if lease.entered is None:
        lease.entered, lease.work = dict(entered), None
        session.flush()
    return True


def release_lease(session: Session, *, case_id: int, annotator_id: int) -> bool:
    """Put our case back in the queue.

    Returns:
        False when it was not ours.
    """
    lock_chain(session)
    released = first_row(session, _RELEASING, {"number": case_id, "annotator_id": annotator_id}) is not None
    _forget_lease(session, case_id)
    return released


def find_lease(session: Session, *, case_id: int, annotator_id: int, now: datetime) -> Lease | None:
    """This person's live lease on a case, or None."""
    known = known_case(session, case_id)
    if known is not None and known.draft is not None:
        lease = known.lease
    else:
        lease = session.exec(_LEASE, params={"case_id": case_id}).first()
    is_ours = lease is not None and lease.annotator_id == annotator_id and lease.expires_at > now
    return lease if is_ours else None


def holds_lease(session: Session, *, case_id: int, annotator_id: int, now: datetime) -> bool:
    """Whether this person's lease on a case is live."""
    holder = first_row(session, _HOLDER, {"case_id": case_id})
    return holder is not None and bool(holder.annotator_id == annotator_id and holder.expires_at > now)


def _forget_lease(session: Session, case_id: int) -> None:
    """Let a session ask anew about a lease that was changed behind the objects it knows."""
    known = session.identity_map.get(session.identity_key(Lease, case_id))
    if known is not None:
        session.expire(known)
