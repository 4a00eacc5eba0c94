"""Find the page in a phone photograph, look at it straight from above, and even out its lighting.

Two clues are used together: the printed grid, which gives turn and perspective even where the page fills the
picture, and the sides of the sheet against the table. A picture in which neither is clear is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.grid import Grid, find_grid, shift
from pipeline.imaging.sheet import STEPS, Sides, colour_steps, sheet_region, sides_of, textured_core

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]

# The long side the page is looked for at (a smaller picture is enlarged for it); the picture itself is
# rectified at its own size.
LOOK_PX = 1000
MIN_CONFIDENCE = 0.45
_MIN_PAGE_SHARE = 0.12
_MAX_FRAME_PX = 3 * LOOK_PX
# Where no side is seen, this share of the picture must show grid.
_FILLED = 0.45
# A finer division must keep this share of what is known to be page.
_KEPT = 0.85
# A sheet without a readable grid must show four sides this straight.
_STRAIGHT = 0.8


@dataclass(frozen=True)
class PageFinding:
    """Where the page is.

    Attributes:
        corners: 4 x 2, in pixels of the picture, clockwise from the page's top left; they may lie outside it
            where the page is cut off. The picture's own corners where no page was found.
        confidence: 0-1; below `MIN_CONFIDENCE` the page counts as not found.
        grid_confidence: 0-1, of the grid alone.
        cut_sides: which of left, top, right, bottom the picture cuts off.
        is_found: whether the picture can be rectified.
    """

    corners: Matrix
    confidence: float
    grid_confidence: float
    cut_sides: tuple[str, ...]
    is_found: bool


class Look:
    """A picture at the size that pages are looked for at, and how its colours change there.

    Attributes:
        image: RGB, uint8, the long side `LOOK_PX`.
        full_size: width and height of the picture itself.
    """

    def __init__(self, image: Pixels) -> None:
        height, width = image.shape[:2]
        share = LOOK_PX / max(height, width)
        size = (max(1, round(width * share)), max(1, round(height * share)))
        how = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
        self.image = np.asarray(cv2.resize(image, size, interpolation=how), dtype=np.uint8)
        self.full_size = (width, height)

    @cached_property
    def colour_steps(self) -> NDArray[np.float32]:
        """See `sheet.colour_steps`; worked out once, because finding the page and counting sheets need it."""
        return colour_steps(self.image)


@dataclass(frozen=True)
class Rectified:
    """A picture as if taken from straight above in even light, or the picture itself.

    Attributes:
        image: RGB, uint8; the input itself where no page was found.
        photo_to_image: 3x3 homography from the input's pixels to the output's.
        finding: where the page was, and how sure that is.
    """

    image: Pixels
    photo_to_image: Matrix
    finding: PageFinding


def rectify(image: Pixels, look: Look | None = None) -> Rectified:
    """Undo perspective, turn and lighting of a photographed page.

    Args:
        image: RGB, uint8, height x width x 3.
        look: the same picture made small, by a caller that needs it as well.
    """
    finding = find_page(look or Look(image))
    if not finding.is_found:
        return Rectified(image, np.eye(3), finding)
    size = _page_size(finding.corners)
    target = np.array([(0, 0), (size[0], 0), (size[0], size[1]), (0, size[1])], dtype=np.float32)
    homography = cv2.getPerspectiveTransform(finding.corners.astype(np.float32), target)
    flat = cv2.warpPerspective(
        image, homography, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    even, paper = even_light(np.asarray(flat, np.uint8))
    # Where the picture ends before the page does, plain paper instead of smeared edges.
    seen = cv2.warpPerspective(np.ones(image.shape[:2], np.uint8), homography, size, flags=cv2.INTER_NEAREST)
    even[seen == 0] = paper
    return Rectified(even, np.asarray(homography, np.float64), finding)


def find_page(look: Look) -> PageFinding:
    """Where the page lies in a picture; in pixels of the picture itself."""
    found = _find_in_small(look)
    height, width = look.image.shape[:2]
    scale = np.array([look.full_size[0] / width, look.full_size[1] / height])
    return PageFinding(
        found.corners * scale, found.confidence, found.grid_confidence, found.cut_sides, found.is_found
    )


def _find_in_small(look: Look) -> PageFinding:
    small = look.image
    grid = find_grid(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
    grid_confidence = 0.0 if grid is None else grid.confidence
    trusted = grid if grid_confidence >= MIN_CONFIDENCE else None
    height, width = small.shape[:2]
    nothing = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    best = _best_sides(look, trusted)
    if best is None:
        return PageFinding(nothing, 0.0, grid_confidence, (), False)
    sides, frame_to_photo = best
    corners = cv2.perspectiveTransform(sides.corners()[None], frame_to_photo)[0]
    confidence = max(grid_confidence, sides.support if sides.support >= _STRAIGHT else 0.0)
    names = ("left", "top", "right", "bottom")
    cut = tuple(name for name, side in zip(names, sides.all, strict=True) if side.support == 0.0)
    if len(cut) == 4 and (grid is None or grid.coverage < _FILLED):
        # No side of the sheet, and yet most of the picture is no grid: the sheet was not told from the table.
        confidence = 0.0
    possible = _is_possible(corners, width * height)
    is_found = possible and confidence >= MIN_CONFIDENCE
    where = np.asarray(corners, np.float64) if is_found else nothing
    return PageFinding(where, confidence if possible else 0.0, grid_confidence, cut, is_found)


def _best_sides(look: Look, grid: Grid | None) -> tuple[Sides, Matrix] | None:
    """The sides at the coarsest step of colour that gives four straight ones, else at the coarsest of all.

    Where page and table are of one colour, only the finest steps divide them.
    """
    steps = look.colour_steps if grid is not None else colour_steps(look.image, smooth_px=31)
    seeds = _seeds(grid, steps.shape)
    first = None
    for step in STEPS:
        region = sheet_region(steps, seeds, step)
        framed = _sides_in_frame(region, steps, grid) if region.mean() > _MIN_PAGE_SHARE else None
        if framed is None:
            continue
        is_whole = grid is None or region[seeds].mean() >= _KEPT
        if framed[0].support >= _STRAIGHT and (is_whole or first is None):
            return framed
        if first is None and not is_whole and _few_sides_are_seen(framed[0]):
            return None  # A step of colour runs through the grid: none of them can be trusted.
        first = first or framed
    return first


def _few_sides_are_seen(sides: Sides) -> bool:
    """Whether more than one of the four is only guessed."""
    return sum(side.support == 0 for side in sides.all) > 1


def _seeds(grid: Grid | None, shape: tuple[int, ...]) -> Mask:
    """Pixels that lie on the page for sure: inside the grid, else in the middle of the picture."""
    if grid is not None:
        core = textured_core(grid.texture)
        if core.mean() > 0.01:
            return core
    middle = np.zeros(shape, dtype=np.bool_)
    height, width = shape
    middle[int(0.3 * height) : int(0.7 * height), int(0.3 * width) : int(0.7 * width)] = True
    return middle


def _sides_in_frame(
    region: Mask, steps: NDArray[np.float32], grid: Grid | None
) -> tuple[Sides, Matrix] | None:
    """The sides of a region in a frame in which the page stands upright, and the frame's way back."""
    straight_to_photo, max_slope_deg = (
        (grid.straight_to_photo, 4.0) if grid is not None else (_upright_by_outline(region), 9.0)
    )
    frame = _frame(region.shape, straight_to_photo)
    if frame is None:
        return None
    frame_to_photo, size = frame
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    planes = (region.astype(np.uint8), np.ones(region.shape, np.uint8), steps)
    moved = [cv2.warpPerspective(plane, frame_to_photo, size, flags=flags) for plane in planes]
    max_slope = float(np.tan(np.deg2rad(max_slope_deg)))
    sides = sides_of(moved[0] > 0, moved[1] > 0, np.asarray(moved[2], np.float32), max_slope)
    return None if sides is None else (sides, frame_to_photo)


def _upright_by_outline(region: Mask) -> Matrix:
    """The turn of the smallest rectangle around a region, about the middle of the picture."""
    outlines, _ = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    degrees = cv2.minAreaRect(max(outlines, key=cv2.contourArea))[2]
    turn = np.deg2rad((degrees + 45) % 90 - 45)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    rotate = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return np.asarray(shift(region.shape[1] / 2, region.shape[0] / 2) @ rotate, dtype=np.float64)


def _frame(shape: tuple[int, ...], straight_to_photo: Matrix) -> tuple[Matrix, tuple[int, int]] | None:
    """A frame that holds the whole straightened picture, and its size; None for an impossible perspective."""
    height, width = shape
    corners = np.array([(0, 0, 1), (width, 0, 1), (width, height, 1), (0, height, 1)], dtype=np.float64)
    moved = corners @ np.linalg.inv(straight_to_photo).T
    if moved[:, 2].min() <= 0 <= moved[:, 2].max():
        return None
    flat = moved[:, :2] / moved[:, 2:]
    low, span = flat.min(axis=0), np.ptp(flat, axis=0)
    if span.max() > _MAX_FRAME_PX:
        return None
    size = (int(np.ceil(span[0])), int(np.ceil(span[1])))
    return straight_to_photo @ shift(float(low[0]), float(low[1])), size


def _is_possible(corners: Matrix, picture_area: float) -> bool:
    """Whether four corners can be a page: convex, not folded over, large, no side twice its opposite."""
    if not cv2.isContourConvex(corners.astype(np.float32)):
        return False
    if cv2.contourArea(corners.astype(np.float32), oriented=True) < _MIN_PAGE_SHARE * picture_area:
        return False
    lengths = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    ratios = lengths[:2] / np.maximum(lengths[2:], 1e-9)
    return bool(ratios.max() < 2 and ratios.min() > 0.5)


def _page_size(corners: Matrix) -> tuple[int, int]:
    """Width and height of the rectified page: the mean of its opposite sides."""
    lengths = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    return max(1, round((lengths[0] + lengths[2]) / 2)), max(1, round((lengths[1] + lengths[3]) / 2))


def even_light(image: Pixels) -> tuple[Pixels, Pixels]:
    """Divide by the brightness of the paper, colour by colour: shadows go, print stays.

    Args:
        image: RGB, uint8, height x width x 3.

    Returns:
        The evened picture, and the colour its paper has everywhere now.
    """
    height, width = image.shape[:2]
    share = min(1.0, 256 / max(height, width))
    small = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    # The brightest pixel around is paper, not print; its blur is the light.
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8))
    light = cv2.GaussianBlur(paper, (0, 0), 6.0)
    white = np.asarray(np.percentile(light.reshape(-1, 3), 90, axis=0), dtype=np.float64)
    gain = white / np.maximum(light.astype(np.float32), 24.0)
    full = cv2.resize(
        np.asarray(np.minimum(gain, 4.0), np.float32), (width, height), interpolation=cv2.INTER_LINEAR
    )
    return np.asarray(cv2.multiply(image, full, dtype=cv2.CV_8U), dtype=np.uint8), white.astype(np.uint8)
