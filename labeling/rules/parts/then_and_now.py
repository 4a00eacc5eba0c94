"""One sentence that grades a pulmonary pressure twice: "PH severe before surgery, now moderate"."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.codes import written
from labeling.rules.normalise import NormalText
from labeling.rules.pulmonary_patterns import TERM

_GRADE: Final = r"(?:mild|moderate|severe|none|nil|no|absent)"
_OLD: Final = r"(?:mild|moderate|severe)(?: to (?:moderate|severe))?"
_TERM: Final = rf"(?:{TERM.pattern}|\bph\b)"
_EVENT: Final = (
    r"(?:(?:the |her |his |valve |mitral |device )*(?:surgery|operation|op\b|closure|repair|replacement|"
    r"treatment|therapy|ptmc|bmv|pci|mvr|avr|tavi|dvr|delivery|dialysis|admission|valvotomy|surgical))"
)
_THEN: Final = (
    rf"(?:(?:before|prior to) {_EVENT}|pre[- ]?{_EVENT}|(?:at|on) (?:admission|baseline|presentation)|"
    r"before|earlier|previously|initially|(?:at |in |on )?(?:the )?(?:last|first|previous) \w+)"
)
_NOW: Final = rf"(?:now|today|currently|at present|(?:after|post)[- ]?{_EVENT})"
_AND: Final = r"[\s,;:()-]*(?:(?:and|but|it|is|has|become|only|down|to|then|was)\b[\s,;:()]*)*"
# Nothing else is graded: "now moderate TR".
_END: Final = rf"(?:\s+{_TERM})?(?=\s*(?:$|[.,;)\n\v]|with\b|and\b))"
_NOW_END: Final = rf"(?:\s+{_TERM})?[\s(]+{_NOW}\b"
# Which of the two comes first, and where the pressure is named, differs; the one of now is kept.
_TWICE: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        # "PH severe before surgery, now moderate", "Pulmonary hypertension was moderate and is now mild".
        rf"{_TERM}[\s,:(-]*(?:(?:was|were|had been) {_OLD}[\s,(]+(?:{_THEN}\b)?|{_OLD}[\s,(]+{_THEN}\b)"
        rf"{_AND}{_NOW}{_AND}(?P<new>{_GRADE})\b{_END}",
        # "PAH severe at admission, moderate today", "PAH: severe (pre-op), moderate (now)".
        rf"{_TERM}[\s,:(-]*(?:was )?{_OLD}[\s,(]+{_THEN}\b{_AND}(?P<new2>{_GRADE}){_NOW_END}",
        # "Severe PAH before PTMC, now mild PAH".
        rf"{_OLD}\s+{_TERM}[\s,(]+{_THEN}\b{_AND}{_NOW}{_AND}(?P<new3>{_GRADE})\b{_END}",
        # "Previously severe PAH, now moderate", "Pre PTMC severe PAH, post PTMC mild PAH".
        rf"\b(?:previously|pre[- ]?{_EVENT}|before {_EVENT})[\s:,]+{_OLD}\s+{_TERM}{_AND}{_NOW}{_AND}"
        rf"(?P<new4>{_GRADE})\b{_END}",
        # "Severe PH pre-op, mild PH now".
        rf"{_OLD}\s+{_TERM}[\s,(]+{_THEN}\b{_AND}(?P<new5>{_GRADE}){_NOW_END}",
        # "PAH mild now, severe before surgery".
        rf"{_TERM}[\s,:(-]*(?P<new6>{_GRADE})[\s(]+{_NOW}[\s,;)(]+(?:was )?{_OLD}[\s(]+{_THEN}\b",
        # "PAH has come down from severe to moderate".
        rf"{_TERM}\s+(?:has |have )?(?:come|came|gone|went|fallen|fell|improved|regressed|decreased|reduced)"
        r"[\s,]*(?:down )?(?:from )?(?:mild|moderate|severe) to (?P<new7>mild|moderate)\b",
    )
)


# Looking for a sentence with a grade and a word for another one first costs next to nothing.
_OF_NOW: Final = re.compile(r"\b(?:now|today|currently|at present|after|post|to (?:mild|moderate))\b")
_STOP: Final = re.compile(r"[.\n\v]|$")
_GRADED: Final = re.compile(r"\b(?:mild|moderate|severe)\b")


def grades_of_now(normal: NormalText) -> NormalText:
    """The text with the pressure's grade of now alone, where its sentence gives that of another day too."""
    for start, end in reversed(_sentences(normal.text)):
        found = (pattern.search(normal.text, start, end) for pattern in _TWICE)
        twice = next((one for one in found if one), None)
        if twice:
            new = next(grade for grade in twice.groups() if grade)
            normal = written(normal, *twice.span(), f"pah: {new}")
    return normal


def _sentences(text: str) -> list[tuple[int, int]]:
    """The sentences that grade the pressure and speak of now, in order."""
    found: list[tuple[int, int]] = []
    for word in _OF_NOW.finditer(text):
        start = max(text.rfind(sign, 0, word.start()) for sign in ".\n\v") + 1
        stop = _STOP.search(text, word.end())
        end = stop.start() if stop else len(text)
        is_new = not found or found[-1][0] != start
        if is_new and _GRADED.search(text, start, end) and re.search(_TERM, text[start:end]):
            found.append((start, end))
    return found
