"""The known values that masking may be given: a table from outside the database, such as a manifest."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from db.errors import WrongUse
from pipeline.dataset.masking.patterns import KnownValues

# Columns of a manifest that say nothing a page would print.
_NOT_VALUES = frozenset({"patient_id", "report", "reports", "ecg", "layout", "form"})
_NAME_COLUMNS = ("name", "doctor", "ref", "consultant", "father", "husband", "guardian")


def load_known_values(path: Path, key_of: Callable[[str], str]) -> dict[str, KnownValues]:
    """Patient key -> what the patient's papers are known to say, from a table with a column `patient_id`.

    Every other column is a value to hide, wherever it is printed; those named after people are names. The
    database holds none of these: the table is read, used and forgotten.

    Args:
        key_of: an id as written -> the patient's key in the database.

    Raises:
        WrongUse: the table can't be read or has no column `patient_id`.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise WrongUse(
            f"the table of known values {path} can't be read", "Save it as CSV in UTF-8."
        ) from None
    if not rows or "patient_id" not in rows[0]:
        raise WrongUse(
            "the table of known values has no column patient_id", "Name the column of ids patient_id."
        )
    found: dict[str, KnownValues] = {}
    for row in rows:
        if not (row["patient_id"] or "").strip():
            continue
        key = key_of(row["patient_id"])
        before = found.get(key, KnownValues(others=(row["patient_id"].strip(),)))
        found[key] = _with_values(before, row)
    return found


def _with_values(known: KnownValues, row: dict[str, Any]) -> KnownValues:
    for column, value in row.items():
        is_value = bool(column) and column.lower() not in _NOT_VALUES
        if not is_value or not isinstance(value, str) or not value.strip():
            continue
        if any(word in column.lower() for word in _NAME_COLUMNS):
            known = replace(known, names=(*known.names, value.strip()))
        else:
            known = replace(known, others=(*known.others, value.strip()))
    return known
