"""Who is who: people by their business-scoped id, the ids they went by before, and being forgotten."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Final

from pipeline.serving.conversation import Talk

USER: Final = "user"
PHONE: Final = "phone"
# What belongs to a person.
_OWNED: Final = ("alias", "inbox", "job", "outbox", "link")


@dataclass(frozen=True)
class Person:
    """One person on one channel. An empty id is not known.

    Attributes:
        heard_at: when they last wrote, seconds since 1970; the messenger lets us answer for 24 h after.
        photos: how many they have sent.
    """

    id: int
    channel: str
    user_id: str
    wa_id: str
    talk: Talk
    heard_at: float
    photos: int


def known(rows: sqlite3.Connection, person: int) -> Person | None:
    """A person by our own number; None where there is none (any more)."""
    row = rows.execute("SELECT * FROM person WHERE id = ?", (person,)).fetchone()
    if row is None:
        return None
    talk = Talk.from_wire(json.loads(row["talk"])) if row["talk"] else Talk()
    return Person(
        row["id"], row["channel"], row["user_id"], row["wa_id"], talk, row["heard_at"], row["photos"]
    )


def found(rows: sqlite3.Connection, channel: str, kind: str, value: str) -> int | None:
    """The person who goes or went by an id."""
    if not value:
        return None
    row = rows.execute(
        "SELECT person FROM alias WHERE channel = ? AND kind = ? AND value = ?", (channel, kind, value)
    ).fetchone()
    return None if row is None else int(row["person"])


def met(rows: sqlite3.Connection, channel: str, user_id: str, wa_id: str, *, now: float) -> int:
    """The person of a message, made where they are new; their latest ids are noted.

    The business-scoped id decides. A phone number alone finds a person only while nobody has an id for it:
    numbers are given to other people.
    """
    person = found(rows, channel, USER, user_id)
    if person is None:
        person = found(rows, channel, PHONE, wa_id)
        if person is not None and user_id and _user_id(rows, person):
            person = None
    if person is None:
        made = rows.execute("INSERT INTO person (channel, heard_at) VALUES (?, ?)", (channel, now))
        person = int(made.lastrowid or 0)
    # A message may come after the news that its id is an old one: then it says nothing of today's ids.
    if not _is_old(rows, channel, user_id):
        _goes_by(rows, channel, person, user_id, wa_id)
    return person


def _is_old(rows: sqlite3.Connection, channel: str, user_id: str) -> bool:
    row = rows.execute(
        "SELECT old FROM alias WHERE channel = ? AND kind = ? AND value = ?", (channel, USER, user_id)
    ).fetchone()
    return row is not None and bool(row["old"])


def _user_id(rows: sqlite3.Connection, person: int) -> str:
    return str(rows.execute("SELECT user_id FROM person WHERE id = ?", (person,)).fetchone()["user_id"])


def _goes_by(rows: sqlite3.Connection, channel: str, person: int, user_id: str, wa_id: str) -> None:
    for kind, value in ((USER, user_id), (PHONE, wa_id)):
        if value:
            rows.execute(
                "INSERT OR REPLACE INTO alias (channel, kind, value, person) VALUES (?, ?, ?, ?)",
                (channel, kind, value, person),
            )
    if wa_id:
        # Whoever had the number before has it no longer.
        rows.execute(
            "UPDATE person SET wa_id = '' WHERE channel = ? AND wa_id = ? AND id != ?",
            (channel, wa_id, person),
        )
    rows.execute(
        "UPDATE person SET user_id = coalesce(nullif(?, ''), user_id), wa_id = coalesce(nullif(?, ''), wa_id)"
        " WHERE id = ?",
        (user_id, wa_id, person),
    )


def renamed(
    rows: sqlite3.Connection, channel: str, *, old: tuple[str, str], new: tuple[str, str], now: float
) -> int:
    """Follow a change of ids, (user_id, wa_id) each; both names are one person from now on, who is answered.

    The news may come late, after messages under the new id: then the two people become one. It may come
    early, before a message under the old id: so it is kept of people not known yet, too.
    """
    before, after = _before(rows, channel, old), found(rows, channel, USER, new[0])
    person = after if before is None else before
    if person is None:
        made = rows.execute("INSERT INTO person (channel, heard_at) VALUES (?, ?)", (channel, now))
        person = int(made.lastrowid or 0)
    if after is not None and person != after:
        _merge(rows, kept=person, gone=after)
    if old[0]:
        rows.execute(
            "INSERT OR REPLACE INTO alias (channel, kind, value, person, old) VALUES (?, ?, ?, ?, 1)",
            (channel, USER, old[0], person),
        )
    # The news of a change before the last one may come after it.
    if _is_old(rows, channel, new[0]):
        return person
    if before is not None and new[0] and not new[1]:
        # The number has changed with the id, and we aren't told the new one.
        rows.execute("UPDATE person SET wa_id = '' WHERE id = ?", (person,))
    _goes_by(rows, channel, person, new[0], new[1])
    return person


def _before(rows: sqlite3.Connection, channel: str, old: tuple[str, str]) -> int | None:
    """Who went by the old ids. A number alone finds them where they have no id, or where none is told."""
    by_id, by_phone = found(rows, channel, USER, old[0]), found(rows, channel, PHONE, old[1])
    if by_id is not None or by_phone is None:
        return by_id
    return None if old[0] and _user_id(rows, by_phone) else by_phone


def _merge(rows: sqlite3.Connection, *, kept: int, gone: int) -> None:
    """Two people who turn out to be one: the younger conversation counts, and everything of both is kept."""
    for table in _OWNED:
        rows.execute(f"UPDATE {table} SET person = ? WHERE person = ?", (kept, gone))  # noqa: S608
    first, second = known(rows, kept), known(rows, gone)
    if first is not None and second is not None:
        talk = second.talk if second.talk.language else first.talk
        rows.execute(
            "UPDATE person SET heard_at = ?, talk = ?, photos = photos + ?,"
            " user_id = coalesce(nullif(?, ''), user_id), wa_id = coalesce(nullif(?, ''), wa_id)"
            " WHERE id = ?",
            (max(first.heard_at, second.heard_at), json.dumps(talk.to_wire()), second.photos,
             second.user_id, second.wa_id, kept),
        )  # fmt: skip
    rows.execute("DELETE FROM person WHERE id = ?", (gone,))


def remember(rows: sqlite3.Connection, person: int, talk: Talk) -> None:
    """Note where a conversation stands."""
    rows.execute("UPDATE person SET talk = ? WHERE id = ?", (json.dumps(talk.to_wire()), person))


def forget(rows: sqlite3.Connection, person: int, *, until: int) -> list[str]:
    """Delete what is stored about a person, under all their ids: answers: the ids of their photos.

    `until` is the row of the message that asked for it; what they write after it has its turn. What is left
    until the last message has gone out (`lay_off`) is the address it goes to. The bare ids of messages stay
    for as long as the messenger may send them again, with nobody's name to them.
    """
    photos = [row["id"] for row in rows.execute("SELECT id FROM job WHERE person = ?", (person,))]
    rows.execute("DELETE FROM job WHERE person = ?", (person,))
    rows.execute("DELETE FROM outbox WHERE person = ?", (person,))
    rows.execute(
        "UPDATE inbox SET body = '{}', person = NULL, done = 1 WHERE person = ? AND id <= ?", (person, until)
    )
    rows.execute("UPDATE person SET talk = '', photos = 0, forgotten = 1 WHERE id = ?", (person,))
    return photos


def lay_off(rows: sqlite3.Connection, *, before: float) -> int:
    """Delete the addresses of the forgotten who have had their last message; answers how many.

    Whoever has never said more than a new id, and not since `before`, goes too.
    """
    rows.execute("DELETE FROM person WHERE talk = '' AND photos = 0 AND heard_at < ?", (before,))
    done = rows.execute(
        "DELETE FROM person WHERE forgotten = 1 AND NOT EXISTS (SELECT 1 FROM outbox"
        " WHERE outbox.person = person.id AND outbox.state IN ('waiting', 'sending'))"
        " RETURNING id"
    ).fetchall()
    for row in done:
        rows.execute("DELETE FROM outbox WHERE person = ?", (row["id"],))
        # The link is used up: no other browser may take it.
        rows.execute("UPDATE link SET holder = '' WHERE person = ?", (row["id"],))
    return len(done)
