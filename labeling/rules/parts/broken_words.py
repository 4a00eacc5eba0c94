"""Words that recognition broke in two or glued: "hypokin esia of the infer ior wa ll", "RVSP28mmHg"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from labeling.rules.lexicon import ALSO_HYPHENATED, CANONICAL, SPELLINGS

_PAIR: Final = re.compile(r"(?<![A-Za-z'-])(?P<one>[A-Za-z]{2,})[ ](?P<two>[a-z]{2,})(?![A-Za-z'-])")
_WHOLE: Final = frozenset(
    {*SPELLINGS, *ALSO_HYPHENATED, *(word for word in CANONICAL if len(word) >= 6), "wall", "walls", "mild"}
)
# Halves that are words of their own; beside them a word stays as it is.
_WORDS: Final = frozenset(
    """
    ab ad an as at be by do dys ex for global has he her his hyper hypo if in inter intra is it me my non no
    not
    of on or out over post pre re so sub the to un under up us was we with all and any are mid old new one two
    wall motion normal tension function lateral apical basal septal anterior inferior posterior kinetic
    kinesia
    mal late early or al est rvsp pasp
    """.split()
)


def join_broken_words(letters: str, came_from: list[int]) -> tuple[str, list[int]]:
    """The same without the blank inside a word of ours of which at least one half is no word."""
    blanks = [
        pair.end("one") for pair in _pairs(letters) if _is_broken(*map(str.lower, pair.group("one", "two")))
    ]
    if not blanks:
        return letters, came_from
    kept = [at for at in range(len(letters)) if at not in set(blanks)]
    return "".join(letters[at] for at in kept), [came_from[at] for at in kept]


# "RVSP28mmHg", with no blank between the two.
_GLUED: Final = re.compile(r"(?i)(?<![a-z])(?:rvsp|pasp|spap)(?=\d{2,3}\s?mm)")


def part_glued_names(letters: str, came_from: list[int]) -> tuple[str, list[int]]:
    """The same with a blank between a pressure's name and the number that is printed against it."""
    for name in reversed(list(_GLUED.finditer(letters))):
        at = name.end()
        letters = f"{letters[:at]} {letters[at:]}"
        came_from = [*came_from[:at], came_from[at], *came_from[at:]]
    return letters, came_from


def _pairs(letters: str) -> list[re.Match[str]]:
    """Every word with the one behind it."""
    found, at = [], 0
    while pair := _PAIR.search(letters, at):
        found.append(pair)
        at = pair.start("two")
    return found


@lru_cache(maxsize=20_000)
def _is_broken(one: str, two: str) -> bool:
    halves = {half for half in (one, two) if half in _WORDS or half in SPELLINGS or half in CANONICAL}
    return one + two in _WHOLE and not {one, two} <= halves
