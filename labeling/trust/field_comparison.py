"""Do two records say the same about one field? The differences that matter are told from those of detail."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from db.labels import EfState, Findings, Pah, Rwma, RwmaSeverity


class Match(StrEnum):
    """How another reader's answer stands to ours.

    `found_by_other`: we have nothing, the other has a value; `missed_by_other`: the reverse; `no_say`: one of
    the two could not read it.
    """

    SAME = "same"
    DETAIL = "detail"
    DIFFERENT = "different"
    FOUND_BY_OTHER = "found_by_other"
    MISSED_BY_OTHER = "missed_by_other"
    NO_SAY = "no_say"


class Comparison(NamedTuple):
    """A match and, for `detail`, what differs: `operator`, `range`, `severity` or `walls`."""

    match: Match
    detail: str = ""


def compare_field(field: str, ours: Findings, theirs: Findings) -> Comparison:
    """Compare one field of two records."""
    if is_unreadable(ours, field) or is_unreadable(theirs, field):
        return Comparison(Match.NO_SAY)
    have, has = has_value(ours, field), has_value(theirs, field)
    if not have and not has:
        return Comparison(Match.SAME)
    if not have:
        return Comparison(Match.FOUND_BY_OTHER)
    if not has:
        return Comparison(Match.MISSED_BY_OTHER)
    if field == "ef_percent":
        return _compare_ef(ours, theirs)
    if field == "rwma":
        return _compare_rwma(ours, theirs)
    if field == "pah":
        return _compare_pah(ours.pah, theirs.pah)
    return Comparison(Match.SAME if ours.rvsp_mmhg == theirs.rvsp_mmhg else Match.DIFFERENT)


def has_value(findings: Findings, field: str) -> bool:
    """Whether the record states something for the field; `absent` and `none` are statements."""
    states = {
        "ef_percent": findings.ef_percent is not None,
        "rwma": findings.rwma in (Rwma.PRESENT, Rwma.ABSENT),
        "pah": findings.pah not in (Pah.NOT_STATED, Pah.UNREADABLE),
        "rvsp_mmhg": findings.rvsp_mmhg is not None,
    }
    return states[field]


def is_unreadable(findings: Findings, field: str) -> bool:
    """Whether the reader saw that something is there and could not make it out; a pressure has no such state."""
    states = {
        "ef_percent": findings.ef_state is EfState.UNREADABLE,
        "rwma": findings.rwma is Rwma.UNREADABLE,
        "pah": findings.pah is Pah.UNREADABLE,
    }
    return states.get(field, False)


def in_words(findings: Findings, field: str) -> str:
    """The field's value as it is shown: `35-40`, `>55`, `present (mild)`, `none`, `48`, `not_stated`."""
    if field == "ef_percent":
        return _ef_words(findings)
    if field == "rwma":
        graded = findings.rwma_severity not in (RwmaSeverity.NONE, RwmaSeverity.NOT_STATED)
        return f"{findings.rwma.value} ({findings.rwma_severity.value})" if graded else findings.rwma.value
    if field == "pah":
        return findings.pah.value
    return "not_stated" if findings.rvsp_mmhg is None else f"{findings.rvsp_mmhg:g}"


def _ef_words(findings: Findings) -> str:
    if findings.ef_percent is None:
        return findings.ef_state.value
    if findings.ef_low is not None and findings.ef_high is not None:
        return f"{findings.ef_low:g}-{findings.ef_high:g}"
    operator = "" if findings.ef_operator in (None, "=") else findings.ef_operator
    return f"{operator}{findings.ef_percent:g}"


def _compare_ef(ours: Findings, theirs: Findings) -> Comparison:
    if ours.ef_percent != theirs.ef_percent:
        return Comparison(Match.DIFFERENT)
    bounds = (ours.ef_low, ours.ef_high), (theirs.ef_low, theirs.ef_high)
    if bounds[0] != bounds[1]:
        # 30-45 and 35-40 have one midpoint and are two statements; 37.5 and 35-40 may be one.
        is_one_plain = (None, None) in bounds
        return Comparison(Match.DETAIL, "range") if is_one_plain else Comparison(Match.DIFFERENT)
    if ours.ef_operator != theirs.ef_operator:
        return Comparison(Match.DETAIL, "operator")
    return Comparison(Match.SAME)


def _compare_rwma(ours: Findings, theirs: Findings) -> Comparison:
    if ours.rwma is not theirs.rwma:
        return Comparison(Match.DIFFERENT)
    if ours.rwma_severity is not theirs.rwma_severity:
        is_one_ungraded = RwmaSeverity.NOT_STATED in (ours.rwma_severity, theirs.rwma_severity)
        return Comparison(Match.DETAIL, "severity") if is_one_ungraded else Comparison(Match.DIFFERENT)
    if ours.rwma_walls != theirs.rwma_walls:
        return Comparison(Match.DETAIL, "walls")
    return Comparison(Match.SAME)


def _compare_pah(ours: Pah, theirs: Pah) -> Comparison:
    if ours is theirs:
        return Comparison(Match.SAME)
    if Pah.PRESENT_UNSPECIFIED in (ours, theirs) and Pah.NONE not in (ours, theirs):
        return Comparison(Match.DETAIL, "severity")
    return Comparison(Match.DIFFERENT)
