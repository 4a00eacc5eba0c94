"""`echodesk snapshot list`, and how the other verbs find a snapshot by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    from db.snapshots import removed_at

    with reading(chosen_workspace(ctx, workspace)) as session:
        gone = {number: at.isoformat() for number, at in removed_at(session).items()}
        found = [
            {**one.model_dump(mode="json"), "removed_at": gone.get(int(one.id or 0))}
            for one in registered(session)
        ]
    if as_json:
        say_json(found)
    elif not found:
        say("No snapshot has been made.\n\nNext: echodesk snapshot create NAME")
    else:
        rows = [
            [one["name"], one["row_count"], one["created_at"][:10], one["content_sha256"][:12], _state(one)]
            for one in found
        ]
        if gone:
            say_table(["name", "rows", "made", "content", "folder"], rows)
        else:
            say_table(["name", "rows", "made", "content"], [row[:4] for row in rows])


def _state(found: dict[str, Any]) -> str:
    return f"deleted {found['removed_at'][:10]}" if found["removed_at"] else "there"


def snapshot_folder(space: Workspace, asked: str) -> Path:
    """A snapshot's folder by its name in the workspace, or by a path.

    Raises:
        WrongUse: there is no such folder.
    """
    for folder in (space.snapshots / asked, Path(asked)):
        if folder.is_dir():
            return folder
    raise WrongUse(f"there is no snapshot {asked}", "Name one of: echodesk snapshot list, or a folder.")
