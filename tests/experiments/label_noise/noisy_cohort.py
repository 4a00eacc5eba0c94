"""Demo patients with two machine readings each, without pictures: the printed text spoiled as two OCR engines
would.

The truth, the wording and the reading rules are the demo's and the product's own; only the spoiling of
letters is made up here. `as_read`: so that about as many readable drafts are wrong in some field (1 of 52)
and as many harsh pages unreadable to both engines (8 of 9) as in the drafts of the 60 demo patients.
`harder`: many times more reader errors, many of them the same in both readers.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from db.labels import EfState, Findings, Pah, Rwma
from labeling.rules.report import TextReading, read_report_text
from pipeline.demo.layouts import print_report
from pipeline.demo.plan import PatientPlan, plan_cohort
from pipeline.demo.report import compose
from pipeline.demo.truth import printed_findings, printed_text

FIELDS = ("ef_percent", "rwma", "pah", "rvsp_mmhg")
UNREADABLE = Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE)
LOST = {
    "as_read": {"clean": 0.0003, "phone": 0.002, "harsh": 0.03},
    "harder": {"clean": 0.0005, "phone": 0.006, "harsh": 0.05},
}
UNREADABLE_HARSH = {"as_read": 0.87, "harder": 0.5}
LOOKALIKES = {
    "0": "O8",
    "1": "l7",
    "3": "8",
    "5": "6S",
    "6": "8",
    "8": "3",
    "%": "9o/",
    "o": "c",
    "e": "c",
    "l": "1",
}


@dataclass(frozen=True)
class Reading:
    """One machine reading: findings, confidence by field, quotes by field."""

    findings: Findings
    confidence: dict[str, float]
    quotes: dict[str, str]
    is_readable: bool = True


@dataclass(frozen=True)
class Patient:
    """One patient's truth and two machine readings of the report."""

    number: int
    site: str
    condition: str
    truth: Findings
    draft: Reading
    other: Reading


def printed_patients(count: int, seed: int, errors: str = "as_read") -> list[Patient]:
    """Patients as the demo plans and words them, read twice.

    Args:
        errors: a key of `LOST`.
    """
    return [_patient(plan, seed, errors) for plan in plan_cohort(count, seed)]


def _patient(plan: PatientPlan, seed: int, errors: str) -> Patient:
    generator = np.random.default_rng([seed, 1, plan.number])
    report = compose(plan, generator)
    sheet = print_report(report, generator)
    text, truth = printed_text(sheet), printed_findings(report, sheet)
    chance = random.Random(f"{seed} {plan.number}")
    if plan.condition == "harsh" and chance.random() < UNREADABLE_HARSH[errors]:
        nothing = Reading(UNREADABLE, dict.fromkeys(FIELDS, 0.2), {}, is_readable=False)
        return Patient(plan.number, plan.site, plan.condition, truth, nothing, nothing)
    draft, other = (
        _read(text, LOST[errors][plan.condition], random.Random(f"{seed} {plan.number} {n}")) for n in (1, 2)
    )
    return Patient(plan.number, plan.site, plan.condition, truth, draft, other)


def _read(text: str, lost: float, chance: random.Random) -> Reading:
    spoiled = spoil(text, lost, chance)
    read: TextReading = read_report_text(spoiled)
    doubt = 1 - min(0.4, 6 * lost)
    quotes = {name: " ".join(spoiled[low:high].split()) for name, (low, high) in read.spans.items()}
    return Reading(read.findings, {name: sure * doubt for name, sure in read.confidence.items()}, quotes)


def spoil(text: str, share: float, chance: random.Random) -> str:
    """The text with a share of its visible characters lost or taken for another."""
    letters = []
    for letter in text:
        if letter.isspace() or chance.random() >= share:
            letters.append(letter)
        elif letter in LOOKALIKES and chance.random() < 0.8:
            letters.append(chance.choice(LOOKALIKES[letter]))
        elif chance.random() < 0.5:
            letters.append(chance.choice("aceimnorstu.,"))
    return "".join(letters)


def drafted_patients(folder: Path) -> list[Patient]:
    """The patients of a demo workspace with the drafts of its database, which is only read."""
    truths = [
        json.loads(line) for line in (folder / "cohort" / "truth.jsonl").read_text("utf-8").splitlines()
    ]
    connection = sqlite3.connect(f"file:{folder / 'echodesk.db'}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    rows = connection.execute(
        "SELECT d.*, c.site FROM draft d JOIN case_record c ON c.id = d.case_id ORDER BY case_id"
    )
    patients = []
    for row, truth in zip(rows, truths, strict=True):
        draft = _stored(dict(row), json.loads(row["evidence"]), json.loads(row["confidence"]))
        opinion = json.loads(row["opinions"])[0]
        said = Findings.model_validate(opinion["findings"])
        other = Reading(said, opinion["confidence"], {}, not opinion["unreadable_reason"])
        findings = Findings.model_validate(truth["printed"])
        patients.append(Patient(row["case_id"], row["site"], truth["condition"], findings, draft, other))
    return patients


def _stored(row: dict[str, Any], evidence: dict[str, Any], confidence: dict[str, float]) -> Reading:
    row["rwma_walls"] = json.loads(row["rwma_walls"])
    findings = Findings.model_validate({name: row[name] for name in Findings.model_fields})
    quotes = {name: found["quote"] for name, found in evidence.items()}
    return Reading(findings, confidence, quotes, not row["unreadable_reason"] or bool(evidence))


if __name__ == "__main__":
    made = printed_patients(int(sys.argv[1]), 1, sys.argv[2])
    readable = [one for one in made if one.draft.is_readable]
    wrong_in_any = sum(
        any(getattr(one.draft.findings, name) != getattr(one.truth, name) for name in FIELDS)
        for one in readable
    )
    sys.stdout.write(f"readable drafts wrong in any field: {wrong_in_any} of {len(readable)}\n")
    for name in FIELDS:
        wrong = sum(getattr(one.draft.findings, name) != getattr(one.truth, name) for one in made)
        both = sum(
            getattr(one.draft.findings, name) == getattr(one.other.findings, name) != getattr(one.truth, name)
            for one in made
        )
        sys.stdout.write(f"{name}: draft wrong {wrong} of {len(made)}, both alike {both}\n")
