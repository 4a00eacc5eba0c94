"""Which words of a passage are no ordinary ones, and which turn what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from labeling.rules.surroundings.ordinary_words import ORDINARY
from labeling.rules.surroundings.turning_words import TURN_OF, Turn

WORD: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|['\u2019/-](?=[^\W\d_]))*")
# What recognition got a letter or two wrong; shorter words are too like one another.
_REPAIR_MIN_LETTERS: Final = 6
_LONG_LETTERS: Final = 10


def _by_first_letter(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    return {first: tuple(group) for first, group in groupby(sorted(words), key=lambda word: word[:1])}


# A misread word is looked for among those that begin as it does: recognition seldom loses the first letter.
_ORDINARY_IN_ORDER: Final = _by_first_letter(ORDINARY)
_TURNS_IN_ORDER: Final = _by_first_letter(TURN_OF)


def strange_words(text: str) -> Iterator[tuple[str, Turn | None]]:
    """The words that turn a value, each with what it makes of it, and the unfamiliar ones, with None."""
    for found in WORD.finditer(text):
        turn = turn_of(found.group())
        if turn or not is_ordinary(found.group()):
            yield found.group(), turn


def turn_of(word: str) -> Turn | None:
    """What a word makes of a value beside it; a plural as its singular, a hyphened one by its parts."""
    if word in ORDINARY:
        return None
    parts = [word, _singular(word), *re.split(r"[/-]", word)]
    return next((TURN_OF[part] for part in parts if part in TURN_OF), None)


def _singular(word: str) -> str:
    return re.sub(r"['\u2019]?s$", "", word)


@lru_cache(maxsize=50_000)
def is_ordinary(word: str) -> bool:
    """Whether a lower-case word is in the vocabulary: itself, its singular, its parts, or misspelt."""
    if word in ORDINARY:
        return True
    if _singular(word) in ORDINARY:
        return True
    if re.search(r"[/'\u2019-]", word):
        return all(is_ordinary(part) for part in re.split(r"[/'\u2019-]", word) if part)
    if word in TURN_OF or len(word) < _REPAIR_MIN_LETTERS:
        return False
    return _is_near(word, _ORDINARY_IN_ORDER) and not _is_near(word, _TURNS_IN_ORDER)


def _is_near(word: str, words: Mapping[str, Sequence[str]]) -> bool:
    """Whether a word is one of the words with a letter wrong behind the first, a long one with two."""
    allowed = 1 if len(word) < _LONG_LETTERS else 2
    alike = words.get(word[0], ())
    nearest = process.extractOne(word, alike, scorer=DamerauLevenshtein.distance, score_cutoff=allowed)
    return nearest is not None
