"""The bench of training measures every way on the same pictures, by the clock it is given."""

from __future__ import annotations

from itertools import count

import pytest
from small_snapshots import tiny

from pipeline.training.bench import TrainingSpeed, measure_training


@pytest.mark.slow
def test_every_way_is_measured_by_the_clock() -> None:
    ticks = count()
    settings = tiny(
        backbone__frozen_through_block=1, training__caches_trunk=True, augmentation__cached_variants=2
    )
    speed = measure_training(settings, pictures=6, clock=lambda: float(next(ticks)))
    assert (speed.backbone, speed.pictures, speed.size_px) == ("test_efficientnet", 6, 32)
    # An epoch and a pass each read the clock once at their start and once at their end.
    assert speed.plain_epoch_s == speed.frozen_epoch_s == speed.kept_epoch_s == 1.0
    assert speed.ratio == speed.frozen_ratio == 1.0
    assert speed.keeping_ms == pytest.approx(1000 / (8 * 3))
    for milliseconds in (
        speed.forward_ms, speed.backward_ms, speed.kept_forward_ms, speed.kept_backward_ms,
    ):  # fmt: skip
        assert milliseconds == pytest.approx(1000 / 6)


def test_a_ratio_says_how_many_kept_epochs_one_of_the_others_takes() -> None:
    speed = TrainingSpeed("net", 16, 288, 1, 9.0, 3.0, 0.5, 90.0, 100.0, 150.0, 3.0, 7.0)
    assert (speed.ratio, speed.frozen_ratio) == (18.0, 6.0)
