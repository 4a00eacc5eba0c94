"""A trace on another record's paper, so that paper, tint and header stop telling the label.

From the masks that the renderer knows. Source: Bransby et al., BackMix, arXiv 2406.19148.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Square = NDArray[np.uint8]

# Sharpening leaves a light rim one pixel beside a stroke; it belongs to the stroke.
_RIM = np.ones((3, 3), np.uint8)
# How far paper is looked for beside ink, in pixels.
_REACH_PX = 15
# Texture comes from this part of the height away: between the rows of most layouts.
_TEXTURE_PARTS = 13


def paper_without_trace(square: Square, mask: Square) -> Square:
    """The paper alone: where the trace was, what lies around it.

    Tone comes from beside the stroke, texture from a little further down the page: a smooth scar in the
    shape of the trace would still tell whose paper it was.

    Args:
        square: uint8, side x side, one channel.
        mask: uint8, side x side: how much of each pixel the trace covers, 0-255.
    """
    keep = (255 - cv2.dilate(mask, _RIM)).astype(np.float32) / np.float32(255.0)
    kept = square * keep
    window = (_REACH_PX, _REACH_PX)
    weight = cv2.blur(keep, window)
    whole = np.float32(kept.sum() / max(float(keep.sum()), 1.0))
    # Under wide ink no paper is near: take the tone of the whole picture.
    near = np.where(weight > 0.02, cv2.blur(kept, window) / np.maximum(weight, np.float32(1e-3)), whole)
    texture = np.roll((square - near) * keep, square.shape[0] // _TEXTURE_PARTS, axis=0)
    return np.asarray(np.clip(np.rint(kept + (near + texture) * (1.0 - keep)), 0, 255), dtype=np.uint8)


def on_other_paper(square: Square, mask: Square, other_paper: Square) -> Square:
    """The trace of one record on the paper of another; both squares as preprocessing made them.

    Ink is carried over as what it takes away from its own paper, so neither a halo of that paper nor its
    brightness comes with it.

    Args:
        mask: of the trace, uint8 0-255.
        other_paper: from `paper_without_trace`.
    """
    cover = cv2.dilate(mask, _RIM).astype(np.float32) / np.float32(255.0)
    ink = (square.astype(np.float32) - paper_without_trace(square, mask)) * cover
    return np.asarray(np.clip(np.rint(other_paper + ink), 0, 255), dtype=np.uint8)
