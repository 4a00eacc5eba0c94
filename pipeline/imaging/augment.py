"""Training pictures changed at random as phones, lamps and copiers change them; never by a flip.

Lead order and the direction of a deflection carry meaning, so a mirrored ECG is another ECG. Everything works
on one grey channel: one warp for all geometry, one table for all tones, then blur, noise and dropped patches.
Source: seed paper, "Augmentation".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.config.settings import AugmentationSettings

Square = NDArray[np.uint8]

_LEVELS: Final = np.arange(256, dtype=np.float32)
# Shifts of test-time augmentation, as shares of the side (x, y): a lead stays in its own place.
_SHIFTS: Final = ((0.0, 0.0), (0.012, 0.0), (-0.012, 0.0), (0.0, 0.012), (0.0, -0.012))


@dataclass(frozen=True)
class Drawn:
    """One random change, drawn before anything is done, so that it can be looked at.

    Attributes:
        affine: 2 x 3, where each output pixel comes from the input; its left part never mirrors.
        contrast, brightness: tones become `(tone - 128) * contrast + 128 + brightness`, grey levels.
        blur_px, noise: standard deviations; 0 leaves it out.
        patches: (left, top, width, height) in pixels.
    """

    affine: NDArray[np.float64]
    contrast: float
    brightness: float
    blur_px: float
    noise: float
    patches: tuple[tuple[int, int, int, int], ...]


def draw_change(size_px: int, rng: np.random.Generator, settings: AugmentationSettings) -> Drawn:
    """Draw a change for a square of this side."""
    angle, zoom = rng.uniform(-1, 1, 2) * (settings.rotation_deg, settings.scale)
    affine = cv2.getRotationMatrix2D((size_px / 2, size_px / 2), angle, 1.0 + zoom)
    moved = np.asarray(affine, dtype=np.float64)
    moved[:, 2] += rng.uniform(-1, 1, 2) * settings.shift * size_px
    contrast, brightness = rng.uniform(-1, 1, 2) * (settings.contrast, settings.brightness * 255.0)
    is_blurred, is_noisy = rng.random(2) < (settings.blur_share, settings.noise_share)
    patches = int(rng.integers(0, settings.patches + 1))
    sides = np.maximum(1, np.rint(rng.uniform(0.3, 1.0, (patches, 2)) * settings.patch * size_px)).astype(int)
    corners = (rng.random((patches, 2)) * (size_px - sides)).astype(int)
    return Drawn(
        affine=moved,
        contrast=1.0 + float(contrast),
        brightness=float(brightness),
        blur_px=float(rng.uniform(0.3, 1.0) * settings.blur_px) if is_blurred else 0.0,
        noise=float(rng.uniform(0.3, 1.0) * settings.noise) if is_noisy else 0.0,
        patches=tuple(
            (int(x), int(y), int(w), int(h)) for (x, y), (w, h) in zip(corners, sides, strict=True)
        ),
    )


def augmented(square: Square, rng: np.random.Generator, settings: AugmentationSettings) -> Square:
    """A square changed at random.

    Args:
        square: uint8, side x side, one channel.
        rng: the same state gives the same change.
    """
    return changed(square, draw_change(square.shape[0], rng, settings), rng)


def changed(square: Square, drawn: Drawn, rng: np.random.Generator) -> Square:
    """A square after a drawn change; `rng` gives the noise alone. Uncovered rims repeat the edge."""
    side = square.shape[0]
    out: NDArray[Any] = cv2.warpAffine(
        square, drawn.affine, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    out = cv2.LUT(out, _tones(drawn))
    if drawn.blur_px > 0:
        out = cv2.GaussianBlur(out, (0, 0), drawn.blur_px)
    if drawn.noise > 0:
        out = _with_noise(out, drawn.noise, rng)
    paper = int(out[:: max(1, side // 32), :: max(1, side // 32)].mean()) if drawn.patches else 0
    for left, top, width, height in drawn.patches:
        out[top : top + height, left : left + width] = paper
    return np.asarray(out, dtype=np.uint8)


def _tones(drawn: Drawn) -> Square:
    """What each grey level becomes."""
    table = (_LEVELS - 128.0) * drawn.contrast + 128.0 + drawn.brightness
    return np.asarray(np.clip(np.rint(table), 0, 255), dtype=np.uint8)


def _with_noise(image: NDArray[Any], deviation: float, rng: np.random.Generator) -> Square:
    """Gaussian noise, clipped at black and white."""
    # Drawing a value for each pixel takes longer than all the rest: a strip is drawn and laid down in rows,
    # each begun at another place.
    strip = np.rint(rng.normal(0.0, deviation, 4 * image.shape[1])).astype(np.int16)
    starts = rng.integers(0, 3 * image.shape[1], image.shape[0])
    noise = np.lib.stride_tricks.sliding_window_view(strip, image.shape[1])[starts]
    return np.asarray(cv2.add(image, noise, dtype=cv2.CV_8U), dtype=np.uint8)


def shifted(square: Square, view: int) -> Square:
    """A square mildly moved, for test-time augmentation; view 0 is the square itself.

    Raises:
        IndexError: there is no such view; see `VIEWS`.
    """
    x, y = _SHIFTS[view]
    if not view:
        return square
    side = square.shape[0]
    affine = np.array([[1.0, 0.0, x * side], [0.0, 1.0, y * side]])
    moved = cv2.warpAffine(
        square, affine, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, dtype=np.uint8)


VIEWS: Final = len(_SHIFTS)
