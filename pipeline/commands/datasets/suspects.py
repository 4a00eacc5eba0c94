"""`echodesk suspects`."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import EchoDeskError
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import complain, counted, say, say_json, say_table

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.curation.records import LabelledRecord, NoiseScore, Prediction

USUAL_SHARE = 0.10
LINES_ON_SCREEN = 20
COLUMNS = ("case_id", "score", "field", "reason")


def suspects(
    ctx: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="CSV to write, for echodesk enqueue.", metavar="FILE"),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(min=1, help="How many records. Default: a tenth of the labels.", show_default=False),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="CSV of a model's predictions for records it was not trained on: case_id or row_id,"
            " ef_percent_predicted, rwma_probability.",
        ),
    ] = None,
    snapshot: Annotated[
        str | None, typer.Option(metavar="NAME", help="The snapshot whose row_id the predictions name.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank the labels by how likely they are wrong, with the reason.

    Low scores are suspicious: other readers, the report's own words or the other findings speak against the
    label. Nothing is changed; echodesk enqueue sends the records of the file back to review. See
    docs/label-noise.md.
    """
    from pipeline.curation.suspects import score_labels, worst_fields

    chosen = chosen_workspace(ctx, workspace)
    records = _records(chosen)
    if not records:
        raise EchoDeskError(
            "there is no label to look at yet", "Labels are made by reviewing: echodesk review"
        )
    predicted, strange = _predictions(predictions, snapshot, chosen, records) if predictions else ({}, 0)
    worst = worst_fields(score_labels(records, predicted))
    first = worst[: top or math.ceil(USUAL_SHARE * len(worst))]
    if output is not None:
        _write(output, first, overwrite=overwrite)
    if as_json:
        say_json(
            {
                "labels": len(records),
                "issues": sum(one.is_issue for one in worst),
                "predictions": len(predicted),
                "unknown_predictions": strange,
                "suspects": [asdict(one) for one in first],
            }
        )
    else:
        _say(first, len(records), sum(one.is_issue for one in worst), output)
    if strange:
        complain(f"{counted(strange, 'prediction')} left out: of no record with a label here")
        raise typer.Exit(1)


def _records(workspace: Workspace) -> list[LabelledRecord]:
    from pipeline.curation.evidence import labelled_records

    database = existing_database(workspace)
    try:
        with database.read() as session:
            return labelled_records(session)
    finally:
        database.close()


def _predictions(
    file: Path, snapshot: str | None, workspace: Workspace, records: Sequence[LabelledRecord]
) -> tuple[Mapping[int, Prediction], int]:
    from pipeline.curation.predictions import COLUMNS_HINT, PredictionsError, load_predictions

    case_of = _case_finder(snapshot, workspace, [record.case_id for record in records])
    try:
        return load_predictions(file, case_of)
    except PredictionsError as error:
        raise EchoDeskError(f"{file}: {error}", COLUMNS_HINT) from error
    except OSError as error:
        raise EchoDeskError(f"{file} cannot be read", "Name a CSV file of predictions.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise EchoDeskError(f"{file} is not a CSV file in UTF-8", COLUMNS_HINT) from error


def _case_finder(
    snapshot: str | None, workspace: Workspace, cases: Sequence[int]
) -> Callable[[str, str], int | None]:
    """Predictions name a case by its number, or by its name in a snapshot, which this workspace's key makes
    anew.
    """
    from pipeline.curation.predictions import PredictionsError

    by_number = {str(case_id): case_id for case_id in cases}
    by_row = _row_names(snapshot, workspace, cases) if snapshot else {}

    def case_of(column: str, value: str) -> int | None:
        if column == "case_id":
            return by_number.get(value)
        if not snapshot:
            raise PredictionsError("row_id is a name within one snapshot; say which with --snapshot")
        return by_row.get(value)

    return case_of


def _row_names(snapshot: str, workspace: Workspace, cases: Sequence[int]) -> dict[str, int]:
    from db.access.desk_key import load_or_create_desk_key
    from pipeline.curation.links import snapshot_key

    key = snapshot_key(load_or_create_desk_key(workspace), snapshot)
    return {key.row_id(case_id): case_id for case_id in cases}


def _write(output: Path, scores: Sequence[NoiseScore], *, overwrite: bool) -> None:
    from labeling.spreadsheet_safe import spreadsheet_safe
    from labeling.whole_files import whole_file

    try:
        with (
            whole_file(output, overwrite=overwrite) as partial,
            partial.open("w", encoding="utf-8", newline="") as file,
        ):
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            table.writerows(
                (one.case_id, f"{one.score:.6f}", one.field, spreadsheet_safe(one.reason)) for one in scores
            )
    except FileExistsError as error:
        raise EchoDeskError(f"{output} exists", "Name another file, or add --overwrite.") from error
    except OSError as error:
        raise EchoDeskError(
            f"{output} cannot be written", "Is the folder there, and is there room?"
        ) from error


def _say(scores: Sequence[NoiseScore], labels: int, issues: int, output: Path | None) -> None:
    say_table(
        ["record", "score", "field", "reason"],
        [[one.case_id, round(one.score, 3), one.field, one.reason] for one in scores[:LINES_ON_SCREEN]],
    )
    if len(scores) > LINES_ON_SCREEN:
        say(f"… and {len(scores) - LINES_ON_SCREEN} more")
    say(f"\nThe {len(scores)} most suspicious of {counted(labels, 'label')}.")
    say(
        f"{counted(issues, 'label')} more likely wrong than right, if the assumptions of docs/label-noise.md hold."
    )
    if output is not None:
        say(f"Written to {output}. To have them read again: echodesk enqueue {output}")
    else:
        say("To have them read again: echodesk suspects -o suspects.csv, then echodesk enqueue suspects.csv")
