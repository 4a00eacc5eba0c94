"""What the counts of quality were counted from: the newest row of each table, told in one query."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.tables.audits import AuditSample
from db.tables.cases import Case
from db.tables.consent import WithdrawnCase
from db.tables.drafts import Draft
from db.tables.practice import SeededAnswer
from db.tables.queue import QueueItem
from db.tables.reviews import Review, Withdrawal

# Counted at once: a few hundredths of a second, and nobody has to wait longer to store a decision.
_SPAN_CASES: Final = 10_000


def newest_rows(session: Session) -> tuple[Any, ...]:
    """The newest row of every counted table: all but the queue only grow, so equal means unchanged.

    Rows go only with a record that is taken out, and how many were is told, too.
    """
    newest = [
        select(func.max(col(number))).scalar_subquery()
        for number in (Review.id, Withdrawal.id, Draft.id, QueueItem.id, AuditSample.id)
    ]
    answered = select(func.count()).select_from(SeededAnswer).scalar_subquery()
    taken_out = select(func.count()).select_from(WithdrawnCase).scalar_subquery()
    return tuple(session.execute(select(*newest, answered, taken_out)).one())


def case_spans(session: Session) -> list[range]:
    """The numbers of all cases in spans that are counted one after another; at least one span."""
    newest = session.execute(select(func.max(Case.id))).scalar() or 0
    starts = range(1, max(newest, 1) + 1, _SPAN_CASES)
    return [range(start, start + _SPAN_CASES) for start in starts]
