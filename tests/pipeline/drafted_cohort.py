"""A demo cohort with drafts and no pictures: worded as the demo words it, drafted as its reader usually errs.

Nothing is printed, photographed or read, so that 500 records take seconds. What goes wrong follows the demo's
drafts: harsh captures are mostly given up as unreadable, a few values of the others are wrong.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlmodel import Session

from db.access.patient_key import patient_key
from db.drafts import store_draft
from db.fields.names import CARDS, FIELD_OF_CARD
from db.labels import Findings
from db.store.engine import Database, open_database
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from db.workspace import Workspace
from pipeline.demo.plan import PatientPlan, plan_cohort
from pipeline.demo.report import Report, compose
from pipeline.demo.reviewing.slips import PageTruth, answered, slip
from pipeline.demo.truth import UNREADABLE
from pipeline.demo.wording.phrase import Mark

NOW = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
KEY = bytes(range(32))
# Of the records of a capture: given up as unreadable; one value wrong though it looks right; one doubted.
GIVEN_UP = {"clean": 0.0, "phone": 0.0, "harsh": 0.85}
WRONG = {"clean": 0.005, "phone": 0.03, "harsh": 0.05}
DOUBTED = {"clean": 0.01, "phone": 0.06, "harsh": 0.3}
LIT = ("ef_percent", "rwma", "pah", "rvsp_mmhg")


@dataclass(frozen=True)
class DraftedCohort:
    """A workspace with drafts, and the truth by patient key."""

    workspace: Workspace
    pages: dict[str, PageTruth]

    @property
    def truth(self) -> Path:
        """The cohort's `truth.jsonl`, with as much of it as reviewing needs."""
        return self.workspace.root / "cohort" / "truth.jsonl"

    def open(self) -> Database:
        """The database; the caller closes it."""
        return open_database(self.workspace)


def drafted_cohort(folder: Path, *, patients: int, seed: int = 5) -> DraftedCohort:
    """Make one; the same arguments give the same rows."""
    workspace = Workspace(workspace=folder)
    (folder / "cohort").mkdir(parents=True)
    workspace.patient_key_file.write_bytes(KEY)
    workspace.patient_key_file.chmod(0o600)
    cohort = DraftedCohort(workspace, {})
    database, lines = cohort.open(), []
    with database.write() as session:
        for plan in plan_cohort(patients, seed):
            rng = np.random.default_rng([seed, 1, plan.number])
            report = compose(plan, rng)
            line = _line(report)
            lines.append(json.dumps(line, ensure_ascii=False) + "\n")
            key = patient_key(plan.person.patient_id, KEY)
            cohort.pages[key] = PageTruth.from_line(line)
            _register(session, plan, key, seed)
            store_draft(
                session, draft=_draft(plan, report, cohort.pages[key], seed, rng), actor="rules", now=NOW
            )
    database.close()
    cohort.truth.write_text("".join(lines), encoding="utf-8")
    return cohort


def _line(report: Report) -> dict[str, Any]:
    plan = report.plan
    return {
        "patient_id": plan.person.patient_id,
        "condition": plan.condition,
        "is_legible": plan.is_legible,
        "findings": (report.printed if plan.is_legible else UNREADABLE).model_dump(mode="json"),
        "also_accept": {name: list(values) for name, values in report.also_accept.items()},
    }


def _register(session: Session, plan: PatientPlan, key: str, seed: int) -> None:
    case = Case(
        id=plan.number,
        patient_key=key,
        report_sha256=_sha256(plan, seed),
        site=plan.site,
        layout=plan.layout,
        is_synthetic=True,
        report_date=plan.report_date,
        ecg_date=plan.ecg_date,
        created_at=NOW,
    )
    session.add(case)
    session.flush()


def _sha256(plan: PatientPlan, seed: int) -> str:
    return hashlib.sha256(f"{seed} {plan.number}".encode()).hexdigest()


def _draft(plan: PatientPlan, report: Report, page: PageTruth, seed: int, rng: np.random.Generator) -> Draft:
    read, light = report.printed, dict.fromkeys(LIT, "green")
    if not plan.is_legible or rng.random() < GIVEN_UP[plan.condition]:
        read, light = UNREADABLE, dict.fromkeys(LIT, "red")
    else:
        card = sorted(CARDS)[int(rng.integers(3))]
        if rng.random() < WRONG[plan.condition]:
            read = answered(read, card, slip(page.findings, card, rng))
        if rng.random() < DOUBTED[plan.condition]:
            light[FIELD_OF_CARD[card]] = "amber"
    return Draft(
        case_id=plan.number,
        report_sha256=_sha256(plan, seed),
        reader="rules",
        reader_version="1",
        code_version="test",
        light=light,
        confidence=dict.fromkeys(LIT, 0.9),
        evidence=_evidence(report, read),
        created_at=NOW,
        **findings_columns(read),
    )


def _evidence(report: Report, read: Findings) -> dict[str, Any]:
    """The words of each finding as the report puts them; none where the page was given up."""
    if read == UNREADABLE:
        return {}
    marks: list[Mark] = []
    for phrase in (*(said for _, said in report.observations), *report.conclusion):
        marks += phrase.marks
    return {
        mark.tag: {"quote": mark.quote, "page": 1}
        for mark in marks
        if mark.tag in LIT or mark.tag == "lv_function"
    }
