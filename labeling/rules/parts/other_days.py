"""Lines and sentences that open with another day, another person or another slip, and give their values."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.cells import DATE, lines_of
from labeling.rules.kinds.elsewhere import has_function_words
from labeling.rules.kinds.passages import FIELD_WORDS, LineKind, Passage, fields_named

_STUDY: Final = r"(?:study|echo\w*|report|scan|tte|exam\w*|visit|figures?|values?|results?|record|admission)"
_EVENT: Final = (
    r"(?:tavi|tavr|avr|mvr|cabg|surgery|closure|dialysis|treatment|pci|ptca|crt|therapy|chemo\w*|lysis|"
    r"procedure|operation|device|transplant\w*|ablation|valve\w*|balloon\w*|delivery|discharge)"
)
_LEAD: Final = re.compile(
    rf"(?:(?<=^)|(?<=[\n\v.(;]))[ *-]*(?:(?:prev(?:ious)?\.?|prior|earlier|last|old|outside|"
    rf"yesterday(?:'s)?) "
    rf"{_STUDY}|old (?:slip|paper|card|letter|summary)s?|"
    rf"(?:first|initial) {_STUDY}|"
    rf"(?:the )?(?:day )?before {_EVENT}|pre-?{_EVENT}|pre-?harvest|for comparison|donor {_STUDY}|"
    rf"(?:prev(?:ious(?:ly)?)?\.?|prior|earlier|past|old|last|before|then)(?=\s*:)|"
    rf"donor heart|recipient's old heart|yesterday's {_STUDY}|slip \d+)\b(?P<head>[^:\n\v;]{{0,60}}?)"
    r"(?::|,|-|(?=\s(?:lv)?ef\b))(?P<told>[^\n\v]*"
    # and on in the next line where this one ends in the middle of its sentence
    r"(?:(?<![.;])\v[^\n\v.;]*)?)"
)
# "... at that time his ejection fraction was 30 %", "whose EF had been 28 %".
_BACK_THEN: Final = re.compile(
    r"\b(?:at (?:that|the) time|back then|in those days|(?:whose|which|that|the|her|his|"
    r"their) [^.;\n\v]{0,40}?"
    r"had been)\b(?P<told>(?:[^.;\n]|\.(?=\d))*)"
)
# "(apical akinesia at that time, EF 40 %)".
_THAT_DAY: Final = re.compile(r"\((?P<told>[^()\n]*\bat (?:that|the) time\b[^()\n]*)\)")
# "Before surgery RVSP 85 mmHg with severe PAH."
_BEFORE_STEP: Final = re.compile(
    r"(?:^|(?<=[.;\n\v]))(?P<told>[^.;\n\v\d]{0,30}\b(?:before|prior to) (?:the |her |his )?"
    rf"(?:{_EVENT}|repair|replacement|bmv|dvr|valvotomy)\b(?![^.;\n\v]*\b(?:after|since|now|today|still|"
    rf"unchanged)\b)"
    r"[^.;\n\v]*)"
)
# "Mar: EF 61" above "Sep: EF 54 <- this report".
_ARROW: Final = re.compile(r"<\s?-+\s*(?:this|today|now|current|present|latest)\b[^\n\v]*")
_SHORT_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATED_LINE: Final = re.compile(
    rf"[ *-]*(?:{DATE.pattern}|{_SHORT_MONTH}(?: ?'?\d\d)?|(?:visit|week|month|day|year) \d+|"
    r"\d{1,2}/\d{2})[ ]*[:,-]?[ ]+[^\n\v]*"
)
# "Dx: severe PAH, EF 25 %", "MRI: EF 25 %", "2021 echo: EF 25 %", above what is found today.
_TOLD_FIRST: Final = re.compile(
    rf"(?:(?<=^)|(?<=[\n\v]))[ *-]*(?:(?:clinical |working |ward |admission )?(?:diagnosis|dx|details|"
    rf"information)|referral reason|reason for referral|background|pmh|past|hx|(?:cardiac )?mri|cmr|muga|"
    rf"spect|mpi|cag|"
    rf"lv ?gram|lv angio\w*|ventriculograph\w*|rhc|cath\w*|echo\w* elsewhere|(?:19|20)\d\d echo\w*|"
    rf"(?:2d )?(?:echo\w*|tte) (?:in )?(?:{_SHORT_MONTH} )?\(?(?:19|20)\d\d\)?|(?:echo\w*|tte) \d+ \w+ ago|"
    rf"in (?:19|20)\d\d (?:she|he|the patient) had)\b(?=[^\n\v:]{{0,12}}[:-]|\s+(?:lv)?ef\b|(?<=had))[^\n\v]*"
)
_BACK: Final = re.compile(
    r"(?:(?<=[.;)])|,)\s*(?:(?:it |and |but )*(?:is|are|has) )?(?:now|today|currently|after|at present|"
    rf"this (?:study|visit|echo\w*)|post[- ]?(?:{_EVENT}|op\w*)|new|present|current)\b"
)


def other_day_passages(text: str) -> list[Passage]:
    """What such a line tells, where a field it names is spoken of elsewhere: there is a study of today."""
    found: list[Passage] = []
    reach: dict[str, tuple[int, int]] = {}
    openings = (_LEAD, _BACK_THEN, _THAT_DAY, _BEFORE_STEP)
    for told in (one for opening in openings for one in opening.finditer(text)):
        reach = reach or _first_and_last(text)
        back = _BACK.search(text, told.start("told"), told.end())
        start, end = told.start(), back.start() if back else told.end()
        named = fields_named(text[start:end])
        if any(reach[field][0] < start or end < reach[field][1] for field in named if field in reach):
            found.append(Passage(start, end, LineKind.HISTORY, casts_doubt=True))
    return found + _beside_the_marked(text)


def told_first_passages(text: str) -> list[Passage]:
    """Lines of a diagnosis, of another test or another year, whose fields are all answered below them."""
    found = []
    for told in _TOLD_FIRST.finditer(text):
        named, below = fields_named(told.group()), text[told.end() :]
        if named and named <= _answered_in(below):
            found.append(Passage(*told.span(), LineKind.HISTORY, casts_doubt=True))
    return found


def _answered_in(text: str) -> frozenset[str]:
    """The fields that a text names, and the EF where the function of the left ventricle stands in words."""
    return fields_named(text) | ({"ef_percent"} if has_function_words(text) else set())


def _beside_the_marked(text: str) -> list[Passage]:
    """The dated lines of what a line tells, too, which an arrow says to be today's; and the arrow itself."""
    arrows = list(_ARROW.finditer(text))
    if len(arrows) != 1:
        return []
    own = [line for line in lines_of(text) if line[0] <= arrows[0].start() < line[1]]
    if not _DATED_LINE.match(text, *own[0]):
        return []
    named = fields_named(text[slice(*own[0])])
    others = [
        line
        for line in lines_of(text)
        if line != own[0] and _DATED_LINE.fullmatch(text, *line) and fields_named(text[slice(*line)]) & named
    ]
    besides = [*others, arrows[0].span()] if others else []
    return [Passage(*one, LineKind.HISTORY, leaves_doubt=False) for one in besides]


def _first_and_last(text: str) -> dict[str, tuple[int, int]]:
    """By field, where its words stand first and where they end last."""
    found = {}
    for field, words in FIELD_WORDS.items():
        places = [one.span() for one in words.finditer(text)]
        if places:
            found[field] = (places[0][0], places[-1][1])
    return found
