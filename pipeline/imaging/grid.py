"""Find the printed grid of an ECG: how it is turned, and the perspective it is seen in.

First the turn of the whole pattern, from the direction of its edges. Then, in a raster of blocks, the exact
direction of the vertical and of the horizontal lines: the one in which adding up pixels along the line leaves
the most structure. Lines that are parallel on paper meet in one point of the picture; the two points of the
two families give the homography.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]
Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]

# How far the lines of a block may lean against the turn of the whole pattern, degrees.
_LEANS_DEG = np.arange(-9.0, 9.01, 0.5)
_WINDOW_PX = 80
# Rows and columns of blocks of a wide picture and of a tall one; as many in both.
_BLOCKS, _TALL_BLOCKS = (3, 8), (4, 6)
# How far the best direction of a block must stand out to be used, and to count as a grid for sure.
_SEEN, _CLEAR = 2.0, 3.0
# Rows that are joined before they are moved.
_JOINED_ROWS = 2
# Positions are divided by this before fitting, so that they and directions are of one size.
_UNIT_PX = 500.0


@dataclass(frozen=True)
class LineFamily:
    """One family of grid lines.

    Attributes:
        vanishing: where they meet, homogeneous, in units of 500 pixels from the middle of the turned picture.
        prominence: how much the best direction stands out, median over the blocks; 1 is not at all.
        agreement: weighted share of blocks within one degree of the fitted point, 0-1.
        coverage: share of all blocks that show lines at all, 0-1.
    """

    vanishing: Matrix
    prominence: float
    agreement: float
    coverage: float

    @property
    def confidence(self) -> float:
        """0-1; above a half the lines can be trusted."""
        return self.agreement * float(np.clip((self.prominence - 1.5) / 3.0, 0.0, 1.0))


@dataclass(frozen=True)
class Grid:
    """A grid that was found.

    Attributes:
        straight_to_photo: 3x3 homography to picture pixels from straightened coordinates, whose origin and
            scale are those of the middle of the picture.
        turn_rad: how far the grid is turned, clockwise on the screen, within 45 degrees.
        upright, level: the vertical and the horizontal lines.
        texture: boolean, height x width: where edges run in the two directions of the grid.
    """

    straight_to_photo: Matrix
    turn_rad: float
    upright: LineFamily
    level: LineFamily
    texture: Mask

    @property
    def confidence(self) -> float:
        """0-1: that of the less certain family."""
        return min(self.upright.confidence, self.level.confidence)

    @property
    def coverage(self) -> float:
        """How much of the turned picture shows grid, 0-1."""
        return min(self.upright.coverage, self.level.coverage)


def find_grid(grey: Pixels) -> Grid | None:
    """Look for a grid; None where no two families of lines are found.

    Args:
        grey: uint8, height x width, the long side about 1000 pixels.
    """
    pattern = line_pattern(grey)
    turn_rad, texture = _turn(pattern)
    turned, turned_to_photo = _turned(pattern, turn_rad)
    upright = _family(turned)
    level = _family(np.ascontiguousarray(turned.T))
    if upright is None or level is None:
        return None
    # The horizontal lines were fitted in the transposed picture.
    swapped = replace(level, vanishing=level.vanishing[[1, 0, 2]])
    straight_to_photo = turned_to_photo @ _straight_to_turned(upright, swapped, turned.shape)
    return Grid(straight_to_photo, turn_rad, upright, swapped, texture)


def line_pattern(grey: Pixels) -> Plane:
    """The picture without its lighting: local contrast in standard deviations, dark ink limited to two."""
    plain = grey.astype(np.float32)
    detail = plain - cv2.blur(plain, (25, 25))
    spread = np.sqrt(np.maximum(cv2.blur(detail * detail, (61, 61)), 0.0)) + 1.0
    return np.asarray(np.clip(detail / spread, -2.0, 1.0), dtype=np.float32)


def _turn(pattern: Plane) -> tuple[float, Mask]:
    """How the pattern is turned, and where it has edges in two directions at right angles.

    A gradient's direction times four is the same for all four sides of a square, so directions add up.
    """
    smooth = cv2.GaussianBlur(pattern, (0, 0), 1.0)
    across = cv2.Scharr(smooth, cv2.CV_32F, 1, 0)
    down = cv2.Scharr(smooth, cv2.CV_32F, 0, 1)
    even, odd = across * across - down * down, 2 * across * down
    power = across * across + down * down + 1e-9
    real4, imag4 = (even * even - odd * odd) / power, 2 * even * odd / power
    window = (_WINDOW_PX, _WINDOW_PX)
    real, imag, total, double_real, double_imag = (
        cv2.blur(plane, window) for plane in (real4, imag4, power, even, odd)
    )
    squareness = np.hypot(real, imag) / total
    # Near one where a single direction rules, as in wood grain.
    one_way = np.hypot(double_real, double_imag) / total
    texture = np.asarray((squareness > 0.28) & (one_way < 0.6), dtype=np.bool_)
    chosen = texture if texture.mean() > 0.02 else np.ones_like(texture)
    return float(np.arctan2(imag[chosen].sum(), real[chosen].sum())) / 4, texture


def _turned(pattern: Plane, turn_rad: float) -> tuple[Plane, Matrix]:
    """The pattern turned back about its middle, nothing cut off, and the homography to the picture."""
    height, width = pattern.shape
    cos, sin = float(np.cos(turn_rad)), float(np.sin(turn_rad))
    size = (int(width * cos + height * abs(sin)), int(width * abs(sin) + height * cos))
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    to_photo = shift(width / 2, height / 2) @ turn @ shift(-size[0] / 2, -size[1] / 2)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(pattern, to_photo, size, flags=flags), dtype=np.float32), to_photo


def shift(x: float, y: float) -> Matrix:
    """The homography that moves every point by (x, y)."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)


def _family(pattern: Plane) -> LineFamily | None:
    """The vertical lines of a pattern; None where too few blocks show any."""
    x, y, lean_rad, prominence = _leans(pattern)
    seen = prominence > _SEEN
    if np.count_nonzero(seen) < 5:
        return None
    height, width = pattern.shape
    weight = np.minimum(prominence[seen] - 1.5, 8.0)
    at = np.stack([x[seen] - width / 2, y[seen] - height / 2], axis=1) / _UNIT_PX
    vanishing, error_rad = _vanishing_point(at, lean_rad[seen], weight)
    agreement = float(weight[error_rad < np.deg2rad(1.0)].sum() / weight.sum())
    coverage = np.count_nonzero(prominence > _CLEAR) / (_BLOCKS[0] * _BLOCKS[1])
    return LineFamily(vanishing, float(np.median(prominence[seen])), agreement, coverage)


def _leans(pattern: Plane) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """For each block: where it is (x, y), how its vertical lines lean (x per y, radians), and how clearly."""
    height, width = pattern.shape
    rows, columns = _BLOCKS if width >= height else _TALL_BLOCKS
    row_ends = np.linspace(0, height, rows + 1).astype(int)
    column_ends = np.linspace(0, width, columns + 1).astype(int)
    power = np.zeros((_LEANS_DEG.size, rows, columns))
    # Lines lean by so little that rows can be joined first: a half of the pixels to move.
    joined = cv2.resize(pattern, (width, height // _JOINED_ROWS), interpolation=cv2.INTER_AREA)
    few, scale = len(joined), height / len(joined)
    joined_ends = np.round(row_ends / scale).astype(int)
    for index, slope in enumerate(np.tan(np.deg2rad(_LEANS_DEG)) * scale):
        shear = np.array([[1, slope, -slope * few / 2], [0, 1, 0]], dtype=np.float64)
        sheared = cv2.warpAffine(joined, shear, (width, few), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        for row in range(rows):
            profile = cv2.reduce(sheared[joined_ends[row] : joined_ends[row + 1]], 0, cv2.REDUCE_AVG)
            detail = (profile - cv2.blur(profile, (31, 1)))[0]
            power[index, row] = np.add.reduceat(detail * detail, column_ends[:-1]) / np.diff(column_ends)
    return _peaks(power, row_ends, column_ends, height)


def _peaks(
    power: Matrix, row_ends: NDArray[np.intp], column_ends: NDArray[np.intp], height: int
) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    best = np.clip(power.argmax(axis=0), 1, _LEANS_DEG.size - 2)
    before, peak, after = (np.take_along_axis(power, (best + by)[None], axis=0)[0] for by in (-1, 0, 1))
    bend = np.minimum(before - 2 * peak + after, -1e-12)
    lean = np.deg2rad(
        _LEANS_DEG[best] + np.clip(0.5 * (before - after) / bend, -1, 1) * np.diff(_LEANS_DEG)[0]
    )
    prominence = peak / (np.median(power, axis=0) + 1e-9)
    y = np.broadcast_to(((row_ends[:-1] + row_ends[1:]) / 2)[:, None], lean.shape)
    middle = np.broadcast_to(((column_ends[:-1] + column_ends[1:]) / 2)[None], lean.shape)
    x = middle + np.tan(lean) * (y - height / 2)
    # A direction at the end of the range is no peak.
    inside = power.argmax(axis=0) == best
    return x[inside], y[inside], lean[inside], prominence[inside]


def _vanishing_point(at: Matrix, lean_rad: Matrix, weight: Matrix) -> tuple[Matrix, Matrix]:
    """The point all lines run through, and by how many radians each misses it; outliers lose their weight."""
    lines = _lines(at, lean_rad)
    # Four weak lines without perspective keep few or shaky blocks from inventing one.
    corners = np.array([(-0.8, -0.6), (0.8, -0.6), (0.8, 0.6), (-0.8, 0.6)])
    mean = np.arctan2(weight @ np.sin(lean_rad), weight @ np.cos(lean_rad))
    parallel = _lines(corners, np.full(4, mean))
    calm = 0.002 * weight.sum() * parallel.T @ parallel
    trust = weight
    for _ in range(15):
        point = np.linalg.eigh((lines * trust[:, None]).T @ lines + calm)[1][:, 0]
        towards = point[:2] - point[2] * at
        error = np.abs((lines[:, :2] * towards).sum(axis=1)) / (np.hypot(*towards.T) + 1e-12)
        trust = weight / (1 + (error / np.deg2rad(0.5)) ** 2)
    return np.asarray(point, dtype=np.float64), np.asarray(error, dtype=np.float64)


def _lines(at: Matrix, lean_rad: Matrix) -> Matrix:
    """Homogeneous lines through points, leaning by so much from the vertical."""
    normal = np.stack([-np.cos(lean_rad), np.sin(lean_rad)], axis=1)
    return np.column_stack([normal, -(normal * at).sum(axis=1)])


def _straight_to_turned(upright: LineFamily, level: LineFamily, shape: tuple[int, ...]) -> Matrix:
    """The homography whose axes run to the two vanishing points and that changes nothing in the middle."""
    columns = []
    for family, axis in ((level, 0), (upright, 1)):
        point = family.vanishing / np.hypot(family.vanishing[0], family.vanishing[1])
        columns.append(point if point[axis] > 0 else -point)
    bend = np.column_stack([*columns, (0.0, 0.0, 1.0)])
    scale = np.diag([_UNIT_PX, _UNIT_PX, 1.0])
    back = shift(shape[1] / 2, shape[0] / 2) @ scale @ bend @ np.linalg.inv(scale)
    return np.asarray(back, dtype=np.float64)
