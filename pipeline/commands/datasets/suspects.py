"""`echodesk suspects`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import EchoDeskError
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, reading
from pipeline.commands.terminal import complain, counted, say, say_json, say_table

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.curation.records import LabelledRecord, NoiseScore, Prediction

USUAL_SHARE = 0.10
LINES_ON_SCREEN = 20


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
    from pipeline.curation.suspects_file import write_suspects

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
        write_suspects(output, first, overwrite=overwrite)
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

    with reading(workspace) as session:
        return labelled_records(session)


def _predictions(
    file: Path, snapshot: str | None, workspace: Workspace, records: Sequence[LabelledRecord]
) -> tuple[Mapping[int, Prediction], int]:
    """Predictions by case; rows of a snapshot are named anew with this workspace's key."""
    from db.access.desk_key import load_or_create_desk_key
    from pipeline.curation.predictions import case_finder, load_predictions
    from pipeline.dataset.rekeying import SnapshotKey

    key = SnapshotKey(load_or_create_desk_key(workspace), snapshot) if snapshot else None
    return load_predictions(file, case_finder([record.case_id for record in records], key))


def _say(scores: Sequence[NoiseScore], labels: int, issues: int, output: Path | None) -> None:
    say_table(
        ["record", "score", "field", "reason"],
        [[one.case_id, round(one.score, 3), one.field, one.reason] for one in scores[:LINES_ON_SCREEN]],
    )
    if len(scores) > LINES_ON_SCREEN:
        say(f"… and {len(scores) - LINES_ON_SCREEN} more")
    say(f"\nThe {len(scores)} most suspicious of {counted(labels, 'label')}.")
    say(
        f"{counted(issues, 'label')} more likely wrong than right, "
        "if the assumptions of docs/label-noise.md hold."
    )
    if output is not None:
        say(f"Written to {output}. To have them read again: echodesk enqueue {output}")
    else:
        say("To have them read again: echodesk suspects -o suspects.csv, then echodesk enqueue suspects.csv")
