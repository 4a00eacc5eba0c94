"""Training pictures changed at random as phones, lamps and copiers change them; never by a flip.

Lead order and the direction of a deflection carry meaning, so a mirrored ECG is another ECG. Everything works
on one grey channel: one warp for all geometry, blur, one pass for tones and noise together, dropped patches.
Source: seed paper, "Augmentation".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.config.settings import AugmentationSettings

Square = NDArray[np.uint8]

# Noise is drawn once, with this deviation around middle grey; each row of a picture begins anywhere in it.
_NOISE_DRAWS, _NOISE_DEVIATION, _NOISE_SEED = 1 << 16, 32.0, 20260401
# Of what has a strength, the least that is drawn, as a share of the most.
_LEAST: Final = 0.3
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
    # Asked once for all of its chance: each question costs as much as painting a patch.
    chance = rng.random(9 + 4 * settings.patches).tolist()
    angle, zoom, right, down, contrast, brightness = (2.0 * one - 1.0 for one in chance[:6])
    middle = (size_px / 2, size_px / 2)
    affine = cv2.getRotationMatrix2D(middle, angle * settings.rotation_deg, 1.0 + zoom * settings.scale)
    affine[:, 2] += (right * settings.shift * size_px, down * settings.shift * size_px)
    patches = int(chance[8] * (settings.patches + 1))
    return Drawn(
        affine=np.asarray(affine, dtype=np.float64),
        contrast=1.0 + contrast * settings.contrast,
        brightness=brightness * settings.brightness * 255.0,
        blur_px=_strength(chance[6], settings.blur_share) * settings.blur_px,
        noise=_strength(chance[7], settings.noise_share) * settings.noise,
        patches=tuple(
            _patch(chance[9 + 4 * number : 13 + 4 * number], size_px, settings.patch * size_px)
            for number in range(patches)
        ),
    )


def _strength(chance: float, share: float) -> float:
    """0 in all but `share` of the cases; there evenly from `_LEAST` to 1. Chance is even from 0 to 1."""
    return _LEAST + (1.0 - _LEAST) * chance / share if chance < share else 0.0


def _patch(chance: list[float], size_px: int, largest_px: float) -> tuple[int, int, int, int]:
    """A patch from four even chances, wholly on the square."""
    width, height = (max(1, round((_LEAST + (1.0 - _LEAST) * one) * largest_px)) for one in chance[:2])
    return int(chance[2] * (size_px - width)), int(chance[3] * (size_px - height)), width, height


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
    if drawn.blur_px > 0:
        reach = int(np.ceil(2.5 * drawn.blur_px))
        weights = cv2.getGaussianKernel(2 * reach + 1, drawn.blur_px)
        out = cv2.sepFilter2D(out, -1, weights, weights, borderType=cv2.BORDER_REPLICATE)
    out = _toned(out, drawn, rng)
    paper = int(out[:: max(1, side // 32), :: max(1, side // 32)].mean()) if drawn.patches else 0
    for left, top, width, height in drawn.patches:
        out[top : top + height, left : left + width] = paper
    return np.asarray(out, dtype=np.uint8)


def _toned(image: NDArray[Any], drawn: Drawn, rng: np.random.Generator) -> NDArray[Any]:
    """Contrast, brightness and noise, rounded and clipped at black and white once."""
    level = 128.0 * (1.0 - drawn.contrast) + drawn.brightness
    if drawn.noise <= 0:
        return cv2.addWeighted(image, drawn.contrast, image, 0.0, level)
    height, width = image.shape
    # Drawing a value for each pixel takes longer than all the rest.
    noise = _noise_rows(width)[rng.integers(0, _NOISE_DRAWS, height)]
    share = drawn.noise / _NOISE_DEVIATION
    return cv2.addWeighted(image, drawn.contrast, noise, share, level - 128.0 * share)


@lru_cache(maxsize=4)
def _noise_rows(width: int) -> NDArray[np.uint8]:
    """Rows of noise around 128, uint8, `_NOISE_DRAWS` x width, each a draw further on than the one above."""
    drawn = np.random.default_rng(_NOISE_SEED).normal(128.0, _NOISE_DEVIATION, _NOISE_DRAWS + width - 1)
    bank = np.clip(np.rint(drawn), 0, 255).astype(np.uint8)
    return np.lib.stride_tricks.sliding_window_view(bank, width)


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
