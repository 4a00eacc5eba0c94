"""Which way time runs is told by what follows each QRS, and not told where that is in doubt."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.beats.direction import time_direction

CENTRES = (150, 300, 450)


def traces(*, cycle: int, p: float = 4.0, t: float = 12.0, t_after: int = 28) -> NDArray[np.bool_]:
    """Three rows of beats, 1000 pixels wide: P and T so many pixels high, T so many after the QRS."""
    page = np.zeros((600, 1000), np.uint8)
    x = np.arange(40, 960)
    since = (x + 20) % cycle - cycle // 2
    shape = p * np.exp(-(((since + 16) / 3.0) ** 2)) + t * np.exp(-(((since - t_after) / 6.0) ** 2))
    shape += 50 * np.exp(-((since / 1.2) ** 2)) - 14 * np.exp(-(((since - 4) / 1.5) ** 2))
    for centre in CENTRES:
        points = np.stack([x, centre - shape], axis=1).round().astype(np.int32)
        cv2.polylines(page, [points], False, 1, 2)
    return page > 0


def test_a_page_and_its_mirror_image_tell_opposite_ways() -> None:
    page = traces(cycle=85)
    forwards = time_direction(page, CENTRES)
    backwards = time_direction(np.ascontiguousarray(page[:, ::-1]), CENTRES)
    assert forwards > 0.3 and abs(forwards + backwards) < 0.05


def test_a_turned_t_wave_counts_as_well() -> None:
    assert time_direction(traces(cycle=85, t=-10.0), CENTRES) > 0.3


def test_of_a_racing_heart_without_rows_or_beats_nothing_is_told() -> None:
    assert math.isnan(time_direction(traces(cycle=38), CENTRES))
    assert math.isnan(time_direction(traces(cycle=85), CENTRES[:1]))
    straight = np.zeros((600, 1000), np.bool_)
    straight[np.ix_(CENTRES, range(50, 950))] = True
    assert math.isnan(time_direction(straight, CENTRES))
    assert math.isnan(time_direction(np.zeros((600, 1000), np.bool_), CENTRES))


def test_beats_alike_on_both_sides_decide_nothing() -> None:
    even = traces(cycle=85, p=0.0, t=0.0)
    assert not abs(time_direction(even, CENTRES)) > 0.2
