"""Days at the simulated desk: who is there takes the next record, on one clock, until all are read."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from db.decisions import Purpose
from db.label_view import current_labels
from db.quality.audit_samples import draw_sample
from db.queue.next_reading import Task, Wish, lease_next
from pipeline.demo.reviewing.annotators import ADJUDICATOR, ANNOTATORS, LEAD, Annotator
from pipeline.demo.reviewing.decisions import LEASE_S, Shares, SimulatedDesk
from pipeline.demo.reviewing.readings import SimulatedReading

if TYPE_CHECKING:
    pass

# A Monday after the newest report of any cohort.
FIRST_DAY = datetime(2026, 6, 1, tzinfo=UTC)
AUDIT_NAME = "simulated audit"
_WORKING_DAYS = 8
_MORNING, _EVENING = timedelta(hours=9), timedelta(hours=17)
_READING = (Purpose.FIRST, Purpose.SECOND, Purpose.AUDIT)
_CLEAN_SHARE = 0.10


def audit_size(shares: Shares, labels: int) -> int:
    """How many labels the lead draws for the audit."""
    return min(shares.audit_most, round(shares.audit * labels))


class Office:
    """The days, one after the other; people who work at the same time take turns on one clock."""

    def __init__(
        self, desk: SimulatedDesk, left_alone: Sequence[int], on_progress: Callable[[int, int], None] | None
    ) -> None:
        self.desk, self.left_alone, self.on_progress = desk, left_alone, on_progress
        self.now, self.day, self.days_worked = FIRST_DAY, FIRST_DAY, 0
        self.readings: Counter[str] = Counter()
        self._said = -1

    def work_until_done(self) -> None:
        """Go on, day by day, until nothing waits that anybody may read."""
        while self._work_a_day():
            self.days_worked += 1
            self._next_day()
            self._say_progress()

    def draw_audit(self) -> int:
        """The lead draws the audit sample in the morning; how many labels it has."""
        labels = len(current_labels(self.desk.session))
        size = audit_size(self.desk.shares, labels)
        if not size:
            return 0
        self.now = self.day + _MORNING - timedelta(minutes=20)
        draw_sample(
            self.desk.session,
            size=size,
            seed=self.desk.seed % 2**31,
            name=AUDIT_NAME,
            drawn_by=LEAD.name,
            now=self.now,
            rules=self.desk.rules,
        )
        return size

    def _say_progress(self) -> None:
        done, total = self.desk.counts["first"] + self.desk.counts["flag"], len(self.desk.pages)
        if self.on_progress is not None and self._said < min(done, total):
            self._said = min(done, total)
            self.on_progress(self._said, total)

    def _next_day(self) -> None:
        self.day += timedelta(days=1)
        while self.day.weekday() >= 5:
            self.day += timedelta(days=1)

    def _work_a_day(self) -> bool:
        before = sum(self.readings.values())
        rng = np.random.default_rng([self.desk.seed, 4, self.day.toordinal()])
        quota = max(2, math.ceil(len(self.desk.pages) * 1.5 / (len(ANNOTATORS) * _WORKING_DAYS)))
        crew = [
            self._sitting(person, self._arrival(rng), _READING, 1 + int(rng.integers(quota, 2 * quota)) // 2)
            for person in ANNOTATORS
        ]
        self._together(crew)
        for person, late in ((ADJUDICATOR, 0), (LEAD, 1)):
            begins = max(self.now, self.day + _EVENING) + timedelta(minutes=late)
            self._together([self._sitting(person, begins, (Purpose.ADJUDICATION,), len(self.desk.pages))])
        return sum(self.readings.values()) > before

    def _arrival(self, rng: np.random.Generator) -> datetime:
        return (
            self.day + _MORNING + timedelta(minutes=int(rng.integers(0, 90)), seconds=int(rng.integers(60)))
        )

    def _together(self, sittings: Sequence[Iterator[datetime]]) -> None:
        """Let people work at the same time: whoever's next moment comes first goes on."""
        waiting = [
            (at, place) for place, sitting in enumerate(sittings) if (at := next(sitting, None)) is not None
        ]
        heapq.heapify(waiting)
        while waiting:
            self.now, place = heapq.heappop(waiting)
            at = next(sittings[place], None)
            if at is not None:
                heapq.heappush(waiting, (at, place))

    def _sitting(
        self, person: Annotator, begins: datetime, purposes: Sequence[Purpose], most: int
    ) -> Iterator[datetime]:
        """One person's work on one day; yields the moment of each step before it is done."""
        at = begins
        yield at
        for _ in range(most):
            task = self._next_task(person, at, purposes)
            if task is None:
                return
            self.readings[person.name] += 1
            reading = SimulatedReading(self.desk, person, task, lambda: self.now)
            pause_s = 2.0 + float(reading.rng.exponential(6.0))
            for seconds in reading.play():
                at += timedelta(seconds=seconds)
                yield at
            at += timedelta(seconds=round(pause_s, 1))
            yield at

    def _next_task(self, person: Annotator, at: datetime, purposes: Sequence[Purpose]) -> Task | None:
        who = self.desk.numbers[person.name]
        rng = np.random.default_rng([self.desk.seed, 5, who, self.readings[person.name]])
        wish = Wish(tuple(purposes), clean_first=bool(rng.random() < _CLEAN_SHARE))
        return lease_next(
            self.desk.session,
            annotator_id=who,
            now=at,
            lease_s=LEASE_S,
            skip=self.left_alone,
            wish=wish,
        )
