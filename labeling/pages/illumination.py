"""Even out the light of a photographed page: shadows, gradients, grey paper, white-on-black faxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeling.pages.pixels import Gray

# The background is estimated on a small copy: paper brightness changes slowly, letters do not.
_BACKGROUND_SCALE = 8
_PAPER_WHITE = 245


def background(gray: Gray) -> Gray:
    """Brightness of the paper behind the letters, same shape as `gray`, 0-255."""
    import cv2
    import numpy as np

    height, width = gray.shape
    small_size = (max(1, width // _BACKGROUND_SCALE), max(1, height // _BACKGROUND_SCALE))
    small = cv2.resize(gray, small_size, interpolation=cv2.INTER_AREA)
    lifted = cv2.dilate(small, np.ones((5, 5), np.uint8))
    smooth = cv2.GaussianBlur(lifted, (0, 0), 3)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def is_inverted(gray: Gray) -> bool:
    """Whether light letters stand on a dark page: most of the page dark, and its small details light."""
    import cv2
    import numpy as np

    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    if float(np.median(small)) > 110:
        return False
    detail = small.astype(np.int16) - cv2.medianBlur(small, 31).astype(np.int16)
    return int(np.count_nonzero(detail > 40)) > 2 * int(np.count_nonzero(detail < -40))


def flatten(gray: Gray) -> Gray:
    """The page as black on white with the paper at one brightness; dark pages with light letters are
    inverted.
    """
    import cv2
    import numpy as np

    if is_inverted(gray):
        gray = np.asarray(cv2.bitwise_not(gray), dtype=np.uint8)
    return np.asarray(cv2.divide(gray, background(gray), scale=_PAPER_WHITE), dtype=np.uint8)
