"""Which words of a statement belong to a wall-motion term: its clause, negation, side, walls and grade."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache

from db.labels import WALLS, RwmaSeverity
from labeling.rules.denials.wall_denials import before_label
from labeling.rules.lexicon import TERRITORIES, WALL_WORDS
from labeling.rules.parts.right_heart import without_the_right_heart
from labeling.rules.wall_patterns import (
    BETWEEN_GRADE_AND_NOUN,
    CLAUSE_CUT,
    GRADE,
    GRADE_BEHIND,
    LEFT_SIDE,
    LIST_OF_WALLS,
    RIGHT_SIDE,
    WALL,
)

# "Clot not seen, ...", "lateral wall not seen, ...": said of what has its own name before a comma.
_NOT_SEEN_BEFORE = re.compile(
    r"(?:^|[,.;])\s*(?:the )?(?!no\b)[a-z][a-z ]{1,25} (?:is |are |was |were )?not (?:well |clearly |"
    r"fully )?(?:seen|visualised),"
)


def near(before: str, characters: int) -> str:
    """The last characters before a term, of its own part of the sentence only."""
    own = re.split(r"[;:]|\bbut\b", before)[-1][-characters - 40 :]
    return _NOT_SEEN_BEFORE.sub(lambda found: " " * len(found.group()), own)[-characters:]


# "Akinesia: inferior, inferolateral", "Akinetic segments: apex".
_PARTS = r"(?:segment|walls?|areas?|regions?)"
_YES = r"(?:yes|present|positive|\+(?:ve)?|\(\+\))"
# "RWMA: yes, inferior", "Hypokinetic segments (2): basal inferior, mid inferior".
_WALLS_BEHIND = re.compile(
    rf"(?:\s+{_PARTS})?\s*(?:\(\s*\d{{1,2}}\s*\)\s*)?(?:[:=]|(?<= )- )\s*"
    rf"(?:(?:\d{{1,2}}|{_YES})\s*[(:,-]?\s*(?:(?:in|only|still|but|mainly|the)\s+)*|(?:(?:only|still|now|"
    rf"both|mainly)\s+)+)?"
    rf"(?=(?:lv |mid |distal |the )*{WALL.pattern})|"
    # "RWMA yes: inferior".
    rf"\s*{_YES}\s*[:=(-]\s*"
    rf"(?=(?:lv |mid |distal |the )*{WALL.pattern})"
)


# "... apical segments: akinetic" at the end of a line, and the next line about another chamber or a valve.
_ANOTHER_LINE = re.compile(
    r"[ .]*[\n\v]\s*(?:the )?(?:rv|ra|la|right (?:ventric|atri|heart)\w*|left atri\w+|mitral|aortic|"
    r"tricuspid|pulmon\w+|pericard\w+)\b"
)


def clause_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch around a word that belongs to it: cut at semicolons, "but", an EF, and commas between
    topics.
    """
    starts, ends = _cuts(text)
    before = bisect_right(ends, start)
    low = ends[before - 1] if before else 0
    listed = _WALLS_BEHIND.match(text, end)
    after = bisect_left(starts, listed.end() if listed else end)
    high = starts[after] if after < len(starts) else len(text)
    low = _comma_before(text, low, start)
    high = (
        end if _ANOTHER_LINE.match(text, end) else _comma_after(text, listed.end() if listed else end, high)
    )
    low = _label_before(text, low, start)
    while low < start and not (text[low].isalnum() or text[low] in "(+"):
        low += 1
    while high > end and text[high - 1] in " ,\n\t(.":
        high -= 1
    return low, high


@lru_cache(maxsize=4)
def _cuts(text: str) -> tuple[list[int], list[int]]:
    """Where the cuts of a sentence start and end, in order."""
    cuts = list(CLAUSE_CUT.finditer(text))
    return [cut.start() for cut in cuts], [cut.end() for cut in cuts]


def _label_before(text: str, low: int, start: int) -> int:
    """For "Apex: akinetic" and "Apex, septum: akinetic" the walls before the colon belong to the clause."""
    if not text[:low].rstrip().endswith((":", "-")):
        return low
    label = re.search(
        rf"(?:^|[.:;,\n])\s*(?:(?:lv|distal|proximal|the)\s+)*"
        rf"(?P<wall>{WALL.pattern}(?:\s*+(?:walls?|segment|and|distal|proximal|[/,&+]|{WALL.pattern})"
        rf")*+)\s*(?::|-)\s*$",
        text[:low],
    )
    return label.start("wall") if label and not text[low:start].strip(" ").count(":") else low


# "LV shows septal, anterior and apical akinesia", but not "apex moves, inferior wall akinetic".
_ENDS_IN_A_WALL = re.compile(
    rf"{WALL.pattern}(?:\s+(?:walls?|segment|region|areas?|parts?|territory|half|third|and))*"
    r"(?:\s*\([^()]*\))?\s*$"
)


# "Inferior wall normal, ...", "no akinesia of the inferior wall, hypokinesia of the apex".
_SAYS_OTHERWISE = re.compile(r"\bnormal|\b(?:no|without)\s+\w*kinesia\s+(?:of|in|at)\b")


def _comma_before(text: str, low: int, start: int) -> int:
    last, end = text.rfind(",", low, start), start
    has_own = False
    while (comma := text.rfind(",", low, end)) >= 0:
        # What stands between this comma and the next; behind that, all was walls.
        if not LIST_OF_WALLS.fullmatch(text[comma + 1 : end]):
            return last + 1
        ahead = text[text.rfind(",", 0, comma) + 1 : comma]
        # "Apex thin, akinetic": a kinesia without a wall of its own takes the one ahead, however it goes on.
        has_own = has_own or WALL.search(text, comma, end) is not None
        named = (_ENDS_IN_A_WALL if has_own else WALL).search(ahead)
        if not named or _SAYS_OTHERWISE.search(ahead):
            return comma + 1
        end = comma
    return low


def _comma_after(text: str, end: int, high: int) -> int:
    position = end
    while True:
        comma = text.find(",", position, high)
        if comma < 0:
            return high
        following = text.find(",", comma + 1, high)
        piece = text[comma + 1 : following if following >= 0 else high]
        if not LIST_OF_WALLS.fullmatch(piece) or re.search(r"kinesia", piece):
            return comma
        position = comma + 1


AT_REST = re.compile(r"\b(?:at rest|resting|rest\b(?! of))")


def piece_around(text: str, start: int, end: int) -> str:
    """What stands between the commas around a stretch."""
    stop = text.find(",", end)
    return text[text.rfind(",", 0, start) + 1 : stop if stop >= 0 else len(text)]


def clause_around(text: str, start: int, end: int) -> str:
    """The words within `clause_bounds`."""
    low, high = clause_bounds(text, start, end)
    return text[low:high]


# One wall of two words: neither word is a wall of its own there.
_COMPOUND = re.compile(
    r"\b(?:anterior|inferior) (?:septal|septum|ivs)\b|\b(?:antero|infero)[- ](?:septal|lateral)\b"
)
# "Antero - septal".
_SPACED_HYPHEN = re.compile(r"\b(antero|infero|postero)\s*-\s*(?=septal|lateral|posterior|apical|basal)")


def walls_in(clause: str) -> tuple[str, ...]:
    """The walls a clause names, in the vocabulary's order; "anterior septal" is one wall, not two."""
    clause = _SPACED_HYPHEN.sub(r"\1-", clause)
    simple = _COMPOUND.sub(" ", clause)
    named = {
        wall
        for wall, words in WALL_WORDS.items()
        if any(_is_said(word, clause if wall.endswith(("oseptal", "olateral")) else simple) for word in words)
    }
    return tuple(wall for wall in WALLS if wall in named)


def _is_said(word: str, clause: str) -> bool:
    # Looking for the letters first costs next to nothing, and most words are not there.
    return word in clause and re.search(rf"\b{re.escape(word)}\b", clause) is not None


# "Hypokinetic inferior wall with normal RV function".
_OTHER_SIDE = re.compile(
    rf"\s+(?:of\s+|the\s+)*(?:mid\s+|distal\s+|basal\s+)*{WALL.pattern}"
    rf"(?:\s+(?:wall|segment|and|{WALL.pattern}))*,?\s+(?:with|and)\s+(?:normal|good|preserved|intact)\b"
)


# "Inferior wall and RV hypokinetic", "LV and RV hypokinetic".
_RIGHT = r"(?:rv|right ventric\w*)\b"
_LEFT = rf"(?:{WALL.pattern}(?: wall| segment)?|\blv\b|\bleft ventricular\b)"
_BOTH_SIDES = re.compile(
    rf"{_LEFT}\s*(?:\band\b|[&+/,])\s*(?:of\s+)?(?:the )?{_RIGHT}|"
    rf"\b{_RIGHT}(?: free wall)?\s*(?:\band\b|[&+/])\s*(?:of\s+)?(?:the )?{_LEFT}"
)
# "Inferior wall hypokinesia with RV free wall akinesia", "septal hypokinesia with an RV lead".
_RIGHT_BEHIND = re.compile(
    rf"\s*(?:\(|,|\+|/|\b(?:with|and|involving|including)\b)\s*(?:(?:an?|the|of|mild|moderate|severe)\s+)*"
    rf"(?:(?:hypo|a|dys)kinesia\s+(?:of\s+)?(?:the\s+)?)?{_RIGHT}"
)
_WALL_AHEAD = re.compile(
    rf"(?<!rv ){WALL.pattern}(?: walls?| segment)?(?:\s+(?:is|are|was|mild|moderate|severe))*\s*$"
)
_OWN_WALL_BEHIND = re.compile(
    rf"\s+(?:of|in|at)\s+(?:(?:the|lv|mid|distal)\s+)*{WALL.pattern}(?: walls?| segment)?"
    rf"(?={_RIGHT_BEHIND.pattern})"
)


# "RV apical hypokinesia, LV normal": whatever else is named.
_RIGHT_WALL = re.compile(
    rf"\b(?:rv|right ventricular)\s+(?:{WALL.pattern})(?:\s+(?:wall|segment|mild|moderate|severe))*\s+$"
)


def _is_of_both(text: str, start: int, end: int, clause: str) -> bool:
    both = _BOTH_SIDES.search(clause)
    if both and not RIGHT_SIDE.search(clause, 0, both.start()):
        return True
    is_ahead = _WALL_AHEAD.search(text, max(0, start - 60), start) and _RIGHT_BEHIND.match(text, end)
    return bool(is_ahead or _OWN_WALL_BEHIND.match(text, end))


# "Akinesia of the inferior wall and hypokinesia of the RV".
_OWN_WALL = re.compile(
    r"\s+(?:(?:of|in|at|the|lv|mid|distal|basal|apical)\s+)*(?:antero|infero|postero)?(?:anterior|"
    r"inferior|septal|lateral|"
    r"posterior)\b(?: walls?| segment)?(?!\s+(?:of (?:the )?)?(?:rv|right|free))"
)


def is_right_sided(text: str, start: int, end: int, clause: str) -> bool:
    """RV hypokinesia: the right ventricle is named nearer than the left one or any LV wall."""
    if _OWN_WALL.match(text, end):
        return False
    if _is_of_both(text, start, end, clause):
        return False
    if _RIGHT_WALL.search(text, max(0, start - 40), start):
        return True
    if re.search(r"\bfree wall\b", clause) and not re.search(r"\blv|\bleft|\blateral|\bposterior", clause):
        return True
    if not RIGHT_SIDE.search(clause):
        return False
    text, clause = without_the_right_heart(text), without_the_right_heart(clause)
    if not RIGHT_SIDE.search(clause):
        return False
    if LEFT_SIDE.search(clause) and re.search(
        r"\binferior\b|\banterior\b|\bapical\b|\bseptal\b|\blateral\b",
        re.sub(r"\brv apical|\bapical rv", "", clause),
    ):
        return False
    if _OTHER_SIDE.match(text, end):
        return False
    return _distance(RIGHT_SIDE, text, start, end) <= _distance(LEFT_SIDE, text, start, end)


def _distance(side: re.Pattern[str], text: str, start: int, end: int) -> int:
    """Characters from a term to the nearest name of a side; 999 where it is not named."""
    return min((min(abs(m.start() - end), abs(start - m.end())) for m in side.finditer(text)), default=999)


_ORDER = [RwmaSeverity.NOT_STATED, RwmaSeverity.MILD, RwmaSeverity.MODERATE, RwmaSeverity.SEVERE]


def worst(severities: Iterable[RwmaSeverity]) -> RwmaSeverity:
    """The highest of several grades; `not_stated` counts least."""
    return max(severities, key=_ORDER.index)


_CLOSES = re.compile(r"(?:\s*(?:-|to|/)\s*(?:moderate|severe))?,")


def grade_before(text: str, start: int) -> RwmaSeverity:
    """The grade word that modifies the noun starting at `start`, if nothing but wall words stands between."""
    graded = [RwmaSeverity.NOT_STATED]
    for match in GRADE.finditer(text, max(0, start - 90), start):
        between = text[match.end() : start]
        # "LVSD mild-mod, WMA as above": a grade that closes what stands before it.
        closes = _CLOSES.match(between) and re.search(r"[a-z]{2,}[ -]+(?:to )?$", text[: match.start()])
        if closes:
            continue
        if match.group() not in ("gross", "significant") and BETWEEN_GRADE_AND_NOUN.fullmatch(between):
            graded.append(RwmaSeverity(match.group()))
    return worst(graded)


def grade_after(text: str, end: int) -> RwmaSeverity:
    """The grade printed behind a term: "RWMA (mild)", "hypokinesia of the septum, moderate in degree"."""
    behind = GRADE_BEHIND.match(text, end)
    if behind is None:
        walls = LIST_OF_WALLS.match(text, end)
        behind = GRADE_BEHIND.search(text, end, end + 90) if walls else None
        if behind and not LIST_OF_WALLS.fullmatch(text[end : behind.start()]):
            behind = None
    if behind is None:
        return RwmaSeverity.NOT_STATED
    return RwmaSeverity(
        behind.group("high") or behind.group("grade") or behind.group("enclosed") or behind.group("bare")
    )


def grade_of_kinesia(text: str, match: re.Match[str]) -> RwmaSeverity:
    """The grade of a hypokinesia: the word before it, unless it grades another kinesia or a global weakness,
    else the one behind.
    """
    graded = [RwmaSeverity.NOT_STATED]
    is_label = re.match(r"\s*[:=]", text[match.end() :]) and not before_label(
        text[: match.start()], is_apart=True
    )
    first = match.start() if is_label else max(0, match.start() - 70)
    for grade in GRADE.finditer(text, first, match.start()):
        between = text[grade.end() : match.start()]
        if grade.group() in ("gross", "significant") or not BETWEEN_GRADE_AND_NOUN.fullmatch(between):
            continue
        if not re.search(r"kinesia|global", between):
            graded.append(RwmaSeverity(grade.group()))
    found = worst(graded)
    return found if found is not RwmaSeverity.NOT_STATED else grade_after(text, match.end())


# "LAD supplied segments do not contract".
SUPPLIED = re.compile(
    rf"\b(?P<artery>{'|'.join(TERRITORIES)})[- ](?:supplied|fed|dependent|area|region|bed)\b"
)


def with_supplied_before(text: str, bounds: tuple[int, int]) -> tuple[int, int]:
    """ "RCA area: moves poorly": the artery stands as a label before the clause."""
    if SUPPLIED.search(text, *bounds):
        return bounds
    label = re.search(rf"(?:{SUPPLIED.pattern})\s*:\s*$", text[: bounds[0]])
    return (label.start(), bounds[1]) if label else bounds
