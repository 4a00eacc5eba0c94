"""Which reading a person is given next: held ones, clean drafts, the queue's order, skipped ones.

Each statement is put together once, because that takes many times as long as asking it. They are asked with
`annotator_id`, `now`, `skip` (case numbers not to give), and `site` where it is named.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, func, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from db.decisions import ADJUDICATING, Decision, Purpose, QueueState
from db.events import lock_chain
from db.queue.leases import take_lease
from db.store.plain_rows import table_of
from db.tables.cases import Case
from db.tables.people import User
from db.tables.queue import Lease, QueueItem
from db.tables.reviews import Review
from db.withdrawals import is_in_force

_PERSON: Any = bindparam("annotator_id")
_NOW: Any = bindparam("now", type_=table_of(Lease).c.expires_at.type)


class Among(StrEnum):
    """Where to look: clean drafts in their shuffled order, or the queue's order without or with what they
    skipped; last what would be somebody else's to adjudicate, if there were anybody.
    """

    CLEAN = "clean"
    FRESH = "fresh"
    SKIPPED = "skipped"
    ALONE = "alone"


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
    """Which readings a person may be given: for which purposes, only of a site where it is named, whether a
    clean draft, drawn at random, comes before what the queue has first, and whether what they flagged
    themselves comes last, where nobody else could adjudicate it.
    """

    purposes: Collection[Purpose] = (Purpose.FIRST,)
    clean_first: bool = False
    site: str | None = None
    own_flags: bool = False


_FIRST_ONLY = Wish()


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

    First the case they already hold; then by the queue's order, among readings that wait, that are not
    assigned to somebody else, that the person may do, and that nobody holds. Cases this person skipped come
    last.

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


def lease_case(
    session: Session, *, case_id: int, annotator_id: int, now: datetime, lease_s: float, wish: Wish
) -> Task | None:
    """Give this person one certain case, for the first of its waiting readings that they may do.

    Returns:
        None where there is none, or somebody else holds the case.
    """
    lock_chain(session)
    asked = {"annotator_id": annotator_id, "now": now, "skip": [], "case_id": case_id}
    found = session.exec(_free_reading_of_case(_purposes(wish)), params=asked).first()
    if found is None:
        return None
    case, purpose, sample_key = found
    task = Task(case, Purpose(purpose), sample_key or None)
    _take(session, task, annotator_id=annotator_id, now=now, lease_s=lease_s, ahead=0)
    return task


def lease_ahead(
    session: Session,
    *,
    annotator_id: int,
    now: datetime,
    lease_s: float,
    on_screen: int,
    count: int,
    wish: Wish,
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


def _take(
    session: Session, task: Task, *, annotator_id: int, now: datetime, lease_s: float, ahead: int
) -> None:
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


def _held_task(
    session: Session, *, annotator_id: int, now: datetime, skip: Collection[int], wish: Wish
) -> Task | None:
    held = _held_tasks(session, annotator_id=annotator_id, now=now, skip=skip, wish=wish)
    return held[0] if held else None


def _held_tasks(
    session: Session, *, annotator_id: int, now: datetime, skip: Collection[int], wish: Wish
) -> list[Task]:
    asked = {"annotator_id": annotator_id, "now": now, "skip": list(skip)}
    rows = session.exec(_held_readings(_purposes(wish)), params=asked)
    return [Task(case, Purpose(purpose or Purpose.FIRST), sample) for case, purpose, sample in rows]


def _next_free(
    session: Session, *, annotator_id: int, now: datetime, skip: Collection[int], wish: Wish
) -> Task | None:
    asked = {"annotator_id": annotator_id, "now": now, "skip": list(skip), "site": wish.site}
    places = [Among.FRESH, Among.SKIPPED]
    if wish.clean_first:
        places.insert(0, Among.CLEAN)
    if wish.own_flags:
        places.append(Among.ALONE)
    for among in places:
        purposes = (Purpose.ADJUDICATION.value,) if among is Among.ALONE else _purposes(wish)
        wanted = _free_reading(purposes, among, has_site=wish.site is not None)
        found = session.exec(wanted, params=asked).first()
        if found is not None:
            case, purpose, sample_key = found
            return Task(case, Purpose(purpose), sample_key or None)
    return None


def _purposes(wish: Wish) -> tuple[str, ...]:
    return tuple(purpose.value for purpose in wish.purposes)


@cache
def _free_reading(purposes: tuple[str, ...], among: Among, *, has_site: bool) -> Any:
    """The first reading that waits, that the person may do, and that nobody holds.

    Its columns: case, purpose, sample key.
    """
    skipped = _was_skipped()
    if among is Among.ALONE:
        free = _free(purposes, is_held=_is_held(), may_read=_is_nobody_elses(purposes))
    else:
        free = _free(purposes, is_held=_is_held()).where(skipped if among is Among.SKIPPED else ~skipped)
    if has_site:
        free = free.where(QueueItem.site == bindparam("site"))
    if among is Among.CLEAN:
        return free.where(col(QueueItem.is_clean).is_(True)).order_by(col(QueueItem.shuffle))
    if among is Among.ALONE:
        return free.order_by(case((skipped, 1), else_=0), col(QueueItem.rank), col(QueueItem.case_id))
    return free.order_by(col(QueueItem.rank), col(QueueItem.case_id))


@cache
def _free_reading_of_case(purposes: tuple[str, ...]) -> Any:
    """The same for one case, which the person themselves may hold."""
    by_another = _is_held(col(Lease.annotator_id) != _PERSON)
    of_case = QueueItem.case_id == bindparam("case_id")
    return _free(purposes, is_held=by_another).where(of_case).order_by(col(QueueItem.rank))


def _free(
    purposes: tuple[str, ...], *, is_held: ColumnElement[bool], may_read: ColumnElement[bool] | None = None
) -> Any:
    return (
        select(Case, QueueItem.purpose, QueueItem.sample_key)
        .join(Case, col(Case.id) == QueueItem.case_id)
        .where(QueueItem.state == QueueState.WAITING.value, ~is_held)
        .where(_may_read(purposes) if may_read is None else may_read)
        .where(_not_to_skip(QueueItem.case_id))
        .limit(1)
        .execution_options(populate_existing=True)
    )


def _is_held(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    is_of_case = col(Lease.case_id) == col(QueueItem.case_id)
    return exists().where(is_of_case, col(Lease.expires_at) > _NOW, *conditions)


@cache
def _held_readings(purposes: tuple[str, ...]) -> Any:
    """What the person holds and may still read (a role may have been changed since): case, purpose, sample
    number.
    """
    return (
        select(Case, Lease.purpose, Lease.sample_id)
        .join(Lease, col(Lease.case_id) == Case.id)
        .where(Lease.annotator_id == _PERSON, Lease.expires_at > _NOW, _not_to_skip(Case.id))
        .where(func.coalesce(col(Lease.purpose), Purpose.FIRST.value).in_(purposes))
        .order_by(col(Lease.ahead), col(Lease.expires_at).desc(), col(Case.id))
    )


def _not_to_skip(case_id: Any) -> ColumnElement[bool]:
    return col(case_id).not_in(bindparam("skip", expanding=True))


def _may_read(purposes: tuple[str, ...]) -> ColumnElement[bool]:
    """The condition on `QueueItem` that the person may be given the reading."""
    item = QueueItem
    left = select(User.id).where(~col(User.is_active))  # what was theirs is anybody's
    is_anybodys = col(item.assigned_to).is_(None) | col(item.assigned_to).in_(left)
    condition: ColumnElement[bool] = (
        col(item.purpose).in_(purposes)
        & (is_anybodys | (col(item.assigned_to) == _PERSON))
        & (func.coalesce(col(item.barred_a), 0) != _PERSON)
        & (func.coalesce(col(item.barred_b), 0) != _PERSON)
        & ((col(item.purpose) == Purpose.FIRST.value) | ~_has_read())
    )
    return condition


def _is_nobody_elses(purposes: tuple[str, ...]) -> ColumnElement[bool]:
    """The condition on `QueueItem` that only this person's own reading is in question, and nobody else could
    adjudicate it.

    An adjudicator should not have read the record before. Where there is no other one, what a person alone
    has flagged would wait for ever.
    """
    other: Any = aliased(User)
    somebody = exists().where(
        other.is_active,
        other.role.in_([role.value for role in ADJUDICATING]),
        other.id != _PERSON,
        ~_has_read(other.id),
    )
    is_own = (col(QueueItem.barred_a) == _PERSON) & col(QueueItem.barred_b).is_(None)
    only_theirs: ColumnElement[bool] = col(QueueItem.purpose).in_(purposes) & is_own & ~somebody
    return only_theirs


def _has_read(person: Any = _PERSON) -> ColumnElement[bool]:
    """Whether a person's own reading of the case is in force, so that another one would not be independent.

    Two audit samples may be read by the same person: neither reading makes the label.
    """
    is_for_audit = col(QueueItem.purpose) == Purpose.AUDIT.value
    is_audit = func.coalesce(col(Review.purpose), Purpose.FIRST.value) == Purpose.AUDIT.value
    return exists().where(
        col(Review.case_id) == col(QueueItem.case_id),
        col(Review.annotator_id) == person,
        col(Review.decision) != Decision.SKIP.value,
        ~(is_for_audit & is_audit),
        is_in_force(),
    )


def _was_skipped() -> ColumnElement[bool]:
    return exists().where(
        col(Review.case_id) == col(QueueItem.case_id),
        col(Review.annotator_id) == _PERSON,
        col(Review.decision) == Decision.SKIP.value,
        is_in_force(),
    )
