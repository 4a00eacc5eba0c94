"""Walls that a sentence names and that don't move badly: spared ones, and those another thing is named by.

"Hypokinesia except the lateral wall", "anterior hypokinesia with apical sparing", "septal hypertrophy,
inferior akinesia", "inferior akinesia with apical thrombus".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from labeling.rules.denials.wall_denials import is_negated
from labeling.rules.wall_patterns import KINESIA, NOUN, POOR_MOTION, WALL

# Without the edges of a word, which the names below set themselves.
_NAME: Final = WALL.pattern
_PART: Final = r"(?:walls?|segment|region|areas?|parts?|portions?|half|third|territory|territories|one)"
_WALL: Final = (
    r"(?:(?:the|its|their|a|an|lv|left ventricular|distal|proximal|entire|whole|rest of the)\s+){0,4}+"
    rf"{_NAME}(?:[\s-]+{_NAME}){{0,3}}+(?:\s+{_PART}\b){{0,2}}+"
)
SOME_WALLS: Final = rf"{_WALL}(?:\s*(?:,\s*(?:and\s+)?|&\s*|/\s*|\band\s+|\bor\s+){_WALL}){{0,8}}"
_MOVING: Final = (
    r"(?:(?:hypo|a|dys)[- ]?kinesia|aneurysm|hypo\b|ballooning|(?:moves?|contracts?)\s+(?:poorly|badly))"
)
_BEFORE_KINESIA: Final = (
    r"\s*(?:walls?\s+)?(?:[:=-]\s*)?(?:(?:is|are|was|were|shows?|showing|appears?|which|that|to be|mild|"
    rf"moderate|severe|more)\s+)*{_MOVING}"
)
# Behind a list of walls, where they do not move badly after all.
_NOT_KINESIA: Final = rf"(?!{_BEFORE_KINESIA})"
_HOW: Final = r"(?:motion|contraction|contractility|function|thickening|kinetics|excursion|systolic)"
_WELL: Final = (
    r"(?:spar(?:ed|ing)|preserv(?:ed|ing|ation)|unaffected|uninvolved|hyperkinesia|normokine\w+|vigorous\w*)"
)
_SOUND: Final = r"(?:normal(?! (?:thickness|sized?)\b)|intact|good|well[- ](?:contracting|moving|preserved))"
# "with preserved lateral wall", "and a well contracting base", "sparing of the septum and apex".
_AHEAD: Final = re.compile(
    r"(?:(?:,\s*)?\b(?:with|and|but|while|whereas|though)\s+|\(\s*)?"
    r"(?:\b(?:an?|the|relative(?:ly)?|complete|only|partial|compensatory|of)\s+){0,4}+"
    rf"\b(?<!not )(?<!ab)(?:spares?|{_WELL}|{_SOUND})\s+"
    rf"(?:(?:{_HOW}|only|of|in|at)\s+){{0,4}}+{SOME_WALLS}(?:\s+{_HOW}\b){{0,2}}{_NOT_KINESIA}"
)
# "the lateral wall is preserved", "apex spared", "apical sparing", "lateral: normokinetic".
_IS: Final = (
    r"(?:(?:is|are|was|were|being|remains?|remained|appears?|looks?|relative(?:ly)?|well|completely|also|all|"
    rf"both|moves?|moving|contracts?|contracting|{_HOW})\s+){{0,6}}+"
)
_BEHIND: Final = re.compile(
    rf"(?:\b(?:with|and|but|while|whereas|though)\s+|\(\s*)?\b(?P<walls>{SOME_WALLS})"
    rf"\s*(?:[:=(-]\s*)?{_IS}\b(?:{_WELL}(?!\s+(?:of\s+)?(?:the\s+)?{_NAME})|"
    r"not (?:so |much )?(?:involved|affected|abnormal)|not(?=\s*(?:$|[.;)]))|free of|"
    # "Apex well seen", "apex | good LV function": nothing else may be meant.
    r"(?:normal(?:ly)?|intact|ok|good|fine|nad|equally|strongly|(?<=s )well|(?<=ing )well)(?:\s+motion)?"
    r"(?=\s*(?:$|[.;,)(\n/|+-]|(?:and|but|while|with|though|whereas|in|at|there|by)\b)"
    r"(?! in (?:thickness|size))))\b"
)
_PREPOSITION: Final = (
    r"(?:except(?:ing|s|ed)?(?:\s+for)?|excluding|apart from|aside from|other than|barring|bar|"
    r"save(?:\s+for)?|(?:with\s+)?the exception of|all but|but for|without involv\w+ of|not involving|"
    r"not (?:extending|reaching) (?:in)?to|(?:does|do|did) not (?:involve|affect|reach|extend (?:in)?to)|"
    r"besides|but)"
)
# "except the lateral wall", "not involving the apex", "but not the lateral wall".
_EXCEPTED: Final = re.compile(
    rf"[,(]?\s*(?:\b(?P<word>{_PREPOSITION})\s+(?:(?:only|that|in|at|of|for)\s+)*+{SOME_WALLS}{_NOT_KINESIA}|"
    # "The inferior wall, but not the lateral one, is hypokinetic".
    rf"\b(?:(?:but|and)\s+)?(?:not|unlike|rather than|instead of)\s+(?:(?:in|of)\s+)?"
    rf"{_WALL}(?:\s*(?:&|/|\band|\bor)\s*{_WALL})?|"
    # "(+) inferior, (-) anterior".
    rf"\(-\)\s*{SOME_WALLS})\)?,?"
)
_ENDS: Final = re.compile(r"\s*(?:$|[.;,)\n])")
_NORMAL: Final = re.compile(r"\b(?:normal\w*|nil|ok|preserved|good|well)\b")
# "Except for the base, all segments are hypokinetic".
_ALL_ELSE: Final = re.compile(
    r"\s*,?\s*(?:(?:all|the|every|rest|other|others|everything|remaining|lv|left|ventricular|whole|entire|"
    r"there|is|are|global|severe|mild|moderate|of|walls?|segment|shows?)\s+)*(?:hypo|a|dys)kinesia\b"
)

# What a wall names and that is no motion of it.
_THING: Final = (
    r"(?:hypertroph\w+|thromb(?:us|i)|clots?|defects?|bulge|leads?|electrode|wire|pacing|paced|pacer|"
    r"thickness|thick|thickened|(?:hyper)?trabeculat\w*|non-?compact\w*|views?|windows?|pericardial|pleural|"
    r"effusion|pe|(?:mitral |aortic )?leaflets?|annul\w+|cusps?|commissure|papillary|e'|s'|a'|ea|velocity|"
    r"strain|mi|stemi|nstemi|(?:myocardial )?infarct\w*|(?:muscle )?band|(?:false )?tendons?|calcif\w*|"
    r"lvot|(?:cavity )?(?:gradient|obstruction)|cavity|diameter|dimension|width|myectomy|ablation|rupture|"
    r"vsd|asd|(?:mr )?jet|mvp|prolapse|flash|bounce|flattening|dyssynchrony|lipom\w*|mass|cyst|"
    r"tumou?r|fat|fat pad|hematoma|diverticul\w+|crypts?|vena|vein|(?:four|two|three|[2-5])[ -]?ch\w*|"
    r"\(?\d{1,2}(?:\.\d)?(?:\s*[mc]m\b\)?|(?=\s*(?:$|[,.;]))))"
)
# "Septal hypertrophy", "posterior mitral leaflet", "lateral e'", "septum 14 mm".
_NAMES_A_THING: Final = re.compile(
    rf"(?P<adjective>\b(?:atrial|interatrial|paradox\w*|pericardial)\s+)?\b{_WALL}"
    r"(?:[ ]+(?:is|measures|motion|wall|[:=]|concentric|mural|small|large|old|directed))*[ ]+"
    rf"(?:{_THING}|(?<=directed )[a-z]+|(?<=septal )(?:intact|septal motion|paradox\w*|aneurysm))(?![a-z])"
)
# "Hypertrophied septum", "atrial septum".
_ADJECTIVE: Final = re.compile(
    r"\b(?:hypertrophied|hypertrophic|thick|thickened|sigmoid\w*|bulging|intact|paradox\w*|atrial|"
    rf"interatrial|muscular|membranous|perimembranous|calcified|d-shaped)\s+{_WALL}(?:\s+(?:motion|septal))*"
)
# "Clot at the apex", "pacing lead in the RV apex".
_LIES_AT: Final = re.compile(
    r"\b(?:clots?|thromb(?:us|i)|leads?|electrode|wire|mass|tendons?|bands?|vsd|asd|defects?|rupture|"
    r"effusion|pe|pacing|trabeculat\w*|calcification|hypertrophy|cyst|diverticulum)\s+"
    r"(?:(?:is|was|seen|noted|present|lying|attached|located|\(?\d+\s*x\s*\d+\s*(?:mm|cm)?\)?)\s+)*+"
    r"(?:in|at|of|on|over|near|to|along|around|behind|within)\s+"
    rf"(?:(?:the|lv|rv|left|right|ventricular)\s+)*+{_WALL}(?:\s*(?:&|\band)\s*{_WALL})?{_NOT_KINESIA}"
)
# "Hypokinesia of the inferior wall from base to apex".
_FROM_TO: Final = re.compile(
    r",?\s*\bfrom (?:the )?(?:base|basal|apical)(?: level)? to (?:the )?(?:base|basal|apical)\b,?"
)
# "Septum thick and hypokinetic": said of the same wall, where the kinesia names none of its own.
_ITSELF: Final = re.compile(
    rf"\s*[,(]?\s*(?:(?:and|&|but|is|are|mild|moderate|severe|also|which)\s+)*{_MOVING}\b"
    rf"(?!\s+(?:(?:of|in|at|the|mid|distal|lv)\s+)*{_NAME})(?!\s+(?:of the |lv )?(?:left|lv|rv|right))"
)
# "Hypokinetic and hypertrophied septum".
_OWN_AHEAD: Final = re.compile(
    r"(?:^|[^a-z ,]\s*|\b(?:the|a|an|with|mild|moderate|severe)\s+)(?:hypo|a|dys)kinesia\s*(?:,|and|&)\s*$"
)
_MAY_SPARE: Final = re.compile(
    r"\b(?:spar|preserv|unaffect|uninvolv|hyperkin|normok|vigor|normal|intact|good|well|ok\b|fine|nad|"
    r"equally|strongly|not\b|free|except|exclud|apart|aside|other than|bar|save|but\b|without|unlike|rather|"
    r"instead|besides)|\(-\)"
)
_BEHIND_KINESIA: Final = re.compile(
    r"(?:kinesia|rwma|abnormality)\s*(?:(?:of|in|at|involving|the|both|lv|[:=-])\s*)*$"
)

# How far back, in characters, stands what an exception is from, and what shares its wall with an adjective.
_REACH: Final = 200
_NEAR: Final = 60


@lru_cache(maxsize=256)
def moving_badly(text: str) -> str:
    """A statement without the walls that don't move badly; lengths stay, and a spared part opens with a
    sign.
    """
    if not WALL.search(text):
        return text
    letters = list(_BOTH.sub(_as_and, without_things(text)))
    for start, end in left_out(text):
        letters[start:end] = (" " if _goes_on(text, start, end) else ";").ljust(end - start)
    return "".join(letters)


# "Not only the inferior but also the lateral wall".
_BOTH: Final = re.compile(r"\bnot (?:only|just|merely)\b|,?\s*\b(?:but also|as well as)\b")


def _as_and(found: re.Match[str]) -> str:
    return ("" if found.group().startswith("not") else " and").ljust(len(found.group()))


@lru_cache(maxsize=256)
def without_things(text: str) -> str:
    """A statement without the walls that another finding is named by or lies at; lengths stay."""
    letters = list(text)
    for start, end in _named_for_something_else(text):
        letters[start:end] = " " * (end - start)
    return "".join(letters)


# Said of a wall that moves well; "intact" and a word behind "normal" may be of how thick it is.
_FOR_CERTAIN: Final = re.compile(rf"\b(?:spares?|{_WELL}|{_PREPOSITION}|not|unlike|rather|instead)\b")
_PERHAPS: Final = re.compile(r"\b(?:normal\w*|good|well|ok|fine|nad|equally|strongly)\b")


@lru_cache(maxsize=256)
def leaves_walls_out(text: str) -> float:
    """How sure it is, 0-1, that what a statement calls weak is not weak all over; 0 where nothing says so."""
    said = [text[slice(*one)] for one in left_out(text)]
    if any(_FOR_CERTAIN.search(one) for one in said):
        return 0.9
    return 0.7 if any(_PERHAPS.search(one) for one in said) else 0.0


@lru_cache(maxsize=256)
def left_out(text: str) -> tuple[tuple[int, int], ...]:
    """The stretches of a statement that name walls which are spared, half-open."""
    if not _MAY_SPARE.search(text) or not any(one.search(text) for one in (KINESIA, NOUN, POOR_MOTION)):
        return ()
    text = without_things(text)
    found = [one.span() for one in _AHEAD.finditer(text)]
    found += [_own_list(text, one) for one in _BEHIND.finditer(text)]
    found += [one.span() for one in _EXCEPTED.finditer(text) if _is_from_the_ill(text, one)]
    return tuple(sorted(found))


# "Basal lateral wall relatively preserved" behind a weakness all over.
_FIRST: Final = re.compile(
    rf"\s*(?:only\s+)?(?:the\s+)?{SOME_WALLS}\s*{_IS}\b"
    rf"(?:{_WELL}|(?<=s )(?:well|normally|better)|(?<=ing )well)\b"
)


def spares_a_wall_first(following: str) -> bool:
    """Whether a statement begins with a wall that is spared."""
    return _FIRST.match(following) is not None


# A wall and the sign behind it, ahead of "not the base".
_WALL_AHEAD: Final = re.compile(rf"{_NAME}(?:\s+{_PART})?[\s,(]*$")
_VERB: Final = re.compile(r"\s*(?:is|are|was|were|shows?|showing|appears?)\b")
_GOES_ON: Final = re.compile(_BEFORE_KINESIA)


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether what moves badly is told behind a spared part: "the apex, but not the base, is akinetic"."""
    if not _GOES_ON.match(text, end):
        return False
    is_ahead = _WALL_AHEAD.search(text, max(0, start - _NEAR), start) is not None
    return is_ahead or _VERB.match(text, end) is not None


def _own_list(text: str, found: re.Match[str]) -> tuple[int, int]:
    """A list with "normal" behind it; behind "hypokinesia of" only its last part is."""
    start, end = found.span()
    walls = found.group("walls")
    if "," in walls and _BEHIND_KINESIA.search(text, max(0, start - _NEAR), found.start("walls")):
        start = found.start("walls") + walls.rindex(",")
    return start, end


def _is_from_the_ill(text: str, found: re.Match[str]) -> bool:
    """Whether walls are excepted from those that move badly, and not from those that move well."""
    lead = text[max(0, found.start() - _REACH) : found.start()]
    if found.group("word") == "but" and not _ENDS.match(text, found.end()):
        return False
    if re.search(r"(?:^|[.;,:])\s*$", lead) and (rest := _ALL_ELSE.match(text, found.end())):
        return not _NORMAL.search(rest.group())
    ill = [*KINESIA.finditer(lead), *NOUN.finditer(lead), *POOR_MOTION.finditer(lead)]
    if not ill:
        goes_on = _GOES_ON.match(text, found.end()) is not None
        return goes_on and not _NORMAL.search(lead) and WALL.search(lead) is not None
    last = max(ill, key=lambda one: one.end())
    return not is_negated(lead[: last.start()]) and not _NORMAL.search(lead, last.end())


def _named_for_something_else(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_NAMES_A_THING, _LIES_AT):
        for found in pattern.finditer(text):
            if not _ITSELF.match(text, found.end()):
                yield found.span()
    for found in _FROM_TO.finditer(text):
        yield found.span()
    for found in _ADJECTIVE.finditer(text):
        if not (
            _ITSELF.match(text, found.end())
            or _OWN_AHEAD.search(text, max(0, found.start() - _NEAR), found.start())
        ):
            yield found.span()
