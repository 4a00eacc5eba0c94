"""The inbox: what came, on the disk before the messenger is told so, once however often it comes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.serving.relay import outbox, people
from pipeline.serving.relay.store import Store, count
from pipeline.serving.relay.webhooks import Event, Incoming, NewId, Status


@dataclass(frozen=True)
class Taken:
    """How many events were new, and how many had come before."""

    new: int
    repeated: int


@dataclass(frozen=True)
class Waiting:
    """One message that nobody has answered yet."""

    row: int
    message_id: str
    person: int
    kind: str
    body: dict[str, str]
    sent_at: float


def take(store: Store, channel: str, events: Iterable[Event]) -> Taken:
    """Store events in one transaction; when this returns they are on the disk."""
    with store.write() as rows:
        return take_within(rows, channel, events, now=store.clock())


def take_within(rows: sqlite3.Connection, channel: str, events: Iterable[Event], *, now: float) -> Taken:
    """Store events within a transaction of the caller's."""
    new = repeated = 0
    for event in events:
        is_new = _take_one(rows, channel, event, now)
        new, repeated = new + is_new, repeated + (not is_new)
    if new:
        count(rows, "inbox_new", new)
    if repeated:
        count(rows, "inbox_repeated", repeated)
    return Taken(new, repeated)


def _take_one(rows: sqlite3.Connection, channel: str, event: Event, now: float) -> bool:
    if isinstance(event, Status):
        return outbox.note_status(rows, event, now=now)
    kind = event.kind if isinstance(event, Incoming) else "id"
    body = json.dumps(event.body) if isinstance(event, Incoming) else "{}"
    sent_at = min(event.sent_at or now, now)
    stored = rows.execute(
        "INSERT OR IGNORE INTO inbox (message_id, kind, body, sent_at, taken_at, done)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (event.message_id, kind, body, sent_at, now, isinstance(event, NewId)),
    )
    if not stored.rowcount:
        return False
    if isinstance(event, NewId):
        person = people.renamed(
            rows, channel, old=(event.old_user_id, event.old_wa_id),
            new=(event.new_user_id, event.new_wa_id), now=sent_at,
        )  # fmt: skip
        outbox.address_again(rows, person, now=now)
        return True
    person = people.met(rows, channel, event.user_id, event.wa_id, now=sent_at)
    rows.execute("UPDATE inbox SET person = ? WHERE id = ?", (person, stored.lastrowid))
    rows.execute(
        "UPDATE person SET heard_at = max(heard_at, ?), forgotten = 0 WHERE id = ?", (sent_at, person)
    )
    return True


def waiting(rows: sqlite3.Connection, *, most: int) -> list[Waiting]:
    """The oldest messages that nobody has answered, in the order they came."""
    found = rows.execute(
        "SELECT id, message_id, person, kind, body, sent_at FROM inbox WHERE done = 0 ORDER BY id LIMIT ?",
        (most,),
    )
    return [
        Waiting(
            row["id"], row["message_id"], row["person"], row["kind"], json.loads(row["body"]), row["sent_at"]
        )
        for row in found
    ]


def answered(rows: sqlite3.Connection, message: Waiting) -> None:
    """A message has had its turn; its words are not needed any longer."""
    rows.execute("UPDATE inbox SET done = 1, body = '{}' WHERE id = ?", (message.row,))


def prune(rows: sqlite3.Connection, *, before: float, most: int = 5000) -> int:
    """Forget the ids of messages so old that the messenger sends them no more."""
    gone = rows.execute(
        "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE taken_at < ? AND done = 1 LIMIT ?)",
        (before, most),
    )
    rows.execute("DELETE FROM status WHERE taken_at < ?", (before,))
    return gone.rowcount
