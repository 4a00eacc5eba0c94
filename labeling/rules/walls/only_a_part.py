"""Sentences that call a part of the walls normal and so the rest ill: "LV contracts well except the apex"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from labeling.rules.parts.right_heart import without_the_right_heart
from labeling.rules.sections import Statement
from labeling.rules.wall_patterns import HEDGE, KINESIA, RIGHT_SIDE, WALL
from labeling.rules.wall_scope import walls_in
from labeling.rules.walls.assertion import WallAssertion, asserted
from labeling.rules.walls.cited import is_cited
from labeling.rules.walls.exceptions import is_of_something_else, moves_oddly

_MOVES: Final = (
    r"(?:contract\w*|contractility|contraction|kinetics|motion|mov(?:es?|ing)|thicken(?:s|ing)?|"
    r"(?:lv |left ventricular )?(?:wall|segment)s?)"
)
_WELL: Final = r"(?:normal(?:ly)?|well|good|preserved|intact|ok)"
_LEAVES_OUT: Final = (
    r"(?:except(?:ing|ed)?|excluding|apart from|aside from|other than|but|bar|save|with the exception)"
)
_A_WALL: Final = (
    r"(?:\s+(?:for|of|in|at|the|lv|one|two|mid|distal|segment|ones?|:|-))*\s*:?\s*"
    rf"(?:{WALL.pattern}|inferiorly|anteriorly|laterally|apically)"
)
# "Contractility good except apex", "normal motion in all but one segment: mid inferior".
_WELL_EXCEPT: Final = re.compile(
    rf"(?:\b{_WELL}\b[^.;\n]{{0,40}}\b{_MOVES}\b|\b{_MOVES}\b[^.;\n]{{0,40}}\b{_WELL}\b)[^.;\n]{{0,20}}?"
    rf"[\s,(-]\b{_LEAVES_OUT}\b(?P<walls>{_A_WALL})"
)
# "LV segments other than the apical contract normally", "all but the apex moves well".
_EXCEPT_WELL: Final = re.compile(
    rf"\b(?:all|every|lv|walls?|segment)\b[^.;\n]{{0,16}}?[\s,(]\b{_LEAVES_OUT}\b(?P<walls>{_A_WALL})\b"
    rf"[^.;\n]{{0,30}}\b(?:{_MOVES})\s+(?:\w+\s+)?{_WELL}\b"
)
# "Only the lateral wall contracts normally", "not all walls move well", "normal motion only at the base".
_ONLY: Final = re.compile(
    rf"\bonly\s+(?:(?:the|at|of|in|three|two|four|a few|few|lv)\s+)*(?:{WALL.pattern}|segment|"
    rf"walls?)[^.;,\n]{{0,20}}"
    rf"\b(?:{_WELL}|contract\w*|moves?)\b|"
    rf"\bnot (?:all|every|each)\s+(?:of the |the )?(?:lv )?(?:walls?|segment)\s+(?:is |are )?(?:{_MOVES} "
    rf")?{_WELL}\b|"
    rf"\bnormal (?:wall[- ]*)?motion\s+(?:only (?:of|at|in)|(?:of|at|in)\s+(?:the\s+)?{WALL.pattern}(?: "
    rf"walls?)? only)\b|"
    rf"\bnone but the {WALL.pattern}[^.;,\n]{{0,12}}\b(?:contract|move)|"
    rf"\bneither (?:the )?{WALL.pattern}(?: walls?)? nor (?:the )?{WALL.pattern}(?: walls?)? (?:moves?|"
    rf"contracts?|thickens?)\b|"
    r"\bis the only one (?:that|still|which) (?:contract|move)\w*"
)
# Looking for these first costs next to nothing.
_MAY_LEAVE_OUT: Final = re.compile(
    r"\b(?:except|exclud|apart|aside|other than|but|bar|save|exception|only|not (?:all|every|each)|nei)"
)
_ANY_MOTION: Final = re.compile(r"contract|kinetics|motion|mov|thicken|wall|segment")
_BY_PLACE: Final = (("inferiorly", "inferior"), ("anteriorly", "anterior"), ("laterally", "lateral"))


def partly_normal_assertions(statement: Statement) -> Iterator[WallAssertion]:
    """Where only a part is called normal: something is ill, and a person has to say how it moves."""
    if not (_MAY_LEAVE_OUT.search(statement.text) and _ANY_MOTION.search(statement.text)):
        return
    text = without_the_right_heart(statement.text)
    if KINESIA.search(text) or RIGHT_SIDE.search(text):
        return
    every = chain.from_iterable(one.finditer(text) for one in (_WELL_EXCEPT, _EXCEPT_WELL, _ONLY))
    found = next((one for one in every if _is_told(text, one)), None)
    if found is not None:
        excepted = found.groupdict().get("walls") or ""
        for adverb, wall in _BY_PLACE:
            excepted = excepted.replace(adverb, wall)
        yield asserted(statement, found.span(), "present", 0.6, walls=walls_in(excepted))


def _is_told(text: str, found: re.Match[str]) -> bool:
    """Whether what is excepted is a wall of today's heart that moves badly."""
    if HEDGE.search(text) or is_cited(text[: found.start()]) or moves_oddly(text, *found.span()):
        return False
    return not (found.groupdict().get("walls") and is_of_something_else(text[found.start("walls") :]))
