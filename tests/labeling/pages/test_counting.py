"""Percentiles by counting are numpy's to the last digit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.pages import counting


@given(
    st.lists(st.integers(0, 255), min_size=1, max_size=60),
    st.sampled_from([0, 2, 10, 25, 50, 80, 90, 100]),
)
def test_a_percentile_of_counts_is_that_of_the_numbers(numbers: list[int], percent: float) -> None:
    gray = np.array([numbers], np.uint8)

    assert counting.percentile(counting.counts_of(gray), percent) == np.percentile(gray, percent)
    assert counting.percentile(np.bincount(numbers), percent) == np.percentile(numbers, percent)


@pytest.mark.parametrize("size", [(1, 1), (7, 9), (300, 401)])
def test_a_mask_leaves_pixels_out(size: tuple[int, int]) -> None:
    gray = np.random.default_rng(3).integers(0, 256, size, dtype=np.uint8)
    mask = np.ones(size, np.uint8)
    mask[:, 1:3] = 0

    counts = counting.counts_of(gray, mask)

    assert counts.tolist() == np.bincount(gray[mask > 0], minlength=256).tolist()
