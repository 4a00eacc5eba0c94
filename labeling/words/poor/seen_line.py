"""What a recogniser saw in a line: every column's chances, not only the likeliest letters.

Where print is poor, digits are taken for letters ("s0%", "se percent"). The chances still hold the digits, so
a word can be asked which number it is, and how much surer one number is than another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from labeling.words.recognising import decoded

# The numbers a word can be asked for.
NUMBERS: Final = tuple(range(10, 100))
_IN_NUMBERS: Final = frozenset("0123456789%-–.<> ")
# What reading a word as a number may cost: logarithm of its chance against that of its letters. Numbers taken
# for letters cost 0 to 4, each letter of a word about 8.
_LEAST_AS_NUMBER: Final = -5.0
_LIKE_NUMBER: Final = re.compile(r"[<>]{0,2}[1-9]\d(?:\.\d)?(?:%?[-–]{1,2}[1-9]\d)?[%.]{0,3}")
_WHOLLY_NUMBER: Final = re.compile(r"[\d%.,\-–<>=~()/:;]*\d{2}[\d%.,\-–<>=~()/:;]*")
_LONGEST_NUMBER: Final = 9
# Columns beside a word that may still be its own.
_MARGIN: Final = 2
# What no letter of a word adds to a line's chances is not nothing.
_FLOOR: Final = 1e-5


@dataclass(frozen=True)
class SeenWord:
    """A word as its likeliest letters say it, and the column each of them stands in."""

    text: str
    columns: tuple[int, ...]

    def behind(self, start: int) -> SeenWord:
        """What is left of it without its first `start` letters."""
        return SeenWord(self.text[start:], self.columns[start:])


@dataclass(frozen=True)
class SeenLine:
    """A line in one view.

    Attributes:
        chances: columns x characters, 0-1.
        characters: what the chances are of, "blank" first.
    """

    words: tuple[SeenWord, ...]
    chances: Any
    characters: tuple[str, ...]

    def text(self) -> str:
        """Its words; those that are numbers nearly as likely, as numbers."""
        return " ".join(as_number(self, word) or word.text for word in self.words)


def seen(pieces: Sequence[Any], characters: Sequence[str]) -> SeenLine:
    """A line from the chances of its pieces (columns x characters each), side by side, a space between."""
    import numpy as np

    space = np.zeros((1, len(characters)), np.float32)
    space[0, list(characters).index(" ")] = 1
    parts = [part for piece in pieces for part in (space, np.asarray(piece, np.float32))][1:]
    chances = np.concatenate(parts) if parts else np.zeros((0, len(characters)), np.float32)
    return SeenLine(tuple(_words(chances, characters)), chances, tuple(characters))


def side_by_side(line: SeenLine, following: SeenLine) -> SeenLine:
    """Two lines as one."""
    return seen([line.chances, following.chances], line.characters)


def _words(chances: Any, characters: Sequence[str]) -> list[SeenWord]:
    words: list[SeenWord] = []
    is_open = False
    best = chances.argmax(axis=1) if len(chances) else []
    for letter, column in decoded(best, characters):
        if letter != " " and is_open:
            words[-1] = SeenWord(words[-1].text + letter, (*words[-1].columns, column))
        elif letter != " ":
            words.append(SeenWord(letter, (column,)))
        is_open = letter != " "
    return words


def as_number(line: SeenLine, word: SeenWord) -> str:
    """A word as a number of two digits, a range of them, or one with a decimal; empty if it is none."""
    if _WHOLLY_NUMBER.fullmatch(word.text):
        return word.text
    text, cost = digits_of(line, word)
    return text if cost > _LEAST_AS_NUMBER and _LIKE_NUMBER.fullmatch(text) else ""


def digits_of(line: SeenLine, word: SeenWord) -> tuple[str, float]:
    """What stands in a word's place if only digits and signs may, and the logarithm of what that costs."""
    import numpy as np

    if not 1 < len(word.text) <= _LONGEST_NUMBER:
        return "", -np.inf
    around = line.chances[max(0, word.columns[0] - 1) : word.columns[-1] + 2]
    kept = [place for place, one in enumerate(line.characters) if one in _IN_NUMBERS or not place]
    held = np.zeros_like(around)
    held[:, kept] = around[:, kept]
    cost = np.log(held.max(axis=1) + _FLOOR) - np.log(around.max(axis=1) + _FLOOR)
    letters = decoded(held.argmax(axis=1), line.characters)
    return "".join(letter for letter, _ in letters).strip(), float(cost.sum())


def number_odds(line: SeenLine, word: SeenWord, endings: Sequence[str]) -> tuple[Any, float]:
    """Logarithms of the chances that a word is each of `NUMBERS`, given that it is one of them; and how far
    all of them together are behind the word's letters.

    Args:
        endings: what may stand behind the digits without a space; "" for nothing.
    """
    import numpy as np

    start, end = _room(line, word)
    logs = np.log(line.chances[start:end] + _FLOOR)
    space = line.characters.index(" ")
    # Spaces around it say nothing, just as blanks.
    logs[:, 0] = np.logaddexp(logs[:, 0], logs[:, space])
    places = {one: place for place, one in enumerate(line.characters)}
    found = [
        _log_chances(
            logs, np.array([[places[letter] for letter in f"{number}{ending}"] for number in NUMBERS])
        )
        for ending in endings
    ]
    summed = np.logaddexp.reduce(found, axis=0)
    whole = np.logaddexp.reduce(summed)
    return summed - whole, float(whole - logs.max(axis=1).sum())


def _room(line: SeenLine, word: SeenWord) -> tuple[int, int]:
    """First column and the one behind the last that may belong to a word: up to its neighbours' letters."""
    others = [column for one in line.words for column in one.columns]
    before = [column + 1 for column in others if column < word.columns[0]]
    behind = [column for column in others if column > word.columns[-1]]
    start = max([word.columns[0] - _MARGIN, 0, *before])
    return start, min([word.columns[-1] + _MARGIN + 1, len(line.chances), *behind])


def _log_chances(logs: Any, texts: Any) -> Any:
    """Of all ways (CTC) in which columns can say each of some texts and nothing else.

    Args:
        logs: columns x characters.
        texts: texts x letters, all of one length.
    """
    import numpy as np

    labels = np.zeros((len(texts), 2 * texts.shape[1] + 1), int)
    labels[:, 1::2] = texts
    may_skip = np.zeros(labels.shape, bool)
    may_skip[:, 3::2] = labels[:, 3::2] != labels[:, 1:-2:2]
    steps = logs[:, labels]
    sums = np.full(labels.shape, -np.inf)
    sums[:, :2] = steps[0, :, :2]
    for step in steps[1:]:
        before = sums
        sums = before.copy()
        sums[:, 1:] = np.logaddexp(sums[:, 1:], before[:, :-1])
        sums[:, 2:] = np.logaddexp(sums[:, 2:], np.where(may_skip[:, 2:], before[:, :-2], -np.inf))
        sums += step
    return np.logaddexp(sums[:, -1], sums[:, -2])
