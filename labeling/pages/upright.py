"""Any decoded picture -> upright, mode RGB or L, transparency on white, no metadata."""

from __future__ import annotations

from typing import Any

import PIL.Image
import PIL.ImageChops

_ORIENTATION_TAG = 0x0112

# EXIF orientation 2-8 -> the operation that makes the picture upright. Source: EXIF 2.32, tag 274.
_UPRIGHT = {
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_270,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_90,
}


def upright(image: PIL.Image.Image) -> PIL.Image.Image:
    """A decoded copy in mode RGB or L: EXIF orientation applied, transparency on white, no metadata."""
    image.load()
    orientation = _orientation(image)
    plain = _rgb_or_grey(image)
    if orientation in _UPRIGHT:
        plain = plain.transpose(_UPRIGHT[orientation])
    plain = _without_idle_colour(plain)
    if plain is image:
        plain = image.copy()
    plain.info = {}
    return plain


def _without_idle_colour(image: PIL.Image.Image) -> PIL.Image.Image:
    """Grey where red, green and blue are the same everywhere: a third of the memory and of the store."""
    if image.mode != "RGB":
        return image
    red, green, blue = image.split()
    is_idle = all(PIL.ImageChops.difference(red, other).getbbox() is None for other in (green, blue))
    return red if is_idle else image


def _orientation(image: PIL.Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # noqa: BLE001 - broken metadata is no reason to refuse a good picture
        return 1


def _rgb_or_grey(image: PIL.Image.Image) -> PIL.Image.Image:
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "F" or image.mode.startswith("I"):
        return _stretched(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = PIL.Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return PIL.Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _stretched(image: PIL.Image.Image) -> PIL.Image.Image:
    """A picture of more than 8 bits as 8-bit grey, its own darkest value black and its brightest white.

    `convert` alone would clip everything above 255 to white.
    """
    wide = image.convert("F")
    extremes: Any = wide.getextrema()
    low, high = float(extremes[0]), float(extremes[1])
    if high <= low:
        return PIL.Image.new("L", image.size, 255)
    scale = 255 / (high - low)
    return wide.point(lambda value: value * scale - low * scale).convert("L")
