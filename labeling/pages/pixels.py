"""Names for the arrays and boxes that page images are made of. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

# (left, top, right, bottom) in pixels, right and bottom exclusive.
Box: TypeAlias = tuple[float, float, float, float]

if TYPE_CHECKING:
    from numpy.typing import NDArray

    # Height x width, uint8, 0 black to 255 white.
    Gray: TypeAlias = NDArray[Any]
    # Height x width, uint8, 255 where there is ink (or paper, for a mask) and 0 elsewhere.
    Mask: TypeAlias = NDArray[Any]
    # Height x width x 3, uint8, red green blue; or gray.
    Colours: TypeAlias = NDArray[Any]
    # 3 x 3, float64, acts on homogeneous pixel coordinates (x, y, 1).
    Matrix: TypeAlias = NDArray[Any]
    # One row a piece of text: left, top, right, bottom in pixels, float64.
    Segments: TypeAlias = NDArray[Any]


def union_box(boxes: Iterable[Box]) -> Box:
    """The smallest box around all; at least one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
