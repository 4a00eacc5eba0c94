"""The picture of a printed ECG together with everything that is known about it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.capture import CaptureSettings, Condition, Photo, photograph
from pipeline.imaging.paper import EcgPage
from pipeline.imaging.photo_effects import NO_EFFECTS, PhotoEffects

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class EcgPhoto:
    """A captured ECG page.

    Attributes:
        photo: the picture and the homography from page pixels to picture pixels.
        trace: boolean, height x width of the picture: where the traces are.
        lead_corners: each printed strip's corners in picture pixels, 4 x 2, clockwise from its top left; they
            may lie outside the picture where the page was cut.
    """

    photo: Photo
    trace: NDArray[np.bool_]
    lead_corners: dict[str, Matrix]

    @property
    def image(self) -> Pixels:
        """RGB, uint8, height x width x 3."""
        return self.photo.image

    @property
    def page_to_photo(self) -> Matrix:
        """3x3 homography from page pixels to picture pixels."""
        return self.photo.page_to_photo


def photograph_ecg(
    page: EcgPage,
    rng: np.random.Generator,
    condition: Condition | CaptureSettings | str,
    effects: PhotoEffects = NO_EFFECTS,
) -> EcgPhoto:
    """Capture an ECG page and carry its trace mask and lead boxes along; see `photograph`."""
    photo = photograph(page.image, rng, condition, effects)
    height, width = photo.image.shape[:2]
    ink = cv2.warpPerspective(page.trace.astype(np.uint8) * 255, photo.page_to_photo, (width, height))
    corners = {name: _corners(box, photo.page_to_photo) for name, box in page.lead_boxes.items()}
    return EcgPhoto(photo, np.asarray(ink) > 127, corners)


def _corners(box: tuple[int, int, int, int], page_to_photo: Matrix) -> Matrix:
    left, top, right, bottom = box
    square = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], dtype=np.float64)
    return np.asarray(cv2.perspectiveTransform(square, page_to_photo)[0], dtype=np.float64)
