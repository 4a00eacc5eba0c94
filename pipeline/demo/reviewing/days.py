"""Days at the simulated desk: four annotators, an adjudicator and a lead read every drafted record of the
demo.

All is stored in one transaction with a simulated clock that starts on a fixed day, so it is there whole or
not at all, and the same seed stores the same rows. First and second readings and adjudications come first,
then an audit sample is drawn and read again blindly, and what that brings up is adjudicated.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from db.access.desk_key import drawn_share
from db.cases import get_case
from db.decisions import Purpose
from db.drafts import list_drafts
from db.fields.names import CARDS, FIELD_OF_CARD
from db.label_view import CurrentLabel, current_labels
from db.labels import Light
from db.quality.audit_samples import draw_sample
from db.queue.items import refresh_case
from db.queue.leases import Task, Wish, lease_next
from db.queue.plan import ReadingRules, worst_light
from db.queue.second_people import choose_second, is_second_chosen
from db.tables.drafts import Draft
from db.users import add_user, user_named
from pipeline.demo.reviewing.annotators import ADJUDICATOR, ANNOTATORS, EVERYBODY, LEAD, Annotator
from pipeline.demo.reviewing.decisions import LEASE_S, Shares, SimulatedDesk
from pipeline.demo.reviewing.label_errors import LabelError, LabelErrorRow, choose_errors
from pipeline.demo.reviewing.readings import Reading
from pipeline.demo.reviewing.slips import PageTruth, card_is_right

if TYPE_CHECKING:
    from sqlmodel import Session

# A Monday after the newest report of any cohort.
FIRST_DAY = datetime(2026, 6, 1, tzinfo=UTC)
AUDIT_NAME = "simulated audit"
SECOND_READING_SHARE = 0.3
_WORKING_DAYS = 8
_MORNING, _EVENING = timedelta(hours=9), timedelta(hours=17)
_ACTOR = "demo"
_READING = (Purpose.FIRST, Purpose.SECOND, Purpose.AUDIT)
_CLEAN_SHARE = 0.10


@dataclass(frozen=True)
class Played:
    """What the simulated people did.

    Attributes:
        counts: by name: `first`, `second`, `adjudication`, `audit`, `skip`, `flag`, `practice`,
            `practice_noticed`, `undone`, `redone`.
        labels, right: how many records have a label, and how many of those are right in every field.
        audited: labels drawn for the audit sample.
        days: on which somebody worked.
        seeded: first readings made wrong on purpose.
        errors: the labels that are still wrong by them.
    """

    counts: Mapping[str, int]
    labels: int
    right: int
    audited: int
    days: int
    seeded: int = 0
    errors: Sequence[LabelErrorRow] = field(default_factory=tuple)


def was_played(session: Session) -> bool:
    """Whether simulated people have been here before."""
    return any(user_named(session, name=person.name) is not None for person in EVERYBODY)


def play_readings(
    session: Session,
    *,
    pages: Mapping[str, PageTruth],
    seed: int,
    ef_tolerance_points: float = 2.0,
    label_error_share: float = 0.0,
    shares: Shares = Shares(),  # noqa: B008 - frozen
    on_progress: Callable[[int, int], None] | None = None,
) -> Played | None:
    """Have simulated people review every drafted record of the demo, in the caller's one transaction.

    Args:
        pages: patient key -> what is true of that patient's report; records of others are left alone.
        seed: source of all chance.
        label_error_share: of the labels, 0-1, that end up wrong on purpose, about: the errors are made in
            first readings, and those that the audit finds are put right again.
        on_progress: called with (records labelled or flagged, records in all).

    Returns:
        what was done; None where that was done before, and then nothing is added.
    """
    if was_played(session):
        return None
    newest = {draft.case_id: draft for draft in list_drafts(session)}
    by_case = _pages_by_case(session, newest, pages)
    rules = ReadingRules(
        ef_tolerance_points, SECOND_READING_SHARE, hashlib.sha256(f"demo {seed}".encode()).digest()
    )
    desk = SimulatedDesk(
        session,
        by_case,
        rules,
        seed,
        _hire(session),
        shares,
    )
    _list_for_second(desk, newest)
    desk.errors = _errors(desk, label_error_share)
    office = _Office(desk, [number for number in newest if number not in by_case], on_progress)
    office.work_until_done()
    audited = office.draw_audit()
    office.work_until_done()
    labels = [label for label in current_labels(session) if label.case_id in by_case]
    right = sum(
        all(card_is_right(by_case[one.case_id], one.findings, card) for card in CARDS) for one in labels
    )
    errors = [_error_row(desk, label) for label in labels if _is_still_wrong(desk, label)]
    return Played(
        dict(desk.counts), len(labels), right, audited, office.days_worked, len(desk.errors), errors
    )


def _pages_by_case(
    session: Session, newest: Mapping[int, Draft], pages: Mapping[str, PageTruth]
) -> dict[int, PageTruth]:
    found: dict[int, PageTruth] = {}
    for number in sorted(newest):
        case = get_case(session, case_id=number)
        if case is not None and case.patient_key in pages:
            found[number] = pages[case.patient_key]
    return found


def _hire(session: Session) -> dict[str, int]:
    """Make the people, who can come in by a link on this computer alone; name -> number."""
    people = [
        add_user(session, name=person.name, role=person.role, actor=_ACTOR, now=FIRST_DAY)
        for person in EVERYBODY
    ]
    return {user.name: int(user.id or 0) for user in people}


def _list_for_second(desk: SimulatedDesk, newest: Mapping[int, Draft]) -> None:
    """The lead has every record read twice that the reader could not settle; a share of the rest is drawn."""
    for number in desk.pages:
        if worst_light(newest[number]) is Light.RED:
            choose_second(desk.session, case_id=number, chosen_by="list", actor=LEAD.name, now=FIRST_DAY)
            refresh_case(desk.session, case_id=number, rules=desk.rules)


def _errors(desk: SimulatedDesk, share: float) -> dict[int, LabelError]:
    """Errors in records that one person reads: where two do, the adjudicator would put them right at once."""
    session, key, records = desk.session, desk.rules.key, len(desk.pages)
    alone = {
        number: page
        for number, page in desk.pages.items()
        if drawn_share(key, "second", number) >= SECOND_READING_SHARE
        and not is_second_chosen(session, case_id=number)
    }
    # More than asked for, by what the audit is going to find.
    left = 1 - _audit_size(desk.shares, records) / records if records else 1.0
    count = round(share * records / left) if left > 0 else 0
    return choose_errors(alone, count=count, rng=np.random.default_rng([desk.seed, 3]))


def _is_still_wrong(desk: SimulatedDesk, label: CurrentLabel) -> bool:
    error = desk.errors.get(label.case_id)
    return error is not None and not card_is_right(desk.pages[label.case_id], label.findings, error.card)


def _audit_size(shares: Shares, labels: int) -> int:
    return min(shares.audit_most, round(shares.audit * labels))


def _error_row(desk: SimulatedDesk, label: CurrentLabel) -> LabelErrorRow:
    page, name = desk.pages[label.case_id], FIELD_OF_CARD[desk.errors[label.case_id].card]
    printed, stored = (one.model_dump(mode="json")[name] for one in (page.findings, label.findings))
    return LabelErrorRow(label.case_id, label.review_id, page.patient_id, name, printed, stored)


class _Office:
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
        size = _audit_size(self.desk.shares, labels)
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
            reading = Reading(self.desk, person, task, lambda: self.now)
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
