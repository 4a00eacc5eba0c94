"""Letters as OCR gets them wrong: plain forms, look-alikes, and how many of a word may be misread."""

from __future__ import annotations

import re

_EDGE = re.compile(r"^[^\w+]+|[^\w+]+$")
# What an engine may take a digit for.
_DIGIT_LOOKS = str.maketrans(
    {"O": "0", "o": "0", "Q": "0", "D": "0", "l": "1", "I": "1", "|": "1", "!": "1", "i": "1",
     "Z": "2", "z": "2", "S": "5", "s": "5", "B": "8", "g": "9", "q": "9"}
)  # fmt: skip
_LETTER_LOOKS = str.maketrans(
    {"0": "o", "1": "l", "5": "s", "8": "b", "|": "l", "!": "l", "$": "s", "€": "e"}
)
# Letters that stand in for digits within a number; the class of a pattern.
DIGIT = r"[0-9OolISB|]"


def bare(text: str) -> str:
    """Lower case, without punctuation at the ends."""
    return _EDGE.sub("", text.lower())


def as_digits(text: str) -> str:
    """Every character that may be a digit as that digit."""
    return text.translate(_DIGIT_LOOKS)


def as_letters(text: str) -> str:
    """A bare word with digits that may be letters as those letters."""
    return bare(text.translate(_LETTER_LOOKS)).replace("rn", "m")


def digits_in(text: str) -> int:
    """How many true digits there are."""
    return sum(character.isdigit() for character in text)


def allowed_edits(length: int) -> int:
    """How many misread letters a word of this length may have and still be taken for another."""
    return 0 if length < 4 else 1 if length < 7 else 2
