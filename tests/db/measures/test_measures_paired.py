"""The same cases judged twice: published examples, mirror images, an interval as wide as theory says."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.measures.paired import PairedCounts, mean_difference


# Cells: both, only first, only second, neither. The published interval is of first minus second.
@pytest.mark.parametrize(
    ("cells", "low", "high"),
    [
        # Values other implementations of method 10 are tested with, credited to Newcombe 1998.
        ((36, 12, 2, 0), 0.0569, 0.3404),
        ((18, 12, 2, 18), 0.0562, 0.3290),
        ((53, 0, 0, 1), -0.0729, 0.0729),
        ((0, 30, 0, 0), 0.8395, 1.0),
        # Likewise, credited to Fagerland, Lydersen, Laake 2014: complete response before and after
        # consolidation.
        ((59, 6, 16, 80), -0.1186, -0.0046),
    ],
)
def test_the_interval_of_the_difference_equals_that_of_other_implementations(
    cells: tuple[int, int, int, int], low: float, high: float
) -> None:
    both, first, second, neither = cells
    measured = PairedCounts(both=both, only_a=second, only_b=first, neither=neither).interval
    assert measured == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p_value"),
    # By hand: both tails of the binomial with one half, such as 2 * (1 + 8) / 2**8 for 1 and 7 pairs.
    [(1, 7, 0.0703), (0, 0, 1.0), (5, 5, 1.0), (0, 6, 2 / 64), (6, 16, 0.0525)],
)
def test_the_exact_mcnemar_test_is_both_tails_of_a_fair_coin(
    only_a: int, only_b: int, p_value: float
) -> None:
    assert PairedCounts(10, only_a, only_b, 3).p_value == pytest.approx(p_value, abs=5e-5)


cells = st.integers(min_value=0, max_value=300)


@given(both=cells, only_a=cells, only_b=cells, neither=cells)
def test_swapping_the_sides_mirrors_the_difference(both: int, only_a: int, only_b: int, neither: int) -> None:
    one = PairedCounts(both, only_a, only_b, neither)
    other = PairedCounts(both, only_b, only_a, neither)
    if not one.n:
        assert math.isnan(one.difference)
        return
    assert one.difference == -other.difference
    assert one.interval == pytest.approx((-other.interval[1], -other.interval[0]))
    assert one.p_value == other.p_value
    assert -1 <= one.interval[0] <= one.difference <= one.interval[1] <= 1
    assert 0 < one.p_value <= 1


@given(both=cells, neither=cells)
def test_no_case_that_differs_means_no_difference(both: int, neither: int) -> None:
    counts = PairedCounts(both, 0, 0, neither)
    if counts.n:
        assert counts.difference == 0
        assert counts.interval[0] < 0 < counts.interval[1]
    assert counts.p_value == 1


def test_the_bootstrap_is_repeatable_and_mirrors() -> None:
    a, b = [0.0, 5.0, 10.0, 0.0, 2.0], [0.0, 0.0, 4.0, 1.0, 0.0]
    forth, back = mean_difference(a, b, seed=7), mean_difference(b, a, seed=7)
    assert forth == mean_difference(a, b, seed=7)
    assert forth.difference == pytest.approx(-12 / 5)
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low))
    assert forth.low < forth.difference < forth.high
    assert math.isnan(mean_difference([], [], seed=7).difference)


def test_the_bootstrap_interval_is_as_wide_as_theory_says() -> None:
    # Mean of n values -1 and 1 in equal shares: standard error 1/sqrt(n), so plus and minus 1.96/20.
    values = [1.0 if number % 2 else -1.0 for number in range(400)]
    measured = mean_difference([0.0] * 400, values, seed=1)
    assert measured.low == pytest.approx(-0.098, abs=0.006)
    assert measured.high == pytest.approx(0.098, abs=0.006)
