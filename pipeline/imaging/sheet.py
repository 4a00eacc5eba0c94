"""Where the sheet of paper lies in a picture: a region bounded by steps of colour, with straight sides."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]
Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]

# What counts as a step of colour, from coarse to fine: change of CIELAB (8 bits) a pixel.
STEPS = (2.2, 1.5, 1.0)
# How much of a side must be seen inside the picture before a line is laid through it.
_SEEN_SHARE = 0.35
_NEAR_PX = 5.0


@dataclass(frozen=True)
class Side:
    """One side of the sheet, in the frame it was looked for in, seen as if it were the left one.

    Attributes:
        at: distance from the frame's own side, at the middle of the sheet's side.
        slope: change of that distance a pixel along the side.
        middle: where the middle of the side lies along it.
        support: share of the side that lies on the line; 0 where the picture's edge cuts the sheet off.
    """

    at: float
    slope: float
    middle: float
    support: float

    def distance(self, along: float) -> float:
        """Distance from the frame's side at a place along it."""
        return self.at + self.slope * (along - self.middle)


@dataclass(frozen=True)
class Sides:
    """The four sides, and the size (width, height) of the frame they were looked for in."""

    left: Side
    top: Side
    right: Side
    bottom: Side
    size: tuple[int, int]

    @property
    def all(self) -> tuple[Side, Side, Side, Side]:
        """Left, top, right, bottom."""
        return (self.left, self.top, self.right, self.bottom)

    @property
    def support(self) -> float:
        """The least support of the four, 0-1; 0 where the picture cuts a side off."""
        return min(side.support for side in self.all)

    def corners(self) -> Matrix:
        """The corners in the frame, 4 x 2, clockwise from the top left."""
        width, height = self.size
        found = []
        for x_side, y_side in ((0, 1), (2, 1), (2, 3), (0, 3)):
            x, y = width / 2, height / 2
            # The sides are nearly at right angles, so going back and forth ends at their crossing.
            for _ in range(8):
                x = self._distance(x_side, y, width)
                y = self._distance(y_side, x, height)
            found.append((x, y))
        return np.array(found, dtype=np.float64)

    def _distance(self, index: int, along: float, length: int) -> float:
        distance = self.all[index].distance(along)
        return distance if index < 2 else length - 1 - distance


def colour_steps(image: Pixels, *, smooth_px: int = 7) -> Plane:
    """How fast the colour of the paper changes, a pixel; thin dark lines are closed first.

    Args:
        image: RGB, uint8, the long side about 1000 pixels.
        smooth_px: lines up to this width vanish; odd.
    """
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (smooth_px, smooth_px))
    paper = cv2.morphologyEx(image, cv2.MORPH_CLOSE, kernel)
    for _ in range(2):
        # Twice over 5 pixels clears about as much as once over 7 or 9, in a twentieth of the time.
        paper = cv2.medianBlur(paper, 5)
    lab = cv2.GaussianBlur(cv2.cvtColor(paper, cv2.COLOR_RGB2LAB).astype(np.float32), (0, 0), 1.0)
    across, down = (cv2.Sobel(lab, cv2.CV_32F, x, 1 - x, ksize=3, scale=1 / 8) for x in (1, 0))
    power = across * across + down * down
    # Lighting changes lightness more than hue, so hue counts for more.
    return np.asarray(np.sqrt(power @ np.array((0.5, 1.5, 1.5), np.float32)), dtype=np.float32)


def textured_core(texture: Mask, window_px: int = 80) -> Mask:
    """The inside of the textured area: what a window that looked for texture saw whole."""
    padded = cv2.copyMakeBorder(texture.astype(np.uint8), 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((61, 61), np.uint8))[60:-60, 60:-60]
    shrink = np.ones((window_px + 5, window_px + 5), np.uint8)
    return np.asarray(cv2.erode(closed, shrink, borderType=cv2.BORDER_CONSTANT, borderValue=0)) > 0


def sheet_region(steps: Plane, seeds: Mask, step: float) -> Mask:
    """The region without steps that holds the seeds, and its neighbours that are rich in seeds too.

    A fold or a shadow divides the paper; each part still shows grid, the table does not.
    """
    # A border one pixel wider closes the small gaps in it.
    border = cv2.dilate((steps >= step).astype(np.uint8), np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - border, connectivity=4)
    seeded = np.bincount(labels[seeds], minlength=count)
    seeded[0] = 0
    area = stats[:, cv2.CC_STAT_AREA]
    kept = (seeded > 0.25 * area) & (area > 50)
    kept[seeded.argmax()] = True
    kept[0] = False
    joined = cv2.morphologyEx(kept[labels].astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return _without_holes_and_spurs(_largest(np.asarray(joined, dtype=np.uint8)))


def _largest(region: Pixels) -> Pixels:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(region)
    if count < 2:
        return region
    return np.asarray(labels == 1 + stats[1:, cv2.CC_STAT_AREA].argmax(), dtype=np.uint8)


def _without_holes_and_spurs(region: Pixels) -> Mask:
    outlines, _ = cv2.findContours(region, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    filled = cv2.drawContours(np.zeros_like(region), outlines, -1, 1, -1)
    padded = cv2.copyMakeBorder(filled, 20, 20, 20, 20, cv2.BORDER_REPLICATE)
    return (
        np.asarray(cv2.morphologyEx(padded, cv2.MORPH_OPEN, np.ones((31, 31), np.uint8))[20:-20, 20:-20]) > 0
    )


def sides_of(region: Mask, seen: Mask, steps: Plane, max_slope: float) -> Sides | None:
    """Lay a line along each side of a region that is about upright; None where the region is empty.

    Args:
        region: where the sheet is.
        seen: where the picture is; beyond it nothing is known.
        steps: how fast the colour changes; a line is moved to the strongest step near it.
        max_slope: how far a side may lean against the frame.
    """
    if not region.any():
        return None
    found = []
    for turn in range(4):
        # Left, top, right, bottom, each brought to the left.
        views = [np.ascontiguousarray(_as_left(plane, turn)) for plane in (region, seen, steps)]
        found.append(_left_side(views[0], views[1], views[2], max_slope))
    return Sides(found[0], found[1], found[2], found[3], (region.shape[1], region.shape[0]))


def _as_left(plane: NDArray[np.generic], turn: int) -> NDArray[np.generic]:
    """The plane with its left, top, right or bottom (0-3) side on the left."""
    upright = plane.T if turn % 2 else plane
    return upright[:, ::-1] if turn >= 2 else upright


def _left_side(
    region: NDArray[np.generic], seen: NDArray[np.generic], steps: NDArray[np.generic], max_slope: float
) -> Side:
    filled = region.sum(axis=1)
    rows = np.flatnonzero(filled > 0.3 * np.percentile(filled[filled > 0], 90))
    low, high = int(rows[0]), int(rows[-1])
    margin = 0.04 * (high - low)
    rows = rows[(rows >= low + margin) & (rows <= high - margin)]
    first, seen_from = region[rows].argmax(axis=1), seen[rows].argmax(axis=1)
    inside = first - seen_from >= 6
    middle = (low + high) / 2
    if inside.mean() > _SEEN_SHARE:
        line = _line_through(
            rows[inside].astype(np.float64), first[inside].astype(np.float64), middle, max_slope
        )
        if line is not None:
            at, slope, near = line
            support = near * float(inside.mean())
            return Side(at + _nearest_step(steps, rows[inside], at, slope, middle), slope, middle, support)
    # The picture's own edge cuts the sheet off here: as far as most rows reach.
    return Side(float(np.percentile(first, 20)), 0.0, middle, 0.0)


def _line_through(
    along: Matrix, at: Matrix, middle: float, max_slope: float
) -> tuple[float, float, float] | None:
    """The line most points lie near: distance at `middle`, slope, share of points near it."""
    third = along.size // 3
    if third < 4:
        return None
    heads = np.arange(0, third, max(1, third // 24))
    tails = np.arange(along.size - third, along.size, max(1, third // 24))
    head, tail = (pair.ravel() for pair in np.meshgrid(heads, tails))
    slopes = (at[tail] - at[head]) / (along[tail] - along[head])
    possible = np.abs(slopes) <= max_slope
    if not possible.any():
        return None
    slopes, head = slopes[possible], head[possible]
    bases = at[head] + slopes * (middle - along[head])
    misses = np.abs(at[None] - bases[:, None] - slopes[:, None] * (along[None] - middle))
    best = int(np.clip(1 - misses / 4.0, 0, 1).sum(axis=1).argmax())
    near = misses[best] < _NEAR_PX
    slope, base = np.polyfit(along[near] - middle, at[near], 1)
    return float(base), float(slope), float(near.mean())


def _nearest_step(
    steps: NDArray[np.generic], rows: NDArray[np.intp], at: float, slope: float, middle: float
) -> float:
    """How far to move a line so that it lies on the strongest step of colour, -14 to 4 pixels."""
    moves = np.arange(-14, 5)
    columns = np.rint(at + slope * (rows - middle)).astype(int)[:, None] + moves[None]
    inside = (columns >= 0) & (columns < steps.shape[1])
    values = np.where(inside, steps[rows[:, None], np.clip(columns, 0, steps.shape[1] - 1)], 0.0)
    # A few fingers or folds must not outweigh the whole side.
    strength = np.minimum(values, 12.0).mean(axis=0)
    return float(moves[int(strength.argmax())]) if strength.max() > 0 else -2.0
