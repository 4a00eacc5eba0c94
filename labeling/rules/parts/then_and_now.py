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
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_EVENT: Final = (
    r"(?:(?:the |her |his |valve |mitral |device )*(?:surgery|operation|op\b|closure|repair|replacement|"
    r"treatment|therapy|ptmc|bmv|pci|mvr|avr|tavi|dvr|delivery|dialysis|admission|valvotomy|surgical))"
)
_THEN: Final = (
    rf"(?:(?:before|prior to) {_EVENT}|pre[- ]?{_EVENT}|(?:at|on) (?:admission|baseline|presentation)|"
    r"before|earlier|previously|initially|then|once|formerly|back then|at that time|in the past|"
    r"(?:on|in) (?:the )?(?:last|first|previous|prior|earlier|old|outside) \w+|"
    r"(?:at |in |on )?(?:the )?(?:last|first|previous) \w+|"
    rf"(?:(?:in|of|on|back in) )?(?:{_MONTH}\.? )?(?:19|20)\d\d|in {_MONTH}|"
    r"(?:\d+|one|two|three|six) (?:years?|months?|weeks?|days?) (?:ago|back|before|earlier))"
)
_NOW: Final = (
    rf"(?:now|today|currently|presently|at present|this time|(?:in|on|at) this (?:one|study|scan|visit|echo)|"
    rf"(?:after|post)[- ]?{_EVENT})"
)
_AND: Final = r"[\s,;:.()-]*(?:(?:and|but|it|is|has|become|only|down|to|then|was)\b[\s,;:()]*)*"
# Nothing else is graded: "now moderate TR".
_END: Final = rf"(?:\s+{_TERM})?(?=\s*(?:$|[.,;)\n\v]|with\b|and\b))"
_NOW_END: Final = rf"(?:\s+{_TERM})?[\s(]+{_NOW}\b"
_WAS: Final = r"(?:was |were |had been )?"
_CHANGED: Final = (
    r"(?:(?:has |have |had |is )?(?:come|came|gone|went|fallen|fell|improved|regressed|decreased|reduced|"
    r"worsened|increased|progressed|deteriorated|risen|rose|changed|up|down)[\s,]*(?:down |up )?)"
)
_ONCE: Final = r"(?:(?:it )?was )?(?:previously|previous|earlier|formerly|once)(?: was| ?:)?"
# Which of the two comes first, and where the pressure is named, differs; the one of now is kept.
_TWICE: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        # "PH severe before surgery, now moderate", "Pulmonary hypertension was moderate and is now mild".
        rf"{_TERM}[\s,:(-]*(?:(?:was|were|had been) {_OLD}[\s,.;(]+(?:{_THEN}\b)?|{_OLD}[\s,(]+{_THEN}\b)"
        rf"{_AND}{_NOW}{_AND}(?P<new>{_GRADE})\b{_END}",
        # "PAH severe at admission, moderate today", "PAH: severe (pre-op), moderate (now)".
        rf"{_TERM}[\s,:(-]*{_WAS}{_OLD}[\s,(]+{_THEN}\b{_AND}(?P<new2>{_GRADE}){_NOW_END}",
        # "Severe PAH before PTMC, now mild PAH".
        rf"{_OLD}\s+{_TERM}[\s,(]+{_THEN}\b{_AND}{_NOW}{_AND}(?P<new3>{_GRADE})\b{_END}",
        # "Previously severe PAH, now moderate", "Pre PTMC severe PAH, post PTMC mild PAH".
        rf"\b(?:previously|then|once|formerly|earlier|pre[- ]?{_EVENT}|before "
        rf"{_EVENT})[\s:,]+{_OLD}\s+{_TERM}"
        rf"{_AND}{_NOW}{_AND}(?P<new4>{_GRADE})\b{_END}",
        # "Severe PH pre-op, mild PH now".
        rf"{_OLD}\s+{_TERM}[\s,(]+{_THEN}\b{_AND}(?P<new5>{_GRADE}){_NOW_END}",
        # "PAH mild now, severe before surgery".
        rf"{_TERM}[\s,:(-]*(?P<new6>{_GRADE})[\s(]+{_NOW}[\s,;)(]+{_WAS}{_OLD}[\s(]+{_THEN}\b",
        # "PAH has come down from severe to moderate", "PAH from mild to severe".
        rf"{_TERM}\s+{_CHANGED}?from {_OLD} to (?P<new7>{_GRADE})\b",
        # "PAH then severe, now mild", "Then PAH severe, now mild", "PAH once severe, now moderate".
        rf"(?:{_TERM}[\s,:(-]*{_WAS}{_THEN}|\b(?:then|once|formerly|earlier|"
        rf"before)[\s,:]+{_TERM}[\s:,-]*{_WAS})"
        rf"[\s:,]*{_OLD}{_AND}{_NOW}{_AND}(?P<new8>{_GRADE})\b{_END}",
        # "Severe PAH has become mild", "PAH no longer severe, now moderate".
        rf"(?:{_OLD}\s+{_TERM}\s+(?:has |have |is )?(?:now )?(?:become|became|turned|changed to|come down to|"
        rf"improved to|regressed to|progressed to|worsened to|fallen to|down to|now|no longer seen[ ,]+)|"
        rf"{_TERM}\s+(?:is |was )?no longer {_OLD}{_AND}(?:{_NOW}\s+|only\s+|but\s+)+)\s*(?:only )?"
        rf"(?P<new9>{_GRADE})\b{_END}",
        # "PAH was severe. It is mild now."
        rf"{_TERM}[\s,:-]*(?:was|were|had been) {_OLD}[\s,;.(]+{_AND}(?P<new14>{_GRADE}){_NOW_END}",
        # "Moderate PAH, previously severe", "PAH moderate (earlier severe)", "No PAH, previously severe".
        rf"\b(?P<new16>{_GRADE})\s+{_TERM}[\s,;(-]+{_ONCE}\s+{_OLD}\b\)?{_END}",
        rf"{_TERM}[\s:=-]*(?P<new17>{_GRADE})[\s,;(]+{_ONCE}\s+{_OLD}\b\)?{_END}",
        # "PAH severe -> mild".
        rf"{_TERM}[\s:-]*{_OLD}\s*(?:-+>|=>|\u2192)\s*(?P<new10>{_GRADE})\b{_END}",
        # "No severe PH; it is mild", "PAH not severe, only moderate", "PAH is not severe but mild".
        rf"\b(?:no|not) {_OLD}\s+{_TERM}[\s,;:.-]+(?:(?:it|this|but|is|only|just|rather|merely)\s+)+"
        rf"(?P<new11>mild|moderate)\b{_END}",
        rf"{_TERM}[\s:,]+(?:is |was )?(?:not|no longer) {_OLD}[\s,;:-]+(?:(?:it|but|is|only|just|rather|"
        rf"merely|"
        rf"now)\s+)+(?P<new12>mild|moderate)\b{_END}",
        rf"\bno longer {_OLD}\s+{_TERM}{_AND}(?:{_NOW}|only|just){_AND}(?P<new15>{_GRADE})\b{_END}",
        rf"\b(?:not|no) {_OLD}[\s,]+(?:(?:but|only|just|rather|merely)\s+)+(?P<new13>mild|"
        rf"moderate)\s+{_TERM}",
    )
)
# "PAH severe (2019), mild (2024)": the later year counts.
_DATED: Final = re.compile(
    rf"{_TERM}[\s:,-]*(?P<g1>{_GRADE})[\s(]+(?:in |of )?(?P<y1>(?:19|20)\d\d)[\s),;/]+(?:and |but )?"
    rf"(?P<g2>{_GRADE})[\s(]+(?:in |of )?(?P<y2>(?:19|20)\d\d)\)?"
)

_ANY_GONE: Final = re.compile(r"\b(?:resolved|resolution|disappeared|gone|vanished|cleared|no longer)\b")
# "PAH has resolved", "resolved PAH".
_GONE: Final = re.compile(
    rf"(?P<lead>\b(?:if|when|once|until|unless|hop\w+|not|never)\b[^.;\n]{{0,20}})?(?:\b{_OLD}\s+)?"
    rf"(?:{_TERM}\s+(?:(?:has|have|had|is|now|since|completely|fully|meanwhile)\s+)*"
    rf"(?:resolved|disappeared|gone|vanished|cleared|"
    r"no longer (?:seen|present|there|noted|evident|found|detect\w+))\b(?!,? (?:only|but|now)\b)|"
    rf"\b(?:completely |fully )?resolved\s+{_TERM}|"
    rf"\b(?:complete |full )?resolution of (?:(?:the|his|her|previous|prior|known|{_OLD})\s+)*{_TERM})"
)


# Looking for a sentence with a grade and a word for another one first costs next to nothing.
_OF_NOW: Final = re.compile(
    r"\b(?:now|today|currently|presently|at present|after|post|"
    r"previous(?:ly)?|earlier|formerly|once|to (?:mild|moderate|severe|no|none|nil)|"
    r"this (?:time|one|study|scan|visit|echo)|become|became|turned|longer|not? (?:mild|moderate|severe)|"
    r"(?:19|20)\d\d)\b|>|\u2192"
)
_STOP: Final = re.compile(r"[\n\v]|$")
_GRADED: Final = re.compile(r"\b(?:mild|moderate|severe)\b")


def grades_of_now(normal: NormalText) -> NormalText:
    """The text with the pressure's grade of now alone, where its sentence gives that of another day too."""
    for start, end in reversed(_sentences(normal.text)):
        found = (pattern.search(normal.text, start, end) for pattern in _TWICE)
        twice = next((one for one in found if one), None)
        if twice:
            new = next(grade for grade in twice.groups() if grade)
            normal = written(normal, *twice.span(), f"pah: {new}")
        elif dated := _DATED.search(normal.text, start, end):
            later = "g2" if dated.group("y1") < dated.group("y2") else "g1"
            normal = written(normal, *dated.span(), f"pah: {dated.group(later)}")
    if not _ANY_GONE.search(normal.text):
        return normal
    for gone in reversed(list(_GONE.finditer(normal.text))):
        if not gone.group("lead"):
            normal = written(normal, *gone.span(), "pah: none")
    return normal


def _sentences(text: str) -> list[tuple[int, int]]:
    """The lines that grade the pressure and speak of now, in order."""
    found: list[tuple[int, int]] = []
    for word in _OF_NOW.finditer(text):
        start = max(text.rfind(sign, 0, word.start()) for sign in "\n\v") + 1
        stop = _STOP.search(text, word.end())
        end = stop.start() if stop else len(text)
        is_new = not found or found[-1][0] != start
        if is_new and _GRADED.search(text, start, end) and re.search(_TERM, text[start:end]):
            found.append((start, end))
    return found
