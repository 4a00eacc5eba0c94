"""A label that looks wrong is read again: blindly by somebody else, or where that was done, by an
adjudicator.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from db.decisions import Purpose, QueueState
from db.events import append_event
from db.queue.items import refresh_case
from db.queue.plan import ReadingRules
from db.queue.second_people import choose_second
from db.tables.queue import QueueItem, Recheck
from db.tables.reviews import Review

_READ_AGAIN = (Purpose.SECOND.value, Purpose.ADJUDICATION.value)


def send_back(session: Session, *, case_id: int, rules: ReadingRules, actor: str, now: datetime) -> Purpose:
    """Have a case with a label read again; the label stays until somebody decides otherwise.

    Returns:
        what the case waits for: a second reading, or an adjudicator who has not read it yet.
    """
    choose_second(session, case_id=case_id, chosen_by="list", actor=actor, now=now)
    refresh_case(session, case_id=case_id, rules=rules)
    waiting = waits_for(session, case_id=case_id)
    if waiting is not None:
        return waiting
    ask_adjudicator(session, case_id=case_id, rules=rules, actor=actor, now=now)
    return Purpose.ADJUDICATION


def ask_adjudicator(
    session: Session, *, case_id: int, rules: ReadingRules, actor: str, now: datetime
) -> None:
    """Have an adjudicator who has not read a case look at its label, which stays until they decide."""
    newest = session.exec(select(func.max(Review.id)).where(Review.case_id == case_id)).one()
    session.add(Recheck(case_id=case_id, after_review_id=int(newest or 0), created_at=now))
    append_event(
        session,
        kind="label_sent_back",
        actor=actor,
        subject=f"case:{case_id}",
        payload={"after_review_id": int(newest or 0)},
        now=now,
    )
    refresh_case(session, case_id=case_id, rules=rules)


def waits_for(session: Session, *, case_id: int) -> Purpose | None:
    """The reading after the first that a case waits for, or None."""
    waiting = select(QueueItem.purpose).where(
        QueueItem.case_id == case_id,
        QueueItem.state == QueueState.WAITING.value,
        col(QueueItem.purpose).in_(_READ_AGAIN),
    )
    found = session.exec(waiting).first()
    return Purpose(found) if found is not None else None
