"""People who read, take back and audit, each step through the functions the desk uses, in one open
transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from db_rows import FINDINGS, new_draft, sha256_of, stored_image
from sqlmodel import Session, col, select

from db.cases import register_case
from db.decisions import Arm, Decision, Purpose, UndoKind
from db.drafts import store_draft
from db.labels import EfOperator, EfState, Findings
from db.quality.audit_samples import draw_sample
from db.queue.items import refresh_case
from db.queue.leases import release_lease, take_lease
from db.queue.next_reading import Task, Wish, lease_next
from db.queue.plan import ReadingRules
from db.queue.second_people import choose_second
from db.reviews import ReadingContext, record_decision, undo_or_redo
from db.store.engine import Database
from db.tables.drafts import Draft
from db.tables.people import User
from db.tables.queue import QueueItem
from db.tables.reviews import Review
from db.withdrawals import redo_candidate, undo_candidate

NOW = datetime(2026, 3, 4, tzinfo=UTC)
LEASE_S = 180.0
RULES = ReadingRules(key=b"k" * 32)
EVERY_PURPOSE = Wish(tuple(Purpose))
LIT = ("ef_percent", "rwma", "pah")


def ef(percent: float) -> Findings:
    """A record that says only an ejection fraction."""
    return Findings(ef_percent=percent, ef_operator=EfOperator.EQUAL, ef_state=EfState.STATED)


def lit_draft(
    case_id: int, light: str = "green", *, version: str = "1", findings: Findings = FINDINGS
) -> Draft:
    """A machine reading whose every field has one light."""
    draft = new_draft(case_id, version=version, findings=findings)
    draft.light = dict.fromkeys(LIT, light)
    return draft


@dataclass
class Work:
    """What people do to cases in one transaction."""

    session: Session
    now: datetime
    rules: ReadingRules = RULES
    made: int = 0
    people: dict[str, int] = field(default_factory=dict)

    def number(self) -> str:
        """A request of its own."""
        self.made += 1
        return f"request {self.made}"

    def person(self, name: str) -> int:
        """Somebody's number, known or new."""
        if name not in self.people:
            user = User(name=name, created_at=self.now)
            self.session.add(user)
            self.session.flush()
            self.people[name] = int(user.id or 0)
        return self.people[name]

    def case(self, light: str = "green", *, site: str = "here", findings: Findings = FINDINGS) -> int:
        """A drafted case."""
        self.made += 1
        case, _ = register_case(
            self.session,
            patient_key=sha256_of(f"patient {self.made}"),
            site=site,
            is_synthetic=True,
            report_images=[stored_image(f"report {self.made}")],
            ecg_images=[],
            report_date=None,
            ecg_date=None,
            now=self.now,
        )
        number = int(case.id or 0)
        store_draft(
            self.session, draft=lit_draft(number, light, findings=findings), actor="test", now=self.now
        )
        return number

    def decide(
        self,
        case_id: int,
        name: str,
        purpose: Purpose = Purpose.FIRST,
        decision: Decision = Decision.ACCEPT,
        findings: Findings = FINDINGS,
        sample_id: int | None = None,
    ) -> Review:
        """Take a case, whoever may, and decide it."""
        who = self.person(name)
        taken: dict[str, Any] = {"annotator_id": who, "now": self.now, "lease_s": LEASE_S, "purpose": purpose}
        assert take_lease(self.session, case_id=case_id, sample_id=sample_id, **taken)
        return record_decision(
            self.session,
            case_id=case_id,
            draft_id=None,
            annotator_id=who,
            decision=decision,
            findings=findings,
            note="why" if decision is Decision.FLAG else "",
            active_s=1,
            request_id=self.number(),
            now=self.now,
            context=ReadingContext(purpose, Arm.SHOWN, sample_id=sample_id),
            rules=self.rules,
        )

    def undo(self, name: str) -> int | None:
        """Take the person's last decision back: its number, or None where there is none."""
        return self._withdraw(name, UndoKind.UNDO)

    def redo(self, name: str) -> int | None:
        """Put the decision taken back last in force again: its number, or None."""
        return self._withdraw(name, UndoKind.REDO)

    def _withdraw(self, name: str, kind: UndoKind) -> int | None:
        who = self.person(name)
        candidate = undo_candidate if kind is UndoKind.UNDO else redo_candidate
        review = candidate(self.session, annotator_id=who)
        if review is None:
            return None
        undo_or_redo(
            self.session,
            review=review,
            kind=kind,
            annotator_id=who,
            request_id=self.number(),
            now=self.now,
            rules=self.rules,
        )
        return review.id

    def read_twice(self, case_id: int) -> None:
        """Have a case read twice."""
        choose_second(self.session, case_id=case_id, chosen_by="list", actor="lead", now=self.now)
        refresh_case(self.session, case_id=case_id, rules=self.rules)

    def audit(self, size: int, *, seed: int = 1) -> int:
        """Draw a sample of the labels: its number."""
        sample = draw_sample(
            self.session,
            size=size,
            seed=seed,
            name=self.number(),
            drawn_by="lead",
            now=self.now,
            rules=self.rules,
        )
        return int(sample.id or 0)

    def redraft(self, case_id: int, light: str) -> None:
        """Read a case again by machine."""
        draft = lit_draft(case_id, light, version=self.number(), findings=ef(30))
        store_draft(self.session, draft=draft, actor="test", now=self.now)

    def give(self, name: str, wish: Wish = EVERY_PURPOSE, skip: Sequence[int] = ()) -> Task | None:
        """What a person is given next; it is left free for the others."""
        who = self.person(name)
        task = lease_next(self.session, annotator_id=who, now=self.now, lease_s=LEASE_S, wish=wish, skip=skip)
        if task is not None:
            release_lease(self.session, case_id=int(task.case.id or 0), annotator_id=who)
        return task

    def given(self, name: str, wish: Wish = EVERY_PURPOSE) -> list[tuple[int, str]]:
        """Everything a person would be given, in order: case and purpose, each case once."""
        found: list[tuple[int, str]] = []
        while (task := self.give(name, wish, [case_id for case_id, _ in found])) is not None:
            found.append((int(task.case.id or 0), task.purpose.value))
        return found

    def items(self, case_id: int | None = None) -> list[dict[str, Any]]:
        """The rows of the queue without their numbers, in a fixed order."""
        wanted = select(QueueItem).order_by(
            col(QueueItem.case_id), col(QueueItem.purpose), col(QueueItem.sample_key)
        )
        if case_id is not None:
            wanted = wanted.where(QueueItem.case_id == case_id)
        return [item.model_dump(exclude={"id"}) for item in self.session.exec(wanted)]

    def states(self, case_id: int) -> dict[str, str]:
        """Purpose -> state of a case's readings."""
        return {str(item["purpose"]): str(item["state"]) for item in self.items(case_id)}


class Undone(Exception):
    """Ends a transaction without keeping it."""


@contextmanager
def working(database: Database) -> Iterator[Work]:
    """Work that leaves nothing behind."""
    try:
        with database.write() as session:
            yield Work(session, NOW)
            raise Undone
    except Undone:
        pass
