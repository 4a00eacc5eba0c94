"""`echodesk demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db.errors import WrongUse
from db.processes import usual_workers
from pipeline.commands.demo_said import show_answers, show_next, show_played
from pipeline.commands.demo_steps import (
    COHORT_FOLDER,
    play,
    refuse_real_workspace,
    require_tesseract,
    take_in,
)
from pipeline.commands.demo_training import train_on_study
from pipeline.commands.desk.serving import has_display, serve_desk
from pipeline.commands.labels.extract import run_extraction, show_summary
from pipeline.commands.options import (
    WorkersOption,
    WorkspaceOption,
    asked_workspace,
    settings,
)
from pipeline.commands.progress import progress
from pipeline.commands.reader_options import ReaderChoice
from pipeline.commands.reader_specs import reader_spec
from pipeline.commands.terminal import name_workspace, say

DEMO_FOLDER = Path("demo-workspace")
# As many as the seed paper has.
STUDY_PATIENTS = 500


def demo(
    ctx: typer.Context,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop before the review page.")] = False,
    patients: Annotated[int, typer.Option(min=1, help="How many to invent.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="The same seed invents the same patients.")] = 20260401,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the review page; 0 for any free.")] = 7860,
    reviewed: Annotated[
        bool, typer.Option("--reviewed", help="Have simulated people review the drafts, too.")
    ] = False,
    label_errors: Annotated[
        float,
        typer.Option(
            min=0, max=0.2, help="Share of their labels to leave wrong on purpose; needs --reviewed."
        ),
    ] = 0.0,
    train: Annotated[
        bool, typer.Option("--train", help="Train a small model on 500 planted ECGs, too.")
    ] = False,
    workers: WorkersOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Show everything on invented patients, from page to review.

    Prints reports whose truth is known, photographs them well and badly, reads them, says what was right and
    wrong, and opens the review page. Works in ./demo-workspace unless told otherwise; the second run takes
    seconds. With --reviewed four annotators, an adjudicator and a lead, all simulated, review every record,
    so that agreement, audits, snapshots and certificates have something to show. Labels made wrong on purpose
    are listed in cohort/label_errors.jsonl. With --train 500 more patients get ECGs that tell a known amount
    of their EF and wall motion, and a small model is trained on photographs of them.
    """
    from db.store.engine import open_database, utc_now
    from labeling.benchmark.drafts import check_drafts
    from pipeline.demo.cohort import build_cohort
    from pipeline.demo.opening import open_with_a_legible_page

    if label_errors and not reviewed:
        raise WrongUse("--label-errors are errors of simulated reviewers", "Add --reviewed.")
    folder = asked_workspace(ctx, workspace) or DEMO_FOLDER
    name_workspace(folder)
    # Never a database by address: it may be a real project's.
    chosen = settings({"workspace": folder, "database_url": ""})
    refuse_real_workspace(chosen)
    require_tesseract(chosen)
    with progress("Printing and photographing", "patients") as advance:
        cohort = build_cohort(chosen.root / COHORT_FOLDER, patients=patients, seed=seed, on_progress=advance)
    database = open_database(chosen)
    try:
        take_in(chosen, database, cohort)
        summary = run_extraction(
            chosen,
            database,
            reader=reader_spec(ReaderChoice(poor_pages=True), chosen),
            workers=workers or usual_workers(),
            retry_failed=True,
        )
        show_summary(summary)
        say()
        show_answers(check_drafts(chosen, database, cohort.truth))
        say()
        if reviewed:
            show_played(play(chosen, database, cohort, seed=seed, label_error_share=label_errors))
            say()
            show_next(folder)
        elif no_serve:
            say(f"Look closer: echodesk --workspace {folder} review")
        if train:
            say()
            train_on_study(chosen, patients=STUDY_PATIENTS, seed=seed, workers=workers or usual_workers())
        if not no_serve:
            with database.write() as session:
                open_with_a_legible_page(session, now=utc_now())
            serve_desk(chosen, database, leads=["local"], port=port, open_browser=has_display())
    finally:
        database.close()
    if summary.failures:
        raise typer.Exit(1)
