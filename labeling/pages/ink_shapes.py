"""What is drawn in a line of a form: boxes and how full they are, rings, strokes below and through words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from labeling.pages.pixels import Box, Gray, Mask

INK_LEVEL: Final = 150
# How far below the middle of a line a stroke under its words may lie, in heights of its letters.
LOWEST: Final = 1.35
# In heights of the line's letters.
_FRAME_SIDE: Final = (0.78, 1.8)
_RING_HEIGHT: Final = (1.25, 3.2)
_RING_WIDTH: Final = (1.2, 12.0)
_STROKE_WIDTH: Final = (1.4, 14.0)
_STRIKE_WIDTH: Final = 1.7
_TICK_SIDE: Final = 0.55
# Share of its own box that a disc or a square covers.
_ROUND: Final = 0.66
# Share of a box's side that must be drawn.
_DRAWN: Final = 0.8
# Share of a frame's side that parts its rim from its inside.
_RIM: Final = 0.24
# A circle to tick stands by itself: this far from the letters before and behind it, in heights.
_APART: Final = (0.45, 0.22)


@dataclass(frozen=True)
class Frame:
    """A box or circle to tick.

    Attributes:
        box: pixels of the picture it was looked for in.
        filled: share of its inside that is ink, 0-1.
        level: gray level of its inside, 0-255.
    """

    box: Box
    filled: float
    level: float = 255.0


@dataclass(frozen=True)
class Shapes:
    """What was found in a line; boxes from the left, in pixels of the picture.

    Attributes:
        rings: what is drawn around words. underlines, strikes: strokes below words and through them.
        pieces: every piece of ink that is none of these and no speck: letters, bars, ticks.
        cleared: the picture without frames, rings and strokes.
    """

    frames: tuple[Frame, ...]
    rings: tuple[Box, ...]
    underlines: tuple[Box, ...]
    strikes: tuple[Box, ...]
    pieces: tuple[Box, ...]
    cleared: Gray


def find_shapes(line: Gray, letter_px: float) -> Shapes:
    """Look through the picture of one line, its letters half-way up.

    Args:
        line: even light, level, dark on light.
        letter_px: height of its letters.
    """
    import cv2
    import numpy as np

    ink = (line < INK_LEVEL).astype(np.uint8) * 255
    contours, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    boxes = [_edges(cv2.boundingRect(contour)) for contour in contours]
    frames = _of_one_size([*_squares(ink, letter_px), *_discs(contours, boxes, letter_px)])
    rings = _rings(contours, boxes, ink, letter_px)
    rings = {box: rings[box] for box in rings if not any(_is_inside(frame, box) for frame in frames)}
    below, through = _strokes_by_place(ink, list(rings), letter_px)
    cleared = line.copy()
    for hull in rings.values():
        cv2.drawContours(cleared, [hull], -1, 255, max(3, round(0.3 * letter_px)))
    for left, top, right, bottom in (
        *(_with_overflow(box, boxes, letter_px) for box in frames),
        *below,
        *through,
    ):
        cleared[max(0, int(top) - 2) : int(bottom) + 2, max(0, int(left) - 2) : int(right) + 2] = 255
    pieces = [box for box in boxes if box not in rings and max(_sides(box)) > 0.3 * letter_px]
    found = tuple(Frame(box, _inside(box, ink) / 255, _inside(box, line)) for box in frames)
    return Shapes(found, tuple(sorted(rings)), below, through, tuple(sorted(pieces)), cleared)


def _rings(contours: Sequence[Any], boxes: Sequence[Box], ink: Mask, letter_px: float) -> dict[Box, Any]:
    """The boxes of rings half-way up, each with its outline."""
    import cv2

    middle = ink.shape[0] / 2
    return {
        box: cv2.convexHull(contour)
        for contour, box in zip(contours, boxes, strict=True)
        if abs((box[1] + box[3]) / 2 - middle) < 0.7 * letter_px and _is_ring(contour, box, ink, letter_px)
    }


def _strokes_by_place(
    ink: Mask, rings: Sequence[Box], letter_px: float
) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    """Strokes below the words and through them; those of a ring's own sides are neither."""
    strokes = [
        box for box in _strokes(ink, letter_px) if not any(_is_inside(box, ring, 6.0) for ring in rings)
    ]
    places = [((box[1] + box[3] - ink.shape[0]) / (2 * letter_px), box) for box in strokes]
    below = tuple(box for place, box in places if 0.3 < place < LOWEST)
    long_px = _STRIKE_WIDTH * letter_px
    return below, tuple(box for place, box in places if abs(place) <= 0.3 and _sides(box)[0] >= long_px)


def _sides(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def _is_inside(box: Box, outer: Box, slack: float = 3.0) -> bool:
    is_across = box[0] >= outer[0] - slack and box[2] <= outer[2] + slack
    return is_across and box[1] >= outer[1] - slack and box[3] <= outer[3] + slack


def _is_ring(contour: Any, box: Box, ink: Mask, letter_px: float) -> bool:
    """A line around at least a word: high and wide, round or square, with ink within."""
    import cv2

    left, top, right, bottom = map(int, box)
    width, height = right - left, bottom - top
    if not _RING_HEIGHT[0] <= height / letter_px <= _RING_HEIGHT[1]:
        return False
    if not _RING_WIDTH[0] <= width / letter_px <= _RING_WIDTH[1]:
        return False
    piece = ink[top:bottom, left:right]
    if cv2.contourArea(cv2.convexHull(contour)) < _ROUND * width * height:
        return False
    down, across = round(0.22 * height), round(0.12 * width)
    inner = piece[down : height - down, across : width - across]
    holds_word = inner.size > 0 and cv2.countNonZero(inner) > 0.04 * inner.size
    return holds_word and cv2.countNonZero(piece) < 0.5 * width * height


def _squares(ink: Mask, letter_px: float) -> list[Box]:
    """Boxes of four straight sides, whatever is drawn in and across them."""
    import cv2
    import numpy as np

    # Longer than a tick's thick slanting stroke is high or wide anywhere.
    reach = max(6, round(0.6 * letter_px))
    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, reach), np.uint8))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((reach, 1), np.uint8))
    contours, _ = cv2.findContours(cv2.max(level, upright), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        left, top, width, height = cv2.boundingRect(contour)
        if not _is_even(width, height, letter_px):
            continue
        # A tick that crosses a side may reach out of it a little.
        rim = max(4, round(0.25 * height))
        sides = (
            (level[top : top + rim, left : left + width], 0),
            (level[top + height - rim : top + height, left : left + width], 0),
            (upright[top : top + height, left : left + rim], 1),
            (upright[top : top + height, left + width - rim : left + width], 1),
        )
        if all(float((side.max(axis=axis) > 0).mean()) >= _DRAWN for side, axis in sides):
            found.append(_edges((left, top, width, height)))
    return found


def _discs(contours: Sequence[Any], boxes: Sequence[Box], letter_px: float) -> list[Box]:
    """Round frames that stand by themselves."""
    import cv2

    found = []
    for contour, box in zip(contours, boxes, strict=True):
        width, height = box[2] - box[0], box[3] - box[1]
        share = cv2.contourArea(cv2.convexHull(contour)) / max(width * height, 1.0)
        if (
            _is_even(width, height, letter_px)
            and _ROUND <= share <= 0.88
            and _stands_alone(box, boxes, letter_px)
        ):
            found.append(box)
    return found


def _is_even(width: float, height: float, letter_px: float) -> bool:
    low, high = (side * letter_px for side in _FRAME_SIDE)
    return low <= width <= high and low <= height <= high and 0.78 <= width / max(height, 1) <= 1.28


def _stands_alone(box: Box, boxes: Sequence[Box], letter_px: float) -> bool:
    """No other ink of a letter's size close before or behind it."""
    left, top, right, bottom = box
    for other in boxes:
        is_inside = other[0] >= left and other[2] <= right
        if other == box or is_inside or other[3] - other[1] < 0.35 * letter_px:
            continue
        is_level = other[1] < bottom and other[3] > top
        if is_level and other[0] < right + _APART[1] * letter_px and other[2] > left - _APART[0] * letter_px:
            return False
    return True


def _of_one_size(boxes: Sequence[Box]) -> list[Box]:
    """From the left, those as high as most of them, give or take a third; none where one stands alone: it may
    be a letter.
    """
    import numpy as np

    distinct: list[Box] = []
    for box in sorted(boxes):
        if not distinct or box[0] > distinct[-1][2] - 2:
            distinct.append(box)
    heights = [box[3] - box[1] for box in distinct]
    usual = float(np.median(heights)) if heights else 0.0
    alike = [box for box, height in zip(distinct, heights, strict=True) if 0.67 < height / usual < 1.5]
    return alike if len(alike) > 1 else []


def _strokes(ink: Mask, letter_px: float) -> list[Box]:
    """Level strokes longer than any letter has one."""
    import cv2
    import numpy as np

    shortest = max(9, round(_STROKE_WIDTH[0] * letter_px))
    # A stroke drawn by hand slopes a little: thickened, its level runs are long.
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, shortest), np.uint8))
    joined = cv2.dilate(runs, np.ones((3, 5), np.uint8))
    contours, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = [_edges(cv2.boundingRect(contour)) for contour in contours]
    most = _STROKE_WIDTH[1] * letter_px
    return sorted(box for box in boxes if box[3] - box[1] <= 0.45 * letter_px and box[2] - box[0] <= most)


def _with_overflow(frame: Box, boxes: Sequence[Box], letter_px: float) -> Box:
    """The frame with a tick that reaches out of it."""
    for box in boxes:
        is_around = box[0] <= frame[0] + 3 and box[2] >= frame[2] - 3
        if is_around and box[2] - box[0] < frame[2] - frame[0] + 0.9 * letter_px:
            return box
    return frame


def may_be_tick(box: Box, letter_px: float) -> bool:
    """As large as a letter and not as narrow as a bar."""
    width, height = box[2] - box[0], box[3] - box[1]
    return min(width, height) >= _TICK_SIDE * letter_px and width >= 0.6 * height and width < 3 * letter_px


def _inside(box: Box, picture: Gray) -> float:
    """The mean of what lies within a frame's rim."""
    left, top, right, bottom = map(int, box)
    across, down = max(3, round(_RIM * (right - left))), max(3, round(_RIM * (bottom - top)))
    inner = picture[top + down : bottom - down, left + across : right - across]
    return float(inner.mean()) if inner.size else 0.0


def _edges(box: Sequence[float]) -> Box:
    left, top, width, height = box
    return float(left), float(top), float(left + width), float(top + height)
