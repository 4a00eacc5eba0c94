"""`echodesk export`."""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from db.errors import EchoDeskError, WrongUse
from pipeline.commands.options import WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import counted, say

if TYPE_CHECKING:
    from db.workspace import Workspace


class TableName(StrEnum):
    """`db.exports.tables.Table`, without importing it for `--help`."""

    LABELS = "labels"
    DRAFTS = "drafts"


class FormatName(StrEnum):
    """`db.tabular.FileFormat` and `db.exports.interchange.Form` together."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    XLSX = "xlsx"
    REDCAP = "redcap"
    FHIR = "fhir"
    FHIR_BUNDLE = "fhir-bundle"
    LABEL_STUDIO = "label-studio"


_OF_OTHERS: Final = (FormatName.REDCAP, FormatName.FHIR, FormatName.FHIR_BUNDLE, FormatName.LABEL_STUDIO)


def export(
    ctx: typer.Context,
    table: Annotated[TableName, typer.Argument(help="What people decided, or what was drafted.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.", metavar="FILE")],
    asked: Annotated[FormatName | None, typer.Option("--format", help="Default: the file ending's.")] = None,
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
    own_ids: Annotated[
        bool,
        typer.Option("--own-ids", help="Add the patients' own ids, where intake kept them. Tables alone."),
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the labels or the drafts to a file.

    Patients are keyed hashes. No cell of the CSV is taken for a formula by a spreadsheet. Only you can read
    the file; it appears when it is complete.

    Labels alone also go out as redcap (the data, and beside it the data dictionary), fhir (R4 observations,
    one a line), fhir-bundle, and label-studio (tasks, and beside them the labelling interface). There a
    record whose flag nobody has settled goes out without a label.

    With --join the list that was taken in comes back whole, in its own order and with its own ids, and beside
    each row how the record stands, what was decided, by whom and when. That file names patients: it is yours.
    """
    if join is not None:
        _give_back(ctx, table, join, output, photos or [], overwrite=overwrite, workspace=workspace)
        return
    from db.exports.endings import form_for

    chosen, file_format = chosen_workspace(ctx, workspace), FormatName(form_for(output, asked))
    if file_format in _OF_OTHERS:
        if own_ids:
            raise WrongUse("--own-ids goes with tables", "Other programs get keyed hashes alone.")
        _hand_over(chosen, table, output, file_format, overwrite=overwrite)
        return
    from db.access.own_ids import OwnIds
    from db.exports.tables import Table, export_table, flagged_labels
    from db.tabular import FileFormat

    form, own = FileFormat(file_format.value), OwnIds(chosen) if own_ids else None
    with closing(existing_database(chosen)) as database:
        rows = export_table(
            database, Table(table.value), output, file_format=form, overwrite=overwrite, own_ids=own
        )
        flagged = flagged_labels(database) if table is TableName.LABELS else 0
    say(f"{counted(rows, 'row')} written to {output}")
    if flagged:
        say(
            f"{counted(flagged, 'row')} with is_flagged = true: somebody doubts these values. Leave them out."
        )
    if not rows and table is TableName.LABELS:
        say("Labels are made by reviewing: echodesk review")


def _hand_over(
    chosen: Workspace, table: TableName, output: Path, form: FormatName, *, overwrite: bool
) -> None:
    from db.exports.interchange import Form, parts_of, write_parts

    if table is not TableName.LABELS:
        raise WrongUse(
            f"--format {form} goes with labels", f"Type: echodesk export labels --format {form} ..."
        )
    with closing(existing_database(chosen)) as database:
        parts = parts_of(database, chosen, Form(form.value))
    written = write_parts(parts, output, overwrite=overwrite)
    say(f"{counted(parts.records, 'record')} written to {' and '.join(map(str, written))}")
    if parts.flagged:
        say(f"{counted(parts.flagged, 'record')} with a flag that nobody has settled: without a label.")


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
    with closing(existing_database(chosen)) as opened:
        written = write_list(listing, output, photos, workspace=chosen, database=opened, overwrite=overwrite)
    say(f"{counted(written.rows, 'row')} of {listing} written to {output}, with the labels beside them:")
    for status, rows in sorted(written.by_status.items()):
        say(f"  {rows:>6}  {status}")
    if written.fragile:
        say(f"Excel drops zeros of {counted(written.fragile, 'row')} when it opens a CSV: take .xlsx.")
    if written.without_files:
        gone = counted(written.without_files, "row")
        say(f"Without the files of {gone}: matched by patient id and date. Where are the files? --photos DIR")
