"""Recognised words of a picture as masking sees them, and the printed rows they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

# (left, top, right, bottom) in pixels of the picture, right and bottom exclusive.
Box = tuple[float, float, float, float]

# A row goes on over gaps up to this many times the height of its letters: the cells of a table are one row.
_WIDEST_GAP = 16.0
# Neighbours lie on one line: their middles differ by less than this share of the height, plus what a tilt
# adds.
_SAME_LINE = 0.55
_TILT = 0.07


@dataclass(frozen=True)
class Word:
    """One recognised word, verbatim.

    Attributes:
        confidence: of the engine that read it, 0-1.
    """

    text: str
    box: Box
    confidence: float = 1.0

    @property
    def height(self) -> float:
        """Of its box, pixels."""
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        """Of its box from top to bottom, pixels."""
        return (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True)
class PageWords:
    """What one engine read in one picture.

    Attributes:
        unreadable_reason: a sentence where the engine can't be trusted on this picture, else empty.
        rotation_deg: quarter turns that were undone for reading, counter-clockwise.
    """

    words: tuple[Word, ...]
    width_px: int
    height_px: int
    unreadable_reason: str = ""
    rotation_deg: int = 0


@dataclass(frozen=True)
class Row:
    """Words of one printed line from left to right, over all its cells."""

    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """The words with one space between."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each word begins in `text`."""
        found, at = [], 0
        for word in self.words:
            found.append(at)
            at += len(word.text) + 1
        return tuple(found)

    @property
    def top(self) -> float:
        """Smallest top of its words."""
        return min(word.box[1] for word in self.words)

    @property
    def middle(self) -> float:
        """Mean height of its words on the page."""
        return sum(word.middle for word in self.words) / len(self.words)

    def between(self, start: int, end: int) -> range:
        """Indices of the words that share a character with a span of `text`."""
        hit = [
            index
            for index, (at, word) in enumerate(zip(self.starts, self.words, strict=True))
            if at < end and at + len(word.text) > start
        ]
        return range(hit[0], hit[-1] + 1) if hit else range(0)


def overlap(a: Box, b: Box) -> float:
    """Area two boxes share, square pixels."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0.0


def area(box: Box) -> float:
    """Of a box, square pixels."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around all; at least one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def rows_of(words: Sequence[Word], barriers: Sequence[Box] = ()) -> list[Row]:
    """Words chained to their right-hand neighbours, rows from top to bottom.

    Reading order is not asked of the engine: it parts a table into columns, and a label from its value.

    Args:
        barriers: painted boxes; a row ends before one, because what stood there is gone.
    """
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda one: one.box[0]):
        best: list[Word] | None = None
        best_gap = float("inf")
        for row in rows:
            gap = _gap(row[-1], word)
            if gap is not None and gap < best_gap and not _is_barred(row[-1], word, barriers):
                best, best_gap = row, gap
        if best is None:
            rows.append([word])
        else:
            best.append(word)
    return sorted((Row(tuple(row)) for row in rows), key=lambda row: row.middle)


def _gap(left: Word, right: Word) -> float | None:
    """Distance to the next word of a line, or null where it is not one."""
    height = min(left.height, right.height)
    gap = right.box[0] - left.box[2]
    if height <= 0 or gap < -0.6 * height or gap > _WIDEST_GAP * height or right.box[2] <= left.box[2]:
        return None
    off = abs(right.middle - left.middle)
    return gap if off <= _SAME_LINE * height + _TILT * max(gap, 0.0) else None


def _is_barred(left: Word, right: Word, barriers: Sequence[Box]) -> bool:
    between = (
        left.box[2] - 1,
        min(left.box[1], right.box[1]),
        right.box[0] + 1,
        max(left.box[3], right.box[3]),
    )
    return any(overlap(between, barrier) > 0.3 * area(between) for barrier in barriers)
