"""Solid boxes over a picture, and the picture encoded anew with nothing beside its pixels."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.masking.findings import Certainty, Finding
from pipeline.dataset.masking.words import Box

if TYPE_CHECKING:
    from PIL import Image

Mask = NDArray[np.uint8]

# Around a word, in letter heights: engines cut letters off more often at the sides than above and below.
_PAD_ACROSS, _PAD_DOWN = 0.45, 0.22
_PAINT = (0, 0, 0)
# A share of an evidence box that may be painted: boxes of neighbouring lines overlap where a page is tilted.
_RIM = 0.03
_JPEG_QUALITY = 92


@dataclass(frozen=True)
class Painted:
    """A mask over a picture.

    Attributes:
        mask: height x width, uint8; 255 where painted.
        certain: indices of the evidence boxes in which a word is painted that surely identifies somebody.
        doubtful: indices of those in which one is that only likely does.
    """

    mask: Mask
    certain: tuple[int, ...]
    doubtful: tuple[int, ...]

    @property
    def boxes(self) -> list[Box]:
        """The painted patches, each as the box around it."""
        import cv2

        _, _, stats, _ = cv2.connectedComponentsWithStats(self.mask)
        return [(float(x), float(y), float(x + w), float(y + h)) for x, y, w, h, _ in stats[1:]]

    def patch_at(self, x: float, y: float) -> int:
        """Number of the patch at a place in pixels, 0 where nothing is painted."""
        height, width = self.mask.shape
        return int(self._numbers[min(max(round(y), 0), height - 1), min(max(round(x), 0), width - 1)])

    @cached_property
    def _numbers(self) -> NDArray[np.int32]:
        import cv2

        return np.asarray(cv2.connectedComponents(self.mask)[1], dtype=np.int32)


def paint_mask(findings: Sequence[Finding], evidence: Sequence[Box], size: tuple[int, int]) -> Painted:
    """Where to paint.

    Rims and guesses stop at the words a label was read from; a word that surely identifies somebody does not.

    Args:
        size: width and height, pixels.
    """
    mask = np.zeros((size[1], size[0]), np.uint8)
    for finding in findings:
        # A stretch of paper has its rim already.
        _fill(mask, finding, padded=bool(finding.texts))
    for box in evidence:
        _window(mask, box)[:] = 0
    layers = {}
    for certainty in (Certainty.LIKELY, Certainty.CERTAIN):
        layers[certainty] = np.zeros_like(mask)
        for finding in findings:
            if finding.certainty is certainty:
                _fill(layers[certainty], finding, padded=False)
        mask = np.maximum(mask, layers[certainty])
    certain = _touched(layers[Certainty.CERTAIN], evidence)
    doubtful = _touched(layers[Certainty.LIKELY], evidence)
    return Painted(mask, certain, tuple(index for index in doubtful if index not in certain))


def _touched(layer: Mask, evidence: Sequence[Box]) -> tuple[int, ...]:
    """Indices of the boxes in which more than a rim is painted."""
    parts = [_window(layer, box) for box in evidence]
    return tuple(index for index, part in enumerate(parts) if part.size and (part > 0).mean() > _RIM)


def _window(mask: Mask, box: Box) -> Mask:
    left, top, right, bottom = (max(0, round(side)) for side in box)
    return mask[top:bottom, left:right]


def _fill(mask: Mask, finding: Finding, *, padded: bool) -> None:
    """Each box, and the stretch between neighbours: the hull of the two."""
    import cv2

    corners = [_corners(box, padded=padded) for box in finding.boxes]
    for index in range(len(corners)):
        both = np.vstack(corners[index : index + 2])
        cv2.fillConvexPoly(mask, cv2.convexHull(both), 255)


def _corners(box: Box, *, padded: bool) -> NDArray[np.int32]:
    left, top, right, bottom = box
    across, down = (0.0, 0.0) if not padded else (_PAD_ACROSS * (bottom - top), _PAD_DOWN * (bottom - top))
    across, down = (max(across, 3.0), max(down, 2.0)) if padded else (across, down)
    left, top, right, bottom = left - across, top - down, right + across, bottom + down
    return (
        np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)
        .round()
        .astype(np.int32)
    )


def paint(image: Image.Image, mask: Mask) -> Image.Image:
    """The picture with every pixel of the mask black; no pixel of what was there is left."""
    from PIL import Image as pictures

    pixels = np.array(image.convert("RGB") if image.mode not in ("L", "RGB") else image)
    pixels[mask > 0] = _PAINT if pixels.ndim == 3 else 0
    return pictures.fromarray(pixels)


def open_upright(data: bytes) -> Image.Image:
    """The pixels of a stored picture, the way up it is looked at.

    Raises:
        EchoDeskError: they can't be decoded.
    """
    from labeling.apart.pages import stored_picture

    return stored_picture(data)


def encode(image: Image.Image, media_type: str) -> bytes:
    """A picture's pixels and nothing else: no EXIF, profile, comment, thumbnail or text."""
    from PIL import Image as pictures

    bare = pictures.fromarray(np.array(image))
    buffer = io.BytesIO()
    if media_type == "image/jpeg":
        bare.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    else:
        bare.save(buffer, "PNG")
    return buffer.getvalue()
