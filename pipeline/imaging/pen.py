"""A pen for ECG paper: millimetres, seconds and millivolts become a mask of ink, and ink on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
PxBox = tuple[int, int, int, int]
Words = tuple[tuple[str, tuple[float, float, float, float]], ...]

PULSE_MM = 5.0
_SHIFT = 4


@dataclass(frozen=True)
class Pen:
    """Draws millimetres, seconds and millivolts into an ink mask.

    Attributes:
        mask: uint8, height x width; how much ink each pixel has, 0-255.
        tolerance_px: how far a line may stray from its points; 0 draws every point.
    """

    px_per_mm: float
    speed_mm_s: float
    gain_mm_mv: float
    mask: Pixels
    tolerance_px: float = 0.0

    @property
    def line_px(self) -> int:
        """Width of a trace: about a quarter of a millimetre."""
        return max(1, round(0.25 * self.px_per_mm))

    def lines(self, x_mm: NDArray[np.float64], y_mm: NDArray[np.float64]) -> None:
        """One unbroken line; sub-pixel positions."""
        points = np.stack([x_mm, y_mm], axis=1) * self.px_per_mm * (1 << _SHIFT)
        whole = np.rint(points).astype(np.int32)[:, None, :]
        if self.tolerance_px > 0:
            whole = np.asarray(
                cv2.approxPolyDP(whole, self.tolerance_px * (1 << _SHIFT), False), dtype=np.int32
            )
        cv2.polylines(self.mask, [whole], False, 255, self.line_px, cv2.LINE_AA, _SHIFT)

    def trace(self, x_mm: float, y_mm: float, values_mv: NDArray[np.float64], rate_hz: float) -> None:
        """A strip of signal whose first sample lies at `x_mm` and whose zero line is `y_mm`."""
        x = x_mm + np.arange(values_mv.size) / rate_hz * self.speed_mm_s
        y = y_mm - values_mv * self.gain_mm_mv
        finite = np.isfinite(y)
        breaks = np.flatnonzero(np.diff(finite.astype(np.int8))) + 1
        for run in np.split(np.arange(y.size), breaks):
            if run.size > 1 and finite[run[0]]:
                self.lines(x[run], y[run])

    def pulse(self, x_mm: float, y_mm: float) -> None:
        """The 1 mV calibration pulse, 5 mm wide."""
        high = y_mm - self.gain_mm_mv
        x = np.array([0.0, 1.0, 1.0, 4.0, 4.0, PULSE_MM]) * (PULSE_MM / 5.0) + x_mm
        self.lines(x, np.array([y_mm, y_mm, high, high, y_mm, y_mm]))

    def write(self, text: str, x_mm: float, y_mm: float, size_mm: float) -> PxBox:
        """Text with its base line at `y_mm`; the box it takes, in pixels."""
        scale, thick = self._font(size_mm)
        x, y = round(x_mm * self.px_per_mm), round(y_mm * self.px_per_mm)
        cv2.putText(self.mask, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, thick, cv2.LINE_AA)
        (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
        return (x, y - height, x + width, y + below)

    def width_mm(self, text: str, size_mm: float) -> float:
        """How wide a text will be."""
        scale, thick = self._font(size_mm)
        return float(cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)[0][0]) / self.px_per_mm

    def words(self, text: str, box: PxBox, size_mm: float) -> Words:
        """The words of a text that was written into `box`, and a box in pixels for each."""
        found = []
        for word in re.finditer(r"\S+", text):
            left, right = (self.width_mm(text[:end], size_mm) * self.px_per_mm for end in word.span())
            found.append((word[0], (box[0] + left, float(box[1]), box[0] + right, float(box[3]))))
        return tuple(found)

    def _font(self, size_mm: float) -> tuple[float, int]:
        # Capital letters of this font are about 22 pixels high at scale 1.
        return size_mm * self.px_per_mm / 22.0, max(1, round(size_mm * self.px_per_mm / 9))


def lay_ink(image: Pixels, mask: Pixels, ink: tuple[int, int, int]) -> None:
    """Lay ink over the paper where the mask says, in place."""
    touched = np.flatnonzero(mask > 0)
    cover = mask.reshape(-1)[touched]
    flat = image.reshape(-1, 3)
    # Most pixels of a stroke are covered whole and need no arithmetic.
    flat[touched[cover == 255]] = ink
    edge = touched[cover < 255]
    share = mask.reshape(-1)[edge, None].astype(np.float32) / 255.0
    flat[edge] = np.rint(flat[edge] * (1 - share) + np.array(ink, np.float32) * share).astype(np.uint8)
