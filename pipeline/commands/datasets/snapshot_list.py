"""`echodesk snapshot list`, and how the other verbs find a snapshot by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from db.errors import WrongUse
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, reading
from pipeline.commands.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from db.workspace import Workspace


def list_snapshots(
    ctx: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Name the snapshots there are."""
    from db.snapshots import list_snapshots as registered

    with reading(chosen_workspace(ctx, workspace)) as session:
        found = [one.model_dump(mode="json") for one in registered(session)]
    if as_json:
        say_json(found)
    elif not found:
        say("No snapshot has been made.\n\nNext: echodesk snapshot create NAME")
    else:
        rows = [
            [one["name"], one["row_count"], one["created_at"][:10], one["content_sha256"][:12]]
            for one in found
        ]
        say_table(["name", "rows", "made", "content"], rows)


def snapshot_folder(space: Workspace, asked: str) -> Path:
    """A snapshot's folder by its name in the workspace, or by a path.

    Raises:
        WrongUse: there is no such folder.
    """
    for folder in (space.snapshots / asked, Path(asked)):
        if folder.is_dir():
            return folder
    raise WrongUse(f"there is no snapshot {asked}", "Name one of: echodesk snapshot list, or a folder.")
