"""The report's own words for left-ventricular systolic function, when it uses words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from labeling.rules.sections import Statement

Band = Literal["normal", "mildly_reduced", "reduced", "moderately_reduced", "severely_reduced"]

_CHAMBER = (
    r"(?:lv|l\.v\.?|left ventricular|global lv|global left ventricular|lv/rv|lv & rv|"
    r"lv and rv|biventricular|ventricular|cardiac)"
)
_GOOD = (
    r"(?:good|normal|preserved|fair|adequate|intact|well preserved|excellent|satisfactory|"
    r"low normal|within normal limits)"
)
_BAD = r"(?:reduced|impaired|depressed|decreased|poor|diminished|compromised)"
_GRADE = r"(?:mild|moderate|severe)(?:\s*(?:-|to)+\s*(?:moderate|severe))?"

_PHRASES = (
    re.compile(
        rf"\b(?P<good>{_GOOD})\s+(?:global\s+|resting\s+|overall\s+)?(?P<ch>{_CHAMBER})"
        rf"\s+(?:global\s+)?(?:systolic\s+)?(?:function|contractility|contraction|ef\b|"
        rf"ejection fraction)"
    ),
    re.compile(
        rf"\b(?P<ch>{_CHAMBER})\s+(?:global\s+)?(?:systolic\s+)?(?:function|contractility|ef|"
        rf"ejection fraction)\s*(?:is|was|are|appears|remains|:|-|=)?\s*(?:grossly\s+|"
        rf"globally\s+)?(?P<good>{_GOOD})\b"
    ),
    re.compile(
        rf"\b(?P<grade>{_GRADE})?\s*(?P<bad>{_BAD})\s+(?:global\s+)?(?P<ch>{_CHAMBER})"
        rf"\s+(?:global\s+)?(?:systolic\s+)?(?:function|contractility|ef\b|ejection fraction)"
    ),
    re.compile(
        rf"\b(?P<ch>{_CHAMBER})\s+(?:global\s+)?(?:systolic\s+)?(?:function|contractility|ef|"
        rf"ejection fraction)\s*(?:is|was|are|appears|remains|:|-|"
        rf"=)?\s*(?P<grade>{_GRADE})?\s*(?P<bad>{_BAD})\b"
    ),
    re.compile(
        rf"\b(?P<grade>{_GRADE}|significant|global)\s+(?P<ch>{_CHAMBER})"
        rf"\s+(?:global\s+)?(?:systolic\s+)?(?P<bad>dysfunction)"
    ),
    re.compile(r"\b(?P<good>normal|preserved)\s+(?:ejection fraction|ef\b|systolic function)"),
    re.compile(rf"\b(?P<grade>{_GRADE})\s+(?P<bad>impairment)\s+of\s+(?:lv\s+)?systolic function"),
)
_NOT_THIS = re.compile(r"\b(?:diastolic|no|without|rv|right|right ventricular|previous(?:ly)?|prior)\s*$")


@dataclass(frozen=True)
class FunctionWords:
    """One phrase and the band it names; offsets are in the normalised text, half-open."""

    start: int
    end: int
    band: Band
    section: str


def find_function_words(statements: Sequence[Statement]) -> FunctionWords | None:
    """The phrase that counts: the conclusion's if it has one, else the first."""
    found: list[FunctionWords] = []
    for statement in statements:
        if statement.section == "previous":
            continue
        for pattern in _PHRASES:
            for match in pattern.finditer(statement.text):
                if _NOT_THIS.search(statement.text[max(0, match.start() - 20) : match.start()]):
                    continue
                found.append(
                    FunctionWords(
                        statement.start + match.start(),
                        statement.start + match.end(),
                        _band(match),
                        statement.section,
                    )
                )
    return min(
        found, key=lambda f: (f.section != "conclusion", f.section == "history", f.start), default=None
    )


def _band(match: re.Match[str]) -> Band:
    groups = match.groupdict()
    if groups.get("good"):
        return "normal"
    grade = groups.get("grade") or ""
    if "severe" in grade:
        return "severely_reduced"
    if "moderate" in grade:
        return "moderately_reduced"
    return "mildly_reduced" if "mild" in grade else "reduced"
