"""How a value is said: on screen and in a list of cases, or as gold files print it."""

from __future__ import annotations

from db.labels import EfState, Findings, Pah, Rwma, RwmaSeverity


def has_value(findings: Findings, field: str) -> bool:
    """Whether the record states something for the field; `absent` and `none` are statements."""
    match field:
        case "ef_percent":
            return findings.ef_percent is not None
        case "rwma":
            return findings.rwma in (Rwma.PRESENT, Rwma.ABSENT)
        case "pah":
            return findings.pah not in (Pah.NOT_STATED, Pah.UNREADABLE)
        case _:
            return findings.rvsp_mmhg is not None


def is_unreadable(findings: Findings, field: str) -> bool:
    """Whether something is there that the reader could not make out; a pressure has no such state."""
    match field:
        case "ef_percent":
            return findings.ef_state is EfState.UNREADABLE
        case "rwma":
            return findings.rwma is Rwma.UNREADABLE
        case "pah":
            return findings.pah is Pah.UNREADABLE
        case _:
            return False


def in_words(findings: Findings, field: str) -> str:
    """The field's value as it is shown: `35-40`, `>55`, `present (mild)`, `none`, `48`, `not_stated`."""
    if field == "ef_percent":
        return _ef_in_words(findings)
    if field == "rwma":
        graded = findings.rwma_severity not in (RwmaSeverity.NONE, RwmaSeverity.NOT_STATED)
        return f"{findings.rwma.value} ({findings.rwma_severity.value})" if graded else findings.rwma.value
    if field == "pah":
        return findings.pah.value
    return "not_stated" if findings.rvsp_mmhg is None else f"{findings.rvsp_mmhg:g}"


def as_printed(findings: Findings, column: str) -> str:
    """One column of a record as gold files and reports print it; empty where there is none."""
    value = getattr(findings, column)
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ef_in_words(findings: Findings) -> str:
    if findings.ef_percent is None:
        return findings.ef_state.value
    if findings.ef_low is not None and findings.ef_high is not None and findings.ef_low < findings.ef_high:
        return f"{findings.ef_low:g}-{findings.ef_high:g}"
    operator = "" if findings.ef_operator in (None, "=") else findings.ef_operator
    return f"{operator}{findings.ef_percent:g}"
