"""`echodesk snapshot export`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.commands.consent.warning import warn_of_withdrawn
from pipeline.commands.datasets.snapshot_list import snapshot_folder
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import counted, say, say_json


def export(
    ctx: typer.Context,
    snapshot: Annotated[str, typer.Argument(help="Its name, or its folder.", metavar="NAME|DIR")],
    to: Annotated[
        str, typer.Option("--to", help="A folder, a file ending in .zip, or a URL.", metavar="PLACE")
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a snapshot out: into a folder, a zip file, or a bucket.

    In a folder or below a URL (s3://bucket/folder, gs://bucket/folder, or another that fsspec knows) it
    appears under its name. Every hash is compared before and after; nothing is replaced, and nothing
    half-written is left.
    """
    from pipeline.dataset.exporting import export_snapshot

    space = chosen_workspace(ctx, workspace)
    folder = snapshot_folder(space, snapshot)
    warn_of_withdrawn(space, folder)
    done = export_snapshot(folder, to)
    if as_json:
        say_json(asdict(done))
        return
    say(
        f"{done.name}: {counted(done.files, 'file')}, {done.bytes:,} bytes, all as they were frozen, "
        f"in {done.place}"
    )
