"""The drafts of a demo cohort in the database against its truth: what was read right, and what became of the
rest.

The patients are invented, so values may be shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.access.patient_key import load_secret, patient_key
from db.cases import get_case
from db.drafts import list_drafts
from db.fields.names import FIELDS
from db.fields.words import as_printed
from db.labels import Findings
from db.tables.drafts import Draft
from labeling.benchmark.scoring import Gold, is_right
from labeling.trust.light import SECOND_CHANCE_WARNING

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace


class DraftOutcome(StrEnum):
    """What became of one field of one report: unreadable, overlooked, or read as something else."""

    RIGHT = "right"
    LEFT_OPEN = "left open"
    MISSED = "missed"
    WRONG = "wrong"


@dataclass(frozen=True)
class DraftedField:
    """One field of one demo report: what was printed and what was read.

    Attributes:
        is_second_chance: the page was given up at first, and views of it agreed on this value.
    """

    patient_id: str
    condition: str
    layout: str
    field: str
    printed: str
    read: str
    outcome: DraftOutcome
    is_second_chance: bool = False


def check_drafts(workspace: Workspace, database: Database, truth: Path) -> list[DraftedField]:
    """Every field of every drafted demo report against its truth; reports without a draft are left out."""
    secret = load_secret(workspace.patient_key_file)
    lines = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    by_key = {patient_key(line["patient_id"], secret): line for line in lines}
    # A later draft of the same case, by a newer version of the reader, replaces the earlier one here.
    latest: dict[str, Draft] = {}
    with database.read() as session:
        for draft in list_drafts(session):
            case = get_case(session, case_id=draft.case_id)
            if case is not None and case.patient_key in by_key:
                latest[case.patient_key] = draft
    return [
        drafted_field(line, latest[key], name)
        for key, line in by_key.items()
        if key in latest
        for name in FIELDS
    ]


def drafted_field(line: dict[str, Any], draft: Draft, name: str) -> DraftedField:
    """Judge one field by the same rule as the benchmark."""
    accept = {field: {str(value) for value in values} for field, values in line["also_accept"].items()}
    gold = Gold(line["patient_id"], Findings.model_validate(line["findings"]), accept)
    read = draft.to_findings()
    if is_right(gold, read, name):
        outcome = DraftOutcome.RIGHT
    elif is_left_open(draft, name):
        outcome = DraftOutcome.LEFT_OPEN
    elif is_blank(draft, name):
        outcome = DraftOutcome.MISSED
    else:
        outcome = DraftOutcome.WRONG
    return DraftedField(
        patient_id=line["patient_id"],
        condition=line["condition"],
        layout=line["layout"],
        field=name,
        printed=printed_value(gold, name),
        read=as_printed(read, name) or (draft.ef_state if name == "ef_percent" else "nothing"),
        outcome=outcome,
        is_second_chance=f"{SECOND_CHANCE_WARNING}{name}" in draft.warnings,
    )


def printed_value(gold: Gold, name: str) -> str:
    """The truth as printed; a blank is said in words."""
    blank = str(gold.findings.ef_state) if name == "ef_percent" else "nothing"
    return as_printed(gold.findings, name) or blank


def is_left_open(draft: Draft, name: str) -> bool:
    """Whether the reader said that it could not read the field, instead of giving a value."""
    if name == "rvsp_mmhg":
        return draft.rvsp_mmhg is None and bool(draft.unreadable_reason)
    column = "ef_state" if name == "ef_percent" else name
    return bool(getattr(draft, column) == "unreadable")


def is_blank(draft: Draft, name: str) -> bool:
    """Whether the reader found no statement on the field."""
    if name in ("ef_percent", "rvsp_mmhg"):
        return getattr(draft, name) is None
    return bool(getattr(draft, name) == "not_stated")
