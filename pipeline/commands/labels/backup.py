"""`echodesk backup` and `echodesk restore`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import complain, say


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

    Refused where the workspace has another patient key. What was there is kept as a safety copy. Stop
    `echodesk review` first.
    """
    from db.store.backup import restore_database
    from db.store.key_mark import missing_pictures

    chosen = chosen_workspace(ctx, workspace)
    safety = restore_database(chosen, backup=file, now=datetime.now(UTC))
    say(f"Restored {file.name}.")
    database = existing_database(chosen)
    try:
        with database.read() as session:
            missing, pictures = missing_pictures(session, chosen)
    finally:
        database.close()
    if missing:
        complain(f"{missing} of {pictures} pictures are not in {chosen.images}: copy the images folder here.")
    if safety is not None:
        say(f"What was there before is in {safety}")
