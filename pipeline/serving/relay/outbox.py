"""The outbox: what people are told, kept until it has gone out, in each person's order, once.

A letter is `waiting`, then `sending` (noted before it goes), then `sent`, `delivered`, `read`; or `failed`,
or `expired`. After a crash a letter that was `sending` may have gone: it waits a moment for the messenger's
own word of it (the status carries our key) before it goes again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from db.errors import EchoDeskError
from pipeline.serving.channels.base import End, Letter, Outcome
from pipeline.serving.channels.graph_codes import ADDRESS_REFUSED, outcome_of
from pipeline.serving.conversation import Reply
from pipeline.serving.relay.store import count
from pipeline.serving.relay.vault import Vault
from pipeline.serving.relay.webhooks import Status

LONGEST_PAUSE_S: Final = 300.0
_RANK: Final = {"waiting": 0, "sending": 0, "sent": 1, "delivered": 2, "read": 3, "failed": 4, "expired": 4}


@dataclass(frozen=True)
class Due:
    """A letter whose time has come."""

    row: int
    channel: str
    tries: int
    letter: Letter


def put(
    rows: sqlite3.Connection, vault: Vault, *, key: str, person: int, replies: Iterable[Reply], quote: str,
    now: float,
) -> int:  # fmt: skip
    """Put the replies to one event in the outbox; the same event a second time adds nothing. How many."""
    added = 0
    for number, reply in enumerate(replies):
        name = f"{key}/{number}"
        text = json.dumps([reply.text, reply.choices], ensure_ascii=False)
        stored = rows.execute(
            "INSERT OR IGNORE INTO outbox (key, person, quote, sealed, next_at, made_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (name, person, quote, vault.seal(text.encode(), name), now, now),
        )
        added += stored.rowcount
    return added


def reply_in(vault: Vault, key: str, sealed: bytes) -> Reply:
    """What stands in a letter."""
    text, choices = json.loads(vault.opened(sealed, key))
    return Reply(text, tuple((meaning, title) for meaning, title in choices))


def due(
    rows: sqlite3.Connection, vault: Vault, *, now: float, most: int, channels: Sequence[str]
) -> list[Due]:
    """The letters of these channels whose time has come, the oldest of each person."""
    found = rows.execute(
        "SELECT o.*, p.channel, p.user_id, p.wa_id FROM outbox o JOIN person p ON p.id = o.person"
        " WHERE o.state IN ('waiting', 'sending') AND o.next_at <= ? AND NOT EXISTS ("
        "  SELECT 1 FROM outbox e WHERE e.person = o.person AND e.id < o.id"
        "  AND e.state IN ('waiting', 'sending'))"
        " AND instr(?, ' ' || p.channel || ' ') ORDER BY o.id LIMIT ?",
        (now, f" {' '.join(channels)} ", most),
    ).fetchall()
    letters = []
    for row in found:
        try:
            reply = reply_in(vault, row["key"], row["sealed"])
        except EchoDeskError:  # sealed with another key: it can't be read, and must not hold up the rest
            rows.execute("UPDATE outbox SET state = 'failed', done_at = ? WHERE id = ?", (now, row["id"]))
            continue
        letter = Letter(
            row["key"],
            reply.text,
            reply.choices,
            row["quote"],
            row["user_id"],
            row["wa_id"],
            bool(row["by_phone"]),
        )
        letters.append(Due(row["id"], row["channel"], row["tries"], letter))
    return letters


def begin(rows: sqlite3.Connection, letters: Iterable[Due], *, until: float) -> None:
    """Note, before they go, that these may have gone; they are left alone until then."""
    rows.executemany(
        "UPDATE outbox SET state = 'sending', next_at = ?, tries = tries + 1 WHERE id = ?",
        [(until, letter.row) for letter in letters],
    )


def recover(rows: sqlite3.Connection, *, now: float, settle_s: float) -> int:
    """After a crash: give the messenger a moment to say what has gone. How many letters are unsure."""
    unsure = rows.execute(
        "UPDATE outbox SET next_at = min(next_at, ?) WHERE state = 'sending'", (now + settle_s,)
    )
    count(rows, "outbox_unsure", unsure.rowcount)
    return unsure.rowcount


def note(rows: sqlite3.Connection, letter: Due, outcome: Outcome, *, now: float, retry_s: float) -> None:
    """Note what came of sending; news that came before this note is taken up."""
    if outcome.end is End.SENT:
        rows.execute(
            "UPDATE outbox SET state = CASE WHEN state IN ('waiting', 'sending') THEN 'sent' ELSE state END,"
            " sent_id = coalesce(sent_id, ?), done_at = ? WHERE id = ?",
            (outcome.sent_id, now, letter.row),
        )
        count(rows, "outbox_sent")
        early = rows.execute("SELECT * FROM status WHERE message_id = ?", (outcome.sent_id,)).fetchall()
        for row in early:
            _apply(rows, letter.row, row["state"], row["code"], now)
        return
    count(rows, f"outbox_{outcome.end.value}")
    _not_sent(rows, letter.row, letter.tries + 1, outcome, now=now, retry_s=retry_s)


def _not_sent(
    rows: sqlite3.Connection, row: int, tries: int, outcome: Outcome, *, now: float, retry_s: float
) -> None:
    wait_s = max(outcome.after_s, min(LONGEST_PAUSE_S, retry_s * 2 ** min(tries - 1, 12)))
    state, by_phone, next_at = "waiting", 0, now + wait_s
    if outcome.end is End.UNSURE:
        state = "sending"
    elif outcome.end is End.BY_PHONE:
        by_phone, next_at = 1, now
    elif outcome.end in (End.CLOSED, End.REFUSED):
        state = "expired" if outcome.end is End.CLOSED else "failed"
    rows.execute(
        "UPDATE outbox SET state = ?, next_at = ?, code = ?, by_phone = max(by_phone, ?),"
        " done_at = CASE WHEN ? IN ('failed', 'expired') THEN ? END"
        " WHERE id = ? AND state IN ('waiting', 'sending', 'sent')",
        (state, next_at, outcome.code, by_phone, state, now, row),
    )


def note_status(rows: sqlite3.Connection, status: Status, *, now: float) -> bool:
    """Note what became of a letter; a failed one names no person, so it is found by its id or our key.

    Answers whether it was news. News about a letter not yet known as sent is kept for it.
    """
    stored = rows.execute(
        "INSERT OR IGNORE INTO status VALUES (?, ?, ?, ?)",
        (status.message_id, status.state, status.code, now),
    )
    if not stored.rowcount:
        return False
    row = rows.execute(
        "SELECT id FROM outbox WHERE sent_id = ? OR (key = ? AND (sent_id IS NULL OR sent_id = ''))",
        (status.message_id, status.callback),
    ).fetchone()
    if row is not None:
        rows.execute("UPDATE outbox SET sent_id = ? WHERE id = ?", (status.message_id, row["id"]))
        _apply(rows, row["id"], status.state, status.code, now)
    return True


def _apply(rows: sqlite3.Connection, row: int, state: str, code: int, now: float) -> None:
    """Statuses come in any order: the furthest counts. A failure may be worth another try."""
    letter = rows.execute("SELECT state, tries, by_phone FROM outbox WHERE id = ?", (row,)).fetchone()
    if state == "failed":
        if letter["state"] in ("delivered", "read", "failed", "expired"):
            return
        outcome = outcome_of(code)
        if outcome.end is End.BY_PHONE and letter["by_phone"]:
            outcome = Outcome(End.REFUSED, code=code)
        count(rows, "outbox_failed_later")
        rows.execute("UPDATE outbox SET sent_id = NULL WHERE id = ?", (row,))
        _not_sent(rows, row, letter["tries"], outcome, now=now, retry_s=1.0)
    elif _RANK[state] > _RANK[letter["state"]]:
        rows.execute("UPDATE outbox SET state = ?, done_at = ? WHERE id = ?", (state, now, row))


def address_again(rows: sqlite3.Connection, person: int, *, now: float) -> None:
    """A person goes by another id: what could not be delivered to the one before is sent to this one."""
    rows.execute(
        "UPDATE outbox SET state = 'waiting', next_at = ?, by_phone = 0, done_at = NULL"
        " WHERE person = ? AND state = 'failed' AND code IN (?, ?)",
        (now, person, *ADDRESS_REFUSED),
    )


def expire(rows: sqlite3.Connection, *, now: float, window_s: float) -> int:
    """Give up what can't be sent any more: free replies are for 24 hours after the person's last word."""
    gone = rows.execute(
        "UPDATE outbox SET state = 'expired', done_at = ? WHERE state IN ('waiting', 'sending') AND person IN"
        " (SELECT id FROM person WHERE heard_at + ? <= ?)",
        (now, window_s, now),
    )
    if gone.rowcount:
        count(rows, "outbox_expired", gone.rowcount)
    return gone.rowcount


def prune(rows: sqlite3.Connection, *, before: float, most: int = 5000) -> int:
    """Delete what people were told, once it has gone out or failed long enough ago."""
    gone = rows.execute(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE done_at < ?"
        " AND state NOT IN ('waiting', 'sending') LIMIT ?)",
        (before, most),
    )
    return gone.rowcount
