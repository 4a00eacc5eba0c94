"""`echodesk snapshot remove`."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.datasets.snapshot_create import ACTOR
from pipeline.commands.options import (
    SNAPSHOT,
    WorkspaceOption,
    at_work_in,
    chosen_workspace,
    existing_database,
)
from pipeline.commands.terminal import say


def remove(
    ctx: typer.Context,
    snapshot: Annotated[str, typer.Argument(help="Its name.", metavar="NAME")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Delete a snapshot's folder with its pictures; its hashes stay on record.

    For a snapshot that holds somebody who withdrew their consent. Its name is never given again. Runs and
    bundles made of it, and copies elsewhere, stay where they are.
    """
    from pipeline.curation.removal import remove_snapshot
    from pipeline.curation.withdrawn import made_of

    space = chosen_workspace(ctx, workspace)
    if not yes and not typer.confirm(f"Delete {space.snapshots / snapshot} for good?"):
        raise WrongUse("nothing was deleted", "Answer y, or add --yes.")
    with closing(existing_database(space)) as database, at_work_in(space, SNAPSHOT):
        kept = remove_snapshot(database, space, snapshot, actor=ACTOR, now=datetime.now(UTC))
    say(f"Deleted. On record stay {kept.row_count} rows, content {kept.content_sha256},")
    say(f"manifest {kept.manifest_sha256}.")
    for made in made_of(space, kept.content_sha256):
        say(f"Made of it, and still here: {made}")
