"""`echodesk snapshot verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.consent.warning import warn_of_withdrawn
from pipeline.commands.datasets.snapshot_list import snapshot_folder
from pipeline.commands.options import (
    JsonOption,
    WorkspaceOption,
    chosen_workspace,
    has_database,
    reading,
)
from pipeline.commands.terminal import counted, say, say_json

if TYPE_CHECKING:
    from db.workspace import Workspace


def verify(
    ctx: typer.Context,
    snapshot: Annotated[str, typer.Argument(help="Its name, or its folder.", metavar="NAME|DIR")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look a snapshot over: every byte by its hash, the folds and leakage anew, and the database's register.

    Exit code 1 when anything is not as it was frozen.
    """
    from pipeline.dataset.verifying import verify_folder

    space = chosen_workspace(ctx, workspace)
    folder = snapshot_folder(space, snapshot)
    verdict = verify_folder(folder)
    warn_of_withdrawn(space, folder)
    problems = [*verdict.problems, *_register_problems(space, folder, verdict.manifest_sha256)]
    if as_json:
        say_json(
            {"snapshot": folder.name, "is_sound": not problems, "problems": problems, **verdict.looked_at}
        )
    elif problems:
        for problem in problems:
            say(problem)
    else:
        looked = verdict.looked_at
        say(
            f"{folder.name}: {looked['files']} files and {counted(looked['rows'], 'row')} "
            "are as they were frozen."
        )
    if problems:
        raise typer.Exit(1)


def _register_problems(space: Workspace, folder: Path, manifest_sha256: str) -> list[str]:
    """What the database knows better. A folder from elsewhere is judged by itself."""
    from pipeline.dataset.snapshot import register_problems

    is_ours = folder.resolve().parent == space.snapshots
    if not is_ours or not has_database(space):
        return []
    with reading(space) as session:
        return register_problems(session, folder.name, manifest_sha256)
