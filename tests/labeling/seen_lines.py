"""Lines as a recogniser would see them, made up from their text."""

from __future__ import annotations

from labeling.words.poor.seen_line import SeenLine, seen
from labeling.words.recognising import CHARACTERS

ALPHABET = ("blank", *sorted(CHARACTERS))


def line_saying(text: str, or_else: dict[str, tuple[str, float]] | None = None) -> SeenLine:
    """A line that says a text, a blank column behind each letter.

    Args:
        or_else: letter -> what else it may be, and how likely that is.
    """
    import numpy as np

    chances = np.full((2 * len(text), len(ALPHABET)), 1e-6, np.float32)
    for place, letter in enumerate(text):
        other, chance = (or_else or {}).get(letter, ("blank", 0.01))
        chances[2 * place, ALPHABET.index(other)] = chance
        chances[2 * place, ALPHABET.index(letter)] = 0.99 - chance
        chances[2 * place + 1, 0] = 1.0
    return seen([chances], ALPHABET)
