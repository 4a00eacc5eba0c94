"""Mild, moderate, severe: which grade word belongs to a wall-motion term."""

from __future__ import annotations

import re

from db.labels import RwmaSeverity
from labeling.fields.wall_patterns import BETWEEN_GRADE_AND_NOUN, GRADE

_ORDER = [RwmaSeverity.NOT_STATED, RwmaSeverity.MILD, RwmaSeverity.MODERATE, RwmaSeverity.SEVERE]


def worst(severities: object) -> RwmaSeverity:
    return max(severities, key=_ORDER.index)  # type: ignore[call-overload,no-any-return]


def grade_before(text: str, start: int) -> RwmaSeverity:
    """The grade word that modifies the noun starting at `start`, if nothing but wall words stands between."""
    worst = RwmaSeverity.NOT_STATED
    for match in GRADE.finditer(text, max(0, start - 90), start):
        between = text[match.end() : start]
        if match.group() in ("gross", "significant") or not BETWEEN_GRADE_AND_NOUN.fullmatch(between):
            continue
        worst = max(worst, RwmaSeverity(match.group()), key=_ORDER.index)
    return worst


def grade_of_kinesia(text: str, match: re.Match[str]) -> RwmaSeverity:
    before = text[: match.start()]
    graded = RwmaSeverity.NOT_STATED
    for grade in GRADE.finditer(before, max(0, match.start() - 70)):
        between = before[grade.end() :]
        if grade.group() in ("gross", "significant") or not BETWEEN_GRADE_AND_NOUN.fullmatch(between):
            continue
        if re.search(r"kinesia|global", between):
            continue
        graded = max(graded, RwmaSeverity(grade.group()), key=_ORDER.index)
    if graded is RwmaSeverity.NOT_STATED:
        after = re.match(
            r"\s*[,(-]*\s*(?:of )?(mild|moderate|severe)(?:\s+(?:degree|grade|in (?:degree|"
            r"severity)))?\s*(?:\)|$|[.;])",
            text[match.end() :],
        )
        if after:
            return RwmaSeverity(after.group(1))
    return graded
