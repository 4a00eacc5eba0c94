"""One grade for several names: "Moderate (MR, TR, PAH)", "MR, TR and PAH: all mild"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from labeling.rules.kinds.codes import written
from labeling.rules.normalise import NormalText

_GRADE: Final = r"(?:trivial|trace|mild|moderate|severe)"
_PAH: Final = r"(?:pah|p\.a\.h\b\.?|phtn|ph|pht|pulmonary (?:arterial |artery )?hypertension)"
_NAME: Final = (
    rf"(?:{_PAH}|mr|tr|ar|ai|pr|ms|as|lvh|rvh|[mta]\.[rs]\b\.?|p\.r\b\.?|"
    r"(?:[rl][va]|[rl]\.[va]\.) (?:dilatation|hypertrophy|enlargement|dysfunction)|"
    r"(?:mitral|tricuspid|aortic|pulmonary)(?: valve)? (?:regurgitation|stenosis|insufficiency))"
)
_AND: Final = r"\s*(?:[,/&+]|\band\b)\s*(?:and )?"
# A list has no more names; a line without end may.
_NAMES: Final = rf"(?P<names>{_NAME}(?:{_AND}{_NAME}){{1,12}})"
_END: Final = r"(?=\s*(?:$|[.;,)\n\v]))"
_BEFORE: Final = re.compile(
    rf"\b(?P<grade>{_GRADE})(?: all)?\s*(?:[:-]\s+|:|-+>|=>|\u2192|[ ]{{2,}}|(?P<open>\())\s*{_NAMES}"
    r"(?(open)\s*\)|(?=\s*(?:$|[.;,()\n\v])))",
    re.MULTILINE,
)
_BEHIND: Final = re.compile(
    rf"\b{_NAMES}\s*[:=,-]*\s*(?:(?:are |is |were )?(?:all|both|each)\s+|(?:are|were) )"
    rf"(?:(?:two|three|four|of) )?(?P<grade>{_GRADE})\b",
    re.MULTILINE,
)
# "P.A.H., R.V. dilatation (moderate, both)".
_ALL: Final = r"(?:all|both|each)"
_BRACKETED: Final = re.compile(
    rf"\b{_NAMES}\s*\(\s*(?:{_ALL}\s*,?\s*(?P<grade>{_GRADE})|(?P<first>{_GRADE})\s*,?\s*{_ALL})\s*\)"
)
# "Severe MR and TR with PAH of the same grade".
_SAME: Final = re.compile(
    rf"\b(?:(?P<grade>{_GRADE})\s+{_NAME}(?:{_AND}{_NAME}){{0,6}}|{_NAME}\s*\((?P<behind>{_GRADE})\))"
    rf",?\s+(?:with|and)\s+(?P<names>{_PAH})\s+"
    r"\(?(?:(?:of|to|in) )?(?:the |an? )?(?:same|similar|equal|like) (?:grade|degree|severity|extent)\b\)?"
)
# "Valves and pressures, all of mild degree:" over a list of names.
_HEAD: Final = re.compile(
    rf"(?:^|(?<=\n))[^\n:]{{0,60}}\b(?P<grade>{_GRADE})(?: (?:degree|grade|severity|in degree))?"
    r"(?:\s*:| (?:of )?(?:the )?(?:following|these)\s*:?)[ ]*"
    rf"(?P<list>(?:\n[ ]*(?:[.*-]|\d[.)])?[ ]*{_NAME}[ ]*[.,;]?(?=\n|$)){{2,}})"
)
# "Nil found of these:" over lines of names.
_ANY_NAME: Final = (
    rf"(?:[av]sd|{_NAME}|(?:l|s|r)?wma|pda|pfo|clots?|thromb(?:us|i)|(?:pericardial )?effusion|pe|"
    r"vegetations?|shunts?|mass|aneurysm|coarctation|stenosis|regurgitation)"
)
_NAMED_LINE: Final = (
    rf"[ ]*(?:[.*-]|\d[.)])?[ ]*{_ANY_NAME}(?:[ ]*(?:[,/&]|\band\b|\bor\b)[ ]*{_ANY_NAME})*[ ]*[.,;]?"
)
_NONE_OF: Final = re.compile(
    r"(?:^|(?<=[\n\v]))[ *]*(?:nil|none|no(?:ne)? evidence|absent)(?: (?:was |were |is |are )?"
    r"(?:found|seen|noted|present|detected))?(?: of)? (?:the |all )?(?:following|these)\s*:?"
    rf"(?P<list>(?:[\n\v]?{_NAMED_LINE}(?=[\n\v]|$))+)"
)


def shared_grades_written_out(normal: NormalText) -> NormalText:
    """The text with the grade beside each of several names that share it."""
    for start, end, words in sorted(_shared(normal.text), reverse=True):
        normal = written(normal, start, end, words)
    return normal


def _shared(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what stands there) of the shared grades that a pulmonary pressure is among."""
    end = 0
    for pattern in (_BEFORE, _BEHIND, _BRACKETED):
        for found in pattern.finditer(text):
            if found.start() >= end and re.search(_PAH, found.group("names")):
                names = re.findall(_NAME, found.group("names"))
                grade = found.group("grade") or found.group("first")
                yield *found.span(), ", ".join(f"{grade} {name}" for name in names)
                end = found.end()
    for found in _SAME.finditer(text):
        grade = found.group("grade") or found.group("behind")
        yield found.start("names"), found.end(), f"{grade} {found.group('names')}"
    for found in _NONE_OF.finditer(text):
        names = re.findall(_ANY_NAME, found.group("list"))
        yield *found.span(), ", ".join(f"no {name}" for name in names)
    for found in _HEAD.finditer(text):
        for name in re.finditer(_NAME, found.group("list")):
            at = found.start("list") + name.start()
            yield at, at + len(name.group()), f"{found.group('grade')} {name.group()}"
