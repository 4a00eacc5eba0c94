"""`echodesk curation report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db.errors import EchoDeskError
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, reading
from pipeline.commands.terminal import say, say_json

_ABOUT = "Say what correcting the drafts brought."

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=_ABOUT)


@app.callback()
def _curation() -> None:
    """Say what correcting the drafts brought."""


@app.command("report")
def report(
    ctx: typer.Context,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Markdown file to write.", metavar="FILE")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how good the drafts were against the final labels, and what correcting them cost and brought.

    By field with exact intervals; corrections over time; reasons; layouts, sites and readers; minutes saved
    against records read with the draft hidden. See docs/label-noise.md.
    """
    from db.files.whole import named_file
    from db.quality.corrections import corrections
    from db.quality.throughput import half_seconds, time_by_arm
    from pipeline.curation.counts import count_curation, time_saved
    from pipeline.curation.report import markdown, report_json

    with reading(chosen_workspace(ctx, workspace)) as session:
        found, counts, saved = (
            corrections(session),
            count_curation(session),
            time_saved(time_by_arm(half_seconds(session))),
        )
    if not found.records:
        raise EchoDeskError(
            "there is no label that had a draft yet", "Labels are made by reviewing: echodesk review"
        )
    text = markdown(found, counts, saved)
    if output is not None:
        with named_file(output, overwrite=overwrite) as partial:
            partial.write_text(text, encoding="utf-8", newline="\n")
    if as_json:
        say_json(report_json(found, counts, saved))
    elif output is None:
        say(text.rstrip())
    else:
        say(f"Written to {output}.")
