"""A trace on another record's paper, so that paper, tint and header stop telling the label.

From the masks that the renderer knows. Source: Bransby et al., BackMix, arXiv 2406.19148.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Square = NDArray[np.uint8]

# Ink reaches a little past its mask: the lens and the compression smear it.
_REACH_PX = 2


def paper_without_trace(square: Square, mask: Square) -> Square:
    """The paper alone: where the trace was, what lies around it.

    Args:
        square: uint8, side x side, one channel.
        mask: uint8, side x side: how much of each pixel the trace covers, 0-255.
    """
    inked = (_widened(mask) > 0).astype(np.uint8)
    return np.asarray(cv2.inpaint(square, inked, 3, cv2.INPAINT_TELEA), dtype=np.uint8)


def on_other_paper(square: Square, mask: Square, other_paper: Square) -> Square:
    """The trace of one record on the paper of another; both squares as preprocessing made them.

    The paper is brought to the brightness it is pasted into, so that the seam itself tells nothing.

    Args:
        mask: of the trace, uint8 0-255.
        other_paper: from `paper_without_trace`.
    """
    share = cv2.GaussianBlur(_widened(mask), (0, 0), 1.0).astype(np.float32) / 255.0
    around = square[share < 0.01]
    level = float(around.mean() - other_paper.mean()) if around.size else 0.0
    paper = np.clip(other_paper.astype(np.float32) + level, 0, 255)
    return np.asarray(np.rint(share * square + (1.0 - share) * paper), dtype=np.uint8)


def _widened(mask: Square) -> Square:
    side = 2 * _REACH_PX + 1
    return np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), dtype=np.uint8)
