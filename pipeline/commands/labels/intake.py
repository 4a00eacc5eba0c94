"""`echodesk intake`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.labels.intake_plan import complain_of, say_plan
from pipeline.commands.options import JsonOption, WorkspaceOption, at_work_in, chosen_workspace
from pipeline.commands.progress import progress
from pipeline.commands.terminal import counted, say, say_json

if TYPE_CHECKING:
    from labeling.intake.report import IntakeReport


def intake(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Folders and files: pictures and PDFs.")],
    manifest: Annotated[
        Path | None,
        typer.Option(help="CSV or XLSX: patient_id, report, ecg, report_date, ecg_date.", metavar="FILE"),
    ] = None,
    site: Annotated[str, typer.Option(help="Where the reports come from.", metavar="NAME")] = "",
    synthetic: Annotated[bool, typer.Option("--synthetic", help="Mark them as invented patients.")] = False,
    keep_ids: Annotated[
        bool,
        typer.Option("--keep-ids", help="Keep your own patient ids, encrypted, on this machine alone."),
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say who would get which pages and why; write nothing.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register report pictures, PDFs and ECG photos.

    Files are paired by their names, or listed in a manifest. A file that cannot be taken is named with the
    reason and never stops the rest; exit code 1 then. Run it again at any time: what is registered already is
    recognised. With --plan nothing is written, not even a workspace.

    Patient ids are kept as keyed hashes. With --keep-ids leads see them as they were written on the records
    page; they are in no export, snapshot, log or backup.
    """
    chosen = chosen_workspace(ctx, workspace)
    if plan:
        say_plan(paths, manifest, site, chosen, as_json=as_json)
        return
    from db.store.engine import PROGRAM_PATIENCE_S, open_database
    from labeling.intake.register import IntakeProgress
    from labeling.intake.register import intake as take_in

    database = open_database(chosen, patience_s=PROGRAM_PATIENCE_S)
    try:
        with at_work_in(chosen, "an intake"), progress("Taking in", "cases") as advance:

            def on_progress(step: IntakeProgress) -> None:
                advance(step.done, step.total)

            report = take_in(
                paths,
                manifest=manifest,
                site=site,
                is_synthetic=synthetic,
                workspace=chosen,
                database=database,
                now=datetime.now(UTC),
                keep_ids=keep_ids,
                on_progress=on_progress,
            )
    finally:
        database.close()
    if as_json:
        say_json(asdict(report))
    else:
        show_report(report)
    if report.refused:
        raise typer.Exit(1)


def show_report(report: IntakeReport) -> None:
    """What was taken in, and every refused file with its reason and remedy."""
    complain_of(report.refused)
    for note in report.notes:
        say(f"Note: {note}.")
    say(f"{counted(report.registered, 'case')} registered.")
    if report.duplicates:
        say(f"{counted(report.duplicates, 'case')} had been registered before.")
    if report.copies:
        say(f"{counted(len(report.copies), 'file')} left out as copies of others.")
    if report.near_duplicates:
        say(f"{counted(report.near_duplicates, 'pair')} of pictures look alike; nothing was dropped.")
    if report.not_listed:
        say(f"{counted(len(report.not_listed), 'file')} beside the manifest's own were left alone.")
    if report.refused:
        say(f"{counted(len(report.refused), 'file')} refused; listed in {report.report_file}")
