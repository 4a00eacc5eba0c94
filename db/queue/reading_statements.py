"""The statements that look for the next reading of a person, and the conditions they are made of.

Each is put together once, because that takes many times as long as asking it. They are asked with
`annotator_id`, `now`, `skip` (case numbers not to give), and `site` where it is named.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, func, literal, union_all
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.decisions import ADJUDICATING, Decision, Purpose, QueueState
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
    skipped; then what would be somebody else's to adjudicate, if there were anybody; last what others hold
    for later without having begun on it.
    """

    CLEAN = "clean"
    FRESH = "fresh"
    SKIPPED = "skipped"
    ALONE = "alone"
    AHEAD = "ahead"


@cache
def held_or_first(purposes: tuple[str, ...], among: Among, *, has_site: bool) -> Any:
    """What the person holds, else the first free reading there: case, purpose, sample, 0 where it is held."""
    held = held_readings(purposes).add_columns(literal(0).label("is_free")).limit(1).subquery()
    free = free_reading(purposes, among, has_site=has_site)
    free = free.add_columns(literal(1).label("is_free")).subquery()
    both = union_all(select(held), select(free)).subquery()
    given: Any = aliased(Case, both)
    *_, purpose, sample, is_free = both.c
    return select(given, purpose, sample, is_free).order_by(is_free).limit(1)


@cache
def free_reading(purposes: tuple[str, ...], among: Among, *, has_site: bool) -> Any:
    """The first reading that waits, that the person may do, and that nobody holds; for `Among.AHEAD` that
    nobody has begun.

    Its columns: case, purpose, sample key.
    """
    skipped = _was_skipped()
    if among is Among.ALONE:
        free = _free(purposes, is_held=_is_held(), may_read=_is_nobody_elses(purposes))
    elif among is Among.AHEAD:
        free = _free(purposes, is_held=_is_held(_is_begun()))
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
def free_reading_of_case(purposes: tuple[str, ...]) -> Any:
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


def _is_begun() -> ColumnElement[bool]:
    """The condition on `Lease` that it is more than a record held for later."""
    is_begun: ColumnElement[bool] = (
        (col(Lease.ahead) == 0) | col(Lease.work).is_not(None) | col(Lease.entered).is_not(None)
    )
    return is_begun


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


def settled_by_nobody() -> Any:
    """How many adjudications wait though everybody who may adjudicate has read the record: in a team of two,
    all in which the two differ. What one person alone has flagged is not among them: it comes back to them.
    """
    other: Any = aliased(User)
    may_adjudicate = other.is_active & other.role.in_([role.value for role in ADJUDICATING])
    somebody = exists().where(may_adjudicate, ~_has_read(other.id))
    is_theirs = exists().where(may_adjudicate, other.id == QueueItem.barred_a)
    is_own = is_theirs & col(QueueItem.barred_b).is_(None)
    waits = (
        QueueItem.purpose == Purpose.ADJUDICATION.value,
        QueueItem.state == QueueState.WAITING.value,
    )
    return select(func.count()).select_from(QueueItem).where(*waits, ~somebody, ~is_own)


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
