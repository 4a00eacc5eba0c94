"""What the demo's drafts got right and wrong, against the truth the cohort was made from.

The patients are invented, so values may be as_printed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.commands.terminal import say, say_table

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.tables.drafts import Draft
    from db.workspace import Workspace
    from labeling.benchmark.scoring import Gold

FIELDS = {"ef_percent": "EF", "rwma": "RWMA", "pah": "PAH", "rvsp_mmhg": "RVSP"}
CONDITIONS = ("clean", "phone", "harsh")
SHOWN_WRONG = 10


class Outcome(StrEnum):
    """What became of one field of one report: said to be unreadable, overlooked, or read as something else."""

    RIGHT = "right"
    LEFT_OPEN = "left open"
    MISSED = "missed"
    WRONG = "wrong"


@dataclass(frozen=True)
class Answer:
    """One field of one demo report: what was printed and what was read."""

    patient_id: str
    condition: str
    layout: str
    field: str
    printed: str
    read: str
    outcome: Outcome


def check_drafts(workspace: Workspace, database: Database, truth: Path) -> list[Answer]:
    """Every field of every drafted demo report against its truth; reports without a draft are left out."""
    from db.cases import get_case
    from db.drafts import list_drafts
    from labeling.intake.patient_key import load_secret, patient_key

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
        answer(line, latest[key], name) for key, line in by_key.items() if key in latest for name in FIELDS
    ]


def answer(line: dict[str, Any], draft: Draft, name: str) -> Answer:
    """Judge one field by the same rule as the benchmark."""
    from db.fields.words import as_printed
    from db.labels import Findings
    from labeling.benchmark.scoring import Gold, is_right

    accept = {field: {str(value) for value in values} for field, values in line["also_accept"].items()}
    gold = Gold(line["patient_id"], Findings.model_validate(line["findings"]), accept)
    read = draft.to_findings()
    if is_right(gold, read, name):
        outcome = Outcome.RIGHT
    elif is_left_open(draft, name):
        outcome = Outcome.LEFT_OPEN
    elif is_blank(draft, name):
        outcome = Outcome.MISSED
    else:
        outcome = Outcome.WRONG
    return Answer(
        patient_id=line["patient_id"],
        condition=line["condition"],
        layout=line["layout"],
        field=name,
        printed=printed_value(gold, name),
        read=as_printed(read, name) or (draft.ef_state if name == "ef_percent" else "nothing"),
        outcome=outcome,
    )


def printed_value(gold: Gold, name: str) -> str:
    """The truth as printed; a blank is said in words."""
    from db.fields.words import as_printed

    return as_printed(gold.findings, name) or (
        str(gold.findings.ef_state) if name == "ef_percent" else "nothing"
    )


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


def show_answers(answers: Sequence[Answer]) -> None:
    """Counts by capture and field, then some that were not right, the wrong ones first."""
    say("Read against the known truth: right / left open as unreadable / missed / wrong")
    say()
    rows: list[list[object]] = []
    for condition in (*CONDITIONS, "all"):
        of_condition = [item for item in answers if condition in (item.condition, "all")]
        reports = len({item.patient_id for item in of_condition})
        rows.append([condition, reports, *(tally(of_condition, name) for name in FIELDS)])
    say_table(["capture", "reports", *FIELDS.values()], rows)
    wrong = [item for item in answers if item.outcome is Outcome.WRONG]
    missed = [item for item in answers if item.outcome is Outcome.MISSED]
    if not wrong and not missed:
        return
    say()
    say(f"Of {len(answers)} answers {len(wrong)} were wrong and {len(missed)} missed what is printed:")
    say_table(
        ["patient", "capture", "layout", "field", "printed", "read"],
        [
            [item.patient_id, item.condition, item.layout, FIELDS[item.field], item.printed, item.read]
            for item in [*wrong, *missed][:SHOWN_WRONG]
        ],
    )
    if len(wrong) + len(missed) > SHOWN_WRONG:
        say(f"... and {len(wrong) + len(missed) - SHOWN_WRONG} more.")


def tally(answers: Sequence[Answer], name: str) -> str:
    """`22 / 1 / 0 / 0`, in the order of `Outcome`."""
    outcomes = [item.outcome for item in answers if item.field == name]
    return " / ".join(str(outcomes.count(outcome)) for outcome in Outcome)
