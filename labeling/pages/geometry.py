"""Put a page level: skew and mild keystone, found from its text lines, as one transform with a way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labeling.pages.pixels import Box, Gray, Mask, Matrix

MAX_SKEW_DEG = 14.0
_COARSE_LONG_SIDE_PX = 420
_TINY_LONG_SIDE_PX = 300
_FINE_LONG_SIDE_PX = 800
_INK_LEVEL = 205
# A page tilted further than this about its vertical axis is not what "mild keystone" means; the fit is then
# wrong.
_MAX_SLOPE_CHANGE = 0.2
_MIN_SLOPE_CHANGE = 0.004
_LEAST_SLOPE = 0.006
# Text that fills less of the page's height than this tells its slope but not how the slope changes.
_LEAST_SPREAD = 0.25
_FEW_LINES = 3
_MIN_LINES_FOR_KEYSTONE = 6


@dataclass(frozen=True)
class Levelling:
    """How a page was made level.

    Attributes:
        matrix: 3x3, page as given -> level page (homogeneous pixel coordinates).
        size: (width, height) of the level page in pixels.
        skew_deg: turn that was undone, degrees, positive counter-clockwise.
        slope_change: how much the slope of the text lines changed from top to bottom; 0 is no keystone.
        line_height_px: usual height of a line of text from descender to ascender on the page as given; 0 when
            no lines of text were seen.
    """

    matrix: Matrix
    size: tuple[int, int]
    skew_deg: float
    slope_change: float
    line_height_px: float


def ink_map(flat: Gray, long_side_px: int) -> Mask:
    """Small binary map of the marks on a flattened page, 255 where there is ink."""
    import cv2
    import numpy as np

    scale = min(1.0, long_side_px / max(flat.shape))
    small = cv2.resize(flat, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    # Blurred once more because a noisy photo otherwise has "ink" everywhere.
    smooth = cv2.GaussianBlur(small, (0, 0), 0.8)
    return np.asarray(cv2.inRange(smooth, np.array([0]), np.array([_INK_LEVEL])), dtype=np.uint8)


def level(flat: Gray) -> Levelling:
    """Find the transform that makes the text lines of a flattened page lie level and parallel."""
    import cv2
    import numpy as np

    height, width = flat.shape
    scale = min(1.0, _FINE_LONG_SIDE_PX / max(flat.shape))
    small = cv2.resize(flat, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    skew_deg = estimate_skew(ink_map(small, _COARSE_LONG_SIDE_PX))
    slopes, crossing, widths, heights = _text_stretches(small, skew_deg)
    change = 0.0
    if len(slopes) >= _MIN_LINES_FOR_KEYSTONE:
        offset, change = _fit_pencil(slopes, crossing, widths)
        if skew_deg or change or abs(offset) > _LEAST_SLOPE:
            skew_deg += float(np.degrees(np.arctan(offset)))
    matrix, size = turn_matrix(width, height, skew_deg)
    if change:
        matrix = _unpencil(change / size[1], size) @ matrix
    line_height_px = float(np.median(heights)) / scale if len(heights) else 0.0
    return Levelling(matrix, size, skew_deg, change, line_height_px)


def row_sharpness(ink: Mask, angle_deg: float) -> float:
    """How strongly ink gathers in rows after turning by `angle_deg`; higher is better aligned."""
    import cv2
    import numpy as np

    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0)
    turned = cv2.warpAffine(ink, turn, (width, height), flags=cv2.INTER_NEAREST)
    # Whole numbers: twice as fast as floating ones, and the same.
    rows = cv2.reduce(turned, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel().astype(np.float64)
    return float(np.square(np.diff(rows)).sum())


def estimate_skew(ink: Mask) -> float:
    """Angle in degrees, to a tenth, by which to turn the page; positive is counter-clockwise."""
    import numpy as np

    if not ink.any():
        return 0.0
    known: dict[float, float] = {}

    def sharpness(angle: float) -> float:
        # Each step looks at the best of the one before again.
        if angle not in known:
            known[angle] = row_sharpness(ink, angle)
        return known[angle]

    angles = np.arange(-MAX_SKEW_DEG, MAX_SKEW_DEG + 0.5, 2.0)
    best = max(map(float, angles), key=sharpness)
    for step, reach in ((0.6, 2), (0.2, 2), (0.1, 1)):
        best = max(map(float, best + step * np.arange(-reach, reach + 1)), key=sharpness)
    # A scan that lies straight is left untouched: turning it by next to nothing only blurs it.
    is_straight = abs(best) <= 2.0 and sharpness(0.0) > 0.9 * sharpness(best)
    return 0.0 if is_straight else best


def runs_down(flat: Gray) -> bool:
    """Whether lines of text run down the page, as they do on a picture that lies on its side."""
    import numpy as np

    # Every second pixel will do to tell rows from columns.
    ink = ink_map(np.ascontiguousarray(flat[::2, ::2]), _TINY_LONG_SIDE_PX)
    if not ink.any():
        return False
    angles = (-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0)
    scores = []
    for view in (ink, np.ascontiguousarray(ink.T)):
        mean_row = float(view.sum(axis=1, dtype=np.float64).mean())
        scores.append(max(row_sharpness(view, angle) for angle in angles) / (view.shape[0] * mean_row**2))
    return bool(scores[1] > 1.3 * scores[0])


def turn_matrix(width: int, height: int, angle_deg: float) -> tuple[Matrix, tuple[int, int]]:
    """3x3 turn about the middle of the page, with a canvas grown so that no corner is lost."""
    import cv2
    import numpy as np

    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    new_width, new_height = round(width * cos + height * sin), round(height * cos + width * sin)
    turn[0, 2] += (new_width - width) / 2
    turn[1, 2] += (new_height - height) / 2
    return np.vstack([turn, [0.0, 0.0, 1.0]]).astype(np.float64), (new_width, new_height)


def _text_stretches(small: Gray, skew_deg: float) -> tuple[Any, Any, Any, Any]:
    """The stretches of text on the page once its skew is undone, one value of each array a stretch.

    Returns:
        Arrays (remaining slope; height at which the stretch's line crosses mid-page as a share of the page
        from -0.5 to 0.5; width in pixels; thickness in pixels). Only thicknesses where there are hardly any
        lines.
    """
    import cv2
    import numpy as np

    turn, size = turn_matrix(small.shape[1], small.shape[0], skew_deg)
    turned = cv2.warpPerspective(small, turn, size, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
    ink = _without_frames(ink_map(turned, max(turned.shape)))
    runs = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 11), np.uint8))
    parts = _parts(runs)
    widths, heights = parts.widths, parts.heights
    filled = parts.areas / np.maximum(widths * heights, 1)
    # Words fill about half of their box; ruled lines all of it and table frames hardly any.
    is_text = (filled > 0.3) & (filled < 0.95) & (heights >= 4)
    is_text &= heights <= 32
    is_text[0] = False
    chosen = (widths >= 50) & (widths >= 5 * heights) & is_text
    if int(chosen.sum()) < _FEW_LINES:
        # A page with hardly any text: single words must do. They tell no slope, but how large the type is.
        words = (widths >= 16) & (widths >= 1.5 * heights) & is_text
        # In a picture without text there are specks of every shape.
        words &= int(words.sum()) > 0.25 * int(is_text.sum())
        none = np.zeros(0)
        return none, none, none, heights[words].astype(np.float64)
    xs, ys, owner = parts.pixels_of(chosen)
    dx, dy = xs - parts.middles[owner, 0], ys - parts.middles[owner, 1]
    count = len(chosen)
    spread = np.bincount(owner, dx * dx, count)[chosen]
    slopes = np.bincount(owner, dx * dy, count)[chosen] / np.maximum(spread, 1e-6)
    middles = parts.middles[chosen]
    crossing = (middles[:, 1] - slopes * (middles[:, 0] - size[0] / 2)) / size[1] - 0.5
    # A tilted stretch is taller than its letters by its tilt.
    thickness = heights[chosen] - np.abs(slopes) * widths[chosen]
    return slopes, crossing, widths[chosen].astype(np.float64), thickness


@dataclass(frozen=True)
class _Parts:
    """What hangs together in a binary map, one row of each array a part; the first is the background, empty.

    Attributes:
        widths, heights, areas: pixels.
        middles: mean place (x, y) of their pixels.
        runs: stretches of ink in rows as four arrays: part, row, first column, length.
    """

    widths: Any
    heights: Any
    areas: Any
    middles: Any
    runs: tuple[Any, Any, Any, Any]

    def pixels_of(self, chosen: Any) -> tuple[Any, Any, Any]:
        """The pixels of the chosen parts row by row: their columns, rows and parts."""
        import numpy as np

        part, y, start, length = (one[chosen[self.runs[0]]] for one in self.runs)
        first = np.cumsum(length) - length
        xs = np.arange(int(length.sum())) + np.repeat(start - first, length)
        return xs, np.repeat(y, length), np.repeat(part, length)


def _parts(ink: Mask) -> _Parts:
    """Measured by runs of ink in rows: there are a hundred times fewer of them than pixels."""
    import cv2
    import numpy as np

    count, labels = cv2.connectedComponents(ink, connectivity=4)
    height, width = ink.shape
    # A bare column before each row, and a bare pixel after the last, part the runs.
    bare = np.zeros(height * (width + 1) + 1, np.uint8)
    bare[:-1].reshape(height, width + 1)[:, 1:] = ink
    edges = np.flatnonzero(bare[1:] != bare[:-1])
    y, start = np.divmod(edges[::2], width + 1)
    end = edges[1::2] - y * (width + 1)
    part: Any = labels[y, start]
    length = end - start
    weights = length, (start + end - 1) * length // 2, y * length
    areas, all_x, all_y = (np.bincount(part, weight, count) for weight in weights)
    left, top = np.full(count, width), np.full(count, height)
    right, bottom = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.minimum.at(left, part, start)
    np.maximum.at(right, part, end)
    np.minimum.at(top, part, y)
    np.maximum.at(bottom, part, y + 1)
    return _Parts(
        np.maximum(right - left, 0),
        np.maximum(bottom - top, 0),
        areas,
        np.stack([all_x, all_y], axis=1) / np.maximum(areas, 1)[:, None],
        (part, y, start, length),
    )


def outer_boxes(mask: Mask) -> list[tuple[int, int, int, int]]:
    """The boxes (left, top, width, height) of what hangs together in a mask, at corners too.

    Outlines are found ten times as fast as what hangs together is measured, and give the same boxes.
    """
    import cv2

    outlines, levels = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    is_outer = levels.reshape(-1, 4)[:, 3] < 0 if outlines else ()
    boxes = (cv2.boundingRect(one) for one, outer in zip(outlines, is_outer, strict=True) if outer)
    return [(left, top, width, height) for left, top, width, height in boxes]


def _without_frames(ink: Mask) -> Mask:
    """Ink without the long straight strokes of table frames, which would pass for very tall lines of text."""
    import cv2
    import numpy as np

    level_rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, 40), np.uint8))
    upright_rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((26, 1), np.uint8))
    frames = cv2.dilate(cv2.max(level_rules, upright_rules), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.subtract(ink, frames))


def _fit_pencil(slopes: Any, crossing: Any, weights: Any) -> tuple[float, float]:
    """Robust slope at mid-page, and its change over the page height (0 where it can't be told).

    Perspective makes the slope of parallel lines linear in the height at which they cross the middle.
    """
    import numpy as np

    keep = np.abs(slopes) < 0.12
    offset = change = error = 0.0
    for _ in range(4):
        if int(keep.sum()) < _MIN_LINES_FOR_KEYSTONE:
            return 0.0, 0.0
        if float(np.ptp(crossing[keep])) < _LEAST_SPREAD:
            return float(np.median(slopes[keep])), 0.0
        fit, covariance = np.polyfit(crossing[keep], slopes[keep], 1, w=weights[keep], cov=True)
        change, offset, error = float(fit[0]), float(fit[1]), float(np.sqrt(covariance[0, 0]))
        misfit = np.abs(slopes - offset - change * crossing)
        keep = misfit < max(0.003, 2.5 * float(np.median(misfit)))
    if abs(change) > _MAX_SLOPE_CHANGE:
        return 0.0, 0.0
    return offset, change if abs(change) > max(3 * error, _MIN_SLOPE_CHANGE) else 0.0


def _unpencil(change_per_px: float, size: tuple[int, int]) -> Matrix:
    """Make lines parallel whose slope grows by `change_per_px` for each pixel further down.

    Such lines meet in one point, `-1 / change_per_px` to the side of the middle; this sends it to infinity.
    """
    import numpy as np

    middle_x, middle_y = size[0] / 2, size[1] / 2
    to_middle = np.array([[1.0, 0.0, -middle_x], [0.0, 1.0, -middle_y], [0.0, 0.0, 1.0]])
    spread = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [change_per_px, 0.0, 1.0]])
    return np.asarray(np.linalg.inv(to_middle) @ spread @ to_middle, dtype=np.float64)


def quarter_turn_matrix(width: int, height: int, rotation_deg: int) -> tuple[Matrix, tuple[int, int]]:
    """3x3 transform that turns a page counter-clockwise by 0, 90, 180 or 270 degrees, pixel for pixel."""
    import numpy as np

    turns: dict[int, tuple[list[list[float]], tuple[int, int]]] = {
        0: ([[1, 0, 0], [0, 1, 0]], (width, height)),
        90: ([[0, 1, 0], [-1, 0, width]], (height, width)),
        180: ([[-1, 0, width], [0, -1, height]], (width, height)),
        270: ([[0, -1, height], [1, 0, 0]], (height, width)),
    }
    rows, size = turns[rotation_deg]
    return np.vstack([np.array(rows, dtype=np.float64), [0.0, 0.0, 1.0]]), size


def scale_matrix(factor: float) -> Matrix:
    """3x3 transform that enlarges by `factor`."""
    import numpy as np

    return np.diag([factor, factor, 1.0]).astype(np.float64)


def shift_matrix(right_px: float, down_px: float) -> Matrix:
    """3x3 transform that moves by so many pixels."""
    import numpy as np

    return np.array([[1.0, 0.0, right_px], [0.0, 1.0, down_px], [0.0, 0.0, 1.0]])


def map_box(box: Box, back: Matrix, size: tuple[int, int]) -> Box:
    """A box of the processed image as the upright box around it on the page as given, clipped to `size`."""
    (a, b, c), (d, e, f), (g, h, i) = back.tolist()
    left, top, right, bottom = box
    xs, ys = [], []
    # Plain arithmetic: for four corners it is ten times faster than arrays.
    for x, y in ((left, top), (right, top), (right, bottom), (left, bottom)):
        w = g * x + h * y + i
        xs.append((a * x + b * y + c) / w)
        ys.append((d * x + e * y + f) / w)
    width, height = size
    return (
        _within(min(xs), width),
        _within(min(ys), height),
        _within(max(xs), width),
        _within(max(ys), height),
    )


def _within(value: float, limit: int) -> float:
    return min(max(value, 0.0), float(limit))
