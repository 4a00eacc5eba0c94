"""What the counts of quality were counted from: the newest row of each table, told in one query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.tables.audits import AuditSample
from db.tables.drafts import Draft
from db.tables.practice import SeededAnswer
from db.tables.queue import QueueItem
from db.tables.reviews import Review, Withdrawal


def newest_rows(session: Session) -> tuple[Any, ...]:
    """The newest row of every counted table: all but the queue only grow, so equal means unchanged."""
    newest = [
        select(func.max(col(number))).scalar_subquery()
        for number in (Review.id, Withdrawal.id, Draft.id, QueueItem.id, AuditSample.id)
    ]
    answered = select(func.count()).select_from(SeededAnswer).scalar_subquery()
    return tuple(session.execute(select(*newest, answered)).one())
