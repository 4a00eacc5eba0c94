"""The answers that quality is told for, and when two records give the same one."""

from __future__ import annotations

from typing import Any, Final

from db.labels import Pah, Rwma, RwmaSeverity, ef_stratum

FIELDS: Final = ("ef", "rwma", "severity", "pah", "rvsp")

# How each field's answer is named in the tables, besides the number where it has one.
COLUMNS: Final = {"ef": "ef_state", "rwma": "rwma", "severity": "rwma_severity", "pah": "pah"}
NUMBERS: Final = {"ef": "ef_percent", "rvsp": "rvsp_mmhg"}

EF_BANDS: Final = (
    "severely_reduced",
    "moderately_reduced",
    "mildly_reduced",
    "normal",
    "not_stated",
    "unreadable",
)
RWMA_ANSWERS: Final = tuple(answer.value for answer in Rwma)
SEVERITY_ANSWERS: Final = tuple(answer.value for answer in RwmaSeverity)
PAH_ANSWERS: Final = tuple(answer.value for answer in Pah)

# Grades in their order; what is no grade (not stated, unreadable, ungraded) is a gap for measures of grades.
SEVERITY_GRADES: Final = ("none", "mild", "moderate", "severe")
PAH_GRADES: Final = ("none", "mild", "moderate", "severe")


def same_answer(field: str, one: Any, other: Any, *, tolerance: float) -> bool:
    """Whether two rows with findings columns give the same answer to a field.

    Args:
        tolerance: numbers this close are the same answer; percentage points for EF, mmHg for the pressure.
    """
    if field in COLUMNS and getattr(one, COLUMNS[field]) != getattr(other, COLUMNS[field]):
        return False
    if field not in NUMBERS:
        return True
    first, second = getattr(one, NUMBERS[field]), getattr(other, NUMBERS[field])
    if first is None or second is None:
        return first is second
    return bool(abs(first - second) <= tolerance)


def ef_answer(row: Any) -> str:
    """The EF band of a row with findings columns, or why it has none."""
    return str(row.ef_state) if row.ef_percent is None else ef_stratum(row.ef_percent)
