"""The extraction queue: one item a case, reader and version; leased, done or failed, never lost.

A worker that is killed leaves a lease that runs out; its item is then leased again. Drafts are stored
together with the item's end, so what was stored is never read twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, update
from sqlmodel import Session, col, select

from db.decisions import ItemState
from db.drafts import find_draft, store_draft
from db.events import lock_chain
from db.store.plain_rows import rows_changed
from db.tables.drafts import Draft, ExtractionAttempt, ExtractionItem

# An item whose worker vanished this often is handed out alone from then on: only a report that really ends
# its worker then does so again, and those that were in hand with it are not blamed.
ALONE_AFTER = 3


@dataclass(frozen=True)
class LeasedItem:
    """One case handed to one worker.

    Attributes:
        attempt: 1 for the first try.
    """

    item_id: int
    case_id: int
    attempt: int


def lease_items(
    session: Session,
    *,
    reader: str,
    reader_version: str,
    worker: str,
    limit: int,
    now: datetime,
    lease_s: float,
    max_attempts: int = 5,
) -> list[LeasedItem]:
    """Hand out up to `limit` items that are pending or whose lease ran out, oldest first.

    Those whose worker vanished come last.

    An item whose worker vanished `max_attempts` times is failed instead: a page that kills its reader must
    not stop the others for ever. Before that, from the third time on, it is handed out alone, to a worker
    with nothing else in hand.
    """
    _fail_abandoned(session, reader=reader, reader_version=reader_version, now=now, attempts=max_attempts)
    free = and_(
        col(ExtractionItem.reader) == reader,
        col(ExtractionItem.reader_version) == reader_version,
        or_(
            col(ExtractionItem.state) == ItemState.PENDING.value,
            and_(col(ExtractionItem.state) == ItemState.LEASED.value, col(ExtractionItem.lease_until) <= now),
        ),
    )
    in_hand = session.exec(
        select(ExtractionItem.id, _times_vanished()).where(
            ExtractionItem.worker == worker,
            ExtractionItem.state == ItemState.LEASED.value,
            col(ExtractionItem.lease_until) > now,
        )
    ).all()
    if any(vanished > ALONE_AFTER for _, vanished in in_hand):  # this try counts, too
        return []
    is_suspect = and_(col(ExtractionItem.attempts) >= ALONE_AFTER, _times_vanished() >= ALONE_AFTER)
    items = _take(session, free & ~is_suspect, limit=limit)
    if not items and not in_hand and limit > 0:
        items = _take(session, free & is_suspect, limit=1)
    for item in items:
        item.state = ItemState.LEASED.value
        item.worker = worker
        item.attempts += 1
        item.lease_until = now + timedelta(seconds=lease_s)
    session.flush()
    return [LeasedItem(int(item.id or 0), item.case_id, item.attempts) for item in items]


def _take(session: Session, wanted: ColumnElement[bool], *, limit: int) -> list[ExtractionItem]:
    """Rows nobody else is taking at this moment, locked."""
    return list(
        session.exec(
            select(ExtractionItem)
            .where(wanted)
            # Those a vanished worker held come last: what ended it shall not end the next before the rest is
            # done.
            .order_by(
                case((col(ExtractionItem.attempts) == 0, 0), else_=_times_vanished()), col(ExtractionItem.id)
            )
            .limit(limit)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
    )


def _times_vanished() -> ColumnElement[int]:
    """How many tries ended without a word: all but those with a recorded failure. A try under way counts."""
    told = (
        select(func.count(col(ExtractionAttempt.id)))
        .where(ExtractionAttempt.item_id == ExtractionItem.id)
        .correlate(ExtractionItem)
        .scalar_subquery()
    )
    return col(ExtractionItem.attempts) - told


def _fail_abandoned(
    session: Session, *, reader: str, reader_version: str, now: datetime, attempts: int
) -> None:
    abandoned = session.exec(
        select(ExtractionItem)
        .where(
            ExtractionItem.reader == reader,
            ExtractionItem.reader_version == reader_version,
            ExtractionItem.state == ItemState.LEASED.value,
            col(ExtractionItem.lease_until) <= now,
            ExtractionItem.attempts >= attempts,
            _times_vanished() >= attempts,
        )
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for item in abandoned:
        _close(item, ItemState.FAILED)
        session.add(
            ExtractionAttempt(
                item_id=int(item.id or 0),
                attempt=item.attempts,
                error=f"the worker stopped without an answer {item.attempts} times",
                created_at=now,
            )
        )
    session.flush()


def renew_items(session: Session, *, worker: str, now: datetime, lease_s: float) -> int:
    """Push back the end of a live worker's leases.

    Returns:
        how many it still holds.
    """
    changed = session.execute(
        update(ExtractionItem)
        .where(col(ExtractionItem.worker) == worker, col(ExtractionItem.state) == ItemState.LEASED.value)
        .values(lease_until=now + timedelta(seconds=lease_s))
    )
    return rows_changed(changed)


def complete_item(session: Session, *, item_id: int, worker: str, draft: Draft, now: datetime) -> bool:
    """Store a reading, end its item and write the event, in one transaction.

    A worker whose lease ran out may still deliver: the first answer is kept.

    Returns:
        False when somebody else has already stored it; nothing is changed then.

    Raises:
        ValueError: when the draft is not about this item.
    """
    lock_chain(session)
    item = _locked_item(session, item_id)
    if (draft.case_id, draft.reader, draft.reader_version) != (
        item.case_id,
        item.reader,
        item.reader_version,
    ):
        raise ValueError("the draft belongs to another item")
    if item.state == ItemState.DONE.value:
        return False
    stored = find_draft(session, case_id=item.case_id, reader=item.reader, reader_version=item.reader_version)
    if stored is None:
        store_draft(session, draft=draft, actor=worker, now=now)
    _close(item, ItemState.DONE)
    session.flush()
    return stored is None


def is_item(session: Session, *, item_id: int) -> bool:
    """Whether an item is there still: it goes with its record when the patient withdraws their consent."""
    return session.get(ExtractionItem, item_id) is not None


def fail_item(session: Session, *, item_id: int, worker: str, error: str, now: datetime) -> bool:
    """Keep a failed try with its reason; the item fails unless another worker has it or ended it.

    Args:
        error: a code or our own sentence, never report text.

    Returns:
        False when the item is gone with its record; nothing is kept then.
    """
    lock_chain(session)
    if not is_item(session, item_id=item_id):
        return False
    item = _locked_item(session, item_id)
    session.add(ExtractionAttempt(item_id=item_id, attempt=item.attempts, error=error, created_at=now))
    if item.state == ItemState.LEASED.value and item.worker == worker:
        _close(item, ItemState.FAILED)
    session.flush()
    return True


def release_items(session: Session, *, worker: str) -> int:
    """Give back everything a stopping worker holds; an interrupted try does not count.

    Returns:
        how many were given back.
    """
    held = session.exec(
        select(ExtractionItem)
        .where(ExtractionItem.worker == worker, ExtractionItem.state == ItemState.LEASED.value)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for item in held:
        item.attempts = max(0, item.attempts - 1)
        _close(item, ItemState.PENDING)
    session.flush()
    return len(held)


def _close(item: ExtractionItem, state: ItemState) -> None:
    item.state = state.value
    item.worker = ""
    item.lease_until = None


def _locked_item(session: Session, item_id: int) -> ExtractionItem:
    item = session.exec(
        select(ExtractionItem)
        .where(ExtractionItem.id == item_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if item is None:
        raise ValueError(f"there is no extraction item {item_id}")
    return item
