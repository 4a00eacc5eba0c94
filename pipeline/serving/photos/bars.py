"""The picture within a screenshot: what a phone shows above and below it is cut off.

Networks see the whole picture made into a square, and in a screenshot most of that is bars.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

# Screens are at least 16:9; pages, and photographs of cameras, are less drawn out.
_SCREEN: Final = 1.7
# Of a line across a bar so much is of the bar's own colour: clocks and buttons stand on the rest. At least
# half of its lines are of that colour alone, which hardly a line of a camera's picture is, nor of a trace.
_FLAT: Final = 0.75
_WHOLLY: Final = 0.999
_SAME: Final = 6
_LOOKED_AT: Final = 120
# Less than this share is not worth a cut, and a picture takes at least this share of a screen.
_LEAST_CUT: Final = 0.15
_LEAST_KEPT: Final = 0.15


def without_bars(image: Pixels) -> Pixels:
    """The picture (RGB, uint8, height x width x 3) within a screenshot; anything else as it is.

    A screen is higher than 1.7 times its width, or wider than 1.7 times its height. Bars of one colour lie at
    both its ends or at one, and may carry writing.
    """
    height, width = image.shape[:2]
    if max(height, width) < _SCREEN * min(height, width):
        return image
    lines = image if height > width else image.transpose(1, 0, 2)
    edge = len(lines) // 50
    if not any(float(_share_of(band, end).max()) >= _WHOLLY for band, end in _ends(lines, edge)):
        return image
    shares = np.maximum(*(_share_of(lines, end) for _, end in _ends(lines, edge)))
    first, last = _longest(shares < _FLAT)
    kept = (last - first) / len(lines)
    if not _LEAST_KEPT <= kept <= 1 - _LEAST_CUT:
        return image
    cut = np.concatenate([shares[:first], shares[last:]])
    if float((cut >= _WHOLLY).mean()) < 0.5:
        return image
    return np.ascontiguousarray(image[first:last] if height > width else image[:, first:last])


def _ends(lines: Pixels, edge: int) -> tuple[tuple[Pixels, Pixels], tuple[Pixels, Pixels]]:
    """At both ends so many lines, and the last of them."""
    return (lines[: edge + 1], lines[:1]), (lines[-edge - 1 :], lines[-1:])


def _share_of(lines: Pixels, end: Pixels) -> NDArray[np.float64]:
    """How much of each line has the usual colour of the line at an end."""
    seen = lines[:, :: max(1, lines.shape[1] // _LOOKED_AT)]
    colour = np.median(end.reshape(-1, 3), axis=0)
    low, high = (np.clip(colour + way * _SAME, 0, 255).astype(np.uint8) for way in (-1, 1))
    return np.asarray(((seen >= low) & (seen <= high)).all(axis=2).mean(axis=1), dtype=np.float64)


def _longest(is_kept: NDArray[np.bool_]) -> tuple[int, int]:
    """The first and the end of the longest stretch; nothing where there is none."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_kept.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    if not starts.size:
        return 0, 0
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest])
