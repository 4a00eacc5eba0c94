"""`echodesk import`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import complain, counted, say, say_json


def import_annotations(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A JSON export of Label Studio.", metavar="FILE")],
    annotator: Annotated[str, typer.Option(help="Whose decisions these are.", metavar="NAME")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take annotations made in Label Studio in as decisions of a person.

    Of tasks that `echodesk export labels --format label-studio` wrote, and only about records that wait for a
    first decision: what is decided or flagged stays. Each decision is marked as imported; importing the file
    again changes nothing. Exit code 1 when a task was refused; the others are stored.
    """
    from db.queue.plan import ReadingRules
    from db.store.engine import utc_now
    from labeling.intake.annotations import import_annotations as take_in

    chosen = chosen_workspace(ctx, workspace)
    database = existing_database(chosen)
    rules = ReadingRules(
        ef_tolerance_points=chosen.ef_tolerance_points, second_reading_share=chosen.second_reading_share
    )
    try:
        report = take_in(file, database, person=annotator, rules=rules, now=utc_now())
    finally:
        database.close()
    if as_json:
        say_json(asdict(report))
    else:
        say(f"{counted(report.stored, 'decision')} of {annotator} stored.")
        if report.unchanged:
            say(f"{counted(report.unchanged, 'task')} said what is stored already.")
        if report.empty:
            say(f"{counted(report.empty, 'task')} without an annotation.")
    for number, reason in report.refused.items():
        complain(f"{file} task {number}: {reason}")
    if report.refused:
        raise typer.Exit(1)
