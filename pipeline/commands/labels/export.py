"""`echodesk export`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from db.errors import EchoDeskError
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
    join: Annotated[
        Path | None,
        typer.Option(
            "--join",
            metavar="LIST",
            help="Give this list (CSV or XLSX) back with the labels beside its rows.",
        ),
    ] = None,
    photos: Annotated[
        list[Path] | None,
        typer.Option("--photos", metavar="DIR", help="With --join: where its files are. Repeatable."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the labels or the drafts to a file.

    Patients are keyed hashes. No cell of the CSV is taken for a formula by a spreadsheet. Only you can read
    the file; it appears when it is complete.

    With --join the list that was taken in comes back whole, in its own order and with its own ids, and beside
    each row how the record stands, what was decided, by whom and when. That file names patients: it is yours.
    """
    from db.exports import Table, export_table

    if join is not None:
        _give_back(ctx, table, join, output, photos or [], overwrite=overwrite, workspace=workspace)
        return
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


def _give_back(
    ctx: typer.Context,
    table: TableName,
    listing: Path,
    output: Path,
    photos: list[Path],
    *,
    overwrite: bool,
    workspace: Path | None,
) -> None:
    from labeling.intake.list_out import write_list

    if table is not TableName.LABELS:
        raise EchoDeskError("--join goes with labels", "Type: echodesk export labels --join ...")
    chosen = chosen_workspace(ctx, workspace)
    database = existing_database(chosen)
    try:
        written = write_list(
            listing, output, photos, workspace=chosen, database=database, overwrite=overwrite
        )
    finally:
        database.close()
    say(f"{counted(written.rows, 'row')} of {listing} written to {output}, with the labels beside them:")
    for status, rows in sorted(written.by_status.items()):
        say(f"  {rows:>6}  {status}")
