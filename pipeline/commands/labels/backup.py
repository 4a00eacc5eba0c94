"""`echodesk backup` and `echodesk restore`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import EchoDeskError
from pipeline.commands.consent.opened import database_of_all
from pipeline.commands.options import WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import complain, counted, say

if TYPE_CHECKING:
    from db.workspace import Workspace


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
    force: Annotated[
        bool, typer.Option("--force", help="Also while a desk, an extraction or a snapshot is at work.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Put a backup in the database's place.

    Refused while anybody is at work in the workspace, and where it has another patient key. What was there is
    kept as a safety copy, and what is newer than the backup is counted. Patients who withdrew their consent
    since are taken out of it again.
    """
    from db.consent.completing import complete_before_restore
    from db.consent.noted import noted_withdrawals
    from db.files.at_work import BusyError, alone_at_work
    from db.store.backup import check_sqlite, newer_than, restore_database

    chosen = chosen_workspace(ctx, workspace)
    check_sqlite(file)
    noted_withdrawals(chosen.withdrawn_file)  # a damaged list is told before anything is touched
    lost = in_words(newer_than(chosen, file))
    try:
        with alone_at_work(chosen.root, is_forced=force) as others:
            complete_before_restore(chosen)
            safety = restore_database(chosen, backup=file, now=datetime.now(UTC))
            again = take_out_again(chosen)
    except BusyError as error:
        raise EchoDeskError(
            f"at work in this workspace: {', '.join(error.who)}",
            "Stop it first (Ctrl-C there), then try again. --force restores all the same, and then "
            f"{lost or 'nothing'} newer than the backup leaves the database, with whatever is decided "
            "at that moment.",
        ) from None
    say(f"Restored {file.name}.")
    if others:
        complain(f"It was forced while others were at work ({', '.join(others)}): have them start again.")
    if lost:
        say(f"No longer in the database, because newer than the backup: {lost}.")
    say_taken_out_again(chosen, again)
    say_missing_pictures(chosen)
    if safety is not None:
        say(f"What was there before is in {safety}")


def take_out_again(workspace: Workspace) -> list[str]:
    """Take out whoever withdrew since the backup was made, by keyed hash."""
    from db.consent.removing import withdraw_noted

    with closing(database_of_all(workspace)) as database:
        return withdraw_noted(database, workspace, actor="restore", now=datetime.now(UTC))


def say_taken_out_again(workspace: Workspace, patients: list[str]) -> None:
    """How many, and which backups here hold them still."""
    from db.consent.copies import backups_holding

    if patients:
        say(f"{counted(len(patients), 'patient')} who withdrew consent since were taken out of it again.")
        for copy in backups_holding(workspace, patients):
            complain(f"Delete it once you have a newer one, it holds them or may: {copy.file}")


def in_words(counts: Mapping[str, int]) -> str:
    """`3 decisions, 1 case`."""
    return ", ".join(counted(count, noun) for noun, count in counts.items())


def say_missing_pictures(workspace: Workspace) -> None:
    """Complain of pictures that the database names and the folder lacks."""
    from db.store.key_mark import missing_pictures

    database = existing_database(workspace)
    try:
        with database.read() as session:
            missing, pictures = missing_pictures(session, workspace)
    finally:
        database.close()
    if missing:
        complain(
            f"{missing} of {pictures} pictures are not in {workspace.images}: copy the images folder here."
        )
