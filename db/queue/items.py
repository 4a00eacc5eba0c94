"""The review queue: one row for every reading a case needs or has had, derived from what was read.

`refresh_case` belongs in the transaction of whatever changed the case, so that a decision and the queue are
stored together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam, func, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from db.decisions import ADJUDICATING, Purpose, QueueState, Role
from db.errors import EchoDeskError
from db.events import append_event, lock_chain
from db.labels import Light
from db.queue.known import FACTS, known_case, move_firsts
from db.queue.plan import (
    AuditFacts,
    CaseFacts,
    ReadingRules,
    WantedReading,
    newest_of,
    priority_of,
    readings_wanted,
    worst_light,
)
from db.store.plain_rows import first_row, run, table_of
from db.tables.audits import AuditItem
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.people import User
from db.tables.queue import QueueItem
from db.tables.reviews import Review
from db.withdrawals import is_in_force

# Put together once: that takes many times as long as asking them.
_IN_FORCE = (
    select(Review).where(Review.case_id == bindparam("case_id"), is_in_force()).order_by(col(Review.id))
)
_ANY = sqlalchemy.select(col(Review.id)).where(col(Review.case_id) == bindparam("case_id")).limit(1)
_NEWEST = sqlalchemy.select(func.max(col(Draft.id))).where(col(Draft.case_id) == bindparam("case_id"))
_ITEMS = select(QueueItem).where(QueueItem.case_id == bindparam("case_id"))
_FACTS = sqlalchemy.select(*FACTS)
_AUDITS = select(AuditItem).where(AuditItem.case_id == bindparam("case_id"))


@dataclass(frozen=True)
class QueueCount:
    """How many readings of one kind are in one state.

    Attributes:
        assigned_to: whose they are; null for anybody's.
    """

    purpose: Purpose
    state: QueueState
    light: Light
    site: str
    assigned_to: int | None
    readings: int


def reviews_in_force(session: Session, *, case_id: int) -> list[Review]:
    """Every decision on a case that was not undone, oldest first."""
    known = known_case(session, case_id)
    if known is not None and known.reviews is not None:
        return known.reviews
    if first_row(session, _ANY, {"case_id": case_id}) is None:
        return []
    return list(session.exec(_IN_FORCE, params={"case_id": case_id}).all())


def case_facts(session: Session, *, case_id: int) -> CaseFacts | None:
    """What is known of one case, or None before its first draft."""
    known = known_case(session, case_id)
    facts = known.facts if known is not None else None
    if facts is None:
        facts = first_row(session, _FACTS, {"case_id": case_id})
    if facts is None or facts.draft_id is None:
        return None
    reviews = reviews_in_force(session, case_id=case_id)
    return CaseFacts(
        draft=session.get_one(Draft, facts.draft_id),
        reviews=reviews,
        is_second_chosen=bool(facts.is_second_chosen),
        audits=_audits(session, case_id, reviews) if facts.is_audited else {},
        sent_back_after=facts.sent_back_after,
    )


def refresh_case(session: Session, *, case_id: int, rules: ReadingRules) -> None:
    """Bring a case's rows of the queue in step with what was read, in the caller's transaction."""
    facts = case_facts(session, case_id=case_id)
    if facts is None:
        return
    wanted = {(one.purpose.value, one.sample_key): one for one in readings_wanted(facts, rules)}
    stored = {(item.purpose, item.sample_key): item for item in _items_of(session, case_id)}
    for key, item in stored.items():
        if key not in wanted:
            session.delete(item)
    case = session.get_one(Case, case_id)
    before = [item.state for (purpose, _), item in stored.items() if purpose == Purpose.FIRST.value]
    move_firsts(session, before, [one.state.value for one in wanted.values() if one.purpose is Purpose.FIRST])
    for key, reading in wanted.items():
        item = stored.get(key) or _new_item(case, reading)
        values = _kept_to(item, reading) | _ordered(item, case, facts.draft)
        if key in stored:
            _change(session, item, values)
        else:
            _set(item, values)
            session.add(item)
    session.flush()


def _items_of(session: Session, case_id: int) -> Sequence[QueueItem]:
    known = known_case(session, case_id)
    if known is not None and known.items is not None:
        items, known.items = known.items, None  # once: they are about to be changed
        return items
    return session.exec(_ITEMS, params={"case_id": case_id}).all()


def reorder_case(session: Session, *, case_id: int) -> None:
    """Order a case's readings by its newest draft and its priority; what waits stays what waits."""
    draft = _newest_draft(session, case_id)
    items = session.exec(_ITEMS, params={"case_id": case_id}).all()
    if draft is None:
        return
    if not items:
        refresh_case(session, case_id=case_id, rules=ReadingRules())
    case = session.get_one(Case, case_id)
    for item in items:
        _change(session, item, _ordered(item, case, draft))
    session.flush()


def assign(
    session: Session, *, case_ids: Sequence[int], annotator_id: int | None, actor: str, now: datetime
) -> int:
    """Give waiting readings of these cases to one person, or back to everybody (None); one event for all.

    Readings the person may not do, because an earlier one is theirs, are left as they are.

    Returns:
        how many readings were assigned.

    Raises:
        EchoDeskError: when the person cannot review.
    """
    lock_chain(session)
    user = session.get(User, annotator_id) if annotator_id is not None else None
    if annotator_id is not None and (
        user is None or not user.is_active or user.role == Role.RESEARCHER.value
    ):
        raise EchoDeskError("that person may not review", "Choose somebody with an active account.")
    is_waiting = col(QueueItem.state) == QueueState.WAITING.value
    changed = update(QueueItem).where(col(QueueItem.case_id).in_(case_ids), is_waiting)
    if user is not None:
        changed = changed.where(
            func.coalesce(col(QueueItem.barred_a), 0) != annotator_id,
            func.coalesce(col(QueueItem.barred_b), 0) != annotator_id,
        )
        if user.role not in ADJUDICATING:
            changed = changed.where(col(QueueItem.purpose) != Purpose.ADJUDICATION.value)
    count = len(session.execute(changed.values(assigned_to=annotator_id).returning(col(QueueItem.id))).all())
    append_event(
        session,
        kind="readings_assigned",
        actor=actor,
        subject=f"user:{annotator_id or 'anybody'}",
        payload={"case_ids": sorted(case_ids), "readings": count},
        now=now,
    )
    return count


def queue_counts(session: Session) -> list[QueueCount]:
    """How many readings there are by purpose, state, light, site and person; one pass over an index."""
    item = table_of(QueueItem).c
    keys = (item.purpose, item.state, item.light, item.site, item.assigned_to)
    rows = session.execute(sqlalchemy.select(*keys, func.count()).group_by(*keys)).all()
    return [
        QueueCount(Purpose(purpose), QueueState(state), Light(light), site, assigned_to, int(readings))
        for purpose, state, light, site, assigned_to, readings in rows
    ]


def waiting_items(
    session: Session,
    *,
    purpose: Purpose | None = None,
    light: Light | None = None,
    site: str | None = None,
    assigned_to: int | None = None,
    limit: int = 100,
    after: tuple[float, int] | None = None,
) -> list[QueueItem]:
    """Waiting readings in the order they are given out, filtered.

    Args:
        assigned_to: a person's number, or 0 for those assigned to nobody.
        after: rank and number of the last one seen, to go on from there.
    """
    wanted = select(QueueItem).where(QueueItem.state == QueueState.WAITING.value)
    chosen: Mapping[str, object | None] = {"purpose": purpose, "light": light, "site": site}
    for name, value in chosen.items():
        if value is not None:
            wanted = wanted.where(getattr(QueueItem, name) == str(value))
    if assigned_to is not None:
        is_whose = (
            col(QueueItem.assigned_to).is_(None) if not assigned_to else QueueItem.assigned_to == assigned_to
        )
        wanted = wanted.where(is_whose)
    if after is not None:
        rank, number = after
        wanted = wanted.where(
            (col(QueueItem.rank) > rank) | ((col(QueueItem.rank) == rank) & (col(QueueItem.case_id) > number))
        )
    return list(session.exec(wanted.order_by(col(QueueItem.rank), col(QueueItem.case_id)).limit(limit)).all())


def _new_item(case: Case, reading: WantedReading) -> QueueItem:
    return QueueItem(
        case_id=int(case.id or 0),
        purpose=reading.purpose.value,
        sample_key=reading.sample_key,
        shuffle=int(case.report_sha256[:8], 16) / 2**32,
        site=case.site,
    )


def _kept_to(item: QueueItem, reading: WantedReading) -> dict[str, Any]:
    barred_a, barred_b = (*reading.barred, None, None)[:2]
    assigned_to = None if item.assigned_to in reading.barred else item.assigned_to
    return {
        "state": reading.state.value,
        "barred_a": barred_a,
        "barred_b": barred_b,
        "assigned_to": assigned_to,
    }


def _ordered(item: QueueItem, case: Case, draft: Draft) -> dict[str, Any]:
    light = worst_light(draft)
    return {
        "rank": -priority_of(draft, Purpose(item.purpose), case.priority),
        "light": light.value,
        "is_clean": light is Light.GREEN and item.purpose == Purpose.FIRST.value,
    }


def _set(item: QueueItem, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(item, name, value)


def _change(session: Session, item: QueueItem, values: Mapping[str, Any]) -> None:
    """Write what differs: mostly one column of one row, which the session need not work out for itself."""
    changed = {name: value for name, value in values.items() if getattr(item, name) != value}
    if changed:
        run(session, _changing(tuple(changed)), {**changed, "number": item.id})
    for name, value in changed.items():
        set_committed_value(item, name, value)


@cache
def _changing(names: tuple[str, ...]) -> Any:
    table = table_of(QueueItem)
    return update(table).where(table.c.id == bindparam("number")).values({n: bindparam(n) for n in names})


def _newest_draft(session: Session, case_id: int) -> Draft | None:
    newest = first_row(session, _NEWEST, {"case_id": case_id})
    return session.get(Draft, newest[0]) if newest is not None and newest[0] is not None else None


def _audits(session: Session, case_id: int, reviews: Sequence[Review]) -> dict[int, AuditFacts]:
    found: dict[int, AuditFacts] = {}
    for item in session.exec(_AUDITS, params={"case_id": case_id}).all():
        own = [one for one in reviews if one.sample_id == item.sample_id]
        found[item.sample_id] = AuditFacts(
            session.get_one(Review, item.review_id), newest_of(own, Purpose.AUDIT)
        )
    return found
