"""`echodesk bundle`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.consent.warning import warn_of_content
from pipeline.commands.models.runs import FolderOption, RunArgument, run_place
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import complain, say, say_json


def bundle(
    ctx: typer.Context,
    run: RunArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Default: bundles/ of the workspace.",
                     show_default=False),
    ] = None,
    snapshot: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="What it was trained on. Default: by its name in the workspace.",
                     show_default=False),
    ] = None,
    despite: Annotated[
        list[str] | None,
        typer.Option(metavar="VERDICT", help="Override a verdict of its evaluation, by its id.",
                     show_default=False),
    ] = None,
    runs: FolderOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Pack a run's models with everything an answer needs, to put them in use.

    The folder is named by its content: the same run gives the same bundle. A run without an evaluation, or
    with a shortcut, a leak, or numbers worth less than none in it, is refused unless that verdict is
    overridden by name.
    """
    from pipeline.serving.building import build_bundle
    from pipeline.serving.bundle import open_bundle
    from pipeline.training.run_folder import open_run

    space = chosen_workspace(ctx, workspace)
    folder = run_place(run, runs or space.runs)
    manifest = open_run(folder).manifest
    warn_of_content(space, str(manifest["content_sha256"]))
    if snapshot is None:
        usual = space.snapshots / str(manifest["snapshot"])
        snapshot = usual if usual.is_dir() else None
    place = build_bundle(folder, out or space.bundles, snapshot=snapshot, despite=despite or ())
    made = open_bundle(place)
    if as_json:
        say_json({"bundle": made.id, "folder": str(place), "lacks": list(made.about.lacks)})
        return
    for lack in made.about.lacks:
        complain(lack)
    say(str(place))
