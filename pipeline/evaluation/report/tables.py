"""The tables as CSV files, and the out-of-fold predictions: numbers as in the results, unrounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from db.tabular import Column, Kind, csv_bytes
from pipeline.evaluation.answers import Answers
from pipeline.evaluation.report.facts import is_not_run

Row = dict[str, Any]

_ESTIMATE: Final = (
    Column("value", Kind.NUMBER),
    Column("low", Kind.NUMBER, "lower end of the 95 % interval"),
    Column("high", Kind.NUMBER, "upper end of the 95 % interval"),
    Column("n", Kind.INTEGER, "cases it rests on"),
)
ESTIMATE_COLUMNS: Final = (
    Column("part", Kind.TEXT, "key of results.json"),
    Column("measure", Kind.TEXT, "its place within the part"),
    *_ESTIMATE,
)
PREDICTION_COLUMNS: Final = (
    Column("row_id", Kind.TEXT, "the record, in its snapshot"),
    Column("patient_id", Kind.TEXT, "the patient, in this snapshot"),
    Column("fold", Kind.INTEGER, "the fold the record is in; its model never learnt from it"),
    Column("ef_percent", Kind.NUMBER, "the label, where there is one", "percent"),
    Column("ef_percent_predicted", Kind.NUMBER, "mean over shifted views", "percent"),
    Column("rwma", Kind.INTEGER, "the label: 1 significant, 0 not, empty where there is none"),
    Column("rwma_probability", Kind.NUMBER, "as the network says it, mean over shifted views"),
    Column("ef_spread", Kind.NUMBER, "standard deviation over seeds or views", "points"),
    Column("rwma_spread", Kind.NUMBER, "standard deviation over seeds or views"),
)

SUSPECT_COLUMNS: Final = (
    Column("row_id", Kind.TEXT, "the record, in its snapshot"),
    Column("field", Kind.TEXT, "which label looks wrong"),
    Column("score", Kind.NUMBER, "0-1, low is suspicious"),
    Column("is_issue", Kind.YES_NO, "more likely wrong than right"),
    Column("expected", Kind.NUMBER, "what the answers make likely"),
    Column("label", Kind.NUMBER, "the label held"),
)


def predictions_csv(answers: Answers) -> bytes:
    """One row a record, in the order of the run."""
    columns = {
        "row_id": list(answers.row_ids),
        "patient_id": answers.patients.tolist(),
        "fold": answers.folds.tolist(),
        "ef_percent": answers.ef_percent.tolist(),
        "ef_percent_predicted": answers.ef_said.tolist(),
        "rwma": [None if value < 0 else value for value in answers.rwma.tolist()],
        "rwma_probability": answers.rwma_said.tolist(),
        "ef_spread": answers.ef_spread.tolist(),
        "rwma_spread": answers.rwma_spread.tolist(),
    }
    rows = [
        {name: None if isinstance(value, float) and np.isnan(value) else value for name, value in row.items()}
        for row in (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    ]
    return csv_bytes(rows, PREDICTION_COLUMNS)


def suspects_csv(suspects: Sequence[Mapping[str, Any]]) -> bytes:
    """The records whose labels look wrong beside the answers, worst first."""
    return csv_bytes([dict(one) for one in suspects], SUSPECT_COLUMNS)


def csv_tables(data: Mapping[str, Any]) -> dict[str, bytes]:
    """File name -> content: every estimate of the results, one file a part; and the parts that are tables."""
    found = {}
    for part, value in data.items():
        rows = [{"part": part, "measure": place, **one} for place, one in _estimates(value, "")]
        if rows:
            found[f"{part}.csv"] = csv_bytes(rows, ESTIMATE_COLUMNS)
    return found


def _estimates(value: Any, place: str) -> Iterator[tuple[str, Row]]:
    """Every estimate in a part, with its place."""
    if isinstance(value, Mapping):
        if set(value) == {"value", "low", "high", "n"}:
            yield place, dict(value)
        elif not is_not_run(value):
            for name, inner in value.items():
                yield from _estimates(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _estimates(inner, f"{place}.{number}" if place else str(number))
