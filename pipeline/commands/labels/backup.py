"""`echodesk backup` and `echodesk restore`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import say


def backup(ctx: typer.Context, workspace: WorkspaceOption = None) -> None:
    """Copy the whole database into the backups folder.

    While people review, too: it is a copy at one moment.
    """
    from db.store.backup import backup_database

    chosen = chosen_workspace(ctx, workspace)
    existing_database(chosen).close()
    copy = backup_database(chosen, now=datetime.now(UTC))
    say(f"Backed up to {copy}")
    say("The images and the patient key file are not in it: copy the workspace folder for those.")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `echodesk backup` wrote.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Put a backup in the database's place.

    What was there is kept as a safety copy. Stop `echodesk review` first.
    """
    from db.store.backup import restore_database

    safety = restore_database(chosen_workspace(ctx, workspace), backup=file, now=datetime.now(UTC))
    say(f"Restored {file.name}.")
    if safety is not None:
        say(f"What was there before is in {safety}")
