"""What a coloured pen drew on a page, told from black print by its colour; and the page without it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from labeling.words.prepared import background

if TYPE_CHECKING:
    from labeling.pages.pixels import Box, Gray, Mask
    from labeling.words.prepared import PageLight

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


def coarse_ink(light: PageLight) -> Mask | None:
    """What clearly has a pen's colour, of every third pixel across and down; None for a gray page."""
    import cv2
    import numpy as np

    colours = light.colours
    if colours.ndim < 3:
        return None
    rows = np.ascontiguousarray(colours[::_STEP])
    told = _told_apart([np.ascontiguousarray(one[:, ::_STEP]) for one in cv2.split(rows)])
    return told[0] if told else None


def pen_mask(light: PageLight, places: Sequence[Box]) -> Mask | None:
    """Where a coloured pen, or coloured print, is on a page; None where a page is gray or all in colour.

    Args:
        light: the page as given.
        places: where it matters, pixels; None is the answer, too, where none of them holds any.

    Returns:
        255 where it is, as large as the picture.
    """
    import cv2

    # Most pages have no coloured ink: every third pixel tells.
    coarse = light.once(coarse_ink)
    inside = ([max(0, round(edge / _STEP)) for edge in place] for place in places)
    if coarse is None or not any(
        coarse[top : bottom + 1, left : right + 1].any() for left, top, right, bottom in inside
    ):
        return None
    told = _told_apart(cv2.split(light.colours))
    if told is None or not _LEAST_SHARE < cv2.countNonZero(told[0]) / told[0].size < _MOST_SHARE:
        return None
    return _grown(*told)


def _told_apart(channels: Sequence[Gray]) -> tuple[Mask, Mask] | None:
    """The pixels that are clearly a pen's colour, and those that have at least a tinge of one: 255 each; None
    for a gray page.

    What follows from two bytes of a pixel is looked up, and what is no longer needed is written over: sums
    and products of whole pages, each in memory of its own, take five times as long.

    Args:
        channels: red, green and blue; changed here.
    """
    import cv2
    import numpy as np

    if int(_span(channels)[0].max(initial=0)) < _TINGED:
        return None
    for one in channels:  # under white light: each by that of its own paper
        cv2.divide(one, background(one), dst=one, scale=_WHITE)
    span, least = _span(channels)
    even = cv2.merge(channels)
    hue = cv2.extractChannel(cv2.cvtColor(even, cv2.COLOR_RGB2HSV), 0)
    is_yellow = cv2.inRange(hue, np.array(_YELLOWS[:1]), np.array(_YELLOWS[1:]))
    pale = cv2.compare(span, cv2.LUT(least, _least_span(_TINGED, _SOME_HUE)), cv2.CMP_GE)
    core = cv2.compare(span, cv2.LUT(least, _least_span(_COLOURED, _CLEAR_HUE)), cv2.CMP_GE)
    cv2.subtract(pale, is_yellow, dst=pale)
    cv2.bitwise_and(core, pale, dst=core)
    is_dark = cv2.inRange(cv2.cvtColor(even, cv2.COLOR_RGB2GRAY), np.array([0]), np.array([_PALEST - 1]))
    return np.asarray(cv2.bitwise_and(core, is_dark, dst=core)), np.asarray(pale)


@lru_cache(maxsize=2)
def _least_span(least: int, share: float) -> Any:
    """By the smallest channel of a pixel: the least span that is `least`, and a share of what the pixel takes
    from the white.
    """
    import numpy as np

    taken = np.maximum(_WHITE - np.arange(256), 1)
    return np.maximum(np.ceil(share * taken), least).astype(np.uint8)


def without_pen(flat: Gray, mask: Mask, letter_px: float) -> Gray:
    """The page as if the pen had not been there.

    Below a stroke the paper is white, but for print that goes on at both sides of it.

    Args:
        flat: the page in even light.
        letter_px: height of the page's letters; no stroke is thicker than that.
    """
    import cv2
    import numpy as np

    # A stroke with the gaps and the grey rim that a camera leaves it.
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    reach = max(3, round(_THICKEST * letter_px)) | 1
    dark = cv2.subtract(cv2.bitwise_not(flat), mask)
    across = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8))
    along = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    cv2.copyTo(cv2.max(across, along), mask, dark)
    return np.asarray(cv2.bitwise_not(dark))


def _span(channels: Sequence[Gray]) -> tuple[Gray, Gray]:
    """The largest channel of each pixel less its smallest, and the smallest."""
    import cv2
    import numpy as np

    red, green, blue = channels
    largest, smallest = cv2.max(red, green), cv2.min(red, green)
    cv2.max(largest, blue, dst=largest)
    cv2.min(smallest, blue, dst=smallest)
    return np.asarray(cv2.subtract(largest, smallest, dst=largest)), np.asarray(smallest)


def _grown(core: Mask, pale: Mask) -> Mask:
    """What is clearly coloured, and what has a tinge of it close by: a camera keeps colours coarsely."""
    import cv2
    import numpy as np

    near = cv2.dilate(core, np.ones((_SMEAR, _SMEAR), np.uint8))
    return np.asarray(cv2.bitwise_and(near, pale))
