"""Signs before the names they answer: "(-) RWMA (+) PAH (-) thrombus"."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.cells import lines_of
from labeling.rules.kinds.codes import written
from labeling.rules.normalise import NormalText

_NAME: Final = (
    r"(?:rwma|swma|(?:regional )?wall[- ]motion abnormality|pah|ph|phtn|pulmonary (?:arterial )?hypertension|"
    r"(?:lv |la )?(?:clots?|thromb(?:us|i))|pe|(?:pericardial )?effusion|vegetations?|shunts?|[vai]sd|"
    r"pda|lvh|"
    r"aneurysm|mass|[mtap]r|[ma]s|sam|stenosis|regurgitation)"
)
_SIGN: Final = r"\(\s*(?P<sign>[+-])\s*(?:ve)?\s*\)"
_SIGNED: Final = re.compile(
    rf"{_SIGN}\s*(?P<grade>(?:mild|moderate|severe) )?(?P<name>\b{_NAME}\b)(?!\s*[:=])"
)
_ANY_NAME: Final = re.compile(rf"\b{_NAME}\b|\w\s*$")


def signs_written_out(normal: NormalText) -> NormalText:
    """The text with a word for each sign that stands before its name, in lines that begin with one."""
    found: list[re.Match[str]] = []
    for start, end in lines_of(normal.text):
        first = re.compile(_SIGN).search(normal.text, start, end)
        if first and not _ANY_NAME.search(normal.text, start, first.start()):
            found.extend(_SIGNED.finditer(normal.text, first.start(), end))
    for signed in reversed(found):
        name, grade = signed.group("name"), signed.group("grade") or ""
        there = f"; {grade}{name}" if grade else f"; {name}: present"
        words = there if signed.group("sign") == "+" else f"; no {grade}{name}"
        normal = written(normal, *signed.span(), words)
    return normal
