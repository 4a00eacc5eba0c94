"""What `echodesk demo` says: drafts against the truth, what the simulated people did, what to try next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from db.fields.names import of_fields
from pipeline.commands.terminal import counted, say, say_table

if TYPE_CHECKING:
    from labeling.benchmark.drafts import DraftedField
    from pipeline.demo.reviewing.playing import Played

FIELD_NAMES = of_fields(ef_percent="EF", rwma="RWMA", pah="PAH", rvsp_mmhg="RVSP")
CONDITIONS = ("clean", "phone", "harsh")
# See `labeling/trust/second_chance.py`.
SECOND_CHANCE_FIELDS = ("ef_percent", "rvsp_mmhg")
SHOWN_WRONG = 10
PLAYED_BEFORE = "The simulated people have reviewed these records before; nothing was added."

# What to try on reviewed records, in the order of the work.
NEXT = (
    ("review", "the desk, with dashboard, agreement, practice and audit pages"),
    ("agreement", "how far two readings of a record agree"),
    ("audit status", "how many errors the labels may still hold"),
    ("curation report", "what the corrections were worth"),
    ("suspects", "which labels to look at again first"),
    ("snapshot create first", "freeze the labels as a dataset; it says which checks so few records fail"),
    ("audit verify", "whether the log of all this is whole"),
)


def show_answers(answers: Sequence[DraftedField]) -> None:
    """Counts by capture and field, then some that were not right, the wrong ones first."""
    say("Read against the known truth: right / left open as unreadable / missed / wrong")
    say()
    rows: list[list[object]] = []
    for condition in (*CONDITIONS, "all"):
        of_condition = [item for item in answers if condition in (item.condition, "all")]
        reports = len({item.patient_id for item in of_condition})
        rows.append([condition, reports, *(tally(of_condition, name) for name in FIELD_NAMES)])
    say_table(["capture", "reports", *FIELD_NAMES.values()], rows)
    _show_second_chance(answers)
    wrong = [item for item in answers if item.outcome == "wrong"]
    missed = [item for item in answers if item.outcome == "missed"]
    if not wrong and not missed:
        return
    say()
    verb = "was" if len(wrong) == 1 else "were"
    say(f"Of {len(answers)} answers {len(wrong)} {verb} wrong and {len(missed)} missed what is printed:")
    say_table(
        ["patient", "capture", "layout", "field", "printed", "read"],
        [
            [item.patient_id, item.condition, item.layout, FIELD_NAMES[item.field], item.printed, item.read]
            for item in [*wrong, *missed][:SHOWN_WRONG]
        ],
    )
    if len(wrong) + len(missed) > SHOWN_WRONG:
        say(f"... and {len(wrong) + len(missed) - SHOWN_WRONG} more.")


def _show_second_chance(answers: Sequence[DraftedField]) -> None:
    """What a second look at the pages that were given up brought, beside what stays open."""
    rows: list[list[object]] = []
    for name in SECOND_CHANCE_FIELDS:
        taken = [item for item in answers if item.field == name and item.is_second_chance]
        still = sum(item.field == name and item.outcome == "left open" for item in answers)
        if taken or still:
            right = sum(item.outcome == "right" for item in taken)
            rows.append([FIELD_NAMES[name], len(taken) + still, right, len(taken) - right, still])
    if rows:
        say()
        say("Photos given up at first get a second chance, for numbers alone and never in green:")
        say_table(["field", "given up at first", "then right", "then wrong", "still open"], rows)


def tally(answers: Sequence[DraftedField], name: str) -> str:
    """`22 / 1 / 0 / 0`, in the order of `DraftOutcome`."""
    from labeling.benchmark.drafts import DraftOutcome

    outcomes = [item.outcome for item in answers if item.field == name]
    return " / ".join(str(outcomes.count(outcome)) for outcome in DraftOutcome)


def show_played(played: Played | None) -> None:
    """What was played, with numbers."""
    if played is None:
        say(PLAYED_BEFORE)
        return
    done = played.counts
    say(f"Six simulated people reviewed the records on {counted(played.days, 'day')}, starting 1 June 2026:")
    say_table(
        ["what", "how many"],
        [
            ["first readings", done.get("first", 0)],
            ["second readings, blind", done.get("second", 0)],
            ["adjudications", done.get("adjudication", 0)],
            ["practice records", done.get("practice", 0)],
            ["  of which noticed", done.get("practice_noticed", 0)],
            ["skipped", done.get("skip", 0)],
            ["flagged", done.get("flag", 0)],
            ["taken back", done.get("undone", 0)],
            ["labels drawn for the audit", played.audited],
            ["  of which read again, blind", done.get("audit", 0)],
        ],
    )
    say()
    say(f"{counted(played.labels, 'label')}; {played.right} agree with the known truth in every field.")
    if played.seeded:
        found = played.seeded - len(played.errors)
        say(
            f"{counted(played.seeded, 'reading')} made wrong on purpose, {found} of them found and put right "
            f"since; cohort/label_errors.jsonl names the {counted(len(played.errors), 'label')} still wrong."
        )


def show_next(folder: Path) -> None:
    """What to type next."""
    say("Try next:")
    width = max(len(verb) for verb, _ in NEXT)
    for verb, what in NEXT:
        say(f"  echodesk --workspace {folder} {verb:<{width}}  {what}")
