"""Out-of-fold predictions of a trained model as a signal: the EF residual and the probability of wall motion.

Only predictions for cases the model was not trained on may be handed in. They are recalibrated on the labels
first, so that a model that is worth nothing says nothing.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from db.errors import EchoDeskError
from db.measures.label_errors import class_suspicion, number_suspicion
from pipeline.curation.links import rows_by_case
from pipeline.curation.records import LabelledRecord, Prediction, Signal, Weighed
from pipeline.dataset.rekeying import SnapshotKey

EF_COLUMN: Final = "ef_percent_predicted"
RWMA_COLUMN: Final = "rwma_probability"
ID_COLUMNS: Final = ("case_id", "row_id")
COLUMNS_HINT: Final = (
    f"The first row names the columns: case_id or row_id, and {EF_COLUMN} (percent), "
    f"{RWMA_COLUMN} (0-1) or both."
)


class _UnusableError(ValueError):
    """What is wrong with a file of predictions, and in which line."""


def case_finder(cases: Sequence[int], key: SnapshotKey | None) -> Callable[[str, str], int | None]:
    """(column, value of it) -> case: by its number, or by its name in the snapshot of the key."""
    by_number = {str(case_id): case_id for case_id in cases}
    by_row = rows_by_case(cases, key) if key else {}

    def case_of(column: str, value: str) -> int | None:
        if column == "case_id":
            return by_number.get(value)
        if key is None:
            raise _UnusableError("row_id is a name within one snapshot; say which with --snapshot")
        return by_row.get(value)

    return case_of


def load_predictions(
    file: Path, case_of: Callable[[str, str], int | None]
) -> tuple[dict[int, Prediction], int]:
    """Predictions by case, and how many lines are of no known case.

    Args:
        case_of: (column, value of it) -> case number, or None where there is none.

    Raises:
        EchoDeskError: the file cannot be read, or a line says what no prediction can say.
    """
    try:
        return _load(file, case_of)
    except _UnusableError as error:
        raise EchoDeskError(f"{file}: {error}", COLUMNS_HINT) from error
    except OSError as error:
        raise EchoDeskError(f"{file} cannot be read", "Name a CSV file of predictions.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise EchoDeskError(f"{file} is not a CSV file in UTF-8", COLUMNS_HINT) from error


def _load(file: Path, case_of: Callable[[str, str], int | None]) -> tuple[dict[int, Prediction], int]:
    found: dict[int, Prediction] = {}
    unknown = 0
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = reader.fieldnames or ()
        identity = next((name for name in ID_COLUMNS if name in columns), None)
        if identity is None or not {EF_COLUMN, RWMA_COLUMN} & set(columns):
            raise _UnusableError("the columns are not those of predictions")
        for row in reader:
            case_id = case_of(identity, (row.get(identity) or "").strip())
            if case_id is None:
                unknown += 1
                continue
            if case_id in found:
                raise _UnusableError(f"line {reader.line_num} is a second prediction for one case")
            found[case_id] = Prediction(
                _number(row.get(EF_COLUMN), EF_COLUMN, 100.0, reader.line_num),
                _number(row.get(RWMA_COLUMN), RWMA_COLUMN, 1.0, reader.line_num),
            )
    return found, unknown


def _number(written: str | None, name: str, highest: float, line: int) -> float | None:
    if not (written or "").strip():
        return None
    try:
        value = float(written or "")
    except ValueError:
        value = math.nan
    if not 0 <= value <= highest:
        raise _UnusableError(f"line {line}: {name} is a number from 0 to {highest:g}")
    return value


def model_signal(records: Sequence[LabelledRecord], predictions: Mapping[int, Prediction]) -> Signal:
    """What the model's predictions say about EF and wall motion."""
    return {**_ef_signal(records, predictions), **_rwma_signal(records, predictions)}


def _ef_signal(
    records: Sequence[LabelledRecord], predictions: Mapping[int, Prediction]
) -> dict[tuple[int, str], Weighed]:
    """A wrong EF is any patient's EF; a right one lies around the recalibrated prediction."""
    paired = []
    for record in records:
        predicted = predictions.get(record.case_id, Prediction()).ef_percent
        if record.ef_percent is not None and predicted is not None:
            paired.append((record.case_id, record.ef_percent, predicted))
    labels, given = (np.array([pair[place] for pair in paired], dtype=np.float64) for place in (1, 2))
    found = number_suspicion(labels, given)
    if found is None:
        return {}
    return {
        (case_id, "ef_percent"): Weighed(
            float(weight),
            f"From the ECG the model expects an EF near {middle:.0f}, the label is {label:g}."
            if weight > 0
            else "",
        )
        for (case_id, label, _), weight, middle in zip(paired, found.weights, found.expected, strict=True)
    }


def _rwma_signal(
    records: Sequence[LabelledRecord], predictions: Mapping[int, Prediction]
) -> dict[tuple[int, str], Weighed]:
    """The label's own recalibrated probability against how often the label occurs (confident learning)."""
    paired = []
    for record in records:
        predicted = predictions.get(record.case_id, Prediction()).rwma_probability
        if record.rwma_present is not None and predicted is not None:
            paired.append((record.case_id, record.rwma_present, predicted))
    labels = np.array([float(label) for _, label, _ in paired])
    weighed = class_suspicion(labels, np.array([predicted for _, _, predicted in paired]))
    if weighed is None:
        return {}
    found = {}
    rows = zip(paired, weighed.weights, weighed.expected, weighed.usual, strict=True)
    for (case_id, is_present, _), weight, own, usual in rows:
        said = "present" if is_present else "absent"
        reason = f"From the ECG the model gives “{said}” {own:.0%}, it is the label of {usual:.0%}."
        found[case_id, "rwma"] = Weighed(float(weight), reason if weight > 0 else "")
    return found
