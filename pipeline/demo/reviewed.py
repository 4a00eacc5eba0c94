"""The demo's simulated reviewers: played after the drafts, and what they did in a few lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.terminal import counted, progress, say, say_table

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from pipeline.demo.reviewing.days import Played
    from pipeline.demo.reviewing.slips import PageTruth

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


def play_reviews(
    workspace: Workspace, database: Database, truth: Path, *, seed: int, label_error_share: float
) -> Played | None:
    """Play them in one transaction and write the list of labels that are wrong on purpose; None on a second
    run.
    """
    from pipeline.demo.reviewing.days import play_readings
    from pipeline.demo.reviewing.label_errors import LABEL_ERRORS, write_label_errors

    pages = pages_of(workspace, truth)
    with progress("Reviewing", "records") as advance, database.write() as session:
        played = play_readings(
            session,
            pages=pages,
            seed=seed,
            ef_tolerance_points=workspace.ef_tolerance_points,
            label_error_share=label_error_share,
            on_progress=advance,
        )
        if played is not None:
            # Before the transaction ends, so that there are never labels wrong on purpose without their list.
            write_label_errors(truth.with_name(LABEL_ERRORS), played.errors)
    return played


def pages_of(workspace: Workspace, truth: Path) -> dict[str, PageTruth]:
    """Patient key -> what is true of that patient's report."""
    from labeling.intake.patient_key import load_secret, patient_key
    from pipeline.demo.reviewing.slips import PageTruth

    secret = load_secret(workspace.patient_key_file)
    lines = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    return {patient_key(line["patient_id"], secret): PageTruth.from_line(line) for line in lines}


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
            f"{counted(played.seeded, 'reading')} made wrong on purpose, {found} of them found and put right since; "
            f"cohort/label_errors.jsonl names the {counted(len(played.errors), 'label')} still wrong."
        )


def show_next(folder: Path) -> None:
    """What to type next."""
    say("Try next:")
    width = max(len(verb) for verb, _ in NEXT)
    for verb, what in NEXT:
        say(f"  echodesk --workspace {folder} {verb:<{width}}  {what}")
