"""`echodesk explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.models.runs import FolderOption, RunArgument, opened_run
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import say, say_json, say_table


def explain(
    ctx: typer.Context,
    run: RunArgument,
    photo: Annotated[Path, typer.Argument(help="An ECG photograph.", metavar="PHOTO")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="FILE", help="A page (.html) or picture (.png).", show_default=False
        ),
    ] = None,
    runs: FolderOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a run's models answer about one ECG photograph, where they look, and what they follow.

    The photograph is asked about as it is, with its trace painted over, and with its trace on other paper.
    """
    if out is not None and out.suffix not in (".html", ".png"):
        raise WrongUse(f"{out.name} is neither .html nor .png", "Name the file by what it shall be.")
    from pipeline.evaluation.pictures.explain import explain as explained
    from pipeline.evaluation.pictures.explain_page import (
        explanation_page,
        explanation_picture,
        sentences,
        what_if_rows,
    )
    from pipeline.evaluation.report.text import explain as text
    from pipeline.evaluation.results import as_data

    found, shown = explained(opened_run(run, runs or chosen_workspace(ctx, workspace).runs), photo)
    if out is not None:
        page = out.suffix == ".html"
        data = explanation_page(found, shown).encode() if page else explanation_picture(shown)
        _write(out, data)
    if as_json:
        say_json(as_data(found))
        return
    for line in (*found.complaints, *sentences(found)):
        say(line)
    say_table(text.WHAT_IF_HEADINGS, what_if_rows(found))
    say(text.NOT_A_DEVICE)


def _write(out: Path, data: bytes) -> None:
    from db.files.whole import named_file

    with named_file(out, overwrite=True) as temporary:
        temporary.write_bytes(data)
