"""Words of a picture that somebody struck out: a line runs through letters and the gaps between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from labeling.pages import counting
from labeling.pages.geometry import outer_boxes
from labeling.words import rapid_lines

if TYPE_CHECKING:
    from labeling.pages.pixels import Box, Gray
    from labeling.words.read_page import OcrPage, Word

_LEAST_PX: Final = 8
# In heights of the line's letters: ink that hangs together so far is more than one letter, and a line runs so
# far through them, in their middle part.
_JOINED: Final = 1.2
_RUN: Final = 1.45
_BAND: Final = (0.2, 0.8)
# What is looked at beside a word.
_BESIDE: Final = 0.5
# Rise of the lines that are tried.
_STEEPEST: Final = 0.8
_STEEP: Final = 0.35
_SLOPES: Final = 33
# Share of a line's columns with ink above it or below that is not its own; a dash has none.
_THROUGH: Final = 0.25
_THROUGH_HALF: Final = 0.08
_RIM_PX: Final = 1.5
# How far a line goes on beyond the letters, and how long one is that need not.
_BEYOND: Final = 0.15
_LEAST_BEYOND_PX: Final = 3.0
_LONG: Final = 2.6
# The stroke of "%" and of "/" slants, too, and is shorter.
_SLANTING: Final = 0.2
_STEEP_RUN: Final = 1.55
# Two lines over one word: how far from one another, share of the columns that are ink between them and of
# the second line.
_TWIN: Final = 0.6
_BETWEEN: Final = 0.7
_COVERED: Final = 0.95
# Each 4 has a bar of its own, and two of them nearly a line: between them it is paler than this share of it.
_DIGIT: Final = re.compile(r"\d")
_BARLESS: Final = re.compile(r"[0-35-9]")
_EVEN: Final = 0.94
# Two digits are so many heights wide.
_TWO_DIGITS: Final = 1.35
# A line that a program drew through a number: where it may lie, half of how thick it may be, how much of the
# word it covers and of it has digits above or below, and how much paper between them (thickness and paper in
# heights of the line's letters).
_TYPED_BAND: Final = (0.3, 0.75)
_TYPED_PX: Final = 0.1
_TYPED_WHOLE: Final = 0.93
_TYPED_INK: Final = 0.5
_TYPED_GAP: Final = 0.06
# A page that is crossed out: at this size, lines so much darker than what is around them, so much of the
# shorter side long, and so far from level and upright.
_CROSSED_PX: Final = 900
_CROSSED_LEVELS: Final = 30
_CROSSED_SIDE: Final = 0.35
_CROSSED_SLOPE: Final = 0.2
# Gray levels between a word and its paper; less is no print that a line could be told in.
_LEAST_CONTRAST: Final = 40


def struck_on_picture(gray: Gray, read: OcrPage) -> tuple[Box, ...]:
    """Where lines run through words of lines with findings, as high as the words.

    Args:
        gray: the page as given.
        read: its words. Of a page that was turned or is unreadable nothing is told.
    """
    import numpy as np

    lines = [] if read.unreadable_reason or read.rotation_deg else _lines_that_matter(read.words)
    if not lines:
        return ()
    found = []
    for line in lines:
        letter_px = float(np.median([word.box[3] - word.box[1] for word in line]))
        places = (
            stroke_through(gray, word.box, letter_px) or _stroke_of_type(gray, word, letter_px)
            for word in line
            if any(map(str.isalnum, word.text))
        )
        found += [place for place in places if place is not None]
    return tuple(found)


def is_crossed_out(gray: Gray) -> bool:
    """Whether two long slanting lines cross on a page: somebody made it void.

    Args:
        gray: the page as given.
    """
    import cv2
    import numpy as np

    scale = min(1.0, _CROSSED_PX / max(gray.shape))
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = cv2.subtract(cv2.blur(small, (31, 31)), small)
    _, mask = cv2.threshold(ink, _CROSSED_LEVELS, 255, cv2.THRESH_BINARY)
    longest = int(_CROSSED_SIDE * min(small.shape))
    lines = cv2.HoughLinesP(mask, 1, np.pi / 180, 120, minLineLength=longest, maxLineGap=6)
    found = [] if lines is None else [tuple(map(int, line)) for line in lines.reshape(-1, 4)]
    rising = [line for line in found if _slants(line) and (line[3] - line[1]) * (line[2] - line[0]) < 0]
    falling = [line for line in found if _slants(line) and (line[3] - line[1]) * (line[2] - line[0]) > 0]
    return any(_cross(one, two) for one in rising for two in falling)


_Ends = tuple[int, ...]


def _slants(line: _Ends) -> bool:
    across, down = abs(line[2] - line[0]), abs(line[3] - line[1])
    return down > _CROSSED_SLOPE * across and across > _CROSSED_SLOPE * down


def _cross(one: _Ends, two: _Ends) -> bool:
    """Whether two lines have a point in common."""
    return _parts(one, two) and _parts(two, one)


def _parts(line: _Ends, other: _Ends) -> bool:
    """Whether the ends of one line lie on both sides of another."""
    x, y, dx, dy = line[0], line[1], line[2] - line[0], line[3] - line[1]
    sides = [dx * (other[at + 1] - y) - dy * (other[at] - x) for at in (0, 2)]
    return sides[0] * sides[1] < 0


def _lines_that_matter(words: Sequence[Word]) -> list[list[Word]]:
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return [line for line in lines.values() if rapid_lines.speaks_of_findings(line)]


def stroke_through(gray: Gray, box: Box, letter_px: float) -> Box | None:
    """Where a line runs through a word, as high as the word; None where none does.

    Args:
        gray: the page. box: of the word. letter_px: height of its line's letters.
    """
    beside = round(_BESIDE * letter_px)
    left, top = max(0, int(box[0]) - beside), max(0, int(box[1]))
    piece = gray[top : round(box[3]), left : round(box[2]) + beside]
    ink = _ink(piece) if min(piece.shape, default=0) >= _LEAST_PX else None
    if ink is None or not _hangs_together(ink, letter_px):
        return None
    run = _longest_run(ink, letter_px)
    if run is None:
        return None
    inside = max(box[0], left + run[0]), min(box[2], left + run[1])
    return (inside[0], box[1], inside[1], box[3]) if inside[0] < inside[1] else None


def _stroke_of_type(gray: Gray, word: Word, letter_px: float) -> Box | None:
    """Where a program struck out a number: a level line as long as its digits, over the paper between them.

    No digit has such a line of its own, so that it need not go on beyond them; but the bars of fours are
    nearly one, and a stroke is as dark between them.
    """
    import numpy as np

    if not _DIGIT.search(word.text):
        return None
    has_bars, box = not _BARLESS.search(word.text), word.box
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    piece = gray[top : round(box[3]), left : round(box[2])]
    ink = _ink(piece) if min(piece.shape, default=0) >= _LEAST_PX else None
    if ink is None:
        return None
    first, behind = _joined(ink, letter_px) if has_bars else _ends(ink)
    left, piece, ink = left + first, piece[:, first:behind], ink[:, first:behind]
    thick = ink.copy()
    thick[1:] |= ink[:-1]
    thick[:-1] |= ink[1:]
    high, wide = ink.shape
    least = max(letter_px, _TYPED_WHOLE * wide)
    rim = max(2, round(_TYPED_PX * letter_px))
    upper = round(_TYPED_BAND[0] * high)
    starts, lengths = _longest_in_rows(thick[upper : round(_TYPED_BAND[1] * high)])
    for number in np.flatnonzero(lengths >= least).tolist():
        row, start, length = upper + number, int(starts[number]), int(lengths[number])
        columns = slice(start, start + length)
        beyond = np.concatenate([ink[: max(0, row - rim), columns], ink[row + rim + 1 :, columns]])
        is_stroke = (
            _is_even(piece[row, columns], piece)
            if has_bars
            else _crosses_digits(np.asarray(beyond.any(axis=0)), letter_px)
        )
        if is_stroke:
            return (left + start, box[1], left + start + length, box[3])
    return None


def _joined(ink: Any, letter_px: float) -> tuple[int, int]:
    """The first column of the widest piece of ink and the one behind it; of all where that is one digit."""
    import numpy as np

    widest = max(outer_boxes(ink.astype(np.uint8)), key=lambda one: one[2])
    return (widest[0], widest[0] + widest[2]) if widest[2] >= _TWO_DIGITS * letter_px else _ends(ink)


def _ends(ink: Any) -> tuple[int, int]:
    import numpy as np

    whole = np.flatnonzero(ink.any(axis=0))
    return int(whole[0]), int(whole[-1]) + 1


def _is_even(row: Any, piece: Gray) -> bool:
    """Whether a row is as dark where two digits meet as elsewhere; blurred bars are paler there."""
    import numpy as np

    levels = np.abs(row.astype(np.float64) - float(np.median(piece)))
    inner = levels[len(levels) // 10 : len(levels) - len(levels) // 10]
    return float(inner.min()) >= _EVEN * float(np.median(inner))


def _crosses_digits(inked: Any, letter_px: float) -> bool:
    """Whether a line lies over digits and over paper between two; `inked`: bool, columns with other ink."""
    import numpy as np

    touched = np.flatnonzero(inked)
    if len(touched) < _TYPED_INK * len(inked):
        return False
    between = int(np.count_nonzero(~inked[touched[0] : touched[-1] + 1]))
    return between >= max(2, _TYPED_GAP * letter_px)


def _ink(piece: Gray) -> Any:
    """Which pixels are print or a stroke; None where there is no contrast."""
    import numpy as np

    counts = counting.counts_of(np.ascontiguousarray(piece))
    dark, usual, light = (counting.percentile(counts, percent) for percent in (3, 50, 92))
    if light - dark < _LEAST_CONTRAST:
        return None
    middle = (dark + light) / 2
    return piece < middle if usual > middle else piece > middle


def _hangs_together(ink: Any, letter_px: float) -> bool:
    """Whether a piece of ink is wider than a letter: most words need no closer look."""
    import numpy as np

    return any(width > _JOINED * letter_px for _, _, width, _ in outer_boxes(ink.astype(np.uint8)))


def _longest_run(ink: Any, letter_px: float) -> tuple[int, int] | None:
    """The first column of the longest straight line of ink and the one behind it; None where none is so long
    and runs through letters.
    """
    import numpy as np

    height, width = ink.shape
    thick = ink.copy()
    thick[1:] |= ink[:-1]
    thick[:-1] |= ink[1:]
    best, longest = None, round(_RUN * letter_px) - 1
    # A line hangs together: without anything as wide there is none.
    if all(wide <= longest for _, _, wide, _ in outer_boxes(thick.astype(np.uint8))):
        return None
    middle, columns = (width - 1) / 2, np.arange(width)
    for slope in np.linspace(-_STEEPEST, _STEEPEST, _SLOPES):
        rise = slope * (columns - middle)
        low, high = _BAND if abs(slope) < _STEEP else (0.0, 1.0)
        reach = int(abs(slope) * middle)
        at = np.arange(int(low * height) - reach, int(high * height) + reach)
        rows = np.rint(at[:, None] + rise).astype(int)
        is_inside = (rows >= low * height) & (rows < high * height)
        starts, lengths = _longest_in_rows(thick[rows.clip(0, height - 1), columns] & is_inside)
        for number in np.flatnonzero(lengths > longest).tolist():
            start, length = int(starts[number]), int(lengths[number])
            if length > longest and _strikes(ink, rows[number, start : start + length], start, letter_px):
                best, longest = (start, start + length), length
    return best


def _longest_in_rows(covered: Any) -> tuple[Any, Any]:
    """The longest run of columns in each row: its first column, and how many; the first of several."""
    import numpy as np

    columns = np.arange(covered.shape[1])
    # Of each column: how far the run that ends there reaches.
    lengths = columns - np.maximum.accumulate(np.where(covered, -1, columns), axis=1)
    ends = lengths.argmax(axis=1)
    longest = lengths[np.arange(len(covered)), ends]
    return ends + 1 - longest, longest


def _strikes(ink: Any, rows: Any, start: int, letter_px: float) -> bool:
    """Whether a line runs through letters, which reach out above and below it, and on beyond them, as a pen
    does and no letter's own bar; or is one of two; or runs through so many that no bar is so long.
    """
    import numpy as np

    clear = _thickness(ink, rows, start) / 2 + _RIM_PX
    columns = np.arange(start, start + len(rows))
    off = np.arange(ink.shape[0])[:, None] - rows
    above = (ink[:, columns] & (off < -clear)).any(axis=0)
    below = (ink[:, columns] & (off > clear)).any(axis=0)
    if min(above.mean(), below.mean()) < _THROUGH:
        return False
    touched = np.flatnonzero(above | below)
    ends = int(touched[0]), len(rows) - 1 - int(touched[-1])
    is_steep = abs(int(rows[-1]) - int(rows[0])) > _STEEP * len(rows)
    is_beyond = max(ends) >= max(_LEAST_BEYOND_PX, _BEYOND * letter_px)
    is_slanting = abs(int(rows[-1]) - int(rows[0])) > _SLANTING * len(rows)
    if is_slanting and len(rows) < _STEEP_RUN * letter_px:
        return False
    # An underline at the feet of "mmHg" has ink below it, too, but only where a letter reaches down.
    if not is_slanting and min(half.mean() for half in np.array_split(below, 2)) < _THROUGH_HALF:
        return False
    return (
        is_beyond
        or len(rows) >= _LONG * letter_px
        or (not is_steep and _has_twin(ink, rows, start, letter_px))
    )


def _has_twin(ink: Any, rows: Any, start: int, letter_px: float) -> bool:
    """Whether a second line runs beside a level one, with paper between them."""
    import numpy as np

    height = ink.shape[0]
    columns = np.arange(start, start + len(rows))
    for sign in (-1, 1):
        shares = [
            float(ink[(rows + sign * off).clip(0, height - 1), columns].mean())
            for off in range(round(_TWIN * letter_px) + 1)
        ]
        between = int(np.argmin(shares))
        if shares[between] < _BETWEEN and max(shares[between:]) >= _COVERED:
            return True
    return False


def _thickness(ink: Any, rows: Any, start: int) -> float:
    """How thick a line is where it is thinnest, pixels."""
    import numpy as np

    height = ink.shape[0]
    found = np.zeros(len(rows))
    columns = np.arange(start, start + len(rows))
    for sign in (-1, 1):
        is_on = np.ones(len(rows), bool)
        for further in range(1, height):
            at = rows + sign * further
            is_on &= (at >= 0) & (at < height) & ink[at.clip(0, height - 1), columns]
            found += is_on
            if not is_on.any():
                break
    return float(np.percentile(found, 15)) + 1
