"""The relay at work: turns, fetching, sending and sweeping, each a step that can be killed at any moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from pipeline.serving.channels.base import Channel, End, FetchTrouble
from pipeline.serving.relay import inbox, jobs, outbox, people
from pipeline.serving.relay.jobs import Job
from pipeline.serving.relay.outbox import Due
from pipeline.serving.relay.settings import RelaySettings
from pipeline.serving.relay.store import Store, count
from pipeline.serving.relay.turns import Turns
from pipeline.serving.relay.vault import Vault, is_picture

logger = logging.getLogger(__name__)

SENT_AT_ONCE = 16
FETCHED_AT_ONCE = 4
# A letter under way is let alone for this long; the channel gives up sooner.
_UNDER_WAY_S = 30.0
# A photo that nobody has read is given up while its sender can still be told.
_TOLD_BEFORE_S = 1800.0
_MEGABYTE = 1_000_000


@dataclass
class Relay:
    """Everything the relay does, but for listening.

    Attributes:
        paused: channel -> until when nothing is sent on it.
        started_at: what the model host signed before this is refused, so that what was seen before a crash
            need not be known.
        seen: nonce of a request of the model host -> until when it is remembered.
        woken: set when messages may wait for their turn.
        to_fetch, to_send, ready: set when photos may have to be fetched, letters sent, photos lent.
        is_stopping: whether the program ends: who waits for a photo then waits no longer.
    """

    settings: RelaySettings
    store: Store
    vault: Vault
    channels: Mapping[str, Channel]
    paused: dict[str, float] = field(default_factory=dict)
    started_at: float = 0.0
    seen: dict[str, float] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    to_fetch: asyncio.Event = field(default_factory=asyncio.Event)
    to_send: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    is_stopping: Callable[[], bool] = lambda: False

    def rouse(self) -> None:
        """Let fetching, sending and lending look whether there is something to do."""
        for event in (self.to_fetch, self.to_send, self.ready):
            event.set()

    @property
    def turns(self) -> Turns:
        """The turns of messages."""
        return Turns(self.store, self.vault, self.settings.window_s, self.settings.max_photo_mb)

    def start(self) -> None:
        """Take up what a crash left: letters that may have gone, photos without a job."""
        self.started_at = self.store.clock()
        with self.store.write() as rows:
            outbox.recover(rows, now=self.store.clock(), settle_s=self.settings.settle_s)
            count(rows, "starts")

    async def step(self) -> int:
        """Do what can be done now; how many things that were."""
        done = 0
        while taken := self.turns.take():
            done += taken
        done += await self.fetch_due()
        return done + await self.send_due()

    async def fetch_due(self) -> int:
        """Fetch the photos that wait for it; a link to one is good for five minutes and used at once."""
        now = self.store.clock()
        due = jobs.to_fetch(self.store.rows, now=now, most=FETCHED_AT_ONCE)
        await asyncio.gather(*(self._fetch(job) for job in due))
        if due:
            self.rouse()
        return len(due)

    async def _fetch(self, job: Job) -> None:
        person = people.known(self.store.rows, job.person)
        if person is None:
            return
        channel = self.channels.get(person.channel)
        if channel is None:  # taken out of the settings: it waits for its return, as letters do
            with self.store.write() as rows:
                jobs.put_off(rows, job, now=self.store.clock(), retry_s=self.settings.retry_s)
            return
        try:
            photo = await channel.fetch(job.media_id)
            if not is_picture(photo):
                raise FetchTrouble("wrong_type")
        except FetchTrouble as trouble:
            self._not_fetched(job, trouble.reason)
            return
        await asyncio.to_thread(self.vault.keep_photo, job.id, photo)
        with self.store.write() as rows:
            is_wanted = jobs.fetched(rows, job, now=self.store.clock())
        if not is_wanted:
            self.vault.drop_photo(job.id)

    def _not_fetched(self, job: Job, reason: str) -> None:
        settings = self.settings
        with self.store.write() as rows:
            if not reason and job.tries < 3 * settings.max_tries:
                jobs.put_off(rows, job, now=self.store.clock(), retry_s=settings.retry_s)
            else:
                self.turns.fail(rows, job, reason or "photo_gone")

    async def send_due(self) -> int:
        """Send the letters whose time has come; noted before and after."""
        now = self.store.clock()
        open_now = [name for name in self.channels if self.paused.get(name, 0.0) <= now]
        due = outbox.due(self.store.rows, self.vault, now=now, most=SENT_AT_ONCE, channels=open_now)
        if not due:
            return 0
        with self.store.write() as rows:
            outbox.begin(rows, due, until=now + _UNDER_WAY_S + self.settings.settle_s)
        outcomes = await asyncio.gather(*(self.channels[one.channel].send(one.letter) for one in due))
        with self.store.write() as rows:
            for letter, outcome in zip(due, outcomes, strict=True):
                if outcome.end is End.UNSURE:
                    outcome = replace(outcome, after_s=max(outcome.after_s, self.settings.settle_s))
                if outcome.end is End.PAUSE:
                    self._pause(letter, outcome.code, outcome.after_s)
                outbox.note(rows, letter, outcome, now=self.store.clock(), retry_s=self.settings.retry_s)
        return len(due)

    def _pause(self, letter: Due, code: int, after_s: float) -> None:
        self.paused[letter.channel] = max(self.paused.get(letter.channel, 0.0), self.store.clock() + after_s)
        logger.warning("channel %s pauses for %.0f s: code %d", letter.channel, after_s, code)

    def sweep(self) -> None:
        """Delete what is over, give up what can't be done, tell those who wait for long."""
        settings, now = self.settings, self.store.clock()
        with self.store.write() as rows:
            outbox.expire(rows, now=now, window_s=settings.window_s)
            given_up = jobs.worn_out(
                rows, now=now, most_tries=settings.max_tries,
                made_before=now - max(settings.window_s - _TOLD_BEFORE_S, settings.window_s / 2),
            )  # fmt: skip
            for job in given_up:
                self.turns.fail(rows, job, "gave_up")
            for job in jobs.late(rows, made_before=now - settings.delayed_s):
                self.turns.tell(rows, job, "delayed")
            gone = jobs.prune(
                rows, done_before=now - settings.keep_photos_s, held_before=now - settings.window_s
            )
            outbox.prune(rows, before=now - settings.keep_photos_s)
            inbox.prune(rows, before=now - settings.keep_ids_s)
            people.lay_off(rows, before=now - settings.keep_ids_s)
            rows.execute("DELETE FROM link WHERE ends_at < ?", (now - settings.keep_photos_s,))
        for job_name in gone:
            self.vault.drop_photo(job_name)
        self.seen = {nonce: until for nonce, until in self.seen.items() if until > now}
        self._drop_orphans()

    def _drop_orphans(self) -> None:
        """Photos whose job is gone: a crash came between the row and the file."""
        old = self.store.clock() - 600
        for job_name, written_at in self.vault.kept().items():
            if written_at < old and jobs.found(self.store.rows, job_name) is None:
                waits = self.store.rows.execute("SELECT 1 FROM inbox WHERE done = 0 LIMIT 1").fetchone()
                if waits is None:
                    self.vault.drop_photo(job_name)

    async def close(self) -> None:
        """Let go of channels and rows."""
        for channel in self.channels.values():
            await channel.close()
        self.store.close()


def most_bytes(settings: RelaySettings) -> int:
    """The largest photo, bytes."""
    return settings.max_photo_mb * _MEGABYTE
