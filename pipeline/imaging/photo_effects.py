"""What happens to a print-out before and while it is photographed: it fades and is folded, glares, is held.

`worn` changes the page, `disturbed` the picture of it. Nothing moves: the homography from page to picture
stays exact. All of it is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Point = tuple[float, float]

# Skin from light to dark, RGB.
_SKIN = ((236, 196, 170), (210, 160, 126), (170, 118, 86), (122, 80, 58), (84, 54, 40))


@dataclass(frozen=True)
class PhotoEffects:
    """How much of each effect; the defaults are none.

    Attributes:
        fade: how far thermal print has bleached at its palest place, 0-1.
        folds: how many creases run across the page.
        glare: how wide the glare of a lamp is, as a share of the page's width; 0 is none.
        glare_at: its middle as shares of the page's width and height; None draws one.
        fingers: how many fingers hold the page at its edges.
    """

    fade: float = 0.0
    folds: int = 0
    glare: float = 0.0
    glare_at: Point | None = None
    fingers: int = 0


NO_EFFECTS = PhotoEffects()


def worn(page: Pixels, rng: np.random.Generator, effects: PhotoEffects) -> Pixels:
    """The page after it has faded and been folded; the page itself when neither is asked for.

    Args:
        page: RGB, uint8, height x width x 3.
    """
    if effects.fade > 0:
        page = _faded(page, rng, effects.fade)
    if effects.folds > 0:
        page = _folded(page, rng, effects.folds)
    return page


def disturbed(
    image: Pixels,
    page_to_photo: Matrix,
    page_size: tuple[int, int],
    rng: np.random.Generator,
    effects: PhotoEffects,
) -> Pixels:
    """The picture with a lamp's reflection and the fingers that hold the page.

    Args:
        image: RGB, uint8, height x width x 3.
        page_size: width and height of the page, in its own pixels.
    """
    if effects.glare > 0:
        at = effects.glare_at or (float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.25, 0.75)))
        image = _glaring(image, _ellipse(page_to_photo, page_size, at, effects.glare, rng))
    for _ in range(effects.fingers):
        image = _held(image, page_to_photo, page_size, rng)
    return image


def _smooth_field(shape: tuple[int, int], rng: np.random.Generator, cells: int) -> NDArray[np.float32]:
    """A soft random landscape between 0 and 1, height x width."""
    coarse = rng.random((cells, cells), dtype=np.float32)
    field = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(field, 0.0, 1.0), dtype=np.float32)


def _faded(page: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Print that light and warmth have bleached: everything moves towards a slightly yellow paper."""
    share = _smooth_field(page.shape[:2], rng, 4) * np.float32(0.7 * strength) + np.float32(0.3 * strength)
    paper = np.array((252, 249, 238), np.float32)
    keep = cv2.merge([1.0 - share] * 3)
    return np.asarray(paper + (page.astype(np.float32) - paper) * keep + 0.5, dtype=np.uint8)


def _folded(page: Pixels, rng: np.random.Generator, folds: int) -> Pixels:
    """Creases: each side catches the light differently, and the crease itself is a bright and a dark line."""
    height, width = page.shape[:2]
    small = (max(2, height // 3), max(2, width // 3))
    y, x = np.mgrid[0 : 1 : small[0] * 1j, 0 : 1 : small[1] * 1j].astype(np.float32)
    gain = np.ones(small, np.float32)
    for _ in range(folds):
        angle = rng.choice((0.0, np.pi / 2)) + rng.normal(0.0, 0.25)
        across = np.cos(angle) * (x - rng.uniform(0.2, 0.8)) + np.sin(angle) * (y - rng.uniform(0.2, 0.8))
        step = rng.uniform(0.03, 0.10) * rng.choice((-1, 1))
        gain *= 1 + step * np.tanh(across / 0.004)
        gain *= (
            1
            - 0.10 * np.exp(-(((across - 0.002) / 0.003) ** 2))
            + 0.06 * np.exp(-(((across + 0.004) / 0.003) ** 2))
        )
    light = cv2.resize(gain / gain.max(), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(page, cv2.merge([light] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


def _ellipse(
    page_to_photo: Matrix, page_size: tuple[int, int], at: Point, width: float, rng: np.random.Generator
) -> tuple[Point, Point, float]:
    """A reflection in the picture: middle, half axes in pixels, turn in degrees."""
    width_px, height_px = page_size
    x, y = at[0] * width_px, at[1] * height_px
    half = 0.5 * width * width_px
    moved = cv2.perspectiveTransform(np.array([[[x, y], [x + half, y]]], np.float64), page_to_photo)[0]
    long_px = float(np.hypot(*(moved[1] - moved[0])))
    middle = (float(moved[0][0]), float(moved[0][1]))
    return middle, (long_px, long_px * float(rng.uniform(0.5, 0.9))), float(rng.uniform(-30, 30))


def _glaring(image: Pixels, ellipse: tuple[Point, Point, float]) -> Pixels:
    """White out the middle of an ellipse; the rim fades."""
    (x, y), (a, b), turn_deg = ellipse
    height, width = image.shape[:2]
    small = (max(2, width // 8), max(2, height // 8))
    core = np.zeros((small[1], small[0]), np.float32)
    centre, axes = (round(x / 8), round(y / 8)), (max(1, round(a / 8)), max(1, round(b / 8)))
    cv2.ellipse(core, centre, axes, turn_deg, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(core, (0, 0), max(1.0, 0.25 * min(axes)))
    # The sensor saturates before the reflection is at its brightest: a flat white core with soft rims.
    light = np.clip(cv2.resize(soft, (width, height)) * 1.5, 0.0, 1.0)
    kept = cv2.multiply(
        cv2.subtract(np.full_like(image, 255), image), cv2.merge([1.0 - light] * 3), dtype=cv2.CV_8U
    )
    return np.asarray(cv2.subtract(np.full_like(image, 255), kept), dtype=np.uint8)


def _held(
    image: Pixels, page_to_photo: Matrix, page_size: tuple[int, int], rng: np.random.Generator
) -> Pixels:
    """A finger that reaches from outside over one edge of the page."""
    width, height = page_size
    side, along = int(rng.integers(4)), float(rng.uniform(0.15, 0.85))
    # Edge point, then where it points: left, right, bottom, top of the page.
    edge, inward = (
        ((0.0, along * height), (1.0, 0.0)),
        ((width, along * height), (-1.0, 0.0)),
        ((along * width, height), (0.0, -1.0)),
        ((along * width, 0.0), (0.0, 1.0)),
    )[side]
    reach, thick = float(rng.uniform(0.04, 0.09)) * width, float(rng.uniform(0.05, 0.075)) * width
    tip = (edge[0] + inward[0] * reach, edge[1] + inward[1] * reach)
    root = (edge[0] - inward[0] * 0.35 * width, edge[1] - inward[1] * 0.35 * width)
    beside = (tip[0] + inward[1] * thick / 2, tip[1] - inward[0] * thick / 2)
    tip_px, root_px, beside_px = cv2.perspectiveTransform(
        np.array([[tip, root, beside]], np.float64), page_to_photo
    )[0]
    thick_px = max(2, round(2 * float(np.hypot(*(beside_px - tip_px)))))
    return _finger(image, tip_px, root_px, thick_px, _SKIN[int(rng.integers(len(_SKIN)))])


def _finger(image: Pixels, tip: Matrix, root: Matrix, thick_px: int, skin: tuple[int, int, int]) -> Pixels:
    """Draw one finger with a shaded side and the shadow it throws."""
    shape = np.zeros(image.shape[:2], np.uint8)
    ends = [tuple(round(float(value)) for value in point) for point in (tip, root)]
    cv2.line(shape, ends[0], ends[1], 255, thick_px, cv2.LINE_AA)
    shadow = cv2.GaussianBlur(np.roll(shape, (thick_px // 5, thick_px // 6), (0, 1)), (0, 0), thick_px / 6)
    darker = cv2.merge([255 - (shadow // 3)] * 3)
    shaded = cv2.multiply(image, darker, scale=1 / 255.0)
    # Rounder than flat: lighter along the middle of the finger.
    depth = cv2.distanceTransform((shape > 127).astype(np.uint8), cv2.DIST_L2, 3) / (thick_px / 2)
    round_light = 0.62 + 0.38 * np.sqrt(np.clip(depth, 0.0, 1.0))
    colour = np.asarray(round_light[:, :, None] * np.array(skin, np.float32), np.float32)
    cover = cv2.merge([shape.astype(np.float32) / 255.0] * 3)
    return np.asarray(shaded * (1 - cover) + colour * cover + 0.5, dtype=np.uint8)
