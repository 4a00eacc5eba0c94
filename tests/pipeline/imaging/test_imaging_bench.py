"""The bench measures every part and says what it could not compare with."""

from __future__ import annotations

from itertools import count

import cv2
import pytest
from planted_pages import RATE_HZ, beats

from pipeline.imaging.bench import ImagingSpeed, measure_imaging


@pytest.mark.slow
def test_every_figure_is_the_clocks_and_a_missing_library_is_none() -> None:
    ticks = count()
    threads = cv2.getNumThreads()
    speed = measure_imaging(beats(), RATE_HZ, rounds=1, clock=lambda: float(next(ticks)))
    assert cv2.getNumThreads() == threads
    # Each measurement reads the clock twice: one second, divided by how often it acted.
    assert (
        speed.page_ms
        == speed.decode_ms
        == speed.camera_order_ms
        == speed.working_order_ms
        == pytest.approx(1000.0)
    )
    assert speed.augment_ms == pytest.approx(10.0)
    assert (speed.grey_ratio is None) == (speed.albumentations_version == "")


def test_a_ratio_says_how_many_times_slower_the_other_is() -> None:
    speed = ImagingSpeed(0.5, 1.0, 3.0, "2.0.8", 40.0, 100.0, 90.0, 30.0, 25.0, 10.0)
    assert (speed.grey_ratio, speed.colour_ratio) == (2.0, 6.0)
    assert (speed.pages_per_s, speed.page_ratio, speed.decode_ratio, speed.order_ratio) == (
        100.0,
        2.5,
        2.5,
        3.0,
    )
