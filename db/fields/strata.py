"""The classes that records are divided by: the ejection fraction in bands, and what is rare among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from db.labels import EfState, Findings, Pah, Rwma, RwmaSeverity

EfStratum = Literal["normal", "mildly_reduced", "moderately_reduced", "severely_reduced"]

# From the best function to the worst, then why there is no number.
EF_STRATA: Final[tuple[str, ...]] = get_args(EfStratum)
EF_BANDS: Final = (*EF_STRATA, EfState.NOT_STATED.value, EfState.UNREADABLE.value)

# Grades in their order; what is no grade (not stated, unreadable, ungraded) is a gap for measures of grades.
GRADES: Final = ("none", "mild", "moderate", "severe")

# The lowest ejection fraction of each stratum, percent. Source: seed paper, table 1.
STRATUM_FLOORS: Final[dict[EfStratum, float]] = {
    "normal": 50,
    "mildly_reduced": 40,
    "moderately_reduced": 30,
    "severely_reduced": 0,
}


def ef_stratum(ef_percent: float) -> EfStratum:
    """The product's default EF band: >=50, 40-49, 30-39, <30 percent. Source: seed paper, table 1."""
    for stratum, floor in STRATUM_FLOORS.items():
        if ef_percent >= floor:
            return stratum
    return "severely_reduced"


def ef_band(record: Mapping[str, Any]) -> str:
    """The stratum of a record given by its columns, or `not_stated` / `unreadable`."""
    percent = record["ef_percent"]
    return str(record["ef_state"]) if percent is None else ef_stratum(percent)


def is_rare(findings: Findings) -> bool:
    """Whether a record is of a small stratum: EF below 40, a graded wall-motion finding, severe PAH."""
    is_low = findings.ef_percent is not None and findings.ef_percent < STRATUM_FLOORS["mildly_reduced"]
    graded = (RwmaSeverity.MODERATE, RwmaSeverity.SEVERE)
    is_graded = findings.rwma is Rwma.PRESENT and findings.rwma_severity in graded
    return is_low or is_graded or findings.pah is Pah.SEVERE
