"""What can be measured on a page seen straight: grid pitch, rows of trace, sharpness, calibration pulses."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.beats.direction import time_direction
from pipeline.imaging.grid import line_pattern
from pipeline.imaging.trace import brightest_channel, estimate_trace

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

LOOK_PX = 1000
_LAGS = np.arange(3, 80)
_MAX_LAG = 95


# What tells a trace from a rule, a line of print or the bars of a table: mostly one stroke in a column,
# and not straight. Most rows of real traces measured 0.73 and 0.23 or more; rules of report pages and of
# drawn plots were straighter, staves and tables had several strokes.
_ONE_STROKE = 0.65
_BENT = 0.2
_OFF_PX = 1.5
# A row this near to the top or bottom, a share of the height, is the edge of the sheet.
_EDGE = 0.03
# Of the width; a row with less says nothing about both ends of the page.
_FULL_ROW = 0.4


@dataclass(frozen=True)
class Row:
    """A row of ink across a page.

    Attributes:
        at: its height on the page, a share.
        filled: share of the width with ink.
        one_stroke: share of the inked columns with a single stroke.
        bent: share of the inked columns whose ink lies off the row's usual height.
    """

    at: float
    filled: float
    one_stroke: float
    bent: float

    @property
    def is_inside(self) -> bool:
        """Whether it is not the sheet's own edge."""
        return _EDGE < self.at < 1 - _EDGE

    @property
    def is_trace(self) -> bool:
        """Whether it looks drawn by a pen that follows a heart."""
        return self.one_stroke >= _ONE_STROKE and self.bent >= _BENT


@dataclass(frozen=True)
class PageMarks:
    """Measures of a straight page whose long side is 1000 pixels.

    Attributes:
        grid_regularity: how well lines repeat at one distance in both directions, -1 to 1; high is a grid.
        rows: rows of ink, top to bottom.
        columns: the same for the page turned by a quarter, to notice one lying on its side.
        blur_px: standard deviation of the blur across strokes, in pixels; NaN where there are no strokes.
        pulse_at_start: width of a pulse upwards at the left end of most traces, pixels; 0 for none.
        pulse_at_end: width of a pulse downwards at their right end: what a page upside down shows.
        deflection: how much further traces go up than down, -1 to 1.
        direction: which way time runs, see `time_direction`; clearly below 0 it runs from right to left.
    """

    grid_regularity: float
    rows: tuple[Row, ...]
    columns: tuple[Row, ...]
    blur_px: float
    pulse_at_start: int
    pulse_at_end: int
    deflection: float
    direction: float


def measure_page(straight: Pixels) -> PageMarks:
    """Measure a page seen straight (RGB, uint8, height x width x 3)."""
    height, width = straight.shape[:2]
    share = LOOK_PX / max(height, width)
    size = (max(16, round(width * share)), max(16, round(height * share)))
    how = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
    page = np.asarray(cv2.resize(straight, size, interpolation=how), dtype=np.uint8)
    ink = estimate_trace(straight).astype(np.uint8) * np.uint8(255)
    trace = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA)) > 90
    rows = _rows(trace)
    # Edges of a sheet that is not flat bend like traces, and a header's lines of print are rows, too.
    traces = tuple(row for row in rows if row.filled >= _FULL_ROW and row.is_trace and row.is_inside)
    start, end = _pulses(trace, traces)
    return PageMarks(
        _regularity(page, trace),
        rows,
        _rows(trace.T),
        _blur(page, trace),
        start,
        end,
        _deflection(trace, traces),
        time_direction(trace, [round(row.at * size[1]) for row in traces]),
    )


def _regularity(page: Pixels, trace: Mask) -> float:
    """The best agreement of the two directions at one distance, the trace left out."""
    keep = 1 - cv2.dilate(trace.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    pattern = np.clip(line_pattern(grey), -1.0, 1.0) * keep
    across = _repeats(pattern, keep, 4)
    down = _repeats(np.ascontiguousarray(pattern.T), np.ascontiguousarray(keep.T), 6)
    here = across[_LAGS]
    peaks = (here >= across[_LAGS - 1]) & (here >= across[_LAGS + 1])
    if not peaks.any():
        return 0.0
    # A page seen a little from the side is a little narrower than high.
    ratios = np.linspace(0.85, 1.18, 34)
    both = [
        np.minimum(here, np.interp(_LAGS * ratio, np.arange(_MAX_LAG), down))[peaks].max() for ratio in ratios
    ]
    return float(max(both))


def _repeats(pattern: Plane, keep: Plane, bands: int) -> NDArray[np.float64]:
    """Autocorrelation of the mean over each band of rows, averaged; by distance in pixels."""
    total = np.zeros(_MAX_LAG)
    for values, weights in zip(np.array_split(pattern, bands), np.array_split(keep, bands), strict=True):
        profile = (values.sum(axis=0) / np.maximum(weights.sum(axis=0), 5.0)).astype(np.float32)
        detail = (profile[None] - cv2.blur(profile[None], (81, 1)))[0]
        spectrum = np.fft.rfft(detail, 2 * detail.size + 2 * _MAX_LAG)
        products = np.fft.irfft(spectrum * np.conj(spectrum))[:_MAX_LAG]
        means = products / np.maximum(detail.size - np.arange(_MAX_LAG), 1)
        total += means / (means[0] + 1e-9)
    return total / bands


def _rows(trace: Mask) -> tuple[Row, ...]:
    """Rows of ink: its peaks, and what is around each."""
    height = trace.shape[0]
    ink = trace.mean(axis=1).astype(np.float32)[:, None]
    smooth = cv2.GaussianBlur(ink, (0, 0), max(1.0, 0.006 * height))[:, 0]
    apart, half = max(1, int(0.035 * height)), max(1, int(0.03 * height))
    nearby = cv2.dilate(smooth[:, None], np.ones((2 * apart + 1, 1), np.uint8))[:, 0]
    peaks = np.flatnonzero((smooth >= nearby) & (smooth > 0.3 * smooth.max()))
    return tuple(_row(trace[max(0, at - half) : at + half], float(at / height)) for at in peaks)


def _row(band: Mask, at: float) -> Row:
    inked = band.any(axis=0)
    if not inked.any():
        return Row(at, 0.0, 0.0, 0.0)
    strokes = band[0].astype(np.int32) + (band[1:] & ~band[:-1]).sum(axis=0)
    places = np.arange(band.shape[0])[:, None]
    middle = (band * places).sum(axis=0)[inked] / band.sum(axis=0)[inked]
    off = np.abs(middle - np.median(middle)) > _OFF_PX
    return Row(at, float(inked.mean()), float((strokes[inked] == 1).mean()), float(off.mean()))


def _blur(page: Pixels, trace: Mask) -> float:
    """A stroke's depth over its steepest side is the blur's deviation times the root of two pi."""
    value = brightest_channel(page).astype(np.float32)
    depth = cv2.morphologyEx(value, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)) - value
    across, down = (cv2.Sobel(value, cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (1, 0))
    steep = cv2.dilate(np.sqrt(across * across + down * down), np.ones((5, 5), np.uint8))
    stroke = trace & (depth > 8)
    if np.count_nonzero(stroke) < 50:
        return float("nan")
    return float(np.median(depth[stroke] / (2.5 * steep[stroke] + 1e-3)))


def _pulses(trace: Mask, traces: tuple[Row, ...]) -> tuple[int, int]:
    """Widths of a flat step that most traces share: upwards at the left end, downwards at the right end."""
    height, width = trace.shape
    centres = [round(row.at * height) for row in traces]
    if len(centres) < 2:
        return 0, 0
    reach = max(6, int(0.9 * float(np.diff(centres).min())))
    needed = max(4, int(0.012 * height))
    margin = int(0.1 * width)
    left, right = slice(0, margin), slice(-margin, None)
    start = _shared_step(_steps(trace, centres, reach, is_up=True), needed, left)
    end = _shared_step(_steps(trace, centres, reach, is_up=False), needed, right)
    # A pulse upwards in the next row is below this one, too: of what is nearer, enough must hang down.
    near = reach // 2
    down, up = (_shared_step(_steps(trace, centres, near, is_up=way), needed, right) for way in (False, True))
    return start, end if 2 * down > up else 0


def _steps(trace: Mask, centres: list[int], reach: int, *, is_up: bool) -> list[NDArray[np.float64]]:
    """How far each trace is lifted in each column, or lowered, within so many pixels of its base line."""
    found = []
    for centre in centres:
        if is_up:
            found.append(_lift(trace[max(0, centre - reach) : centre + reach // 3], min(centre, reach)))
        else:
            band = trace[max(0, centre - reach // 3) : centre + reach][::-1]
            found.append(_lift(band, band.shape[0] - 1 - min(centre, reach // 3)))
    return found


def _deflection(trace: Mask, traces: tuple[Row, ...]) -> float:
    """The highest and lowest reach of each trace against its base line, over all of them."""
    height = trace.shape[0]
    centres = [round(row.at * height) for row in traces]
    if len(centres) < 2:
        return 0.0
    reach = max(3, int(np.diff(centres).min()) // 2)
    up, down = 0.0, 0.0
    for centre in centres:
        band = trace[max(0, centre - reach) : centre + reach]
        inked = band.any(axis=0)
        if np.count_nonzero(inked) < 20:
            continue
        top = band.argmax(axis=0)[inked]
        bottom = band.shape[0] - 1 - band[::-1].argmax(axis=0)[inked]
        base = float(np.median((top + bottom) / 2))
        up += float(np.percentile(base - top, 98))
        down += float(np.percentile(bottom - base, 98))
    return (up - down) / (up + down + 1e-6)


def _lift(band: Mask, base: int) -> NDArray[np.float64]:
    """How far the middle of the ink lies above the base line in each column; NaN without ink."""
    count = band.sum(axis=0)
    places = np.arange(band.shape[0])[:, None]
    middle = (band * places).sum(axis=0) / np.maximum(count, 1)
    return np.where(count > 0, base - middle, np.nan)


def _shared_step(lifts: list[NDArray[np.float64]], needed: int, where: slice) -> int:
    """The longest stretch of columns in which more than half of the rows are lifted."""
    stack = np.stack([lift[where] for lift in lifts])
    raised = (np.nan_to_num(stack, nan=0.0) >= needed).mean(axis=0) > 0.5
    edges = np.flatnonzero(np.diff(np.concatenate([[0], raised.astype(np.int8), [0]])))
    return int(np.diff(edges)[::2].max()) if edges.size else 0
