"""Which printed lines a second engine need not read: the first was sure of every word, and no field could
rest on them.

A second reading is there to disagree about findings. Letterheads, drug lists and valve descriptions that were
read without doubt are most of a page and most of the second engine's time; their words are taken over
instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeling.pages.pixels import Box
    from labeling.words.tesseract import OcrPage, Word

# Lines that hold a doubtful word are read again, whatever they seem to say: a misread line hides what it is
# about.
_SURE = 0.60
# Least share of a detected line's width that the words taken over must cover.
_COVERED = 0.6
# What our fields rest on: the words beside an EF, a wall's motion, a pulmonary pressure, and orders to a
# machine.
_MATTERS = re.compile(
    r"%|percent|\be\.?f\b|lvef|ejec|fraction|kine|wall mot|motion abn|rwma|regional|segment|aneurysm"
    r"|\bpa\b|pah|\bpht?\b|pulmonary (?:art|hyp|press)|pasp|rvsp|mm\s*hg|hypertens|instruct|ignore|prompt",
    re.IGNORECASE,
)


def settled_lines(page: OcrPage) -> frozenset[int]:
    """Numbers of the lines that need no second reading; a page that can't be trusted has none."""
    if page.unreadable_reason:
        return frozenset()
    lines: dict[int, list[Word]] = {}
    for word in page.words:
        lines.setdefault(word.line, []).append(word)
    matters = {number for number, words in lines.items() if _matters(words)}
    # Sentences wrap: the lines around one that matters belong to it.
    near = {number + step for number in matters for step in (-1, 1)}
    return frozenset(set(lines) - matters - near)


def words_within(page: OcrPage, settled: frozenset[int], box: Box) -> tuple[Word, ...]:
    """The words of a detected line that can be taken over; none when any of it must be read again.

    Args:
        settled: from `settled_lines`.
        box: the detected line, pixels of the page as given.
    """
    left, top, right, bottom = box
    inside = [
        word
        for word in page.words
        if left <= (word.box[0] + word.box[2]) / 2 <= right
        and top <= (word.box[1] + word.box[3]) / 2 <= bottom
    ]
    covered = sum(word.box[2] - word.box[0] for word in inside)
    if covered < _COVERED * (right - left) or any(word.line not in settled for word in inside):
        return ()
    return tuple(inside)


def _matters(words: Sequence[Word]) -> bool:
    if any(word.confidence < _SURE for word in words):
        return True
    return _MATTERS.search(" ".join(word.text for word in words)) is not None
