"""The bench answers, holds both sides to the same numbers, and measures its own program's memory."""

from __future__ import annotations

import pytest
from small_snapshots import tiny

from pipeline.serving.golden import example_photos

pytest.importorskip("torch")
pytest.importorskip("onnx")


@pytest.mark.slow
def test_both_sides_say_the_same_and_memory_is_of_who_screens() -> None:
    from pipeline.serving.bench import measure_screening, random_networks

    settings = tiny(picture__image_size_px=64, backbone__frozen_through_block=1)
    ballast = bytearray(700_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    found = measure_screening(random_networks(settings), settings, example_photos()[:1], rounds=1, threads=1)
    assert [one.views for one in found.speeds] == [1, 5]
    assert all(one.ef_points <= 0.3 and one.rwma <= 0.005 and one.ratio > 0 for one in found.speeds)
    assert found.shares_trunk and 50 < found.resident_mb < 600
    del ballast
