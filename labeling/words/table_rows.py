"""Rows of a table that an engine read as a column of names and a column of values, put together again.

Where the gap between names and values is wide, an engine may take each side for a block of its own, so that
"EF" and "52 %" stand far apart in the text. On the page they stand on one line, and that is what counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from labeling.pages import geometry
from labeling.pages.pixels import union_box

if TYPE_CHECKING:
    from labeling.pages.pixels import Matrix
    from labeling.words.read_page import OcrPage, Word

# A name has few words and no number of its own; a value begins with a number, or a colon and whatever.
_NAME: Final = re.compile(r"(?=[^\d]*[A-Za-z]{2})[^\d:;.,]{2,40}(?:\([^()\d]{1,12}\))?")
_VALUE: Final = re.compile(
    r"[:=]?\s*[<>~]?\s*\d[\d.,/ -]*\s*(?:%|[a-z/]{1,5}\d?)?(?:\s+\S{1,12}){0,2}", re.IGNORECASE
)
_MOST_WORDS: Final = 5
# Of the line's height: how far the middles of one row may stand apart.
_REACH: Final = 0.5
# Fewer rows than these that fell apart are no table.
_FEWEST: Final = 3


@dataclass(frozen=True)
class _Line:
    """A line as recognised: its words, and its box on the level page."""

    words: tuple[Word, ...]
    text: str
    left: float
    right: float
    middle: float
    height: float


def with_rows(read: OcrPage) -> OcrPage:
    """The page with every value behind the name in whose row it stands; unchanged where no rows fell
    apart.
    """
    if read.unreadable_reason or read.rotation_deg or read.is_layer or not read.width_px:
        return read
    lines = _lines(read)
    found = _values_of(lines)
    if len(found) < _FEWEST:
        return read
    moved = {id(word) for value in found.values() for word in lines[value].words}
    words: list[Word] = []
    for number, line in enumerate(lines):
        words.extend(word for word in line.words if id(word) not in moved)
        if number in found:
            name = line.words[-1]
            words.extend(
                replace(word, line=name.line, block=name.block) for word in lines[found[number]].words
            )
    return replace(read, words=tuple(words))


def _lines(read: OcrPage) -> list[_Line]:
    """The recognised lines in reading order, level."""
    matrix, _ = geometry.turn_matrix(read.width_px, read.height_px, read.skew_deg)
    groups: list[list[Word]] = []
    for word in read.words:
        if not groups or (word.block, word.line) != (groups[-1][-1].block, groups[-1][-1].line):
            groups.append([])
        groups[-1].append(word)
    return [_level(group, matrix) for group in groups]


def _level(words: Sequence[Word], matrix: Matrix) -> _Line:
    box = union_box([word.box for word in words])
    height = sum(word.box[3] - word.box[1] for word in words) / len(words)

    def placed(x: float, y: float) -> tuple[float, float]:
        return (
            float(matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]),
            float(matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]),
        )

    middle = (box[1] + box[3]) / 2
    (left, low), (right, high) = placed(box[0], middle), placed(box[2], middle)
    return _Line(tuple(words), " ".join(word.text for word in words), left, right, (low + high) / 2, height)


def _values_of(lines: Sequence[_Line]) -> dict[int, int]:
    """For each name that stands alone, which line is its value: the next to its right, and in its row."""
    found: dict[int, int] = {}
    for number, name in enumerate(lines):
        if len(name.words) > _MOST_WORDS or not _NAME.fullmatch(name.text.strip(" :")):
            continue
        row = [
            (other.left, index)
            for index, other in enumerate(lines)
            if index != number
            and other.left > name.right
            and abs(other.middle - name.middle) < _REACH * max(name.height, other.height)
        ]
        if not row:
            continue
        value = min(row)[1]
        if len(lines[value].words) <= _MOST_WORDS and _VALUE.fullmatch(lines[value].text.strip()):
            found[number] = value
    # A value in the row of two names is nobody's.
    claimed = list(found.values())
    return {name: value for name, value in found.items() if claimed.count(value) == 1}
