"""Every message gets its turn: conversation, photo and replies change in one transaction or not at all."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass

from db.errors import EchoDeskError
from pipeline.serving.conversation import (
    Fate,
    Step,
    on_again,
    on_answer,
    on_news,
    on_photo,
    on_something_else,
    on_text,
)
from pipeline.serving.relay import inbox, jobs, outbox, people
from pipeline.serving.relay.inbox import Waiting
from pipeline.serving.relay.jobs import Job
from pipeline.serving.relay.people import Person
from pipeline.serving.relay.store import Store, count
from pipeline.serving.relay.vault import Vault
from pipeline.serving.screened import Screened

logger = logging.getLogger(__name__)

AT_ONCE = 50


@dataclass(frozen=True)
class Turns:
    """What a turn needs.

    Attributes:
        window_s: how long after a person's word they may be answered.
        most_mb: the largest photo, for the sentence that says so.
    """

    store: Store
    vault: Vault
    window_s: float
    most_mb: int

    def take(self) -> int:
        """Answer what waits in the inbox; how many messages had their turn."""
        gone: list[str] = []
        with self.store.write() as rows:
            waiting = inbox.waiting(rows, most=AT_ONCE)
            for message in waiting:
                gone += self._guarded(rows, message)
                inbox.answered(rows, message)
        for job in gone:
            self.vault.drop_photo(job)
        return len(waiting)

    def _guarded(self, rows: sqlite3.Connection, message: Waiting) -> list[str]:
        """One message; one that can't be answered is counted, and holds up nobody else's."""
        rows.execute("SAVEPOINT turn")
        try:
            gone = self._turn(rows, message)
        except (ValueError, KeyError, TypeError) as error:
            rows.execute("ROLLBACK TO turn")
            count(rows, "inbox_faulty")
            logger.error("a message could not be answered: %s", type(error).__name__)
            gone = []
        rows.execute("RELEASE turn")
        return gone

    def _turn(self, rows: sqlite3.Connection, message: Waiting) -> list[str]:
        """One message; answers the names of photos that have to go."""
        now = self.store.clock()
        person = people.known(rows, message.person)
        is_late = message.sent_at + self.window_s <= now
        if person is None or is_late:
            count(rows, "inbox_too_late")
            return [jobs.job_id(message.message_id)] if message.kind == "photo" else []
        held, waiting = jobs.counts(rows, person.id)
        if message.kind == "text":
            step = on_text(person.talk, message.body.get("text", ""), held=held)
        elif message.kind == "photo":
            step = on_photo(person.talk, held=held, waiting=waiting)
        elif message.kind == "again":
            step = on_again(person.talk, self._answer_to(rows, message.body.get("job", "")))
        else:
            step = on_something_else(person.talk)
        return self._carry_out(rows, person, message, step, now)

    def _answer_to(self, rows: sqlite3.Connection, job: str) -> str:
        """What a photo's sender was told; empty where the letter is gone."""
        key = f"a:{job}/0"
        row = rows.execute("SELECT sealed FROM outbox WHERE key = ?", (key,)).fetchone()
        try:
            return "" if row is None else outbox.reply_in(self.vault, key, row["sealed"]).text
        except EchoDeskError:  # sealed with another key
            return ""

    def _carry_out(
        self, rows: sqlite3.Connection, person: Person, message: Waiting, step: Step, now: float
    ) -> list[str]:
        gone: list[str] = []
        if step.forget:
            gone += people.forget(rows, person.id, until=message.row)
        if step.fate is Fate.DROP_HELD:
            gone += jobs.drop_held(rows, person.id)
        elif step.fate is Fate.READ_HELD:
            jobs.release(rows, person.id, now=now)
        elif step.fate in (Fate.READ, Fate.HOLD):
            rows.execute("UPDATE person SET photos = photos + 1 WHERE id = ?", (person.id,))
            jobs.add(
                rows, message_id=message.message_id, person=person.id, number=person.photos + 1,
                media_id=message.body.get("media_id", ""), is_held=step.fate is Fate.HOLD, now=now,
            )  # fmt: skip
        elif message.kind == "photo":
            gone.append(jobs.job_id(message.message_id))
        if not step.forget:
            people.remember(rows, person.id, step.talk)
        # A forgotten person's last message quotes nothing: what it would quote is deleted.
        self._reply(rows, f"m:{jobs.job_id(message.message_id)}", person.id, step, "", now)
        return gone

    def _reply(
        self, rows: sqlite3.Connection, key: str, person: int, step: Step, quote: str, now: float
    ) -> None:
        outbox.put(rows, self.vault, key=key, person=person, replies=step.replies, quote=quote, now=now)

    def answer(self, job_name: str, answer: Screened, *, heat_link: str = "") -> bool:
        """An answer has come from the model host. False where it was known, or the photo is forgotten.

        Args:
            heat_link: where its heat map can be looked at.
        """
        with self.store.write() as rows:
            job = jobs.found(rows, job_name)
            person = None if job is None else people.known(rows, job.person)
            if job is None or person is None or not jobs.finish(rows, job, "done", now=self.store.clock()):
                count(rows, "answers_repeated")
                return False
            held, waiting = jobs.counts(rows, person.id)
            number = job.number if person.photos > 1 or held + waiting else None
            step = on_answer(person.talk, answer, number=number, heat_link=heat_link)
            self._reply(rows, f"a:{job.id}", person.id, step, job.message_id, self.store.clock())
            count(rows, f"answers_{answer.verdict.value}")
        return True

    def fail(self, rows: sqlite3.Connection, job: Job, reason: str) -> None:
        """A photo gets no answer, and its sender is told why."""
        if jobs.finish(rows, job, "failed", now=self.store.clock()):
            count(rows, f"photos_{reason}")
            self.tell(rows, job, reason)

    def tell(self, rows: sqlite3.Connection, job: Job, reason: str) -> None:
        """News about a photo; the same news once."""
        person = people.known(rows, job.person)
        if person is not None:
            step = on_news(person.talk, reason, megabytes=self.most_mb)
            self._reply(rows, f"n:{job.id}:{reason}", person.id, step, job.message_id, self.store.clock())
