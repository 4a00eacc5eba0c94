"""Who has which case on screen. One row a case: two people never get the same record.

Whatever changes a lease takes its place in the one queue of writers first (`events.lock_chain`), so what it saw
is still true when it writes, and a page may change leases and decide in one transaction without a deadlock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from db.events import lock_chain
from db.models import Case, Decision, Lease, Purpose, Review, User
from db.reading_models import QueueItem, QueueState
from db.withdrawals import is_in_force


@dataclass(frozen=True)
class Task:
    """A case to read, and why.

    Attributes:
        sample_id: the audit sample the reading belongs to; null for the other purposes.
    """

    case: Case
    purpose: Purpose = Purpose.FIRST
    sample_id: int | None = None


@dataclass(frozen=True)
class Wish:
    """Which readings a person may be given.

    Attributes:
        purposes: what they may read for.
        clean_first: give a clean draft, drawn at random, before what the queue has first.
        site: only of this site, where it is named.
    """

    purposes: Collection[Purpose] = (Purpose.FIRST,)
    clean_first: bool = False
    site: str | None = None


_FIRST_ONLY = Wish()


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
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = {
        "case_id": case_id,
        "annotator_id": annotator_id,
        "expires_at": now + timedelta(seconds=lease_s),
        "purpose": purpose.value,
        "sample_id": sample_id,
        "ahead": ahead,
    }
    wanted = dialect.insert(Lease).values(**values)
    taken = session.execute(
        wanted.on_conflict_do_update(
            index_elements=["case_id"],
            set_={name: wanted.excluded[name] for name in values if name != "case_id"}
            | {"work": None, "entered": None},
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
    """Keep the record as entered before its hidden draft is shown: the first time counts, a repeat changes nothing.

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
    released = session.execute(
        delete(Lease)
        .where(col(Lease.case_id) == case_id, col(Lease.annotator_id) == annotator_id)
        .returning(col(Lease.case_id))
    )
    return released.first() is not None


def find_lease(session: Session, *, case_id: int, annotator_id: int, now: datetime) -> Lease | None:
    """This person's live lease on a case, or None."""
    lease = session.exec(
        select(Lease).where(Lease.case_id == case_id).execution_options(populate_existing=True)
    ).first()
    return lease if lease is not None and lease.annotator_id == annotator_id and lease.expires_at > now else None


def holds_lease(session: Session, *, case_id: int, annotator_id: int, now: datetime) -> bool:
    """Whether this person's lease on a case is live."""
    return find_lease(session, case_id=case_id, annotator_id=annotator_id, now=now) is not None


def lease_next(
    session: Session,
    *,
    annotator_id: int,
    now: datetime,
    lease_s: float,
    skip: Collection[int] = (),
    wish: Wish = _FIRST_ONLY,
) -> Task | None:
    """Give this person a case to look at, and the lease on it.

    First the case they already hold; then by the queue's order, among readings that wait, that are not assigned to
    somebody else, that the person may do, and that nobody holds. Cases this person skipped come last.

    Args:
        skip: case numbers not to give now.
    """
    lock_chain(session)
    task = _held_task(session, annotator_id=annotator_id, now=now, skip=skip, wish=wish)
    if task is None:
        task = _next_free(session, annotator_id=annotator_id, now=now, skip=skip, wish=wish)
        if task is None:
            return None
        _take(session, task, annotator_id=annotator_id, now=now, lease_s=lease_s, ahead=0)
        return task
    # As it was, with the work kept beside it: only nearer and for longer.
    session.execute(
        update(Lease)
        .where(col(Lease.case_id) == task.case.id)
        .values(ahead=0, expires_at=now + timedelta(seconds=lease_s))
    )
    return task


def lease_ahead(
    session: Session, *, annotator_id: int, now: datetime, lease_s: float, on_screen: int, count: int, wish: Wish
) -> list[Task]:
    """Hold the next cases for this person, so that their pages can be fetched before they are asked for.

    Args:
        on_screen: the case being read.
        count: how many to hold beyond it.

    Returns:
        those held now, in the order they will be given.
    """
    lock_chain(session)
    held = _held_tasks(session, annotator_id=annotator_id, now=now, skip=(on_screen,), wish=wish)[:count]
    for place, task in enumerate(held, start=1):  # those held longer come before what is added now
        session.execute(update(Lease).where(col(Lease.case_id) == task.case.id).values(ahead=place))
    while len(held) < count:
        taken = (on_screen, *(int(task.case.id or 0) for task in held))
        found = _next_free(session, annotator_id=annotator_id, now=now, skip=taken, wish=wish)
        if found is None:
            break
        held.append(found)
        _take(session, found, annotator_id=annotator_id, now=now, lease_s=lease_s, ahead=len(held))
    return held


def _take(session: Session, task: Task, *, annotator_id: int, now: datetime, lease_s: float, ahead: int) -> None:
    take_lease(
        session,
        case_id=int(task.case.id or 0),
        annotator_id=annotator_id,
        now=now,
        lease_s=lease_s,
        purpose=task.purpose,
        sample_id=task.sample_id,
        ahead=ahead,
    )


def _held_task(session: Session, *, annotator_id: int, now: datetime, skip: Collection[int], wish: Wish) -> Task | None:
    held = _held_tasks(session, annotator_id=annotator_id, now=now, skip=skip, wish=wish)
    return held[0] if held else None


def _held_tasks(session: Session, *, annotator_id: int, now: datetime, skip: Collection[int], wish: Wish) -> list[Task]:
    """What the person holds and may still read: a role may have been changed since."""
    purposes = [purpose.value for purpose in wish.purposes]
    held = (
        select(Case, Lease.purpose, Lease.sample_id)
        .join(Lease, col(Lease.case_id) == Case.id)
        .where(Lease.annotator_id == annotator_id, Lease.expires_at > now, col(Case.id).not_in(skip))
        .where(func.coalesce(col(Lease.purpose), Purpose.FIRST.value).in_(purposes))
        .order_by(col(Lease.ahead), col(Lease.expires_at).desc(), col(Case.id))
    )
    return [Task(case, Purpose(purpose or Purpose.FIRST), sample) for case, purpose, sample in session.exec(held)]


def _next_free(session: Session, *, annotator_id: int, now: datetime, skip: Collection[int], wish: Wish) -> Task | None:
    held = exists().where(col(Lease.case_id) == col(QueueItem.case_id), col(Lease.expires_at) > now)
    free = (
        select(Case, QueueItem.purpose, QueueItem.sample_key)
        .join(Case, col(Case.id) == QueueItem.case_id)
        .where(QueueItem.state == QueueState.WAITING.value, _may_read(annotator_id, wish), ~held)
        .where(col(QueueItem.case_id).not_in(skip))
        .limit(1)
        .execution_options(populate_existing=True)
    )
    by_rank = free.order_by(col(QueueItem.rank), col(QueueItem.case_id))
    skipped = _was_skipped_by(annotator_id)
    tries = [by_rank.where(~skipped), by_rank.where(skipped)]
    if wish.clean_first:
        clean = free.where(col(QueueItem.is_clean).is_(True), ~skipped)
        tries.insert(0, clean.order_by(col(QueueItem.shuffle)))
    for wanted in tries:
        found = session.exec(wanted).first()
        if found is not None:
            case, purpose, sample_key = found
            return Task(case, Purpose(purpose), sample_key or None)
    return None


def _may_read(annotator_id: int, wish: Wish) -> ColumnElement[bool]:
    """The condition on `QueueItem` that this person may be given the reading."""
    item = QueueItem
    left = select(User.id).where(~col(User.is_active))  # what was theirs is anybody's
    is_anybodys = col(item.assigned_to).is_(None) | col(item.assigned_to).in_(left)
    condition = (
        col(item.purpose).in_([purpose.value for purpose in wish.purposes])
        & (is_anybodys | (col(item.assigned_to) == annotator_id))
        & (func.coalesce(col(item.barred_a), 0) != annotator_id)
        & (func.coalesce(col(item.barred_b), 0) != annotator_id)
        & ((col(item.purpose) == Purpose.FIRST.value) | ~_has_read(annotator_id))
    )
    return condition if wish.site is None else condition & (col(item.site) == wish.site)


def _has_read(annotator_id: int) -> ColumnElement[bool]:
    """Whether the person's own reading of the case is in force, so that another one would not be independent.

    Two audit samples may be read by the same person: neither reading makes the label.
    """
    is_adjudication = col(QueueItem.purpose) == Purpose.ADJUDICATION.value
    is_audit = func.coalesce(col(Review.purpose), Purpose.FIRST.value) == Purpose.AUDIT.value
    return exists().where(
        col(Review.case_id) == col(QueueItem.case_id),
        col(Review.annotator_id) == annotator_id,
        col(Review.decision) != Decision.SKIP.value,
        is_adjudication | ~is_audit,
        is_in_force(),
    )


def _was_skipped_by(annotator_id: int) -> ColumnElement[bool]:
    return exists().where(
        col(Review.case_id) == col(QueueItem.case_id),
        col(Review.annotator_id) == annotator_id,
        col(Review.decision) == Decision.SKIP.value,
        is_in_force(),
    )


def count_free(session: Session, *, now: datetime) -> int:
    """How many readings wait in the queue and are on nobody's screen."""
    held = exists().where(col(Lease.case_id) == col(QueueItem.case_id), col(Lease.expires_at) > now)
    waiting = QueueItem.state == QueueState.WAITING.value
    return session.exec(select(func.count()).select_from(QueueItem).where(waiting, ~held)).one()
