"""Lines of print that are struck out as a whole: told by the ink that joins their words, of which an engine
often reads nothing.

A stroke joins letters and words to one piece of ink. Between them it is all there is, and lies within the
height of the letters; an underline that touches them lies at their feet.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from labeling.pages.geometry import outer_boxes
from labeling.pages.pixels import union_box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeling.pages.pixels import Box, Gray, Mask

# Gray level of a page in even light below which a pixel is ink, be it a thin line's.
_INK: Final = 185
# Letters: so high, in pixels, and no wider than so many heights; of their heights this percentile, times
# that, is the height of capitals.
_LETTER_PX: Final = (6, 120)
_LETTER_WIDTH: Final = 4
_LEAST_LETTERS: Final = 20
_CAPITAL: Final = (60, 1.15)
_LEAST_PX: Final = 11.0
# Everything below is in heights of capitals. A piece that may be struck words: width and height.
_WIDTH: Final = 2.6
_HEIGHT: Final = (0.9, 2.4)
_SLOPE: Final = 0.03
# Columns in which there is nothing but a stroke: at most so high; of two strokes one above the other, so
# high, of which so much is ink, and no higher than the least of the piece by this factor.
_THIN: Final = 0.4
_TWO: Final = (0.8, 0.7, 1.12)
# Letters are at least so high, and fill so much of its width: a curve has a peak here and there.
_BODY: Final = 0.45
_FILLED: Final = 0.4
# Of struck letters so much is ink from head to foot (0.69 and more); of a signature's ups and downs 0.45.
_INKED: Final = 0.57
# Where, from the letters' heads (0) to their feet (1), a stroke is no underline.
_BAND: Final = (0.12, 0.85)
# So many gaps that it spans, of all, and so wide together; fewer of a scribble, which must be the wider.
_GAPS: Final = 4
_OF_ALL: Final = 0.5
_TOGETHER: Final = 1.2
_OF_ALL_SCRIBBLE: Final = 0.4
_TOGETHER_SCRIBBLE: Final = 2.5
# So far beyond the words of the page there may be more of them.
_AROUND: Final = 4.0


class Print(NamedTuple):
    """What is ink on a page, 1 or 0, and the boxes (left, top, width, height) of what hangs together."""

    ink: Mask
    boxes: list[tuple[int, int, int, int]]


def print_of(flat: Gray) -> Print:
    """The ink of a page in even light, not turned."""
    import numpy as np

    ink = (flat < _INK).astype(np.uint8)
    return Print(ink, outer_boxes(ink))


def struck_lines(printed: Print, words: Sequence[Box], skew_deg: float) -> tuple[Box, ...]:
    """Where words are struck out by lines that join them, as high as their letters.

    Args:
        words: where those of the page stand, in the same pixels.
    """
    ink, boxes = printed
    letter_px = _capital(boxes)
    if letter_px < _LEAST_PX or not words:
        return ()
    slope = abs(math.tan(math.radians(skew_deg))) + _SLOPE
    room = _AROUND * letter_px
    whole = union_box(words)
    around = whole[0] - room, whole[1] - room, whole[2] + room, whole[3] + room
    found = []
    for x, y, width, height in boxes:
        if width < _WIDTH * letter_px or not _lies_in((x, y, x + width, y + height), around):
            continue
        if _HEIGHT[0] * letter_px <= height <= _HEIGHT[1] * letter_px + slope * width:
            rows = _struck_rows(_largest(ink[y : y + height, x : x + width]), letter_px)
            found += [(float(x), y + rows[0], float(x + width), y + rows[1])] if rows else []
    return tuple(found)


def _lies_in(box: Box, outer: Box) -> bool:
    return box[0] >= outer[0] and box[1] >= outer[1] and box[2] <= outer[2] and box[3] <= outer[3]


def _capital(boxes: Sequence[tuple[int, int, int, int]]) -> float:
    """Height of the page's capitals, pixels; 0 where it has too few letters."""
    import numpy as np

    least, most = _LETTER_PX
    heights = [high for _, _, wide, high in boxes if least <= high < most and wide < _LETTER_WIDTH * high]
    return float(np.percentile(heights, _CAPITAL[0])) * _CAPITAL[1] if len(heights) > _LEAST_LETTERS else 0.0


def _largest(piece: Any) -> Any:
    """The largest of what hangs together in a piece."""
    import cv2
    import numpy as np

    _, labels, stats, _ = cv2.connectedComponentsWithStats(piece)
    return labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))


class _Columns(NamedTuple):
    """Of each column of a piece: its first and last row with ink, whether it is but a stroke, and how much of
    it is ink.
    """

    top: Any
    bottom: Any
    is_thin: Any
    inked: Any


def _struck_rows(piece: Any, letter_px: float) -> tuple[float, float] | None:
    """The rows of the letters of a piece that a stroke runs through; None of any other."""
    import numpy as np

    columns = _columns(piece, letter_px)
    body = ~columns.is_thin
    if int(body.sum()) < max(letter_px, _FILLED * len(body)) or columns.inked[body].mean() < _INKED:
        return None
    head, foot = float(np.median(columns.top[body])), float(np.median(columns.bottom[body]))
    if foot - head < _BODY * letter_px:
        return None
    at = ((columns.top + columns.bottom) / 2 - head) / (foot - head)
    gaps = _runs(columns.is_thin)
    spanned = [gap for gap in gaps if _BAND[0] < float(np.median(at[slice(*gap)])) < _BAND[1]]
    together = sum(end - start for start, end in spanned) / letter_px
    if len(spanned) < _GAPS:
        return None
    share = len(spanned) / len(gaps)
    is_line = share >= _OF_ALL and together >= _TOGETHER
    is_scribble = share >= _OF_ALL_SCRIBBLE and together >= _TOGETHER_SCRIBBLE
    if not (is_line or is_scribble):
        return None
    return head, foot


def _columns(piece: Any, letter_px: float) -> _Columns:
    import numpy as np

    height, width = piece.shape
    counts = piece.sum(axis=0)
    top = piece.argmax(axis=0).astype(np.float64)
    bottom = height - 1.0 - piece[::-1].argmax(axis=0)
    extents = bottom - top + 1
    two, inked, least = _TWO
    is_two = (extents <= two * letter_px) & (counts <= inked * extents)
    is_two &= extents <= least * float(np.percentile(extents, 4)) + 1
    is_thin = (extents <= _THIN * letter_px) | is_two
    body = np.flatnonzero(~is_thin)
    if len(body) > letter_px:
        # The slope of the letters, not of the stroke.
        fall = np.polyfit(body, (top[body] + bottom[body]) / 2, 1)[0] * (np.arange(width) - width / 2)
        top, bottom = top - fall, bottom - fall
    return _Columns(top, bottom, is_thin, counts / extents)


def _runs(flags: Any) -> list[tuple[int, int]]:
    """Where runs of true start, and behind their ends."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
