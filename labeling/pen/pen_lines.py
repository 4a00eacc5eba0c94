"""Lines of a page that a coloured pen may have marked: their labels, and what it drew behind them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from labeling.pages import geometry
from labeling.pages.pixels import union_box
from labeling.pen.options import answer_of
from labeling.pen.pen_ink import without_pen
from labeling.pen.strokes import ABOVE, LinePlace, Stroke, Strokes, strokes_of
from labeling.words import ink_lines
from labeling.words.read_page import OcrPage, Word

if TYPE_CHECKING:
    from labeling.pages.pixels import Box, Gray, Mask, Matrix

_LABEL_WORDS: Final = re.compile(
    r"regional|segmental|wall|motion|abnormal\w*|rwma|swma|wmas?|pulm\w*|art\w*|hyperten\w*|p\.?a\.?h|pht?n?|"
    r"severity|grade|if|yes",
    re.IGNORECASE,
)
_LEAST_LETTER_PX: Final = 6
# So far before the first stroke an option may stand, in heights of its letters.
_CLOSE: Final = 6.0

# Words of a label, and those behind it on its line.
Label: TypeAlias = tuple[tuple[Word, ...], tuple[Word, ...]]


@dataclass(frozen=True)
class Level:
    """A page without the pen, level and in even light, and what the pen drew on it.

    Attributes:
        inked: with the pen.
        words: as recognised with it, boxes in pixels of the level page.
        matrix: page as given -> level page.
    """

    flat: Gray
    inked: Gray
    strokes: Strokes
    words: tuple[tuple[Word, Box], ...]
    matrix: Matrix


@dataclass(frozen=True)
class Row:
    """A line with a label, and the pen behind it.

    Attributes:
        words: of its label.
        left: where the label ends. start: where the part that is recognised starts.
    """

    words: tuple[tuple[Word, Box], ...]
    left: float
    start: float
    place: LinePlace
    drawn: tuple[Stroke, ...]


def labelled_lines(read: OcrPage) -> list[Label]:
    """The labels of the page: their words, and those behind them on the same line."""
    lines: dict[int, list[Word]] = {}
    for word in read.words:
        lines.setdefault(word.line, []).append(word)
    found = []
    for words in lines.values():
        if ink_lines.names_field([word.text for word in words]):
            end = _label_length(words)
            found.append((tuple(words[:end]), tuple(words[end:])))
    return found


def places_of(labelled: Sequence[Label], read: OcrPage) -> list[Box]:
    """From each label to the right edge of the page, as high as its strokes may reach."""
    fall = abs(math.tan(math.radians(read.skew_deg))) * read.width_px
    found = []
    for words, _ in labelled:
        left, top, _, bottom = union_box(word.box for word in words)
        reach = (ABOVE + 0.5) * (bottom - top) + fall
        found.append((left, top - reach, float(read.width_px), bottom + reach))
    return found


def _label_length(words: Sequence[Word]) -> int:
    """How many words of a line are its label: up to the last that names what is asked for."""
    end = 0
    for at, word in enumerate(words):
        plain = re.sub(r"[^\w.]", "", word.text)
        if end and answer_of(word.text) and not _LABEL_WORDS.fullmatch(plain):
            break
        if _LABEL_WORDS.fullmatch(plain.strip(".")) and not (end and plain.lower() == "yes"):
            end = at + 1
    return end or 1


def levelled(inked: Gray, read: OcrPage, mask: Mask) -> Level:
    """The page level, with the pen's ink and without it; `mask` shows where it is."""
    import cv2
    import numpy as np

    matrix, size = geometry.turn_matrix(inked.shape[1], inked.shape[0], read.skew_deg)
    letter_px = float(np.median([word.box[3] - word.box[1] for word in read.words]))
    flat = without_pen(inked, mask, letter_px)
    if read.skew_deg:
        flat, inked = (
            np.asarray(cv2.warpPerspective(one, matrix, size, borderValue=255)) for one in (flat, inked)
        )
        mask = np.asarray(cv2.warpPerspective(mask, matrix, size), dtype=np.uint8)
    strokes = strokes_of(cv2.threshold(mask, 127, 255, cv2.THRESH_BINARY)[1])
    words = tuple((word, geometry.map_box(word.box, matrix, size)) for word in read.words)
    return Level(flat, inked, strokes, words, matrix)


def row_of(label: Label, level: Level) -> Row | None:
    """A label's line; None where the pen drew nothing behind it."""
    import numpy as np

    boxes = {id(word): box for word, box in level.words}
    words = tuple((word, boxes[id(word)]) for word in label[0])
    heights = [box[3] - box[1] for _, box in words]
    px = min(
        float(np.percentile(heights, 25)), 1.15 * float(np.median([b[3] - b[1] for _, b in level.words]))
    )
    middle = float(np.median([(box[1] + box[3]) / 2 for _, box in words]))
    left, right = words[-1][1][2] + 0.15 * px, float(level.flat.shape[1])
    if px < _LEAST_LETTER_PX or right - left < 2 * px:
        return None
    place = LinePlace(middle, px)
    drawn = tuple(one for one in level.strokes.at(left, right, *place) if _is_of(one, place, level))
    return Row(words, left, left, place, drawn) if drawn else None


def _is_of(one: Stroke, place: LinePlace, level: Level) -> bool:
    """Whether no other line of the page is nearer to a stroke than this."""
    off = abs(one.y - place.middle)
    return not any(
        abs(one.y - (box[1] + box[3]) / 2) < off - 0.2 * place.letter_px
        and abs((box[1] + box[3]) / 2 - place.middle) > 0.8 * place.letter_px
        for word, box in level.words
        if sum(map(str.isalpha, word.text)) > 1 and box[3] - box[1] < 2 * place.letter_px
    )


def closer(row: Row) -> Row:
    """A line from close before its first stroke, where its options would be lost further in front."""
    first = min(one.box[0] for one in row.drawn)
    return replace(row, start=max(row.start, first - _CLOSE * row.place.letter_px))


def band_of(row: Row, flat: Gray) -> Gray:
    """The picture of a line, of a level page, without what reaches in from its neighbours."""
    reach = round(ink_lines.REACH * row.place.letter_px)
    middle = round(row.place.middle)
    piece = ink_lines.band(flat, middle - reach, middle + reach, round(row.start))
    return ink_lines.without_neighbours(piece, row.place.letter_px)


def moved(box: Box, row: Row) -> Box:
    """A box of a row's band on the level page."""
    left = round(row.start)
    top = round(row.place.middle) - round(ink_lines.REACH * row.place.letter_px)
    return box[0] + left, box[1] + top, box[2] + left, box[3] + top
