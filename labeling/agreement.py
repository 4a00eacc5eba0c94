"""The traffic light: how much each field of a reading needs a person.

With one reader the light rests on the wording, the OCR's own certainty and the consistency checks. It is a rule,
not a calibrated probability, and says nothing about how often green is right.
"""

from __future__ import annotations

from db.labels import FIELDS, EfState, Light, Pah, Rwma
from labeling.readers.base import Reading

GREEN_MIN_CONFIDENCE = 0.80
AMBER_MIN_CONFIDENCE = 0.50
RED_MAX_CHECK_SCORE = 0.25


def light_of_fields(reading: Reading) -> dict[str, Light]:
    """Field name -> light, by the table: unreadable, ungrounded or contradicted is red; doubt is amber; else green."""
    return {field: _light(reading, field) for field in FIELDS}


def _light(reading: Reading, field: str) -> Light:
    if _is_unreadable(reading, field):
        return Light.RED
    if _has_value(reading, field) and field not in reading.evidence:
        return Light.RED
    issues = [check for check in reading.checks if check.field == field and check.is_issue]
    confidence = reading.confidence.get(field, 0.0)
    if any(check.score <= RED_MAX_CHECK_SCORE for check in issues) or confidence < AMBER_MIN_CONFIDENCE:
        return Light.RED
    if issues or confidence < GREEN_MIN_CONFIDENCE:
        return Light.AMBER
    return Light.GREEN


def _is_unreadable(reading: Reading, field: str) -> bool:
    findings = reading.findings
    states = {
        "ef_percent": findings.ef_state is EfState.UNREADABLE,
        "rwma": findings.rwma is Rwma.UNREADABLE,
        "pah": findings.pah is Pah.UNREADABLE,
        "rvsp_mmhg": bool(reading.unreadable_reason) and findings.rvsp_mmhg is None,
    }
    return states[field]


def _has_value(reading: Reading, field: str) -> bool:
    findings = reading.findings
    states = {
        "ef_percent": findings.ef_percent is not None,
        "rwma": findings.rwma in (Rwma.PRESENT, Rwma.ABSENT),
        "pah": findings.pah not in (Pah.NOT_STATED, Pah.UNREADABLE),
        "rvsp_mmhg": findings.rvsp_mmhg is not None,
    }
    return states[field]
