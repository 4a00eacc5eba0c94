"""Mild, moderate, severe: which grade word belongs to a wall-motion term."""

from __future__ import annotations

import re
from collections.abc import Iterable

from db.labels import RwmaSeverity
from labeling.rules.wall_patterns import BETWEEN_GRADE_AND_NOUN, GRADE, LIST_OF_WALLS

_ORDER = [RwmaSeverity.NOT_STATED, RwmaSeverity.MILD, RwmaSeverity.MODERATE, RwmaSeverity.SEVERE]
_GRADE_BEHIND = re.compile(
    r"\s*(?:is |was |are |were )?(?:noted|seen|present|observed)?\s*"
    r"(?:\(\s*(?P<enclosed>mild|moderate|severe)(?:\s+degree)?\s*\)|"
    r"[,:-]\s*(?:of )?(?P<grade>mild|moderate|severe)(?:\s+(?:degree|grade|only|in (?:degree|severity))\b|\s*[.;]))"
)


def worst(severities: Iterable[RwmaSeverity]) -> RwmaSeverity:
    """The highest of several grades; `not_stated` counts least."""
    return max(severities, key=_ORDER.index)


def grade_before(text: str, start: int) -> RwmaSeverity:
    """The grade word that modifies the noun starting at `start`, if nothing but wall words stands between."""
    graded = [RwmaSeverity.NOT_STATED]
    for match in GRADE.finditer(text, max(0, start - 90), start):
        between = text[match.end() : start]
        if match.group() not in ("gross", "significant") and BETWEEN_GRADE_AND_NOUN.fullmatch(between):
            graded.append(RwmaSeverity(match.group()))
    return worst(graded)


def grade_after(text: str, end: int) -> RwmaSeverity:
    """The grade printed behind a term: "RWMA (mild)", "hypokinesia of the septum, moderate in degree"."""
    behind = _GRADE_BEHIND.match(text, end)
    if behind is None:
        walls = LIST_OF_WALLS.match(text, end)
        behind = _GRADE_BEHIND.search(text, end, end + 90) if walls else None
        if behind and not LIST_OF_WALLS.fullmatch(text[end : behind.start()]):
            behind = None
    if behind is None:
        return RwmaSeverity.NOT_STATED
    return RwmaSeverity(behind.group("grade") or behind.group("enclosed"))


def grade_of_kinesia(text: str, match: re.Match[str]) -> RwmaSeverity:
    """The grade of a hypokinesia: before it (not one that grades another kinesia or a global weakness), else
    behind.
    """
    graded = [RwmaSeverity.NOT_STATED]
    for grade in GRADE.finditer(text, max(0, match.start() - 70), match.start()):
        between = text[grade.end() : match.start()]
        if grade.group() in ("gross", "significant") or not BETWEEN_GRADE_AND_NOUN.fullmatch(between):
            continue
        if not re.search(r"kinesia|global", between):
            graded.append(RwmaSeverity(grade.group()))
    found = worst(graded)
    return found if found is not RwmaSeverity.NOT_STATED else grade_after(text, match.end())
