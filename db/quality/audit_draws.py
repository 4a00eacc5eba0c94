"""What an audit sample was drawn from, worked out anew from the log: so a draw can be proved to be random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlalchemy import func, select
from sqlmodel import Session, col

from db.decisions import Decision, Purpose
from db.tables.events import Event
from db.tables.reviews import Review, Withdrawal


@dataclass(frozen=True)
class Draw:
    """The labels an audit sample was drawn from, as the log has them.

    Attributes:
        labels: (case, review) of every label when it was drawn, by case.
    """

    labels: tuple[tuple[int, int], ...]


def labels_at_draw(session: Session, *, sample_id: int) -> Draw | None:
    """Work out anew which labels there were when a sample was drawn; None where its event is not in the log."""
    drawn_at = session.execute(
        select(col(Event.id)).where(col(Event.subject) == f"audit_sample:{sample_id}")
    ).scalar()
    if drawn_at is None:
        return None
    before = select(col(Event.subject)).where(col(Event.id) < drawn_at)
    last_review = _last(session, before, "review")
    last_withdrawal = _last(session, before, "withdrawal")
    newest = (
        select(col(Withdrawal.review_id), func.max(Withdrawal.id).label("id"))
        .where(col(Withdrawal.id) <= last_withdrawal)
        .group_by(col(Withdrawal.review_id))
        .subquery()
    )
    undone = (
        select(col(Withdrawal.review_id))
        .join(newest, newest.c.id == col(Withdrawal.id))
        .where(col(Withdrawal.kind) == "undo")
    )
    makes_label = sqlalchemy.or_(
        col(Review.purpose).is_(None),
        col(Review.purpose).in_((Purpose.FIRST.value, Purpose.ADJUDICATION.value)),
    )
    found = session.execute(
        select(col(Review.case_id), func.max(Review.id))
        .where(
            col(Review.id) <= last_review,
            col(Review.decision).in_((Decision.ACCEPT.value, Decision.CORRECT.value)),
            makes_label,
            col(Review.id).not_in(undone),
        )
        .group_by(col(Review.case_id))
        .order_by(col(Review.case_id))
    )
    return Draw(tuple((int(case_id), int(review_id)) for case_id, review_id in found))


def _last(session: Session, subjects: Any, table: str) -> int:
    """The greatest number of a table's rows among subjects such as `review:12`."""
    kind = f"{table}:"
    number = sqlalchemy.cast(func.substr(col(Event.subject), len(kind) + 1), sqlalchemy.Integer)
    wanted = select(func.max(number)).where(
        col(Event.subject).like(f"{kind}%"), col(Event.subject).in_(subjects)
    )
    return int(session.execute(wanted).scalar() or 0)
