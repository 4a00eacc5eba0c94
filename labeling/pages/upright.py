"""Any decoded picture -> upright, mode RGB or L, transparency on white, no metadata.

A page of 60 million pixels is 240 MB decoded: what needs a second form of it makes that strip by strip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import PIL.Image
import PIL.ImageChops

_ORIENTATION_TAG = 0x0112
_STRIP_PIXELS: Final = 2_000_000

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


def _strips(image: PIL.Image.Image) -> Iterator[tuple[int, PIL.Image.Image]]:
    """The picture in strips from the top, each with where it begins."""
    rows = max(1, _STRIP_PIXELS // max(1, image.width))
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _by_strips(
    image: PIL.Image.Image, mode: str, change: Callable[[PIL.Image.Image], PIL.Image.Image]
) -> PIL.Image.Image:
    """A picture of another mode, changed strip by strip."""
    made = PIL.Image.new(mode, image.size)
    for top, strip in _strips(image):
        made.paste(change(strip), (0, top))
    return made


def _without_idle_colour(image: PIL.Image.Image) -> PIL.Image.Image:
    """Grey where red, green and blue are the same everywhere: a third of the memory and of the store."""
    if image.mode != "RGB" or not all(_is_grey(strip) for _, strip in _strips(image)):
        return image
    return image.getchannel(0)


def _is_grey(strip: PIL.Image.Image) -> bool:
    red, green, blue = strip.split()
    return all(PIL.ImageChops.difference(red, other).getbbox() is None for other in (green, blue))


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
        return _by_strips(image, "RGB", _on_white)
    return image.convert("RGB")


def _on_white(strip: PIL.Image.Image) -> PIL.Image.Image:
    layer = strip.convert("RGBA")
    white = PIL.Image.new("RGBA", layer.size, (255, 255, 255, 255))
    return PIL.Image.alpha_composite(white, layer).convert("RGB")


def _stretched(image: PIL.Image.Image) -> PIL.Image.Image:
    """A picture of more than 8 bits as 8-bit grey, its own darkest value black and its brightest white.

    `convert` alone would clip everything above 255 to white.
    """
    extremes: list[Any] = [strip.convert("F").getextrema() for _, strip in _strips(image)]
    low, high = min(float(pair[0]) for pair in extremes), max(float(pair[1]) for pair in extremes)
    if high <= low:
        return PIL.Image.new("L", image.size, 255)
    scale = 255 / (high - low)
    return _by_strips(
        image,
        "L",
        lambda strip: strip.convert("F").point(lambda value: value * scale - low * scale).convert("L"),
    )
