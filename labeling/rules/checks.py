"""Consistency checks of one reading: does each value agree with what else the report says?

Each check answers in one form (`db.labels.Check`): name, field, score 0-1 (low is suspicious), whether a
person should look, and a plain sentence for the annotator.
"""

from __future__ import annotations

from collections.abc import Mapping

from db.fields.names import FIELDS
from db.labels import SURROUNDINGS, Check, Findings, Pah, Rwma, RwmaSeverity

# EF bands a word may go with, percent, generous at the edges: reports round, and laboratories differ.
_BAND_LIMITS = {
    "normal": (45.0, 90.0, "normal or good"),
    "mildly_reduced": (35.0, 56.0, "mildly reduced"),
    "reduced": (5.0, 52.0, "reduced"),
    "moderately_reduced": (22.0, 46.0, "moderately reduced"),
    "severely_reduced": (5.0, 38.0, "severely reduced"),
}
# Systolic pressures, mmHg, that a printed grade usually goes with; wide on purpose, because laboratories
# differ.
_PAH_LIMITS = {
    Pah.NONE: (5.0, 42.0),
    Pah.MILD: (25.0, 52.0),
    Pah.MODERATE: (35.0, 75.0),
    Pah.SEVERE: (48.0, 200.0),
}


def check_findings(
    findings: Findings,
    *,
    function_band: str | None = None,
    is_contradicted: bool = False,
    territories: tuple[str, ...] = (),
) -> tuple[Check, ...]:
    """All checks that apply to a reading; checks that have nothing to compare are left out."""
    checks = (
        _ef_against_words(findings, function_band),
        _ef_range(findings),
        _rwma_against_walls(findings, is_contradicted),
        _walls_against_territory(findings, territories),
        _pah_against_mmhg(findings),
    )
    return tuple(check for check in checks if check is not None)


def _ef_against_words(findings: Findings, band: str | None) -> Check | None:
    if findings.ef_percent is None or band is None:
        return None
    low, high, words = _BAND_LIMITS[band]
    agrees = low <= findings.ef_percent <= high
    reason = (
        f"EF {findings.ef_percent:g} goes with “{words}” in the text."
        if agrees
        else f"EF {findings.ef_percent:g}, but the text calls the function {words}."
    )
    return Check(
        name="ef_against_words",
        field="ef_percent",
        score=1.0 if agrees else 0.1,
        is_issue=not agrees,
        reason=reason,
    )


def _ef_range(findings: Findings) -> Check | None:
    if findings.ef_low is None or findings.ef_high is None:
        return None
    width = findings.ef_high - findings.ef_low
    is_wide = width > 10
    width_words = "wider than usual" if is_wide else "of a usual width"
    reason = f"The range {findings.ef_low:g}–{findings.ef_high:g} is {width_words}."
    return Check(
        name="ef_range_width",
        field="ef_percent",
        score=0.4 if is_wide else 1.0,
        is_issue=is_wide,
        reason=reason,
    )


def _rwma_against_walls(findings: Findings, is_contradicted: bool) -> Check | None:
    if is_contradicted:
        reason = "One place says wall motion is abnormal, another says it is normal."
        return Check(name="rwma_against_text", field="rwma", score=0.2, is_issue=True, reason=reason)
    if findings.rwma is not Rwma.PRESENT:
        return None
    is_bare = not findings.rwma_walls and findings.rwma_severity is RwmaSeverity.NOT_STATED
    reason = "No wall and no grade is named." if is_bare else "A wall or a grade is named."
    return Check(
        name="rwma_against_walls", field="rwma", score=0.6 if is_bare else 1.0, is_issue=False, reason=reason
    )


def _walls_against_territory(findings: Findings, territories: tuple[str, ...]) -> Check | None:
    if findings.rwma is not Rwma.PRESENT or findings.rwma_walls or not territories:
        return None
    reason = f"The report names the {' and '.join(territories)} territory, and no wall."
    return Check(name="walls_against_territory", field="rwma", score=0.6, is_issue=False, reason=reason)


def _pah_against_mmhg(findings: Findings) -> Check | None:
    limits = _PAH_LIMITS.get(findings.pah)
    if limits is None or findings.rvsp_mmhg is None:
        return None
    agrees = limits[0] <= findings.rvsp_mmhg <= limits[1]
    word = "no PAH" if findings.pah is Pah.NONE else f"{findings.pah.value} PAH"
    reason = f"{findings.rvsp_mmhg:g} mmHg {'goes' if agrees else 'does not usually go'} with {word}."
    return Check(
        name="pah_against_mmhg", field="pah", score=1.0 if agrees else 0.2, is_issue=not agrees, reason=reason
    )


def check_surroundings(sentences: Mapping[str, str]) -> list[Check]:
    """One check for every field whose surroundings are not understood, with the sentence that says why.

    None is an issue by itself: the doubt stands in the reader's confidence, and where another engine's words
    are understood, it was the recognition's.
    """
    return [
        Check(name=SURROUNDINGS, field=field, score=0.6, is_issue=False, reason=sentences[field])
        for field in FIELDS
        if field in sentences
    ]
