"""How far the work is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from db.decisions import Decision, ItemState, Purpose, QueueState
from db.label_view import LABEL
from db.queue.known import known_firsts, note_firsts
from db.queue.reading_statements import settled_by_nobody
from db.standings import is_open_flag
from db.store.plain_rows import first_row
from db.tables.cases import Case, NearDuplicate
from db.tables.drafts import Draft, ExtractionItem
from db.tables.queue import QueueItem
from db.tables.reviews import Review
from db.withdrawals import is_in_force


def _firsts(state: QueueState) -> Any:
    of_state = (QueueItem.purpose == Purpose.FIRST.value, QueueItem.state == state.value)
    return select(func.count()).select_from(QueueItem).where(*of_state).scalar_subquery()


# Put together once: that takes many times as long as asking them. Each count runs over one stretch of an
# index.
_FIRSTS = sqlalchemy.select(
    _firsts(QueueState.WAITING).label("waiting"), _firsts(QueueState.DONE).label("done")
)
_DECIDED = (
    sqlalchemy.select(func.count())
    .select_from(Review)
    .where(
        col(Review.annotator_id) == bindparam("annotator_id"),
        col(Review.created_at) >= bindparam("since"),
        col(Review.decision) != Decision.SKIP.value,
        is_in_force(),
    )
)
_OWN = sqlalchemy.select(_DECIDED.scalar_subquery().label("decided"))
_DESK = sqlalchemy.select(
    _firsts(QueueState.WAITING).label("waiting"),
    _firsts(QueueState.DONE).label("done"),
    _DECIDED.scalar_subquery().label("decided"),
)


@dataclass(frozen=True)
class Progress:
    """Counts of cases, except where said otherwise.

    Attributes:
        drafted: with at least one machine reading.
        reviewed: with a label.
        flagged: whose latest settling decision is a flag.
        waiting: in the review queue.
        failed: with a failed extraction item.
        by_reader: reader -> `drafts` and the number of extraction items in each state, over its versions.
        near_duplicates: pairs of pictures.
        again: `second`, `adjudication`, `audit` -> readings that wait.
    """

    cases: int
    drafted: int
    reviewed: int
    flagged: int
    waiting: int
    failed: int
    by_reader: dict[str, dict[str, int]]
    near_duplicates: int
    again: dict[str, int] = field(default_factory=dict)


def progress(session: Session) -> Progress:
    """Count everything once."""
    return Progress(
        cases=_count(session, select(func.count()).select_from(Case)),
        drafted=_count(session, select(func.count(func.distinct(Draft.case_id)))),
        reviewed=_count(session, select(func.count()).select_from(LABEL)),
        flagged=_count(session, select(func.count()).select_from(Review).where(is_open_flag())),
        waiting=first_readings(session).waiting,
        failed=_count(
            session,
            select(func.count(func.distinct(ExtractionItem.case_id))).where(
                ExtractionItem.state == ItemState.FAILED.value
            ),
        ),
        by_reader=_by_reader(session),
        near_duplicates=_count(session, select(func.count()).select_from(NearDuplicate)),
        again=_waiting_again(session),
    )


@dataclass(frozen=True)
class FirstReadings:
    """How many drafted cases there are and how many of them still wait for their first reading."""

    total: int
    waiting: int


def first_readings(session: Session) -> FirstReadings:
    """Count the queue alone, over an index: what the desk shows with every record."""
    counted = first_row(session, _FIRSTS, {})
    waiting, done = (int(counted.waiting), int(counted.done)) if counted is not None else (0, 0)
    return FirstReadings(waiting + done, waiting)


def desk_counts(session: Session, *, annotator_id: int, since: datetime) -> tuple[FirstReadings, int]:
    """What the desk shows with every record: how many drafted cases wait, and how many decisions of a person
    since a moment are in force. A skip decides nothing.
    """
    asked = {"annotator_id": annotator_id, "since": since}
    known = known_firsts(session)
    counted = first_row(session, _DESK if known is None else _OWN, asked)
    if counted is None:
        return FirstReadings(0, 0), 0
    if known is None:
        known = (int(counted.waiting), int(counted.done))
        note_firsts(session, known)
    waiting, done = known
    return FirstReadings(waiting + done, waiting), int(counted.decided)


def stuck_adjudications(session: Session) -> int:
    """How many adjudications wait for somebody who is not there: who may adjudicate has read the record."""
    return _count(session, settled_by_nobody())


def _waiting_again(session: Session) -> dict[str, int]:
    waiting = select(QueueItem.purpose, func.count()).where(QueueItem.state == QueueState.WAITING.value)
    counts = {
        str(purpose): int(number) for purpose, number in session.execute(waiting.group_by(QueueItem.purpose))
    }
    return {
        purpose.value: counts.get(purpose.value, 0) for purpose in Purpose if purpose is not Purpose.FIRST
    }


def _count(session: Session, query: Any) -> int:
    return int(session.execute(query).scalar_one())


def _by_reader(session: Session) -> dict[str, dict[str, int]]:
    drafts = session.execute(select(Draft.reader, func.count()).group_by(Draft.reader)).all()
    items = session.execute(
        select(ExtractionItem.reader, ExtractionItem.state, func.count()).group_by(
            ExtractionItem.reader, ExtractionItem.state
        )
    ).all()
    empty = {"drafts": 0} | {state.value: 0 for state in ItemState}
    counts: dict[str, dict[str, int]] = {}
    for reader, number in drafts:
        counts.setdefault(str(reader), dict(empty))["drafts"] = int(number)
    for reader, state, number in items:
        counts.setdefault(str(reader), dict(empty))[str(state)] = int(number)
    return dict(sorted(counts.items()))
