"""Exceptions: what is said to be normal, denied, or weak all over, but for a wall."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.lexicon import TERRITORIES
from labeling.rules.parts.right_heart import is_of_the_right
from labeling.rules.wall_patterns import KINESIA, WALL
from labeling.rules.walls.other_walls import without_things

# A septum that moves oddly for an electrical or surgical cause is no regional abnormality.
_ODD_SEPTUM: Final = re.compile(
    r"\b(?:paced|pacing|patch|paradox\w*|post-?op\w*|lbbb|dyssynch\w*|flatten\w*|bounce)\b"
)
_BUT_FOR: Final = (
    r"(?:except(?:ing|ed)?(?: for)?|apart from|aside from|other than|barring|save for|"
    r"(?:with )?the exception|but for|besides|beyond)"
)
_A_WALL: Final = rf"(?:(?:in|at|of|for|the|lv|an?|mid|distal|only)\s+)*{WALL.pattern}"
_REACH: Final = 60


def moves_oddly(text: str, start: int, end: int) -> bool:
    """Whether a stretch speaks of a septum that moves oddly for an electrical or surgical cause."""
    return _ODD_SEPTUM.search(text, start, end + _REACH) is not None


# "All segments except the apex", "normal in all segments but apex", "normal - except apex".
_EXCEPTS: Final = re.compile(
    r"(?:\s+(?:in|of|for|all|the|every|everywhere|throughout|segments?|walls?|lv|areas?|regions?)\b)*"
    rf"\s*[,(-]?\s*\b(?:{_BUT_FOR}|(?:but|bar|save|not|excluding)\s+(?={_A_WALL})|but (?:one|two|three)|"
    r"but (?:in|at|for)|but not)\b"
)


def excepts_a_part(text: str, start: int, end: int) -> bool:
    """Whether what is said to move normally leaves out a wall: "all segments except the apex"."""
    found = _EXCEPTS.search(text, start, end) or _EXCEPTS.match(text, end)
    if found is None or moves_oddly(text, start, end):
        return False
    return not is_of_something_else(text[found.end() :])


# "... but the septum is thickened", "... apart from the RV free wall", "..., the apex was not well seen".
_NO_MOTION: Final = re.compile(
    rf"[^.;,\n]{{0,30}}?{WALL.pattern}(?:\s+(?:walls?|segment|and|is|are|was|were|looks?|appears?|which|mild|"
    rf"moderate|severe|{WALL.pattern}))*\s+(?:thick\w*|hypertroph\w*|sigmoid\w*|calcif\w*|clot|thromb\w*|"
    r"(?:not|poorly) (?:well |clearly |fully )?(?:seen|visualised|assess\w*|imaged))\b|"
    r"(?:\s+(?:for|of|the|in|a))*\s+(?:rv|right ventricular)\b"
)


def is_of_something_else(rest: str) -> bool:
    """Whether what is excepted is no motion of a wall of the left ventricle."""
    return _NO_MOTION.match(rest) is not None and not KINESIA.search(re.split(r"[.;\n]", rest)[0])


# "Only the lateral wall ...", "14 of 17 segments ...", "Apart from the apex, ...": not all of it is normal.
_PART_AHEAD: Final = re.compile(
    r"(?:\b(?:only(?: \d{1,2})?|most|some|few|several|half of)|\b(?:one|two|three|four|five)|"
    r"\b(?P<some>\d{1,2})\s*(?:of|/|out of)\s*(?!(?P=some)\b)\d{1,2})\s+(?:of )?(?:the )?(?:lv )?"
    rf"(?:{WALL.pattern}\s+)*$|\b(?:nearly|almost|virtually|not)\s*$|"
    rf"(?:^|[.;]\s*)\s*{_BUT_FOR}\b"
    rf"(?:[^.;\n]{{2,40}},\s*(?:the )?(?:lv )?|[^.;,\n]{{0,20}}{WALL.pattern}[^.;,\n]{{0,20}})$|"
    # "All but the inferior wall contract normally".
    rf"\ball (?:{_BUT_FOR}|but)\s+{_A_WALL}[^.;,\n]{{0,20}}$"
)
# "... normally, the others do not", "... only at the base", "... anteriorly, abnormal inferiorly".
_PART_BEHIND: Final = re.compile(
    r"\s*only (?:at|in)\b|[^.\n]{0,30}[,;]\s*(?:but )?(?:the )?(?:others?|rest|"
    rf"{WALL.pattern}|inferiorly|anteriorly|laterally)\b[^.;,\n]{{0,20}}"
    r"\b(?:not|abnormal|reduced|barely|poorly|less|excepted|excluded)\b|"
    rf"[^.\n]{{0,30}}[,;]\s*(?:abnormal|reduced)\b|\s*,?\s*but not\b|\s*,\s*not\s+{_A_WALL}|"
    rf"\s+in\s+(?:the\s+)?{WALL.pattern}(?: wall| segment)? only\b"
)


def is_of_a_part(text: str, start: int, end: int) -> bool:
    """Whether what is said to move normally is a part: how the others move is for a person to see."""
    # The phrase itself may begin with a blank or with "17 ".
    named = re.compile(r"\s*(?:\d{1,2}\s+)?").match(text, start)
    lead = text[: named.end() if named else start]
    if _PART_AHEAD.search(lead):
        return True
    return _PART_BEHIND.match(text, end) is not None and not is_of_something_else(text[end:])


# "No hypokinesia except at the apex".
_OF_NONE: Final = re.compile(
    rf"\s*[,(]?\s*(?:{_BUT_FOR}|but(?= (?:in|at|of)\b))\s+{_A_WALL}"
    r"(?!\s*(?:\w+\s+){0,2}(?:lbbb|pac|paradox|due|(?:hypo|a|dys)kinesia))"
)
# "No hypokinesia of the inferior wall, only of the lateral", "inferior wall not hypokinetic, the lateral is".
_AFTER_ALL: Final = re.compile(
    rf"(?:\s+(?:of|in|at)\s+(?:(?:the|lv)\s+)*{WALL.pattern}(?: walls?| segment)?)?\s*,?\s*"
    rf"(?:(?:but|only)\s+(?:only\s+)?(?:of|in|at)\s+(?:the\s+)?{WALL.pattern}|"
    rf"(?:but\s+)?(?:the\s+)?{WALL.pattern}(?: walls?| segment| one)?\s+(?:is|are)\s*(?:$|[.;,]))"
)


def excepts_a_wall_of_none(after: str) -> bool:
    """Whether a denied kinesia is said to be in one wall after all; `after` is what stands behind it."""
    if _AFTER_ALL.match(after):
        return True
    after = re.sub(r"^\s*(?:segment|walls?|areas?)\b", "", after)
    return _OF_NONE.match(after) is not None and not moves_oddly(after, 0, 0)


# "RWMA: none except apex", "no RWMA was seen, except in the inferior wall", "RWMA nil, apex only".
_DENIED_BUT_FOR: Final = re.compile(
    rf"(?:\s*(?:in|of)\s+(?:the\s+)?(?:{WALL.pattern}|(?:{'|'.join(TERRITORIES)})\b)(?:\s+(?:wall|"
    rf"territory|segment))?(?=,))?"
    r"(?:\s*(?:[:=-]\s*)?(?:is |was |were |are |not |be )*(?:nil|none|no|absent|seen|noted|"
    r"present|found|detected|normal|at rest)\b)*"
    rf"(?:\s*[,(;-]*\s*(?:with )?(?:{_BUT_FOR}|(?P<but>but))\b(?! (?:for )?(?:paradox|post|paced))|"
    rf"\s*,\s*(?:the\s+)?{WALL.pattern}(?: wall)? only\b)"
)
# Where "but" opens no exception: "No RWMA but mild PAH", "no RWMA, but the inferior wall was not seen".
_OF_THE_BUT: Final = re.compile(
    rf"[^.;\n]*?(?:{WALL.pattern}|\b(?:{'|'.join(TERRITORIES)})\b|\b(?:hypo|a|dys)kinesia\b|\bwall\b|"
    rf"\bsegment\b)"
)
_NOT_SEEN: Final = re.compile(
    r"\bnot (?:well |clearly |fully )?(?:seen|visualised|assess\w*|imaged)\b|\bforeshortened\b"
)
# "Aside from the septum, no RWMA", "except for the inferior wall there is no RWMA", "no other RWMA than".
_DENIED_BUT_FOR_AHEAD: Final = re.compile(
    rf"(?:^|[.;])\s*(?:with )?{_BUT_FOR}\b[^.;\n]{{2,40}}(?:,\s*|\s+)(?:there (?:is|are|was|were) )?no\s*$"
)


def is_denied_but_for(before: str, after: str) -> bool:
    """Whether a denied noun is said to be somewhere after all."""
    found = _DENIED_BUT_FOR.match(after)
    if found and found.group("but") and not _is_of_the_walls(after[found.end() :]):
        return False
    return bool(found or _DENIED_BUT_FOR_AHEAD.search(before))


def _is_of_the_walls(rest: str) -> bool:
    """Whether what stands behind "but" may be a wall that moves badly: no hypertrophy, clot or right "
    "heart."""
    own = re.split(r"[.;\n]", rest)[0]
    if is_of_the_right(own) and not re.search(r"\b(?:lv|left)\b", own):
        return False
    return _OF_THE_BUT.match(without_things(own)) is not None and not _NOT_SEEN.search(own)


def is_somewhere_after_all(after: str) -> bool:
    """Whether the exception of a denied noun names a wall, and no septum that moves oddly."""
    found = _DENIED_BUT_FOR.match(after)
    if found is None or moves_oddly(after, 0, found.end()) or KINESIA.search(after[: found.end() + _REACH]):
        return False  # a kinesia there speaks for itself
    return WALL.search(after, found.start(), found.end() + _REACH) is not None


# "..., worst at the apex", "..., more so in the inferior wall", "..., the apex being most affected".
_WORSE: Final = (
    r"(?:more|most|worse|worst|better|best|less|least|excluded|only (?:of|in|at)|"
    r"greater|greatest|accentuated|pronounced|predominant\w*|especially|"
    r"particularly|notably|mainly|maximal\w*|maximum)"
)
_WORSE_WALL: Final = re.compile(
    rf"^[^.;\n]{{0,45}}?(?<!no )(?<!not )\b{_WORSE}\b(?! than\b)[^.;\n\d]{{0,40}}?{WALL.pattern}|"
    rf"^[^;\n\d]{{0,45}}?{WALL.pattern}(?:\s+(?:wall|segment|and|{WALL.pattern}))*\s+(?:(?:is|are|being|the|"
    rf"much|by far)\s+)*(?:more|most|worse|worst|better|best|less|least|excluded|only mild|moves?)\b|"
    r"^[^.;\n\d]{0,30}\b(?:worse|worst|more|most|less|better) (?:in|an|la)(?:feriorly|teriorly|terally)\b"
)


def excepts_a_wall(rest: str) -> bool:
    """Global hypokinesia where the report goes on to say that one wall alone still moves, or moves worst."""
    return bool(
        re.search(r"\bonly\b[^.;\n]{0,30}" + WALL.pattern + r"[^.;\n]{0,25}\b(?:contract|mov)", rest[:160])
        or _WORSE_WALL.search(rest)
    )
