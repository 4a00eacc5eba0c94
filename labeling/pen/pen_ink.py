"""What a coloured pen drew on a page, told from black print by its colour; and the page without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from labeling.words.prepared import background, flatten

if TYPE_CHECKING:
    import PIL.Image

    from labeling.pages.pixels import Box, Gray, Mask

# Of a pixel on paper made white: the largest channel less the smallest, in the middle of a stroke and at its
# edge.
_COLOURED: Final = 40
_TINGED: Final = 14
# The same as a share of what the pixel takes from the white, which a blurred or thin stroke keeps; black
# print in yellow light has less.
_CLEAR_HUE: Final = 0.3
_SOME_HUE: Final = 0.12
# Lighter than this is a marker that leaves the print readable, or shading.
_PALEST: Final = 195
# Yellow to orange, OpenCV's hues: markers, rust and the light of a lamp, no ballpoint.
_YELLOWS: Final = (12, 38)
# Fewer coloured pixels than this share of a page are the noise of a camera; more are a picture or blue print.
_LEAST_SHARE: Final = 0.00003
_MOST_SHARE: Final = 0.06
# Thickness of a stroke, in heights of the page's letters.
_THICKEST: Final = 0.7
# Pixels across which a camera smears a colour.
_SMEAR: Final = 9
_WHITE: Final = 245
# The first look is at every third pixel, across and down.
_STEP: Final = 3


def pen_mask(image: PIL.Image.Image, places: Sequence[Box]) -> Mask | None:
    """Where a coloured pen, or coloured print, is on a page; None where a page is gray or all in colour.

    Args:
        places: where it matters, pixels; None is the answer, too, where none of them holds any.

    Returns:
        255 where it is, as large as the picture.
    """
    import numpy as np

    if image.mode != "RGB":
        return None
    colours = np.asarray(image)
    # Most pages have no coloured ink: every third pixel tells.
    coarse, _ = _told_apart(np.ascontiguousarray(colours[::_STEP, ::_STEP]))
    inside = ([max(0, round(edge / _STEP)) for edge in place] for place in places)
    if not any(coarse[top : bottom + 1, left : right + 1].any() for left, top, right, bottom in inside):
        return None
    core, pale = _told_apart(colours)
    return _grown(core, pale) if _LEAST_SHARE < float(core.mean()) < _MOST_SHARE else None


def _told_apart(colours: Any) -> tuple[Any, Any]:
    """The pixels that are clearly a pen's colour, and those that have at least a tinge of one."""
    import cv2
    import numpy as np

    if int(_span(colours).max(initial=0)) < _TINGED:  # a gray page
        return np.zeros(colours.shape[:2], bool), np.zeros(colours.shape[:2], bool)
    even = _on_white(colours)
    span = _span(even)
    taken = np.maximum(_WHITE - even.min(axis=2).astype(np.int16), 1)
    hue = cv2.cvtColor(even, cv2.COLOR_RGB2HSV)[..., 0]
    is_pen = (hue < _YELLOWS[0]) | (hue > _YELLOWS[1])
    pale = is_pen & (span >= _TINGED) & (span >= _SOME_HUE * taken)
    gray = cv2.cvtColor(even, cv2.COLOR_RGB2GRAY)
    core = pale & (span >= _COLOURED) & (span >= _CLEAR_HUE * taken) & (gray < _PALEST)
    return core, pale


def without_pen(gray: Gray, mask: Mask, letter_px: float) -> Gray:
    """The page as if the pen had not been there.

    Below a stroke the paper is white, but for print that goes on at both sides of it.

    Args:
        letter_px: height of the page's letters; no stroke is thicker than that.
    """
    import cv2
    import numpy as np

    # A stroke with the gaps and the grey rim that a camera leaves it.
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    reach = max(3, round(_THICKEST * letter_px)) | 1
    dark = np.where(mask > 0, 0, 255 - np.minimum(flatten(gray), 255))
    dark = np.asarray(dark, dtype=np.uint8)
    across = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8))
    along = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    return np.asarray(255 - np.where(mask > 0, cv2.max(across, along), dark), dtype=np.uint8)


def _span(colours: Any) -> Any:
    """The largest channel of each pixel less its smallest."""
    import cv2

    red, green, blue = cv2.split(colours)
    return cv2.max(cv2.max(red, green), blue) - cv2.min(cv2.min(red, green), blue)


def _on_white(colours: Any) -> Any:
    """The picture under white light: each channel by that of its own paper."""
    import cv2
    import numpy as np

    channels = [np.ascontiguousarray(colours[..., number]) for number in range(3)]
    return np.dstack([cv2.divide(one, background(one), scale=_WHITE) for one in channels])


def _grown(core: Any, pale: Any) -> Mask:
    """What is clearly coloured, and what has a tinge of it close by: a camera keeps colours coarsely."""
    import cv2
    import numpy as np

    near = cv2.dilate(core.astype(np.uint8), np.ones((_SMEAR, _SMEAR), np.uint8)) > 0
    return np.asarray(near & pale, dtype=np.uint8) * np.uint8(255)
