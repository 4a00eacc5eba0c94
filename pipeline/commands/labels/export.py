"""`echodesk export`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from db.tabular import FileFormat
from pipeline.commands.options import WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import counted, say


class TableName(StrEnum):
    """`db.exports.Table`, without importing it for `--help`."""

    LABELS = "labels"
    DRAFTS = "drafts"


def export(
    ctx: typer.Context,
    table: Annotated[TableName, typer.Argument(help="What people decided, or what was drafted.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.", metavar="FILE")],
    file_format: Annotated[FileFormat, typer.Option("--format", help="How it is written.")] = FileFormat.CSV,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the labels or the drafts to a file.

    Patients are keyed hashes. No cell of the CSV is taken for a formula by a spreadsheet. Only you can read
    the file; it appears when it is complete.
    """
    from db.exports import Table, export_table

    database = existing_database(chosen_workspace(ctx, workspace))
    try:
        rows = export_table(
            database,
            Table(table.value),
            output,
            file_format=file_format,
            overwrite=overwrite,
        )
    finally:
        database.close()
    say(f"{counted(rows, 'row')} written to {output}")
    if not rows and table is TableName.LABELS:
        say("Labels are made by reviewing: echodesk review")
