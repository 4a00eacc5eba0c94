"""What a reader has to read: items for cases that have none, how many stand where, what may go again."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy
from sqlalchemy import func, insert, literal, update
from sqlmodel import Session, col, select

from db.decisions import ItemState
from db.events import lock_chain
from db.store.plain_rows import rows_changed
from db.tables.cases import Case
from db.tables.drafts import Draft, ExtractionAttempt, ExtractionItem


def plan_items(session: Session, *, reader: str, reader_version: str) -> int:
    """Add a pending item for every case that has neither an item nor a draft here.

    Returns:
        how many were added.
    """
    has_item = select(ExtractionItem.id).where(
        ExtractionItem.case_id == Case.id,
        ExtractionItem.reader == reader,
        ExtractionItem.reader_version == reader_version,
    )
    has_draft = select(Draft.id).where(
        Draft.case_id == Case.id, Draft.reader == reader, Draft.reader_version == reader_version
    )
    lock_chain(session)  # two planners must not both find the same case without an item
    missing = (
        select(
            col(Case.id),
            literal(reader),
            literal(reader_version),
            literal(ItemState.PENDING.value),
        )
        .where(~has_item.exists(), ~has_draft.exists())
        .order_by(col(Case.id))
    )
    rows = session.execute(missing).all()
    if rows:
        names = ("case_id", "reader", "reader_version", "state")
        values = [dict(zip(names, row, strict=True)) | {"attempts": 0, "worker": ""} for row in rows]
        session.execute(insert(ExtractionItem), values)
    return len(rows)


def retry_failed(session: Session, *, reader: str, reader_version: str) -> int:
    """Make failed items pending again; their attempts and errors are kept.

    Returns:
        how many.
    """
    changed = session.execute(
        update(ExtractionItem)
        .where(
            col(ExtractionItem.reader) == reader,
            col(ExtractionItem.reader_version) == reader_version,
            col(ExtractionItem.state) == ItemState.FAILED.value,
        )
        .values(state=ItemState.PENDING.value, worker="", lease_until=None)
    )
    return rows_changed(changed)


def count_items(session: Session, *, reader: str, reader_version: str) -> dict[str, int]:
    """How many items are in each state; every state is named, also with 0."""
    counted = session.execute(
        select(ExtractionItem.state, func.count())
        .where(ExtractionItem.reader == reader, ExtractionItem.reader_version == reader_version)
        .group_by(ExtractionItem.state)
    ).all()
    return {state.value: 0 for state in ItemState} | {str(state): int(count) for state, count in counted}


def failures(session: Session, *, reader: str, reader_version: str) -> list[tuple[int, int, str]]:
    """(case id, attempts, last error) of every failed item, by case."""
    last = (
        select(func.max(ExtractionAttempt.id))
        .where(ExtractionAttempt.item_id == ExtractionItem.id)
        .correlate(ExtractionItem)
        .scalar_subquery()
    )
    rows = session.execute(
        select(ExtractionItem.case_id, ExtractionItem.attempts, ExtractionAttempt.error)
        .join(ExtractionAttempt, col(ExtractionAttempt.id) == last, isouter=True)
        .where(
            ExtractionItem.reader == reader,
            ExtractionItem.reader_version == reader_version,
            ExtractionItem.state == ItemState.FAILED.value,
        )
        .order_by(col(ExtractionItem.case_id))
    ).all()
    return [(int(case_id), int(attempts), str(error or "")) for case_id, attempts, error in rows]


def unread_cases(session: Session, *, limit: int) -> tuple[list[int], int]:
    """Case numbers without a draft and without a failed try, oldest first; and how many there are in all."""
    has_draft = select(Draft.id).where(Draft.case_id == Case.id)
    has_failed = select(ExtractionItem.id).where(
        ExtractionItem.case_id == Case.id, ExtractionItem.state == ItemState.FAILED.value
    )
    unread = select(col(Case.id)).where(~has_draft.exists(), ~has_failed.exists())
    total = session.execute(select(func.count()).select_from(unread.subquery())).scalar_one()
    rows = session.execute(unread.order_by(col(Case.id)).limit(limit)).all()
    return [int(number) for (number,) in rows], int(total)


@dataclass(frozen=True)
class FailedItem:
    """One report that stands failed with one reader: tries so far, and the last error in our own words."""

    case_id: int
    reader: str
    reader_version: str
    attempts: int
    error: str


def failed_items(session: Session, *, limit: int) -> tuple[list[FailedItem], int]:
    """What stands failed with any reader, by case; and how many in all."""
    last = (
        select(func.max(ExtractionAttempt.id))
        .where(ExtractionAttempt.item_id == ExtractionItem.id)
        .correlate(ExtractionItem)
        .scalar_subquery()
    )
    item = ExtractionItem
    is_failed = col(item.state) == ItemState.FAILED.value
    total = session.execute(select(func.count()).select_from(item).where(is_failed)).scalar_one()
    rows = session.execute(
        sqlalchemy.select(
            col(item.case_id),
            col(item.reader),
            col(item.reader_version),
            col(item.attempts),
            col(ExtractionAttempt.error),
        )
        .join(ExtractionAttempt, col(ExtractionAttempt.id) == last, isouter=True)
        .where(is_failed)
        .order_by(col(item.case_id), col(item.id))
        .limit(limit)
    ).all()
    found = [
        FailedItem(number, name, version, tries, error or "") for number, name, version, tries, error in rows
    ]
    return found, int(total)
