"""`echodesk enqueue`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, writing
from pipeline.commands.terminal import complain, counted, say, say_json

if TYPE_CHECKING:
    from db.queue.plan import ReadingRules
    from db.workspace import Workspace


def enqueue(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV with a column case_id.", metavar="FILE")],
    twice: Annotated[
        bool, typer.Option("--second-reading", help="Have every record of the file read twice.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send records back to review, those with a low score first; labels are not touched.

    A record that waits moves up in the queue. One that has a label is read a second time, by somebody else,
    who sees neither draft nor label; one that was read twice goes to an adjudicator who has not read it. Exit
    code 1 when a record does not exist; the others are queued.
    """
    from db.decisions import Purpose
    from db.store.engine import utc_now
    from pipeline.curation.suspects_file import notes_on, read_suspects, send_to_review

    suspects = list(read_suspects(file))
    for note in notes_on(file):
        complain(f"Note: {note}.")
    chosen = chosen_workspace(ctx, workspace)
    with writing(chosen) as session:
        waiting, unknown = send_to_review(session, suspects, rules=_rules(chosen), twice=twice, clock=utc_now)
    queued, again = len(suspects) - len(unknown), waiting[Purpose.SECOND]
    to_adjudicate = waiting[Purpose.ADJUDICATION]
    if as_json:
        numbers = [one.case_id for one in unknown]
        say_json(
            {"queued": queued, "to_read_again": again, "to_adjudicate": to_adjudicate, "unknown": numbers}
        )
    else:
        say(
            f"{counted(queued, 'record')} queued: {again} for a second reading, "
            f"{to_adjudicate} for an adjudicator."
        )
    for one in unknown:
        complain(f"{file} line {one.line}: there is no record {one.case_id} with a draft")
    if unknown:
        raise typer.Exit(1)


def _rules(workspace: Workspace) -> ReadingRules:
    from db.queue.plan import ReadingRules

    return ReadingRules(ef_tolerance_points=workspace.ef_tolerance_points)
