"""Photos on their way to the model host: held until agreed, fetched, leased, answered, and given up at last.

held -> fetch -> ready <-> leased -> done | failed
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import Final

OPEN: Final = ("fetch", "ready", "leased")
# A photo that was sent with the form, or has been fetched, is here.
HERE: Final = ("ready", "leased")
_LONGEST_PAUSE_S: Final = 60.0


@dataclass(frozen=True)
class Job:
    """One photo. `number` counts a person's photos from 1."""

    id: str
    message_id: str
    person: int
    number: int
    media_id: str
    state: str
    tries: int
    lease: str


def job_id(message_id: str) -> str:
    """A photo's name: always the same for one message, and nothing of the message can be read from it."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:32]


def _job(row: sqlite3.Row) -> Job:
    return Job(**{name: row[name] for name in Job.__dataclass_fields__})


def add(
    rows: sqlite3.Connection, *, message_id: str, person: int, number: int, media_id: str, is_held: bool,
    now: float,
) -> None:  # fmt: skip
    """Note a photo that came. Without a media id it is here already, under its job's name."""
    state = "held" if is_held else "fetch" if media_id else "ready"
    rows.execute(
        "INSERT OR IGNORE INTO job (id, message_id, person, number, media_id, state, next_at, made_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (job_id(message_id), message_id, person, number, media_id, state, now, now),
    )


def found(rows: sqlite3.Connection, job: str) -> Job | None:
    """A job by its name."""
    row = rows.execute("SELECT * FROM job WHERE id = ?", (job,)).fetchone()
    return None if row is None else _job(row)


def counts(rows: sqlite3.Connection, person: int) -> tuple[int, int]:
    """(photos held until the person agrees, photos without an answer yet)."""
    row = rows.execute(
        "SELECT count(*) FILTER (WHERE state = 'held') AS held,"
        " count(*) FILTER (WHERE state IN ('fetch', 'ready', 'leased')) AS waiting FROM job WHERE person = ?",
        (person,),
    ).fetchone()
    return row["held"], row["waiting"]


def release(rows: sqlite3.Connection, person: int, *, now: float) -> None:
    """The person has agreed: their held photos are read."""
    rows.execute(
        "UPDATE job SET state = CASE media_id WHEN '' THEN 'ready' ELSE 'fetch' END, next_at = ?"
        " WHERE person = ? AND state = 'held'",
        (now, person),
    )


def drop_held(rows: sqlite3.Connection, person: int) -> list[str]:
    """The person has not agreed: nothing of the held photos is kept. Their names, to delete the files."""
    gone = rows.execute("DELETE FROM job WHERE person = ? AND state = 'held' RETURNING id", (person,))
    return [row["id"] for row in gone]


def to_fetch(rows: sqlite3.Connection, *, now: float, most: int) -> list[Job]:
    """Photos to be fetched, the oldest first."""
    rows_found = rows.execute(
        "SELECT * FROM job WHERE state = 'fetch' AND next_at <= ? ORDER BY made_at, number LIMIT ?",
        (now, most),
    )
    return [_job(row) for row in rows_found]


def fetched(rows: sqlite3.Connection, job: Job, *, now: float) -> bool:
    """The photo is on the disk. False where the job is gone meanwhile: the file has to go, too."""
    changed = rows.execute(
        "UPDATE job SET state = 'ready', tries = 0, next_at = ? WHERE id = ? AND state = 'fetch'",
        (now, job.id),
    )
    return changed.rowcount == 1


def put_off(rows: sqlite3.Connection, job: Job, *, now: float, retry_s: float) -> None:
    """Fetch it again later."""
    wait_s = min(_LONGEST_PAUSE_S, retry_s * 2 ** min(job.tries, 10))
    rows.execute(
        "UPDATE job SET tries = tries + 1, next_at = ? WHERE id = ? AND state = 'fetch'",
        (now + wait_s, job.id),
    )


def lease(
    rows: sqlite3.Connection, *, name: str, now: float, until: float, most: int, most_tries: int
) -> list[Job]:
    """Lend the oldest photos to a model host; one whose lease has run out is lent again."""
    lent = rows.execute(
        "UPDATE job SET state = 'leased', lease = ?, next_at = ?, tries = tries + 1 WHERE id IN ("
        " SELECT id FROM job WHERE state IN ('ready', 'leased') AND next_at <= ? AND tries < ?"
        " ORDER BY made_at, number LIMIT ?) RETURNING *",
        (name, until, now, most_tries, most),
    ).fetchall()
    return [_job(row) for row in lent]


def give_back(rows: sqlite3.Connection, job: Job, *, now: float) -> None:
    """The model host could not read it this time: any may try again at once."""
    rows.execute(
        "UPDATE job SET state = 'ready', next_at = ? WHERE id = ? AND state = 'leased'", (now, job.id)
    )


def finish(rows: sqlite3.Connection, job: Job, state: str, *, now: float) -> bool:
    """Note that a photo has its answer (`done`) or gets none (`failed`). False where it had one before."""
    changed = rows.execute(
        "UPDATE job SET state = ?, done_at = ?, lease = '' WHERE id = ? AND state NOT IN ('done', 'failed')",
        (state, now, job.id),
    )
    return changed.rowcount == 1


def worn_out(rows: sqlite3.Connection, *, now: float, most_tries: int, made_before: float) -> list[Job]:
    """Photos that nobody could read: lent too often, or older than the time to answer."""
    rows_found = rows.execute(
        "SELECT * FROM job WHERE state IN ('ready', 'leased') AND tries >= ? AND next_at <= ?"
        " UNION SELECT * FROM job WHERE state IN ('fetch', 'ready', 'leased') AND made_at < ?",
        (most_tries, now, made_before),
    )
    return [_job(row) for row in rows_found]


def late(rows: sqlite3.Connection, *, made_before: float) -> list[Job]:
    """Photos that wait for long, whose senders have not been told so; each is answered once."""
    rows_found = rows.execute(
        "UPDATE job SET delayed = 1 WHERE delayed = 0 AND state IN ('fetch', 'ready', 'leased')"
        " AND made_at < ? RETURNING *",
        (made_before,),
    ).fetchall()
    return [_job(row) for row in rows_found]


def prune(rows: sqlite3.Connection, *, done_before: float, held_before: float) -> list[str]:
    """Delete photos whose time is over: answered long enough ago, or never agreed to. Their names."""
    gone = rows.execute(
        "DELETE FROM job WHERE done_at < ? OR (state = 'held' AND made_at < ?) RETURNING id",
        (done_before, held_before),
    )
    return [row["id"] for row in gone]
