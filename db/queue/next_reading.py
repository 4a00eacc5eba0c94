"""Which reading a person is given next, as statements: held ones, clean drafts, the queue's order, skipped
ones.

Each is put together once, because that takes many times as long as asking it. They are asked with
`annotator_id`, `now`, `skip` (case numbers not to give), and `site` where it is named.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func
from sqlmodel import col, select

from db.decisions import Decision, Purpose, QueueState
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
    skipped.
    """

    CLEAN = "clean"
    FRESH = "fresh"
    SKIPPED = "skipped"


@cache
def free_reading(purposes: tuple[str, ...], among: Among, *, has_site: bool) -> Any:
    """The first reading that waits, that the person may do, and that nobody holds: case, purpose, sample key."""
    held = exists().where(col(Lease.case_id) == col(QueueItem.case_id), col(Lease.expires_at) > _NOW)
    skipped = _was_skipped()
    free = (
        select(Case, QueueItem.purpose, QueueItem.sample_key)
        .join(Case, col(Case.id) == QueueItem.case_id)
        .where(QueueItem.state == QueueState.WAITING.value, _may_read(purposes), ~held)
        .where(_not_to_skip(QueueItem.case_id), skipped if among is Among.SKIPPED else ~skipped)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    if has_site:
        free = free.where(QueueItem.site == bindparam("site"))
    if among is Among.CLEAN:
        return free.where(col(QueueItem.is_clean).is_(True)).order_by(col(QueueItem.shuffle))
    return free.order_by(col(QueueItem.rank), col(QueueItem.case_id))


@cache
def held_readings(purposes: tuple[str, ...]) -> Any:
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


def _has_read() -> ColumnElement[bool]:
    """Whether the person's own reading of the case is in force, so that another one would not be independent.

    Two audit samples may be read by the same person: neither reading makes the label.
    """
    is_for_audit = col(QueueItem.purpose) == Purpose.AUDIT.value
    is_audit = func.coalesce(col(Review.purpose), Purpose.FIRST.value) == Purpose.AUDIT.value
    return exists().where(
        col(Review.case_id) == col(QueueItem.case_id),
        col(Review.annotator_id) == _PERSON,
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
