"""What a person at the simulated desk does with a record in hand: decide, take back, decide anew.

Everything goes through the functions of `db`, as at the real desk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from db.decisions import Decision, Purpose, UndoKind
from db.drafts import latest_draft
from db.fields.names import CARDS
from db.fields.sameness import differing_cards, is_as_drafted
from db.labels import Findings
from db.queue.leases import release_lease
from db.queue.next_reading import Task, take_task
from db.queue.plan import ReadingRules
from db.reviews import ReadingContext, record_decision, reviews_of, undo_or_redo
from db.tables.drafts import Draft
from db.tables.reviews import Review
from db.withdrawals import redo_candidate, undo_candidate
from pipeline.demo.reviewing.annotators import Annotator, correction_reason
from pipeline.demo.reviewing.label_errors import LabelError
from pipeline.demo.reviewing.slips import PageTruth, answered, card_is_right

if TYPE_CHECKING:
    from sqlmodel import Session

LEASE_S = 3600.0
# Somebody who slipped notices it in time this often; now and then a right decision is taken back, too.
_NOTICES_SLIP, _DOUBTS = 0.3, 0.02
_PLACES = {purpose: place for place, purpose in enumerate(Purpose)}
_BY_ANSWERS = (Purpose.SECOND, Purpose.AUDIT, Purpose.ADJUDICATION)


@dataclass(frozen=True)
class Shares:
    """How much of what is played, shares 0-1 of the records.

    Attributes:
        practice: begin with a deliberately wrong draft.
        hidden: have their draft hidden until values are entered.
        audit: of the labels, are read again blindly, at most `audit_most`.
    """

    practice: float = 0.5
    hidden: float = 0.2
    audit: float = 0.4
    audit_most: int = 120


@dataclass
class SimulatedDesk:
    """What a reading works with.

    Attributes:
        pages: case number -> what is true of it.
        numbers: person's name -> number in the database.
        errors: case number -> what its first reading is to have wrong on purpose.
        counts: what was done so far, by name.
    """

    session: Session
    pages: Mapping[int, PageTruth]
    rules: ReadingRules
    seed: int
    numbers: Mapping[str, int]
    shares: Shares = field(default_factory=Shares)
    errors: Mapping[int, LabelError] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def chance(self, person: Annotator, task: Task) -> np.random.Generator:
        """A generator of this person's reading of this record alone, whatever else is played."""
        parts = (
            self.numbers[person.name],
            int(task.case.id or 0),
            _PLACES[task.purpose],
            task.sample_id or 0,
        )
        return np.random.default_rng([self.seed, 2, *parts])

    def request_id(self) -> str:
        """The next one."""
        self.counts["requests"] += 1
        return f"simulated-{self.seed}-{self.counts['requests']}"


@dataclass
class RecordInHand:
    """One record in one person's hands.

    Attributes:
        now: the simulated clock.
    """

    desk: SimulatedDesk
    person: Annotator
    task: Task
    now: Callable[[], datetime]

    def __post_init__(self) -> None:
        draft = latest_draft(self.desk.session, case_id=self.number)
        if draft is None:
            raise ValueError(f"record {self.number} waits without a draft")
        self.draft: Draft = draft
        self.drafted: Findings = draft.to_findings()
        self.page = self.desk.pages[self.number]
        self.rng = self.desk.chance(self.person, self.task)
        self.who = self.desk.numbers[self.person.name]

    @property
    def number(self) -> int:
        """The case's."""
        return int(self.task.case.id or 0)

    def is_known(self) -> bool:
        """Whether this person decided anything about it before."""
        return any(one.annotator_id == self.who for one in reviews_of(self.desk.session, case_id=self.number))

    def wrong_on_purpose(self, record: Findings) -> Findings:
        """The record as it is to be stored where its first reading is to be wrong."""
        error = self.desk.errors.get(self.number)
        return record if error is None else error.on(record)

    def decide(self, stored: Findings, context: ReadingContext, active_s: float) -> Iterator[float]:
        """Store the decision, and take it back and decide anew now and then."""
        review = self.record(stored, context, active_s)
        slips = [card for card in CARDS if not card_is_right(self.page, stored, card)]
        if self.number in self.desk.errors or self.rng.random() >= (_NOTICES_SLIP if slips else _DOUBTS):
            return
        yield 3.0
        if not self._undo(review):
            return
        yield 5.0
        if not slips:
            self._redo(review)
            return
        better = stored
        for card in slips:
            better = answered(better, card, self.page.findings)
        self.record(better, context, 5.0)

    def _undo(self, review: Review) -> bool:
        candidate = undo_candidate(self.desk.session, annotator_id=self.who)
        if candidate is None or candidate.id != review.id:
            return False
        # Somebody else may have the record by now, for their own reading.
        if not take_task(
            self.desk.session, self.task, annotator_id=self.who, now=self.now(), lease_s=LEASE_S
        ):
            return False
        self._withdraw(review, UndoKind.UNDO)
        self.desk.counts["undone"] += 1
        return True

    def _redo(self, review: Review) -> None:
        candidate = redo_candidate(self.desk.session, annotator_id=self.who)
        if candidate is None or candidate.id != review.id:
            raise AssertionError("what was just undone can be redone")
        self._withdraw(review, UndoKind.REDO)
        release_lease(self.desk.session, case_id=self.number, annotator_id=self.who)
        self.desk.counts["redone"] += 1

    def _withdraw(self, review: Review, kind: UndoKind) -> None:
        self.desk.counts[self.task.purpose.value] += 1 if kind is UndoKind.REDO else -1
        undo_or_redo(
            self.desk.session,
            review=review,
            kind=kind,
            annotator_id=self.who,
            request_id=self.desk.request_id(),
            now=self.now(),
            rules=self.desk.rules,
        )

    def record(self, stored: Findings, context: ReadingContext, active_s: float) -> Review:
        """Store it as accepted where it says what the draft says, else as corrected, with a reason now and
        then.
        """
        changed = differing_cards(stored, self.drafted, ef_tolerance_points=0)
        is_same = is_as_drafted(stored, self.drafted, by_answers=context.purpose in _BY_ANSWERS)
        gives_reason = self.rng.random() < self.person.reasoning
        if not is_same and gives_reason:
            context = replace(context, reason=correction_reason(self.drafted, stored, changed))
        return self.store(Decision.ACCEPT if is_same else Decision.CORRECT, stored, context, active_s)

    def store(
        self, decision: Decision, stored: Findings, context: ReadingContext, active_s: float, note: str = ""
    ) -> Review:
        """Store one decision with its counts."""
        self.desk.counts[
            decision.value if decision in (Decision.SKIP, Decision.FLAG) else context.purpose.value
        ] += 1
        return record_decision(
            self.desk.session,
            case_id=self.number,
            draft_id=self.draft.id,
            annotator_id=self.who,
            decision=decision,
            findings=stored,
            note=note,
            active_s=active_s,
            request_id=self.desk.request_id(),
            now=self.now(),
            context=context,
            rules=self.desk.rules,
        )
