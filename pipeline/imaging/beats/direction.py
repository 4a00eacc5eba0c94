"""Which way time runs on a page: a heart's T wave is broad and follows the QRS, so a mirrored one runs back.

Print would tell it, too, but on photographs half of the lead names touch a trace or the grid; and a pulse at
the right end tells nothing, because some devices print it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

# All in pixels of a page whose long side is 1000: about ten seconds, so a pixel is a hundredth of a second.
# The T wave is looked for from here to here after each QRS, and as far before it. Where beats are close, the
# T wave of the one before lies as near, so nothing beyond this share of the time between beats is looked at,
# and above 133 beats a minute nothing is told: of 500 real recordings one seemed to run back, and it had 158.
_T_FROM, _T_TO = 14, 34
_OF_CYCLE: Final = 0.45
_CYCLE: Final = (30, 160)
_SHORTEST_CYCLE: Final = 45
# Calibration pulses and lead names stand at the ends of rows.
_END: Final = 0.07
_MOST_BASE: Final = 151
_FEWEST: Final = 150
# Of the deflections, so that no single wave decides: QRS all alike, and nothing taller than a T wave.
_QRS_PERCENTILE, _WAVE_PERCENTILE = 60, 92


def time_direction(trace: Mask, centres: Sequence[int]) -> float:
    """How much more there is to see after each QRS than before it, -1 to 1; NaN where that can't be told.

    Pages as they are printed measured above -0.15 (925 real and drawn ones), mirrored ones -0.5 to 0.15.

    Args:
        trace: height x width, the page's long side 1000 pixels. centres: of its rows of trace, rising.
    """
    if len(centres) < 2:
        return float("nan")
    reach = max(6, int(0.55 * float(np.diff(centres).min())))
    rows = [_row(trace[max(0, centre - reach) : centre + reach]) for centre in centres]
    found = [row for row in rows if row is not None]
    if not found:
        return float("nan")
    cycle = _cycle([spikes for spikes, _ in found])
    if cycle < _SHORTEST_CYCLE:
        return float("nan")
    lags = range(_T_FROM, min(_T_TO, int(_OF_CYCLE * cycle)))
    after, before = 0.0, 0.0
    for spikes, waves in found:
        scale = float(spikes.sum() * waves.mean()) + 1e-6
        after += sum(float(spikes[:-lag] @ waves[lag:]) for lag in lags) / scale
        before += sum(float(spikes[lag:] @ waves[:-lag]) for lag in lags) / scale
    return (after - before) / (after + before + 1e-9)


def _row(band: Mask) -> tuple[Floats, Floats] | None:
    """In each column of a row: how steep the trace is, above what is usual; and how far off its base line."""
    inked: Mask = np.asarray(band.any(axis=0))
    columns = np.flatnonzero(inked)
    end = int(_END * band.shape[1])
    if columns.size < _FEWEST:
        return None
    # The row's own ends, or where they would be.
    own = int(0.7 * end)
    first, last = max(int(columns[0]) + own, end), min(int(columns[-1]) - own, band.shape[1] - end)
    if np.count_nonzero(inked[first:last]) < _FEWEST:
        return None
    top, bottom = band.argmax(axis=0), band.shape[0] - 1 - band[::-1].argmax(axis=0)
    middle = np.interp(np.arange(band.shape[1]), columns, (top + bottom)[columns] / 2)[first:last]
    inked = inked[first:last]
    extent = np.where(inked, (bottom - top)[first:last], 0)
    steep = np.maximum(extent - 2 * float(np.median(extent[inked])) - 2, 0)
    if np.count_nonzero(steep) < 5:
        return None
    steep = np.minimum(steep, float(np.percentile(steep[steep > 0], _QRS_PERCENTILE)))
    off = np.where(inked, np.abs(middle - _base_line(middle)), 0.0)
    off = np.minimum(off, float(np.percentile(off, _WAVE_PERCENTILE)))
    return _smooth(steep, 5), _smooth(off, 3)


def _base_line(middle: Floats) -> Floats:
    """Its running median; in eight bits, of which no row is higher than half."""
    levels = np.clip(np.rint(2 * middle), 0, 255).astype(np.uint8)[None]
    size = min(_MOST_BASE, (middle.size - 1) // 2 * 2 + 1)
    return np.asarray(cv2.medianBlur(levels, size)[0], dtype=np.float64) / 2


def _smooth(values: NDArray[np.generic], width: int) -> Floats:
    return np.convolve(values, np.full(width, 1 / width), "same")


def _cycle(rows: Sequence[Floats]) -> int:
    """Pixels from beat to beat, by all rows together."""
    least = min(row.size for row in rows)
    total = np.zeros(_CYCLE[1])
    for row in rows:
        detail = row[:least] - row[:least].mean()
        spectrum = np.fft.rfft(detail, 2 * max(least, _CYCLE[1]))
        products = np.fft.irfft(np.abs(spectrum) ** 2)[: _CYCLE[1]]
        total += products / (products[0] + 1e-9)
    return _CYCLE[0] + int(np.argmax(total[_CYCLE[0] :]))
