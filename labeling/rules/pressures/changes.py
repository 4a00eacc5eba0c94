"""Numbers that are a difference and no value: "EF down by 10 %", "a fall in RVSP of 20 mmHg", "PASP 15 "
"lower"."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.ef_patterns import LABEL
from labeling.rules.kinds.passages import LineKind, Passage
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL

_NUMBER: Final = r"(?P<number>\d{1,2}(?:\.\d)?)\s*(?:%|mm\s?hg|mmhg|points?)?(?!\s*(?:-|to)\s*\d)"
_MOVED: Final = (
    r"(?:fall|fell|fallen|drop|dropped|decrease[sd]?|decline[sd]?|loss|lost|rise|risen|rose|gain(?:ed)?|"
    r"increase[sd]?|"
    r"improve(?:d|ment)?|reduc(?:ed|tion)|raised|elevated|worse(?:ned)?|better|lower|higher|down|up|"
    r"differen(?:ce|t)|"
    r"change[sd]?|gone|went|come|came)"
)
_ANY_MOVE: Final = re.compile(
    rf"\b{_MOVED}\b|\b(?:less|more|within|differs?|var(?:y|ies|ying|iation)|below|above)\b"
)
# "... down by 10 %", "... decrease of 10 %", "... rise 10 %".
_BEHIND: Final = re.compile(
    rf"\s*(?:[:,]\s*)?(?:(?:is|was|has|have|had)\s+)?(?:{_MOVED}\s+)+(?:by|of)\s+(?:about |around |some "
    rf")?{_NUMBER}|"
    rf"\s+(?:rise|fall|drop|gain|difference|change)\s+{_NUMBER.replace('number', 'second')}|"
    rf"\s+(?:up|down)\s+{_NUMBER.replace('number', 'third')}|"
    # "EF has dropped 15 %", "EF within 5 % of before", "RVSP lower than before by 20 mmHg".
    rf"\s+(?:(?:has|have|had)\s+)?(?:dropped|fell|fallen|risen|rose|increased|decreased|declined|improved)\s+"
    rf"(?:about |around |some )?(?P<fourth>\d{{1,2}}(?:\.\d)?\s*(?:%|mm\s?hg))|"
    rf"\s+(?:is |was |has |have )?(?:within|differs?(?: by)?|var(?:ies|ied|ying)(?: by)?|variation(?: of)?|"
    rf"changed? by|difference(?: between [a-z]+)?(?: of| is)?|change[ :]+[+-]?)\s*"
    rf"(?:less than |more than |about |only |no more than )*{_NUMBER.replace('number', 'fifth')}|"
    rf"\s+(?:is |was )?{_MOVED}\s+than (?:before|last \w+|previously)\s+by\s+"
    rf"{_NUMBER.replace('number', 'sixth')}|"
    # "RVSP 20 mmHg below systemic".
    rf"\s*(?:is |was |[:=] ?)?(?P<seventh>\d{{1,2}}\s*mm\s?hg) (?:below|above|under|over) "
    r"(?:the )?(?:systemic|systolic|blood|bp|aortic|arm|cuff|baseline|previous)\b"
)
# "A fall in EF of 10 %".
_BEFORE: Final = re.compile(
    r"\b(?:fall|drop|decrease|decline|loss|rise|gain|increase|improvement|reduction|difference|change) "
    r"(?:in|of) "
    r"(?:the |his |her |estimated )*$"
)
_OF: Final = re.compile(rf"\s+(?:of|by)\s+(?:about |around |some )?{_NUMBER}")
# "EF 10 % lower".
_MORE_OR_LESS: Final = re.compile(
    rf"\s*(?:is |was |now )?{_NUMBER}\s*(?:lower|higher|less|more|better|worse|down|up)\b(?! to)"
)
# Up to here a number may be the difference; a larger one may be the value itself.
_LARGEST: Final = {"ef": 25.0, "pressure": 30.0}


def difference_passages(text: str) -> list[Passage]:
    """The differences of an EF or a pressure, nobody's values; a person should look where no other is "
    "told."""
    found: list[Passage] = []
    if not _ANY_MOVE.search(text):
        return found
    for kind, names in (("ef", LABEL), ("pressure", RVSP_LABEL)):
        for name in names.finditer(text):
            told = _told_behind(text, name)
            if told and _size_of(told) <= _LARGEST[kind]:
                start = next(told.start(part) for part, one in enumerate(told.groups(), 1) if one)
                found.append(Passage(start, told.end(), LineKind.TARGET))
    return found


def _size_of(told: re.Match[str]) -> float:
    number = re.match(r"[\d.]+", next(one for one in told.groups() if one))
    return float(number.group()) if number else 0.0


def _told_behind(text: str, name: re.Match[str]) -> re.Match[str] | None:
    """The difference that stands behind a name, by the words around it."""
    told = _BEHIND.match(text, name.end()) or _MORE_OR_LESS.match(text, name.end())
    if told is None and _BEFORE.search(text, max(0, name.start() - 40), name.start()):
        told = _OF.match(text, name.end())
    return told
