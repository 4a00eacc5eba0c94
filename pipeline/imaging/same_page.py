"""Whether two photographs show one printed page: do all of its strokes lie where one plane's would?

ECGs on one layout look alike, and two hearts may beat equally fast. Pieces of one page's trace are found
again in the other; on a page photographed twice they have all moved as one plane moves before a camera, to a
pixel, while the waves of another recording lie a little higher, earlier or later, each by itself. And no ink
of one page lies where the other has none, unless a finger or a lamp's reflection hides it. Among thousands of
pages a sketch at half the size says first which pairs are worth that look. `docs/evaluation.md` says what was
measured.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from db.fingerprints import page_corners

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]

# The straightened page, longer and shorter side.
_PAGE_PX: Final = (768, 576)
# A picture is halved as long as it stays so many times larger.
_ENOUGH: Final = 1.5
# A piece of trace, and from where to where it is looked for; pieces lie side by side.
_PIECE_PX, _REACH_PX = 64, 14
# Share of the print's usual darkness below which nothing is ink.
_FAINTEST: Final = 0.35
# A piece whose ink varies less than this shows nothing to find again; and how many pieces tell a page.
_LEAST_INK: Final = 0.06
_FEWEST: Final = 12
# A piece lies where the plane puts it, pixels; the share of pieces that must; how far off the middle one is.
_TOLERANCE_PX: Final = 1.5
_SHARE: Final = 0.83
_MEDIAN_PX: Final = 0.4
# Ink is dark, or as good as none; away from the margins; and how much of it may lie where the other has none.
_DARK, _PALE, _MARGIN_PX, _STRAY = 0.7, 0.2, 24, 0.02
# Every so manieth piece is looked for first: most pairs of different pages are told by these.
_ROUGH: Final = 3
# A sketch is so many times smaller, and its strokes have so many steps.
_SMALLER: Final = 2
_STEPS: Final = 15
_DARKEST: Final = 1.2
# (every so manieth piece, most pixels of a sketch that the middle one may be off the plane): most different
# pages are told by the first. Pages photographed again measured 0.20 and 0.21 at most; of others 19 in 20
# measured 0.22 or more by some of their pieces, and 99 in 100 measured 0.31 or more by all.
_SKETCHED: Final = ((4, 0.26), (1, 0.30))
# How far off a piece may lie and still have a say in where the plane is, pixels of a sketch.
_SAY_PX: Final = 0.3
_ROUNDS: Final = 6


@dataclass(frozen=True)
class Fit:
    """How well the pieces of one page lie on another.

    Attributes:
        pieces: how many were looked for.
        share: of them that lie where one plane puts them.
        median_px: how far the middle one is off, in pixels of a page 768 wide; infinite where nothing fits.
        stray: share of dark ink of either that has none of the other's beside it.
    """

    pieces: int
    share: float
    median_px: float
    stray: float

    @property
    def is_same(self) -> bool:
        """Whether both show one page."""
        fits = self.share >= _SHARE and self.median_px <= _MEDIAN_PX
        return fits and self.pieces >= _FEWEST and self.stray <= _STRAY


@dataclass(frozen=True)
class Sketch:
    """The strokes of a page at half the size, packed in some 10 KB.

    Attributes:
        packed: its strokes in 16 steps of darkness, row by row.
        is_upright: whether it is 384 pixels high and 288 wide, instead of the other way round.
    """

    packed: bytes
    is_upright: bool

    def strokes(self) -> Plane:
        """As `page_strokes` has them; height x width."""
        width, height = _small_size(self.is_upright)
        steps = np.frombuffer(zlib.decompress(self.packed), np.uint8).reshape(height, width)
        return np.asarray(steps, np.float32) * np.float32(_DARKEST / _STEPS)

    def has_ink(self) -> bool:
        """Whether there is any stroke on it."""
        return any(zlib.decompress(self.packed))


def sketch_of(image: Pixels) -> Sketch:
    """The sketch of a photographed page (RGB, uint8, height x width x 3)."""
    steps = np.rint(page_strokes(image, smaller=_SMALLER) * (_STEPS / _DARKEST)).astype(np.uint8)
    return Sketch(zlib.compress(steps.tobytes(), 1), steps.shape[0] > steps.shape[1])


def _small_size(is_upright: bool) -> tuple[int, int]:
    width, height = (side // _SMALLER for side in _PAGE_PX)
    return (height, width) if is_upright else (width, height)


def may_be_same(one: Plane, others: Iterable[Plane]) -> list[bool]:
    """Of sketches (`Sketch.strokes`), which are so like one that their photographs are worth a close look."""
    places = _pieces(one, _SMALLER)
    return [one.shape == other.shape and _may_be_same(one, other, places) for other in others]


def _may_be_same(one: Plane, other: Plane, places: list[tuple[int, int]]) -> bool:
    for every, most_px in _SKETCHED:
        some = places[::every]
        # Too few pieces tell nothing against it.
        if len(some) >= _FEWEST and _off_plane(one, other, some) > most_px:
            return False
    return True


def _off_plane(one: Plane, other: Plane, places: list[tuple[int, int]]) -> float:
    """How far the middle piece lies off the plane that suits the pieces of a sketch best, its pixels."""
    moved = np.array([_move(one, other, left, top, _SMALLER) for left, top in places])
    half = np.array(one.shape[::-1]) / 2
    x, y = ((np.array(places, np.float64) + _PIECE_PX / _SMALLER / 2 - half) / half).T
    nothing, unit = np.zeros_like(x), np.ones_like(x)
    # A plane before a camera, as far as it matters for pages that are nearly straight: shift, turn and
    # stretch, and how the far side shrinks.
    across = np.stack([unit, x, y, nothing, nothing, nothing, x * x * half[0], x * y * half[0]], axis=1)
    down = np.stack([nothing, nothing, nothing, unit, x, y, x * y * half[1], y * y * half[1]], axis=1)
    away = np.hypot(*(moved - np.median(moved, axis=0)).T) / (2 / _SAY_PX)
    for _ in range(_ROUNDS):
        say = 1 / (1 + (away / _SAY_PX) ** 2)
        square = (across * say[:, None]).T @ across + (down * say[:, None]).T @ down
        target = (across * say[:, None]).T @ moved[:, 0] + (down * say[:, None]).T @ moved[:, 1]
        plane = np.linalg.solve(square + 1e-3 * np.eye(len(square)), target)
        away = np.hypot(across @ plane - moved[:, 0], down @ plane - moved[:, 1])
    return float(np.median(away))


def page_strokes(image: Pixels, *, smaller: int = 1) -> Plane:
    """The strokes of a photographed page, seen straight: coloured grids and uneven light are gone.

    Args:
        image: RGB, uint8, height x width x 3.
        smaller: how many times; 1 or 2.

    Returns:
        Darkness beside that of the print, 0-1.2, 576 x 768 or, of an upright picture, 768 x 576; where it is
        to be smaller, as many times less.
    """
    red, green, blue = cv2.split(image)
    # In the brightest channel a coloured grid nearly vanishes, and black ink does not.
    value = cv2.max(cv2.max(red, green), blue)
    height, width = value.shape
    long_px, short_px = (side // smaller for side in _PAGE_PX)
    size = (long_px, short_px) if width >= height else (short_px, long_px)
    while max(value.shape) >= _ENOUGH * 2 * long_px:  # a half is the mean of four pixels, and quick
        value = cv2.resize(value, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    share = 2 * long_px / max(value.shape)
    if share < 1:
        value = cv2.resize(value, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    found = np.array(page_corners(Image.fromarray(np.asarray(value))), np.float32)
    corners = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    moved = cv2.getPerspectiveTransform(found, corners)
    flat = cv2.warpPerspective(value, moved, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    flat = cv2.GaussianBlur(flat, (0, 0), 0.7 / smaller)
    wide = 2 * (6 // smaller) + 1
    paper = cv2.morphologyEx(flat, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    # Eight grey levels are noise, not ink, on very dark paper.
    dark = np.asarray(cv2.subtract(paper, flat), np.float32) / (np.asarray(paper, np.float32) + 8)
    dark /= np.float32(max(float(np.percentile(dark[::2, ::2], 98.5)), 1e-3))
    dark[dark < _FAINTEST] = 0
    dark = np.minimum(dark, np.float32(_DARKEST))
    return np.asarray(cv2.GaussianBlur(dark, (0, 0), 1.0 / smaller), np.float32)


def fit_of(one: Plane, other: Plane) -> Fit:
    """How well the strokes of one page lie on those of another; both from `page_strokes`."""
    places = _pieces(one) if one.shape == other.shape else []
    rough = _fit(one, other, places[::_ROUGH])
    return rough if rough.median_px > 2 * _MEDIAN_PX else _fit(one, other, places)


def _fit(one: Plane, other: Plane, places: list[tuple[int, int]]) -> Fit:
    nothing = Fit(len(places), 0.0, float("inf"), 1.0)
    if len(places) < 4:
        return nothing
    here = np.array(places, np.float64) + _PIECE_PX / 2
    there = here + np.array([_move(one, other, left, top) for left, top in places])
    plane, _ = cv2.findHomography(here, there, cv2.RANSAC, _TOLERANCE_PX)
    if plane is None or not np.isfinite(plane).all():
        return nothing
    off = cv2.perspectiveTransform(here[None], plane)[0] - there
    away = np.hypot(off[:, 0], off[:, 1])
    stray = _stray(one, other, np.asarray(plane, np.float64))
    return Fit(len(places), float((away <= _TOLERANCE_PX).mean()), float(np.median(away)), stray)


def _stray(one: Plane, other: Plane, plane: NDArray[np.float64]) -> float:
    """The larger share of either page's dark ink that has none of the other's beside it; 1 without ink."""
    moved = np.asarray(cv2.warpPerspective(one, plane, one.shape[::-1]), np.float32)
    seen = (slice(_MARGIN_PX, -_MARGIN_PX),) * 2
    found = []
    for ink, others in ((moved[seen], other[seen]), (other[seen], moved[seen])):
        beside = np.asarray(cv2.dilate(others, np.ones((5, 5), np.uint8)))
        dark = ink > _DARK
        found.append(float((beside[dark] < _PALE).mean()) if dark.any() else 1.0)
    return max(found)


def _pieces(page: Plane, smaller: int = 1) -> list[tuple[int, int]]:
    """Left and top of the pieces that hold ink enough to be found again."""
    size, reach = _PIECE_PX // smaller, _REACH_PX // smaller
    down, across = ((side - 2 * reach) // size for side in page.shape)
    inside = page[reach : reach + down * size, reach : reach + across * size]
    inked = inside.reshape(down, size, across, size).std(axis=(1, 3)) >= _LEAST_INK
    rows, columns = (size * found + reach for found in np.nonzero(inked))
    return list(zip(columns.tolist(), rows.tolist(), strict=True))


def _move(one: Plane, other: Plane, left: int, top: int, smaller: int = 1) -> tuple[float, float]:
    """How far right and down a piece lies in the other page, pixels."""
    size, reach = _PIECE_PX // smaller, _REACH_PX // smaller
    piece = one[top : top + size, left : left + size]
    around = other[top - reach : top + size + reach, left - reach : left + size + reach]
    return _best(np.asarray(cv2.matchTemplate(around, piece, cv2.TM_CCOEFF_NORMED)), reach)


def _best(likeness: NDArray[np.float32], reach: int) -> tuple[float, float]:
    """How far right and down the likeness is highest, between pixels where its neighbours tell."""
    row, column = np.unravel_index(int(likeness.argmax()), likeness.shape)
    return (
        float(column) - reach + _peak(likeness[row], int(column)),
        float(row) - reach + _peak(likeness[:, column], int(row)),
    )


def _peak(line: NDArray[np.float32], place: int) -> float:
    """How far beside its highest value the top of a curve lies, -0.5 to 0.5."""
    if not 0 < place < len(line) - 1:
        return 0.0
    before, at, after = (float(line[place + step]) for step in (-1, 0, 1))
    bend = before - 2 * at + after
    return 0.0 if bend >= 0 else min(0.5, max(-0.5, 0.5 * (before - after) / bend))
