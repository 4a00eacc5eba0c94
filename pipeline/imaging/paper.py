"""Twelve-lead signal -> printed ECG page: true millimetres, lead order and labels, calibration pulse, header.

`photograph` (from `capture.py`) then makes the phone picture. Numpy and OpenCV only, so that training can
call it for every record of PTB-XL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.paper_kinds import GRIDS, LEADS, SIX_BY_TWO, THREE_BY_FOUR, TWELVE_BY_ONE, LeadLayout
from pipeline.imaging.pen import PULSE_MM, Pen, PxBox, Words, lay_ink

# The kinds of paper are part of what a page is: whoever draws one finds them here.
__all__ = [
    "GRIDS",
    "LEADS",
    "SIX_BY_TWO",
    "THREE_BY_FOUR",
    "TWELVE_BY_ONE",
    "EcgPage",
    "LeadLayout",
    "draw_ecg_page",
    "first_that_fits",
]

Pixels = NDArray[np.uint8]

PAGE_MM = (297.0, 210.0)
GRID_MM = (8.0, 28.0, 288.0, 198.0)
_HEADER_MM = 3.0
# A strip is as many of these stretches long as fit on the page.
_STRETCH_S = 2.5


@dataclass(frozen=True)
class EcgPage:
    """A drawn page and where things are on it.

    Attributes:
        image: RGB, uint8, height x width x 3.
        px_per_mm: scale of the page.
        lead_boxes: (left, top, right, bottom) in pixels of each printed strip; a rhythm strip is "II rhythm".
        header_boxes: one box in pixels for each header text, in the order given.
        header_words: for each header text its words, and a box in pixels for each.
        trace: boolean mask of the pixels the traces, their calibration pulses and lead names touch.
    """

    image: Pixels
    px_per_mm: float
    lead_boxes: dict[str, PxBox]
    header_boxes: tuple[PxBox, ...]
    header_words: tuple[Words, ...]
    trace: NDArray[np.bool_]

    @property
    def page_to_photo(self) -> NDArray[np.float64]:
        """The homography from page to picture: here they are the same."""
        return np.eye(3)


def draw_ecg_page(
    signal_mv: NDArray[np.floating],
    sampling_rate_hz: float,
    *,
    layout: LeadLayout = THREE_BY_FOUR,
    speed_mm_s: float = 25.0,
    gain_mm_mv: float = 10.0,
    grid: str = "pink",
    header: Sequence[str] = (),
    footer: str = "",
    px_per_mm: float = 6.0,
    tolerance_px: float = 0.0,
) -> EcgPage:
    """Print a 12-lead ECG on an A4 landscape page.

    Args:
        signal_mv: 12 x samples, millivolt, rows in the order of `LEADS`; NaN leaves a gap in the trace.
        sampling_rate_hz: samples a second.
        layout: which leads go where; each column shows its own stretch of time.
        speed_mm_s, gain_mm_mv: paper speed and amplitude scale.
        grid: a key of `GRIDS`.
        header: up to nine short texts, printed in three columns above the grid, column by column.
        footer: one line below the grid.
        px_per_mm: resolution; 6 is about 150 dpi.
        tolerance_px: how far a trace may stray from its samples; 0.15 cannot be seen and halves the time,
            0 draws every sample.

    Raises:
        ValueError: wrong shape or rate, or more seconds than fit on the page at this speed.
    """
    signal = _checked(signal_mv, sampling_rate_hz, speed_mm_s, gain_mm_mv)
    image = _blank(grid, px_per_mm).copy()
    pen = Pen(px_per_mm, speed_mm_s, gain_mm_mv, np.zeros(image.shape[:2], np.uint8), tolerance_px)
    boxes = _draw_rows(pen, signal, sampling_rate_hz, layout)
    trace = pen.mask > 0
    header_boxes = _write_header(pen, header)
    header_words = tuple(
        pen.words(text, box, _HEADER_MM) for text, box in zip(header, header_boxes, strict=True)
    )
    scale = f"{speed_mm_s:g} mm/s   {gain_mm_mv:g} mm/mV"
    pen.write(scale, GRID_MM[0] + 2, GRID_MM[3] + 6.5, 2.6)
    if footer:
        pen.write(footer, GRID_MM[2] - pen.width_mm(footer, 2.2) - 2, GRID_MM[3] + 6.5, 2.2)
    lay_ink(image, pen.mask, GRIDS[grid].ink)
    return EcgPage(image, px_per_mm, boxes, header_boxes, header_words, trace)


def first_that_fits(
    signal_mv: NDArray[np.floating], sampling_rate_hz: float, speed_mm_s: float
) -> NDArray[np.floating]:
    """The first seconds of a signal that fit on the page: of 10 s, all at 25 mm/s and 5 s at 50 mm/s.

    Args:
        signal_mv: leads x samples.

    Raises:
        ValueError: when not even one stretch fits.
    """
    samples = round(_STRETCH_S * sampling_rate_hz)
    room = int(_room_mm() / speed_mm_s / _STRETCH_S) * samples
    if room < 1:
        raise ValueError(f"{_STRETCH_S:g} s do not fit on the page at {speed_mm_s:g} mm/s")
    return signal_mv[:, :room]


def _room_mm() -> float:
    """How long a strip may be."""
    return GRID_MM[2] - GRID_MM[0] - PULSE_MM - 4


def _checked(
    signal_mv: NDArray[np.floating], sampling_rate_hz: float, speed_mm_s: float, gain_mm_mv: float
) -> NDArray[np.float64]:
    """The signal as float64, once everything about it is possible."""
    signal = np.asarray(signal_mv, dtype=np.float64)
    if signal.ndim != 2 or signal.shape[0] != 12 or signal.shape[1] < 2:
        raise ValueError(f"expected 12 leads x samples, got shape {signal.shape}")
    if sampling_rate_hz <= 0 or speed_mm_s <= 0 or gain_mm_mv <= 0:
        raise ValueError("sampling rate, speed and gain must be above zero")
    duration_s = signal.shape[1] / sampling_rate_hz
    if duration_s * speed_mm_s > _room_mm():
        raise ValueError(f"{duration_s:.1f} s do not fit on the page at {speed_mm_s:g} mm/s")
    return signal


@lru_cache(maxsize=8)
def _blank(grid: str, px_per_mm: float) -> Pixels:
    """Empty ECG paper; the caller copies it."""
    style = GRIDS[grid]
    width, height = round(PAGE_MM[0] * px_per_mm), round(PAGE_MM[1] * px_per_mm)
    page = np.full((height, width, 3), (253, 253, 252), np.uint8)
    left, top, right, bottom = (round(side * px_per_mm) for side in GRID_MM)
    page[top : bottom + 1, left : right + 1] = style.paper
    major_px = 2 if px_per_mm >= 5 else 1
    for every_mm, colour, thick in ((1, style.minor, 1), (5, style.major, major_px)):
        for at_mm in np.arange(0, GRID_MM[2] - GRID_MM[0] + 0.01, every_mm):
            x = round((GRID_MM[0] + at_mm) * px_per_mm)
            page[top : bottom + 1, x : x + thick] = colour
        for at_mm in np.arange(0, GRID_MM[3] - GRID_MM[1] + 0.01, every_mm):
            y = round((GRID_MM[1] + at_mm) * px_per_mm)
            page[y : y + thick, left : right + 1] = colour
    page.flags.writeable = False
    return page


def _draw_rows(pen: Pen, signal: NDArray[np.float64], rate_hz: float, layout: LeadLayout) -> dict[str, PxBox]:
    left, top, _, bottom = GRID_MM
    rows = max(len(column) for column in layout.columns) + len(layout.rhythm)
    pitch = (bottom - top) / rows
    start = left + 3 + PULSE_MM
    per_column = signal.shape[1] // len(layout.columns)
    boxes: dict[str, PxBox] = {}
    for row in range(rows):
        zero = top + round((row + 0.55) * pitch)
        pen.pulse(left + 2, zero)
        for label, lead, begin, end in _strips(layout, row, per_column, signal.shape[1]):
            x = start + begin / rate_hz * pen.speed_mm_s
            pen.trace(x, zero, signal[LEADS.index(lead), begin:end], rate_hz)
            pen.write(lead, x + 1.2, zero - min(11.0, pitch * 0.42), min(3.2, pitch * 0.26))
            if begin:
                pen.lines(np.array([x, x]), np.array([zero - 3.0, zero + 3.0]))
            width_mm = (end - begin) / rate_hz * pen.speed_mm_s
            edges = (x, zero - pitch * 0.55, x + width_mm, zero + pitch * 0.45)
            left_px, top_px, right_px, bottom_px = (round(edge * pen.px_per_mm) for edge in edges)
            boxes[label] = (left_px, top_px, right_px, bottom_px)
    return boxes


def _strips(layout: LeadLayout, row: int, per_column: int, samples: int) -> list[tuple[str, str, int, int]]:
    """What one row shows: (label, lead, first sample, end sample)."""
    upper = max(len(column) for column in layout.columns)
    if row >= upper:
        lead = layout.rhythm[row - upper]
        return [(f"{lead} rhythm", lead, 0, samples)]
    return [
        (column[row], column[row], index * per_column, (index + 1) * per_column)
        for index, column in enumerate(layout.columns)
        if row < len(column)
    ]


def _write_header(pen: Pen, header: Sequence[str]) -> tuple[PxBox, ...]:
    if len(header) > 9:
        raise ValueError(f"at most nine header texts fit, got {len(header)}")
    boxes = []
    for index, text in enumerate(header):
        column, row = divmod(index, 3)
        boxes.append(pen.write(text, 10 + column * 96, 11 + row * 6.2, _HEADER_MM))
    return tuple(boxes)
