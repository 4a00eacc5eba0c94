"""Which options of a line the strokes of a pen mark, and which they strike out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from labeling.pages.pixels import Box, Mask
    from labeling.pen.options import Option

# Everything below is in heights of the line's letters. How far above and below its middle a line's strokes
# have theirs.
ABOVE: Final = 2.3
BELOW: Final = 1.7
# Smaller strokes are specks.
_SPECK: Final = 0.32
# Larger ones are stray lines, stamps or signatures.
_TALLEST: Final = 4.2
_WIDEST: Final = 14.0
# A flatter one may run through several words.
_FLAT: Final = 1.5
# The part of a word that a stroke through it crosses, and where strokes around or below it run.
_CORE: Final = 0.3
_OUTSIDE: Final = 0.42
# Share of a word's columns that a stroke along it has, a scribble of its own; that a ring's sides have; that
# a tick beside a word may touch.
_ALONG: Final = 0.6
_DENSE: Final = 0.78
_CLEAR: Final = 0.42
_TOUCHED: Final = 0.35
# A tick is this close to its option or box; another this many times as far may not be meant.
_TICK_GAP: Final = 2.4
_RIVAL: Final = 1.5
# Between a box and its option: at least, since letters reach out of their boxes, and at most.
_TOUCHING: Final = -0.3
_FRAME_GAP: Final = 2.0
# Share of a tick that lies in its box, and of it in another box next to that.
_IN_FRAME: Final = 0.2
_IN_OTHER: Final = 0.4


class Stroke(NamedTuple):
    """A connected piece of the pen's ink: its number among the labels, box, middle and pixels."""

    number: int
    box: Box
    x: float
    y: float
    area: int


@dataclass(frozen=True)
class Strokes:
    """The pen's ink on the level page.

    Attributes:
        labels: height x width, the number of each pixel's stroke, 0 elsewhere.
    """

    labels: Any
    all: tuple[Stroke, ...]

    def at(self, left: float, right: float, middle: float, letter_px: float) -> list[Stroke]:
        """Those of a line, between two columns, that are no specks."""
        return [
            one
            for one in self.all
            if one.box[2] > left
            and one.box[0] < right
            and -ABOVE * letter_px < one.y - middle < BELOW * letter_px
            and max(one.box[2] - one.box[0], one.box[3] - one.box[1]) > _SPECK * letter_px
        ]

    def draws(self, box: Box) -> bool:
        """Whether a box is one that the pen drew: more of its rim is the pen's than a tick crosses."""
        import numpy as np

        left, top, right, bottom = map(round, box)
        piece = self.labels[max(0, top) : bottom, left:right] > 0
        rim = max(2, (bottom - top) // 5)
        sides = (piece[:rim].any(axis=0), piece[-rim:].any(axis=0), piece[:, :rim].any(axis=1))
        return float(np.mean([side.mean() for side in (*sides, piece[:, -rim:].any(axis=1))])) > 0.6

    def share(self, drawn: Sequence[Stroke], box: Box, rows: tuple[float, float]) -> float:
        """Share of a box's columns that some strokes have ink in, between two rows."""
        import numpy as np

        left, right = round(box[0]), max(round(box[2]), round(box[0]) + 1)
        piece = self.labels[max(0, round(rows[0])) : max(0, round(rows[1])), left:right]
        numbers = [one.number for one in drawn]
        return float(np.isin(piece, numbers).any(axis=0).mean()) if piece.size else 0.0


@dataclass(frozen=True)
class Marks:
    """What a line's strokes say.

    Attributes:
        states: of each option, whether it is marked.
        is_plain: exactly one box holds the pen's ink, and all of it is in that box.
    """

    states: tuple[bool, ...]
    is_plain: bool = False


class LinePlace(NamedTuple):
    """Where a line is: height of its middle and of its letters, pixels of the level page."""

    middle: float
    letter_px: float


def strokes_of(mask: Mask) -> Strokes:
    """The strokes of a level page."""
    import cv2
    import numpy as np

    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    places = cv2.findNonZero(joined)
    if places is None:
        return Strokes(labels, ())
    # Measured pixel by pixel of the ink, which is a thousandth of the page's.
    xs, ys = places.reshape(-1, 2).T
    owners = labels[ys, xs]
    is_drawn = mask[ys, xs] > 0
    labels[ys[~is_drawn], xs[~is_drawn]] = 0
    areas = np.bincount(owners[is_drawn], minlength=count)
    pixels = np.maximum(np.bincount(owners, minlength=count), 1)
    middles = (np.bincount(owners, weights=along, minlength=count) / pixels for along in (xs, ys))
    firsts, lasts = np.full((2, count), max(mask.shape)), np.zeros((2, count), np.int64)
    for first, last, along in zip(firsts, lasts, (xs, ys), strict=True):
        np.minimum.at(first, owners, along)
        np.maximum.at(last, owners, along + 1)
    edges = np.concatenate([firsts, lasts]).astype(np.float64)
    rows = zip(edges.T.tolist(), *(one.tolist() for one in (*middles, areas)), strict=True)
    found = (Stroke(number, (*box,), *rest) for number, (box, *rest) in enumerate(rows))
    return Strokes(labels, tuple(found)[1:])


def read_marks(
    strokes: Strokes,
    drawn: Sequence[Stroke],
    options: Sequence[Option],
    frames: Sequence[Box],
    line: LinePlace,
    crossing: Sequence[Box],
) -> Marks | None:
    """What the strokes of a line say of its options; None where that is not clear.

    Args:
        crossing: from `through_middle`.
        drawn: the line's strokes. options, frames: from the left, pixels of the level page.
    """
    if any(_is_stray(one, line) for one in drawn):
        return None
    ringed, struck = _along(strokes, drawn, options, line)
    about = [options[index] for index in (*ringed, *struck)]
    loose = [one for one in drawn if one.box not in crossing and not _belongs(one, about, line)]
    boxes = frame_of_each(options, frames, line.letter_px)
    ticked, is_clear = _in_boxes(strokes, loose, boxes) if boxes else _beside(loose, options, line)
    if not is_clear:
        return None
    marked = _only_left(set(ringed) | ticked, set(struck), len(options))
    states = tuple(index in marked for index in range(len(options)))
    is_plain = len(frames) == len(options) and len(marked) == 1 and not (struck or ringed)
    return Marks(states, is_plain)


def _only_left(marked: set[int], struck: set[int], count: int) -> set[int]:
    """The options that are marked; where none is, the only one that is not struck out."""
    left = set(range(count)) - struck
    return (marked - struck) or (left if len(left) == 1 else set())


def marked_columns(drawn: Sequence[Stroke], options: Sequence[Option], line: LinePlace) -> Marks | None:
    """What strokes in the cells of a table say of the options that head its columns; None where unclear."""
    if any(_is_stray(one, line) for one in drawn):
        return None
    ticked: set[int] = set()
    for one in drawn:
        index, is_clear = _nearest(one, options, line)
        if not is_clear:
            return None
        ticked.add(index)
    return Marks(tuple(index in ticked for index in range(len(options))))


def frame_of_each(options: Sequence[Option], frames: Sequence[Box], letter_px: float) -> list[Box]:
    """The box of each option, where the line has boxes; that of an option whose box was not found stands as
    far from it as the others do.
    """
    import numpy as np

    if len(frames) < 2:
        return []
    behind = [_gap_between(frames[-1], option, True) / letter_px for option in options]
    has_words_behind = any(_TOUCHING < gap < _FRAME_GAP for gap in behind)
    edge = 0 if has_words_behind else 2
    pairs = [_frame_of(option, frames, has_words_behind, letter_px) for option in options]
    found = [(frame, option) for frame, option in zip(pairs, options, strict=True) if frame]
    if len(found) < 2:
        return []
    # From the edge of its option: left and right side; from the top of the page: upper and lower.
    sides = [(box[0] - one.box[edge], box[1], box[2] - one.box[edge], box[3]) for box, one in found]
    left, top, right, bottom = np.median(np.array(sides), axis=0).tolist()
    return [
        frame or (option.box[edge] + left, top, option.box[edge] + right, bottom)
        for frame, option in zip(pairs, options, strict=True)
    ]


def _gap_between(frame: Box, option: Option, has_words_behind: bool) -> float:
    return option.box[0] - frame[2] if has_words_behind else frame[0] - option.box[2]


def _frame_of(option: Option, frames: Sequence[Box], has_words_behind: bool, letter_px: float) -> Box | None:
    """The box nearest to an option, on the side where boxes are."""
    gaps = [(_gap_between(frame, option, has_words_behind) / letter_px, frame) for frame in frames]
    near = [(abs(gap), frame) for gap, frame in gaps if _TOUCHING < gap < _FRAME_GAP]
    return min(near)[1] if near else None


def _along(
    strokes: Strokes, drawn: Sequence[Stroke], options: Sequence[Option], line: LinePlace
) -> tuple[list[int], list[int]]:
    """The options with a stroke around, below or above them, and those with one through them."""
    px = line.letter_px
    ringed, struck = [], []
    for index, option in enumerate(options):
        core, above, below = (
            strokes.share(drawn, option.box, (line.middle + top * px, line.middle + bottom * px))
            for top, bottom in ((-_CORE, _CORE), (-1.7, -_OUTSIDE), (_OUTSIDE, 1.6))
        )
        if core >= _ALONG:
            struck.append(index)
        elif core < _CLEAR and max(above, below) >= _ALONG:
            ringed.append(index)
    return ringed, struck


def is_crossed(strokes: Strokes, drawn: Sequence[Stroke], box: Box, letter_px: float) -> bool:
    """Whether a stroke runs through a word."""
    middle = (box[1] + box[3]) / 2
    rows = (middle - _CORE * letter_px, middle + _CORE * letter_px)
    return strokes.share(drawn, box, rows) >= _ALONG


def through_middle(strokes: Strokes, drawn: Sequence[Stroke], line: LinePlace) -> list[Box]:
    """Flat strokes along the middle of a line, and scribbles: whatever is printed there is struck out."""
    return [one.box for one in drawn if _is_through(strokes, one, line)]


def _is_through(strokes: Strokes, one: Stroke, line: LinePlace) -> bool:
    middle, px = line
    width, height = one.box[2] - one.box[0], one.box[3] - one.box[1]
    off = max(abs(one.y - middle), abs((one.box[1] + one.box[3]) / 2 - middle))
    if width < 1.5 * px or height > 2.5 * px or off > _CORE * px:
        return False
    core, above, below = (
        strokes.share([one], one.box, (middle + top * px, middle + bottom * px))
        for top, bottom in ((-_CORE, _CORE), (-1.2, -_CORE), (_CORE, 1.2))
    )
    is_flat = height < (1.0 if width < 4 * px else _FLAT) * px and height < 0.45 * width
    # A scribble goes up and down all along; a tick is high at its one end.
    return core > _DENSE and (is_flat or min(above, below) > _ALONG)


def _belongs(one: Stroke, options: Sequence[Option], line: LinePlace) -> bool:
    """Whether a stroke is part of what is drawn along options: it reaches beyond none of them."""
    reach = 1.3 * line.letter_px
    at = one.box[0]
    for left, right in sorted((option.box[0] - reach, option.box[2] + reach) for option in options):
        if left <= at:
            at = max(at, right)
    return at >= one.box[2]


def _is_stray(one: Stroke, line: LinePlace) -> bool:
    width, height = one.box[2] - one.box[0], one.box[3] - one.box[1]
    is_flat = height < _FLAT * line.letter_px
    return (width > _WIDEST * line.letter_px and not is_flat) or height > _TALLEST * line.letter_px


def _in_boxes(strokes: Strokes, loose: Sequence[Stroke], boxes: Sequence[Box]) -> tuple[set[int], bool]:
    """The options whose boxes hold strokes, and whether each stroke is in one."""
    import numpy as np

    ticked: set[int] = set()
    for one in loose:
        shares = []
        for box in boxes:
            side = 0.2 * (box[3] - box[1])
            left, top, right, bottom = box[0] - side, box[1] - side, box[2] + side, box[3] + side
            piece = strokes.labels[max(0, round(top)) : round(bottom), max(0, round(left)) : round(right)]
            shares.append(float(np.count_nonzero(piece == one.number)) / max(1, one.area))
        ranked = sorted(range(len(boxes)), key=lambda index: -shares[index])
        if shares[ranked[0]] < _IN_FRAME or shares[ranked[1]] > _IN_OTHER * shares[ranked[0]]:
            return set(), False
        ticked.add(ranked[0])
    return ticked, True


def _beside(loose: Sequence[Stroke], options: Sequence[Option], line: LinePlace) -> tuple[set[int], bool]:
    """The options that loose strokes stand at, and whether each stands at one alone."""
    px = line.letter_px
    ticked: set[int] = set()
    for one in loose:
        for option in options:
            shared = min(one.box[2], option.box[2]) - max(one.box[0], option.box[0])
            is_level = one.box[1] < line.middle + 0.3 * px and one.box[3] > line.middle - 0.3 * px
            if is_level and shared > _TOUCHED * (one.box[2] - one.box[0]):
                return set(), False
        index, is_clear = _nearest(one, options, line)
        if not is_clear:
            return set(), False
        ticked.add(index)
    return ticked, True


def _nearest(one: Stroke, options: Sequence[Option], line: LinePlace) -> tuple[int, bool]:
    """The option a stroke is nearest to, and whether it is near and no other is nearly as near."""
    gaps = sorted(
        (max(option.box[0] - one.box[2], one.box[0] - option.box[2], 0.0), index)
        for index, option in enumerate(options)
    )
    (least, index), (second, _) = gaps[:2]
    px = line.letter_px
    return index, least <= _TICK_GAP * px and second > max(_RIVAL * least, 0.3 * px)
