"""The hash-chained event log: each line carries the hash of the one before, so an edit or a gap shows.

A decision's event also carries the hash of the row it announces, so `verify_chain` notices when a review or a
draft was changed behind the append-only triggers, or the end of the log was cut off. Rows of a patient who
withdrew their consent are named, with their hashes, by the event that took them out: they alone may be gone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy
from sqlalchemy import inspect, text
from sqlmodel import Session, SQLModel, col, select

from db.files.manifest import sha256_of
from db.store.plain_rows import first_row, run, table_of
from db.tables.audits import AuditItem, AuditSample
from db.tables.drafts import Draft
from db.tables.events import Event
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.reviews import Review, Withdrawal
from db.tables.snapshots import Snapshot

if TYPE_CHECKING:
    from db.store.engine import Database

Row = TypeVar("Row", bound=SQLModel)

FIRST_HASH = "0" * 64

# Put together once: that takes many times as long as asking it.
_LAST = sqlalchemy.select(col(Event.id), col(Event.hash)).order_by(col(Event.id).desc()).limit(1)
_ADDING = sqlalchemy.insert(table_of(Event))

# Where a session keeps the last link, read while it holds the place to write the next one.
_LAST_KNOWN = "last event"

# Any constant will do: whoever holds it writes the next link.
CHAIN_LOCK = 0x_EC_40_02

DRAFT_STORED = "draft_stored"
DECISION_RECORDED = "decision_recorded"
WITHDRAWAL_STORED = "decision_withdrawn"
AUDIT_SAMPLE_STORED = "audit_sample_drawn"
SEED_STORED = "practice_draft_stored"
SEED_ANSWERED = "practice_draft_answered"
SNAPSHOT_STORED = "snapshot_frozen"
SNAPSHOT_REMOVED = "snapshot_removed"
CONSENT_WITHDRAWN = "consent_withdrawn"

# Events that carry the hash of the row they announce, and the rows.
ANNOUNCED: dict[str, type[SQLModel]] = {
    DRAFT_STORED: Draft,
    DECISION_RECORDED: Review,
    WITHDRAWAL_STORED: Withdrawal,
    AUDIT_SAMPLE_STORED: AuditSample,
    SEED_STORED: SeededDraft,
    SEED_ANSWERED: SeededAnswer,
    SNAPSHOT_STORED: Snapshot,
}
# Table -> the kind of event that announces its rows.
_KIND_OF: dict[str, str] = {str(model.__tablename__): kind for kind, model in ANNOUNCED.items()}


@dataclass(frozen=True)
class ChainCheck:
    """What checking the log found.

    Attributes:
        events: how many events were read.
        bad_id: the first event or row that does not fit, or None when all is well.
        reason: one sentence, empty when all is well.
        head: hash of the last event; written down elsewhere, it proves later that nothing was rewritten.
    """

    events: int
    bad_id: int | None
    reason: str
    head: str = FIRST_HASH


def one_line_json(value: Any) -> str:
    """One spelling for one value: sorted keys, no spaces, no NaN; dates in ISO 8601, times in UTC."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def row_sha256(row: SQLModel) -> str:
    """Hash of a stored row's columns; nulls are left out, so a later nullable column changes no old hash."""
    found = {name: getattr(row, name) for name in _columns_of(type(row))}
    values = {name: value for name, value in found.items() if value is not None}
    return sha256_of(one_line_json(values).encode())


@cache
def _columns_of(model: type[SQLModel]) -> tuple[str, ...]:
    return tuple(column.key for column in inspect(model).column_attrs)


def lock_chain(session: Session) -> None:
    """Take the one place in the queue for the next link, until the transaction ends.

    Call it before locking any row in a transaction that will append, so that two writers never wait for each
    other. SQLite's write transactions are alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})


def append_event(
    session: Session,
    *,
    kind: str,
    actor: str,
    subject: str,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    """Add one link to the chain, in the caller's transaction.

    Args:
        kind: what happened, such as `decision_recorded`.
        actor: who: a user name, `intake`, or a worker; never a patient.
        subject: to what, as `table:id`.
        payload: details, JSON; never report text or a patient's name.
    """
    lock_chain(session)
    number, previous = _next_link(session)
    values: dict[str, Any] = {
        "id": number,
        "kind": kind,
        "actor": actor,
        "subject": subject,
        "payload": json.loads(one_line_json(payload)),  # as the database will give it back
        "created_at": now.astimezone(UTC),
        "previous_hash": previous,
    }
    run(session, _ADDING, {**values, "hash": _link_hash(values)})


def note_last_event(session: Session, number: int, chain_hash: str) -> None:
    """Note the last link, for the next one that this transaction adds; read after `lock_chain`."""
    session.info[_LAST_KNOWN] = (number, chain_hash)


def _next_link(session: Session) -> tuple[int, str]:
    """The number of the next link and the hash it carries of the one before."""
    known: tuple[int, str] | None = session.info.pop(_LAST_KNOWN, None)
    if known is None:
        last = first_row(session, _LAST, {})
        known = (int(last.id), str(last.hash)) if last else (0, FIRST_HASH)
    return known[0] + 1, known[1]


def event_hash(event: Event) -> str:
    """Hash of everything in an event but its own hash."""
    names = ("id", "kind", "actor", "subject", "payload", "created_at", "previous_hash")
    return _link_hash({name: getattr(event, name) for name in names})


def _link_hash(values: Mapping[str, Any]) -> str:
    return sha256_of(one_line_json(values).encode())


# What a check of the log reads a table with: each call opens one short view, which may be the same each time.
Views = Callable[[], AbstractContextManager[Session]]

# Rows read in one view. Their hashes are worked out after it has ended.
_SLICE = 500


def verify_chain(session: Session) -> ChainCheck:
    """Read the whole log and every row it announces, and find the first thing that does not fit."""
    return verify_log(lambda: nullcontext(session))


def verify_database(database: Database) -> ChainCheck:
    """`verify_chain` beside people at work: on SQLite nobody who writes waits for more than one slice."""
    if database.dialect == "sqlite":
        return verify_log(database.read)
    # One view of all holds nobody up there, and rows can appear in another order than their numbers.
    with database.read() as session:
        return verify_chain(session)


def verify_log(views: Views) -> ChainCheck:
    """Check the log and its rows as they are at the start, a slice at a time; what comes after is left out.

    Args:
        views: opens a view to read one slice in. Views that are opened one after the other need numbers that
            grow in the order rows are stored, as SQLite's do.
    """
    tables: tuple[type[SQLModel], ...] = (Event, *ANNOUNCED.values())
    with views() as session:  # all ends at one moment: a row and its event are stored together
        ends = {model: _end_of(session, model) for model in tables}
    previous, count = FIRST_HASH, 0
    told = _Told()
    for event in _rows(views, Event, ends[Event]):
        count += 1
        reason = _link_fault(event, number=count, previous=previous) or told.heed(event)
        if reason:
            return ChainCheck(count, event.id, reason, previous)
        previous = event.hash
    for kind, model in ANNOUNCED.items():
        fault = _rows_fault(_rows(views, model, ends[model]), model, told.rows[kind])
        if fault is not None:
            return ChainCheck(count, fault[0], fault[1], previous)
    for number, items in told.items_left():
        with views() as session:
            is_as_drawn = items == _items_of(session, number)
        if not is_as_drawn:
            return ChainCheck(
                count, number, f"audit_sample {number} has other records than were drawn", previous
            )
    return ChainCheck(count, None, "", previous)


def _no_rows() -> dict[str, dict[str, str]]:
    return {kind: {} for kind in ANNOUNCED}


@dataclass
class _Told:
    """What the log has said so far must be in the tables.

    Attributes:
        rows: kind of event -> `table:number` -> hash of the row.
        drawn: audit sample -> its items, as the event has them.
        gone: numbers of the records that were taken out.
    """

    rows: dict[str, dict[str, str]] = field(default_factory=_no_rows)
    drawn: dict[int, str] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    def heed(self, event: Event) -> str:
        """Take one event in; what does not fit in it, or nothing."""
        if event.kind in self.rows:
            self.rows[event.kind][event.subject] = str(event.payload.get("row_sha256", ""))
        if event.kind == AUDIT_SAMPLE_STORED:
            self.drawn[int(event.subject.partition(":")[2])] = str(event.payload.get("items", ""))
        if event.kind != CONSENT_WITHDRAWN:
            return ""
        self.gone.update(event.payload["cases"])
        for subject, digest in event.payload["rows"].items():
            expected = self.rows[_KIND_OF[subject.partition(":")[0]]].pop(subject, None)
            if expected != digest:
                what = subject.replace(":", " ")
                return f"event {event.id} took out {what}, which was not stored like that"
        return ""

    def items_left(self) -> Iterator[tuple[int, str]]:
        """Every audit sample with the items that must be there."""
        for number, items in self.drawn.items():
            if self.gone:
                left = [pair for pair in json.loads(items) if pair[0] not in self.gone]
                yield number, one_line_json(left)
            else:
                yield number, items


def _end_of(session: Session, model: type[SQLModel]) -> int | None:
    """The largest number of a table's rows; None without rows."""
    (key,) = inspect(model).primary_key
    number: int | None = session.execute(sqlalchemy.select(sqlalchemy.func.max(key))).scalar_one()
    return number


def _rows(views: Views, model: type[Row], end: int | None) -> Iterator[Row]:
    """A table's rows up to a number, in their order; no view is open while the caller looks at one."""
    if end is None:
        return
    (key,) = inspect(model).primary_key
    wanted = select(model).where(key <= end).order_by(key).limit(_SLICE)
    after: int | None = None
    while after != end:
        with views() as session:
            rows = session.exec(wanted if after is None else wanted.where(key > after)).all()
        if not rows:
            return
        yield from rows
        after = getattr(rows[-1], key.name)


def _items_of(session: Session, sample_id: int) -> str:
    rows = select(AuditItem.case_id, AuditItem.review_id).where(AuditItem.sample_id == sample_id)
    return one_line_json([list(row) for row in session.exec(rows.order_by(col(AuditItem.case_id)))])


def _link_fault(event: Event, *, number: int, previous: str) -> str:
    if event.id != number:
        return f"event {number} is missing"
    if event.previous_hash != previous:
        return f"event {event.id} does not follow the event before it"
    if event.hash != event_hash(event):
        return f"event {event.id} was changed"
    return ""


def _rows_fault(
    rows: Iterable[SQLModel], model: type[SQLModel], announced: dict[str, str]
) -> tuple[int, str] | None:
    """The first row that was changed, is missing, or has no event."""
    (key,) = inspect(model).primary_key
    name, waiting = str(key.table.name), dict(announced)
    for row in rows:
        number = int(getattr(row, key.name) or 0)
        expected = waiting.pop(f"{name}:{number}", None)
        if expected is None:
            return number, f"{name} {number} has no event"
        if expected != row_sha256(row):
            return number, f"{name} {number} was changed after it was stored"
    if waiting:
        number = min(int(subject.partition(":")[2]) for subject in waiting)
        return number, f"{name} {number} is in the log and not in the table"
    return None
