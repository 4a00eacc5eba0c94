"""A printed page -> the picture a scanner or a phone makes of it.

From easy to hard: `clean` (flat-bed scan), `phone` (a careful photograph), `harsh` (a hurried one in bad
light) and `illegible` (too blurred and coarse for anyone to read). All captures are simulated: none
of these pages was ever on paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.photo_effects import NO_EFFECTS, PhotoEffects, disturbed, worn

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]


class Condition(StrEnum):
    """How a page was captured."""

    CLEAN = "clean"
    PHONE = "phone"
    HARSH = "harsh"
    ILLEGIBLE = "illegible"


@dataclass(frozen=True)
class CaptureSettings:
    """How strong each disturbance is.

    Attributes:
        rotation_deg: largest turn of the page, either way.
        keystone: largest move of a page corner, as a share of the page's side.
        shadow: brightness lost at the darkest place, 0-1.
        scale: size of the picture relative to the page's own pixels.
        blur_px: standard deviation of the blur, in pixels of the finished picture.
        noise: standard deviation of the sensor noise, in grey levels.
        jpeg_quality: what the picture is stored with.
        fill: how much of the frame's width or height the page takes, of what fits; the rest is table.
        cut: how much of the page may lie outside the frame, as a share of its width or height.
    """

    rotation_deg: float
    keystone: float
    shadow: float
    scale: float
    blur_px: float
    noise: float
    jpeg_quality: int
    fill: float = 1.0
    cut: float = 0.0


SETTINGS = {
    Condition.CLEAN: CaptureSettings(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 82),
    Condition.PHONE: CaptureSettings(2.0, 0.02, 0.25, 1.0, 0.6, 2.0, 75),
    Condition.HARSH: CaptureSettings(3.5, 0.05, 0.5, 0.62, 1.1, 10.0, 30),
    Condition.ILLEGIBLE: CaptureSettings(3.5, 0.05, 0.6, 0.3, 2.6, 14.0, 25),
}

# A page among other things: turned further, smaller in the frame, table all around it.
ON_TABLE = CaptureSettings(14.0, 0.07, 0.35, 1.3, 0.7, 3.0, 75, fill=0.72)

# Desk tops: base colour (RGB), then how strongly and how far along each axis the grain is drawn out.
_DESKS: tuple[tuple[tuple[int, int, int], float, tuple[int, int]], ...] = (
    ((124, 88, 58), 22.0, (6, 90)),
    ((92, 66, 48), 16.0, (5, 70)),
    ((168, 160, 148), 7.0, (40, 40)),
    ((62, 70, 82), 9.0, (60, 60)),
    ((196, 190, 178), 5.0, (24, 36)),
)


@dataclass(frozen=True)
class Photo:
    """A captured page.

    Attributes:
        image: RGB, uint8, height x width x 3.
        page_to_photo: 3x3 homography from page pixels to picture pixels.
        jpeg_quality: the quality this condition stores with.
    """

    image: Pixels
    page_to_photo: Matrix
    jpeg_quality: int

    def jpeg(self) -> bytes:
        """The picture as a JPEG file."""
        return encode_jpeg(self.image, self.jpeg_quality)

    def box(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """The upright box around a page rectangle in the picture, as shares (0-1) of its width and height."""
        shares = self.corners(left, top, right, bottom)
        low, high = shares.min(axis=0), shares.max(axis=0)
        return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def corners(self, left: float, top: float, right: float, bottom: float) -> Matrix:
        """Where the corners of a page rectangle lie in the picture, 4 x 2, as shares (0-1), clockwise from
        top left.
        """
        corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], dtype=np.float64)
        moved = cv2.perspectiveTransform(corners, self.page_to_photo)[0]
        height, width = self.image.shape[:2]
        return np.asarray(np.clip(moved / (width, height), 0.0, 1.0), dtype=np.float64)


def encode_jpeg(image: Pixels, quality: int) -> bytes:
    """An RGB picture as JPEG bytes; `quality` 1-100, higher is better."""
    done, data = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not done:
        raise ValueError("the picture could not be encoded as JPEG")
    return data.tobytes()


def photograph(
    page: Pixels,
    rng: np.random.Generator,
    condition: Condition | CaptureSettings | str,
    effects: PhotoEffects = NO_EFFECTS,
) -> Photo:
    """Capture a page.

    Args:
        page: RGB, uint8, height x width x 3.
        rng: the only source of chance; the same state gives the same picture.
        condition: one of `Condition`, or settings of one's own.
        effects: wear, glare and fingers.

    Returns:
        The picture; the whole page is inside the frame unless the settings cut it.
    """
    settings = condition if isinstance(condition, CaptureSettings) else SETTINGS[Condition(condition)]
    used = worn(page, rng, effects)
    page_size = (page.shape[1], page.shape[0])
    if settings.scale == 1.0 and settings.rotation_deg == 0.0:
        scanned = used.copy() if used is page else used
        return Photo(disturbed(scanned, np.eye(3), page_size, rng, effects), np.eye(3), settings.jpeg_quality)
    matrix, size = _place(page, rng, settings)
    image = _on_desk(used, matrix, size, rng)
    lit = cv2.multiply(image, _light(size, rng, settings.shadow), scale=1 / 255.0)
    lit = disturbed(np.asarray(lit, dtype=np.uint8), matrix, page_size, rng, effects)
    blurred = cv2.GaussianBlur(lit, (0, 0), settings.blur_px) if settings.blur_px > 0 else lit
    noisy = _add_noise(np.asarray(blurred, dtype=np.uint8), rng, settings.noise)
    return Photo(noisy, matrix, settings.jpeg_quality)


def _place(
    page: Pixels, rng: np.random.Generator, settings: CaptureSettings
) -> tuple[Matrix, tuple[int, int]]:
    """Where the page lies in the frame: homography and frame size (width, height)."""
    height, width = page.shape[:2]
    size = (round(width * settings.scale * 1.06), round(height * settings.scale * 1.06))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    angle = np.deg2rad(rng.uniform(0.3, 1.0) * settings.rotation_deg * rng.choice((-1, 1)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (corners - (width / 2, height / 2)) @ turn.T
    # Every corner moves inwards, each by its own share: the bent rectangle a tilted phone sees.
    moved -= np.sign(moved) * rng.uniform(0, settings.keystone, size=(4, 2)) * (width, height)
    span = moved.max(axis=0) - moved.min(axis=0)
    # Fit the bent page into the frame with a rim of desk on every side.
    fit = float(np.min(np.array(size) * rng.uniform(0.955, 0.985) / span)) * settings.fill
    slack = np.array(size) - span * fit
    moved = (moved - moved.min(axis=0)) * fit + slack * rng.uniform(0.3, 0.7, size=2)
    if settings.cut > 0:
        moved += span * fit * rng.uniform(-settings.cut, settings.cut, size=2)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32))
    return np.asarray(matrix, dtype=np.float64), size


def _on_desk(page: Pixels, matrix: Matrix, size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Lay the page on a desk top, with the soft shadow a sheet throws."""
    # Averaging before the warp: it samples single pixels, which would break thin strokes when shrinking.
    shrink = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    source = cv2.GaussianBlur(page, (0, 0), 0.45 / shrink) if shrink < 0.75 else page
    paper_tone = rng.uniform(0.955, 1.0)
    lit = cv2.convertScaleAbs(source, alpha=float(paper_tone))
    # The sheet's own shadow is soft, so an eighth of the size is enough to find it.
    coarse = np.diag((0.125, 0.125, 1.0)) @ matrix
    eighth = (max(1, size[0] // 8), max(1, size[1] // 8))
    opaque = cv2.warpPerspective(np.full(page.shape[:2], 255, np.uint8), coarse, eighth)
    soft = cv2.resize(cv2.GaussianBlur(opaque, (0, 0), 2.0), size)
    shade = np.asarray(255 - soft // 2, dtype=np.uint8)
    desk = cv2.multiply(_desk(size, rng), cv2.merge([shade] * 3), scale=1 / 255.0)
    warped = cv2.warpPerspective(lit, matrix, size, dst=desk, borderMode=cv2.BORDER_TRANSPARENT)
    return np.asarray(warped, dtype=np.uint8)


def _desk(size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    colour, strength, (along_y, along_x) = _DESKS[int(rng.integers(len(_DESKS)))]
    width, height = size
    rows, columns = max(2, height // along_y), max(2, width // along_x)
    grain = cv2.resize(
        rng.standard_normal((rows, columns), dtype=np.float32), size, interpolation=cv2.INTER_LINEAR
    )
    planes = [cv2.convertScaleAbs(grain * strength + level) for level in colour]
    return np.asarray(cv2.merge(planes), dtype=np.uint8)


def _light(size: tuple[int, int], rng: np.random.Generator, shadow: float) -> Pixels:
    """How much of each colour arrives where: gradient, a soft shadow edge, sometimes a fold, a tint."""
    width, height = max(2, size[0] // 6), max(2, size[1] // 6)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)
    gain = 1 - shadow * 0.5 * (slope + 0.5)
    edge_angle = rng.uniform(0, 2 * np.pi)
    edge = np.cos(edge_angle) * (x - rng.uniform(0.3, 0.7)) + np.sin(edge_angle) * (y - rng.uniform(0.3, 0.7))
    gain -= shadow * rng.uniform(0.4, 0.8) * 0.5 / (1 + np.exp(-edge / rng.uniform(0.03, 0.1)))
    if rng.random() < 0.35:
        place, tilt = rng.uniform(0.3, 0.7), rng.uniform(-0.06, 0.06)
        across = (y - place + tilt * x) if rng.random() < 0.5 else (x - place + tilt * y)
        gain *= 1 + 0.035 * np.tanh(across / 0.02) - 0.05 * np.exp(-((across / 0.004) ** 2))
    # Lamps are warm or cold: red and blue move against each other, green hardly at all.
    warmth, green = rng.uniform(-0.045, 0.045), rng.uniform(-0.012, 0.012)
    tint = 1 + np.array((warmth, green, -warmth))
    tint /= tint.max()
    planes = [np.clip(gain * level * 255, 40, 255).astype(np.uint8) for level in tint]
    return np.asarray(cv2.resize(cv2.merge(planes), size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _add_noise(image: Pixels, rng: np.random.Generator, noise: float) -> Pixels:
    if noise <= 0:
        return image
    grain = rng.standard_normal(image.shape[:2], dtype=np.float32) * np.float32(noise)
    return np.asarray(cv2.add(image, cv2.merge([grain] * 3), dtype=cv2.CV_8U), dtype=np.uint8)
