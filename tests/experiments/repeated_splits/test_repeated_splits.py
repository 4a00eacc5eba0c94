"""Intervals, probabilities, thresholds and the all-clear hold what they promise over repeated splits."""

from __future__ import annotations

import pytest
from splits import MODELS, repeat, summary


def check(found: dict[str, float], *, tolerance: float = 0.0) -> None:
    """What the evaluation promises; `tolerance` for what few splits cannot tell."""
    assert 0.88 <= found["by_truth: held"] <= 0.92
    assert found["by_truth: splits within 88-92 %"] >= 0.95 - tolerance
    assert found["by_truth: splits with every band >= 85 %"] >= 0.95 - tolerance
    assert 0.9 <= found["slope put right"] <= 1.1
    assert found["sets: normal held"] >= 0.89
    assert found["sets: abnormal held"] >= 0.89
    assert found["confident: folds at or above 90 %"] >= 0.9 - tolerance
    assert found["all-clear: splits with a true NPV below 97 %"] <= 0.05 + tolerance


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_promises_are_kept_in_a_few_splits(model) -> None:
    check(summary(repeat(model, 8, further=2_000)), tolerance=0.13)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_promises_are_kept_in_200_splits(model) -> None:
    check(summary(repeat(model, 200)))


def test_one_error_for_all_leaves_the_ill_out_which_the_check_notices() -> None:
    found = summary(repeat(MODELS[0], 4, further=1_000))
    assert found["plain: worst band held"] < 0.6
    assert found["plain: splits with every band >= 85 %"] == 0
    with pytest.raises(AssertionError):
        check({**found, "by_truth: splits with every band >= 85 %": 0.0}, tolerance=0.13)
