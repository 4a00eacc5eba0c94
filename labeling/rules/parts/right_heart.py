"""What a sentence says of the right heart by itself, beside a wall of the left one: "..., RV normal"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from labeling.rules.wall_patterns import RIGHT_SIDE, WALL

_NAME: Final = (
    r"\b(?:the )?(?:rv|r\.v\.?|ra|right ventric\w+|right atri\w+|right heart)\b"
    r"(?:\s*(?:and|&|/|,|\s)\s*(?:the )?(?:rv|ra|la|right ventric\w+|right atri\w+|left atri\w+)\b)*"
)
_GRADE: Final = (
    r"(?:mild|moderate|severe|grossly|nearly|almost|barely|hardly|likewise|also|only|no longer|still|now)"
)
_HOW: Final = (
    r"(?:normal|dilated|enlarged|good|ok|fair|preserved|intact|impaired|reduced|depressed|poor|small|"
    r"hypertroph\w+|unremarkable|fine|nl|dil)"
)
_PART: Final = r"(?:(?:systolic|size|and|global|longitudinal|in|cavity|chamber|function|fraction)\s+)*"
_WHAT: Final = (
    r"(?:clots?|thromb\w+|mass|leads?|wire|function|size|dysfunction|dilatation|enlargement|"
    r"infarct\w*|failure|overload|hypertrophy)"
)
# How it moves is said of it, too, and stays: "RV dilated and hypokinetic", "mild RV free wall hypokinesia".
_STAYS: Final = (
    rf"(?!\s*(?:,|and|&|/)?\s*(?:(?:{_GRADE}|global|is|are|with|free|wall)\s+)*(?:hypo|a|dys)kinesia\b"
    rf"(?!\s+(?:(?:of|in)\s+)?(?:the\s+)?{WALL.pattern}))"
)
_SAID: Final = re.compile(
    rf"(?:{_NAME}\s+{_PART}(?:[:-]\s*|(?:is|are|was|were|appears?)\s+)?(?:{_GRADE}\s+|not\s+)*{_HOW}\b"
    rf"(?:\s+(?:in size|and function|size|function))*|"
    rf"(?:\b(?:{_GRADE}|{_HOW})\s+)*{_NAME}\s+{_PART}{_WHAT}\b|"
    rf"\b{_HOW}\s+(?:size\s+)?(?:la\s*[/&]\s*)?{_NAME}){_STAYS}|"
    rf"\b(?:without|no|with)\s+{_NAME}\s+involvement\b|\bleads? in {_NAME}(?:\s+apical)?"
)

# "LV and RV wall motion", "no RV or LV wall motion abnormality".
_LEFT: Final = r"(?:lv|l\.v\.?|left ventricular)"
_RIGHT: Final = r"(?:rv|r\.v\.?|right ventricular)"
_JOINT: Final = r"\s*(?:\band\b|\bor\b|\bnor\b|[&/,])\s*(?:the\s+)?"
OF_BOTH: Final = re.compile(rf"\b(?:{_LEFT}{_JOINT}{_RIGHT}|{_RIGHT}{_JOINT}{_LEFT})\b")


@lru_cache(maxsize=256)
def without_the_right_heart(text: str) -> str:
    """The text without what is said of the right heart's size and function; lengths stay."""
    return _SAID.sub(lambda found: " " * len(found.group()), text)


def is_of_the_right(lead: str, phrase: str = "") -> bool:
    """Whether a term is said of the right heart, by the words before it; "RV, no RWMA" is of the left."""
    own = lead.rsplit(",", 1)[-1]
    # "Global hypokinesia of RV, no RWMA": behind a comma a denial is of the left.
    lead = own if re.match(r"\s*(?:no|normal)\b|\s*$", own) else lead
    return RIGHT_SIDE.search(lead + phrase) is not None
