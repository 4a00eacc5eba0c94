"""A made-up reviewing project in the database: cases, drafts with mistakes, readings, audits, practice
drafts.

Rows go in directly and in bulk, so that 100,000 records are ready in seconds; queue and event log are not
kept.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from db.labels import CODEBOOK_VERSION, Findings
from db.tables.audits import AuditItem, AuditSample
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.people import User
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.queue import QueueItem, SecondReading
from db.tables.reviews import Review

STARTED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PEOPLE = ("Asha", "Björn", "Chidi", "Dana")
SITES = ("North", "South", "Hill")
LAYOUTS = ("letter", "table")
PAH_GRADES = ("none", "mild", "moderate", "severe")
SEVERITIES = ("mild", "moderate", "severe", "not_stated")
_CHUNK = 5_000


@dataclass(frozen=True)
class Plan:
    """How large the project is and how its people read. Shares are 0-1.

    Attributes:
        draft_errors: of each field, wrong in the draft.
        overlooked: of wrong drafts, left as they are when shown from the start.
    """

    cases: int = 400
    labelled: int = 300
    days: int = 12
    hidden_share: float = 0.10
    second_share: float = 0.20
    draft_errors: float = 0.08
    overlooked: float = 0.25
    misread: float = 0.01
    audited: int = 60
    seeds: int = 24
    seed: int = 5
    padding: int = 0


@dataclass
class Simulated:
    """What was made: case numbers, people by name, and the label's review by case."""

    people: dict[str, int] = field(default_factory=dict)
    cases: list[int] = field(default_factory=list)
    labels: dict[int, int] = field(default_factory=dict)


def findings_row(**changed: Any) -> dict[str, Any]:
    """The findings columns of a plain record, with changes."""
    plain = {
        **Findings().model_dump(mode="json"),
        "ef_percent": 60.0,
        "ef_operator": "=",
        "ef_state": "stated",
        "rwma": "absent",
        "rwma_severity": "none",
        "pah": "none",
    }
    return {**plain, **changed}


def simulate(session: Session, plan: Plan = Plan()) -> Simulated:  # noqa: B008 - frozen
    """Fill an empty database by the plan; the same plan gives the same rows."""
    return _Simulation(session, plan).run()


class _Simulation:
    def __init__(self, session: Session, plan: Plan) -> None:
        self.session, self.plan = session, plan
        self.random = random.Random(plan.seed)
        self.made = Simulated()
        self.truths: list[dict[str, Any]] = []
        self.drafts: list[dict[str, Any]] = []
        self.labels: list[dict[str, Any]] = []
        self.reviews = 0

    def run(self) -> Simulated:
        people = [
            User(id=number, name=name, role="annotator", created_at=STARTED)
            for number, name in enumerate(PEOPLE, start=1)
        ]
        self.session.add_all(people)
        self.session.flush()
        self.made.people = {person.name: int(person.id or 0) for person in people}
        self.made.cases = list(range(1, self.plan.cases + 1))
        self._put(Case, self._case_rows())
        self._put(Draft, self._draft_rows())
        self._put(QueueItem, self._queue_rows())
        self._put(Review, self._first_readings())
        self._second_readings()
        self._audit()
        self._practice()
        return self.made

    def _put(self, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
        waiting: list[dict[str, Any]] = []
        for row in rows:
            waiting.append(row)
            if len(waiting) == _CHUNK:
                self.session.execute(insert(table), waiting)
                waiting = []
        if waiting:
            self.session.execute(insert(table), waiting)

    def _case_rows(self) -> Iterator[dict[str, Any]]:
        for number in self.made.cases:
            yield {
                "id": number,
                "patient_key": _hash(f"patient {number}"),
                "report_sha256": _hash(f"report {number}"),
                "site": SITES[number % 3],
                "layout": LAYOUTS[number % 2],
                "is_synthetic": True,
                "priority": 0.0,
                "created_at": STARTED,
            }

    def _draft_rows(self) -> Iterator[dict[str, Any]]:
        for number in self.made.cases:
            truth = self._truth()
            draft = self._misread(truth, self.plan.draft_errors * (1.5 if number % 2 else 0.5))
            self.truths.append(truth)
            self.drafts.append(draft)
            yield {
                "id": number,
                "case_id": number,
                "report_sha256": _hash(f"report {number}"),
                "reader": "rules" if number % 5 else "qwen2vl",
                "reader_version": "1",
                "code_version": "test",
                "light": {
                    "ef_percent": "green",
                    "rwma": "green",
                    "pah": "amber" if number % 4 == 0 else "green",
                },
                "evidence": {"ef_percent": {"quote": "x" * self.plan.padding, "page": 1}},
                "created_at": STARTED,
                **draft,
            }

    def _queue_rows(self) -> Iterator[dict[str, Any]]:
        for number in self.made.cases:
            yield {
                "case_id": number,
                "purpose": "first",
                "sample_key": 0,
                "state": "done" if number <= self.plan.labelled else "waiting",
                "light": "green",
                "site": SITES[number % 3],
                "shuffle": 0.5,
            }

    def _first_readings(self) -> Iterator[dict[str, Any]]:
        for number in self.made.cases[: self.plan.labelled]:
            truth, draft = self.truths[number - 1], self.drafts[number - 1]
            is_hidden = self.random.random() < self.plan.hidden_share
            entered = self._misread(truth, self.plan.misread)
            label = entered if is_hidden else self._corrected(truth, draft)
            self.labels.append(label)
            self.reviews += 1
            self.made.labels[number] = self.reviews
            yield self._review_row(
                number,
                label,
                annotator_id=1 + number % 4,
                purpose="first",
                arm="hidden" if is_hidden else "shown",
                entered=entered if is_hidden else None,
                active_s=round(self.random.lognormvariate(2.6 if is_hidden else 2.0, 0.5), 2),
            )

    def _second_readings(self) -> None:
        chosen = [number for number in self.made.labels if self.random.random() < self.plan.second_share]
        self._put(
            SecondReading, ({"case_id": n, "chosen_by": "share", "created_at": STARTED} for n in chosen)
        )

        def rows() -> Iterator[dict[str, Any]]:
            for number in chosen:
                self.reviews += 1
                found = self._misread(self.truths[number - 1], 4 * self.plan.misread)
                yield self._review_row(
                    number,
                    found,
                    annotator_id=1 + (number + 1) % 4,
                    purpose="second",
                    arm="hidden",
                    active_s=14.0,
                )

        self._put(Review, rows())

    def _audit(self) -> None:
        if not self.plan.audited:
            return
        drawn = sorted(self.random.sample(list(self.made.labels), self.plan.audited))
        sample = AuditSample(
            id=1,
            name="March",
            population=len(self.made.labels),
            size=len(drawn),
            seed=1,
            drawn_by="lead",
            created_at=STARTED,
        )
        self.session.add(sample)
        self.session.flush()
        self._put(
            AuditItem, ({"sample_id": 1, "case_id": n, "review_id": self.made.labels[n]} for n in drawn)
        )

        def rows() -> Iterator[dict[str, Any]]:
            for number in drawn[: len(drawn) * 3 // 4]:
                self.reviews += 1
                yield self._review_row(
                    number,
                    self._misread(self.truths[number - 1], self.plan.misread),
                    annotator_id=1 + (number + 2) % 4,
                    purpose="audit",
                    arm="hidden",
                    active_s=12.0,
                    sample_id=1,
                )

        self._put(Review, rows())

    def _practice(self) -> None:
        chosen = list(self.made.labels)[: self.plan.seeds]
        shown = {n: dict(self.drafts[n - 1], rwma="present", rwma_severity="not_stated") for n in chosen}
        for n in chosen:
            if self.drafts[n - 1]["rwma"] == "present":
                shown[n] = dict(self.drafts[n - 1], rwma="absent", rwma_severity="none")
        self._put(
            SeededDraft,
            (
                {
                    "id": n,
                    "case_id": n,
                    "annotator_id": 1 + n % 4,
                    "draft_id": n,
                    "field": "rwma",
                    "kind": "flipped",
                    "shown": shown[n],
                    "created_at": STARTED,
                }
                for n in chosen
            ),
        )
        self._put(
            SeededAnswer,
            (
                {
                    "seeded_id": n,
                    "answered": self.labels[n - 1] if n % 5 else shown[n],
                    "is_caught": bool(n % 5),
                    "active_s": 8.0,
                    "created_at": STARTED,
                }
                for n in chosen
            ),
        )

    def _truth(self) -> dict[str, Any]:
        if self.random.random() < 0.2:
            ef = {"ef_percent": None, "ef_operator": None, "ef_state": "not_stated", "lv_function": "good"}
        else:
            ef = {"ef_percent": float(min(78, max(15, round(self.random.gauss(55, 12)))))}
        severity = self.random.choice(SEVERITIES)
        wall = {"rwma": "present", "rwma_severity": severity} if self.random.random() < 0.3 else {}
        return findings_row(**ef, **wall, pah=self.random.choices(PAH_GRADES, (6, 2, 1, 1))[0])

    def _misread(self, truth: dict[str, Any], share: float) -> dict[str, Any]:
        read = dict(truth)
        if truth["ef_percent"] is not None and self.random.random() < share:
            read["ef_percent"] = float(
                min(85, max(6, truth["ef_percent"] + self.random.choice((-10, -3, 4, 20))))
            )
        if self.random.random() < share:
            is_present = truth["rwma"] == "present"
            read.update(
                rwma="absent" if is_present else "present", rwma_severity="none" if is_present else "mild"
            )
        if self.random.random() < share:
            read["pah"] = self.random.choice(("mild", "moderate", "not_stated"))
        return read

    def _corrected(self, truth: dict[str, Any], draft: dict[str, Any]) -> dict[str, Any]:
        is_careless = self.random.random() < self.plan.overlooked
        return self._misread(draft if is_careless else truth, self.plan.misread)

    def _review_row(self, case_id: int, found: dict[str, Any], **more: Any) -> dict[str, Any]:
        # Some days are busier than others, and nobody works on Sundays.
        busy = [1 + (day * 7 % 5) if day % 7 != 6 else 0 for day in range(self.plan.days)]
        share = (case_id - 1) / max(1, self.plan.labelled) * sum(busy)
        day = next(
            day for day in range(self.plan.days) if share < sum(busy[: day + 1]) or day == self.plan.days - 1
        )
        second = case_id * 61 % (6 * 3600)
        row = {
            "id": self.reviews,
            "case_id": case_id,
            "draft_id": case_id,
            "decision": "accept" if found == self.drafts[case_id - 1] else "correct",
            "note": "",
            "request_id": f"request-{self.reviews}",
            "codebook_version": CODEBOOK_VERSION,
            "created_at": STARTED + timedelta(days=day, seconds=second),
            "reason": None,
            "entered": None,
            "sample_id": None,
        }
        return {**row, **found, **more}


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
