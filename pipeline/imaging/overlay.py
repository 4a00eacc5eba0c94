"""A heat map laid over the photograph it explains."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.config.settings import PictureSettings
from pipeline.imaging.rectify import rectify

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]

# From where on heat is shown at all, and how much of the photograph the hottest places hide.
_COLD, _HIDES = 0.15, 0.6
# The hottest pixel in a thousand would leave the rest dark.
_HOTTEST = 0.995


def heat_overlay(image: Pixels, heat: Floats, settings: PictureSettings) -> Pixels:
    """The photograph with warm colours where a map is high; cold places stay as they are.

    Args:
        image: RGB, uint8, height x width x 3: the photograph itself.
        heat: rows x columns of the network's square, none below 0; only its shape counts, not its scale.
        settings: how the square was made of the photograph.

    Returns:
        RGB, uint8, of the photograph's size.
    """
    on_photo = heat_on_photo(image, heat, settings)
    colours = cv2.applyColorMap(np.rint(on_photo * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    warm = cv2.cvtColor(colours, cv2.COLOR_BGR2RGB)
    cover = (np.clip((on_photo - _COLD) / (1 - _COLD), 0, 1) * _HIDES)[:, :, None]
    return np.asarray(np.rint(image * (1 - cover) + warm * cover), dtype=np.uint8)


def heat_on_photo(image: Pixels, heat: Floats, settings: PictureSettings) -> Floats:
    """The map where the photograph is, height x width, 0-1; what the network did not see is 0."""
    shape = (image.shape[0], image.shape[1])
    if not settings.rectify:
        return _uncropped(heat, shape, settings)
    straight = rectify(image)
    on_straight = _uncropped(heat, (straight.image.shape[0], straight.image.shape[1]), settings)
    back = cv2.warpPerspective(
        on_straight,
        straight.photo_to_image,
        (shape[1], shape[0]),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    return np.asarray(back, dtype=np.float64)


def _uncropped(heat: Floats, shape: tuple[int, int], settings: PictureSettings) -> Floats:
    height, width = shape
    rows, columns = int(height * settings.crop_share), int(width * settings.crop_share)
    top = float(np.quantile(heat, _HOTTEST))
    scaled = np.clip(heat / top, 0, 1) if top > 0 else np.zeros_like(heat)
    size = (width - 2 * columns, height - 2 * rows)
    found = np.zeros(shape)
    large = cv2.resize(scaled.astype(np.float64), size, interpolation=cv2.INTER_LINEAR)
    found[rows : height - rows, columns : width - columns] = large
    return found
