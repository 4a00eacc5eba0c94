"""Percentiles of whole numbers, by counting how often each occurs: sorting a page takes ten times as long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labeling.pages.pixels import Gray, Mask


def counts_of(gray: Gray, mask: Mask | None = None) -> Any:
    """How many pixels have each brightness 0-255; with a mask only those where it is not 0."""
    import cv2

    return cv2.calcHist([gray], [0], mask, [256], [0, 256]).ravel()


def percentile(counts: Any, percent: float) -> float:
    """As `numpy.percentile` of the counted numbers themselves, to the last digit.

    Args:
        counts: how often 0, 1, 2 ... occur; at least one of them does.
    """
    import numpy as np

    upto = np.cumsum(counts, dtype=np.int64)
    place = (int(upto[-1]) - 1) * (percent / 100)
    below = int(place)
    low = int(np.searchsorted(upto, below, side="right"))
    high = int(np.searchsorted(upto, min(below + 1, int(upto[-1]) - 1), side="right"))
    share = place - below
    # From the nearer of the two, as numpy does.
    return low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share)
