"""Means and their differences are scipy's numbers; a median lies between its ranks."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
import scipy.stats

from db.measures.estimate import Estimate, unknown
from db.measures.means import difference_of_means, mean_of, mean_of_counts
from db.measures.medians import median_of


def gauss(n: int, middle: float = 55.0) -> list[float]:
    chance = random.Random(n)
    return [round(chance.gauss(middle, 9), 1) for _ in range(n)]


@pytest.mark.parametrize("n", [2, 3, 4, 11, 60, 4000])
def test_a_mean_has_the_interval_of_student(n: int) -> None:
    values = gauss(n)
    low, high = scipy.stats.t.interval(0.95, n - 1, np.mean(values), scipy.stats.sem(values))
    for found in (mean_of(values), mean_of_counts(list(Counter(values).items()))):
        assert (found.value, found.low, found.high) == pytest.approx((np.mean(values), low, high), rel=1e-9)
        assert found.n == n


def test_the_mean_of_four_values_reaches_3_182_standard_errors() -> None:
    # The table of Student's t at 3 degrees of freedom; the card once had 3.159 from a series.
    found = mean_of([40.0, 50.0, 50.0, 60.0])
    error = np.std([40.0, 50.0, 50.0, 60.0], ddof=1) / 2
    assert (found.high - found.value) / error == pytest.approx(3.182, abs=5e-4)


def test_too_few_have_no_interval() -> None:
    assert not mean_of([]).is_known
    assert mean_of([50.0]).value == 50 and not mean_of([50.0]).has_interval
    assert mean_of([50.0, 60.0]).has_interval and not mean_of([50.0, 60.0], least=3).has_interval
    assert not mean_of_counts([(50.0, 1)]).is_known
    assert not difference_of_means([(1.0, 5)], [(2.0, 1)]).is_known


@pytest.mark.parametrize(("n", "m"), [(2, 3), (12, 40), (300, 25)])
def test_two_means_lie_apart_as_welch_says(n: int, m: int) -> None:
    a, b = gauss(n, 60), gauss(m + 1, 52)
    expected = scipy.stats.ttest_ind(a, b, equal_var=False)
    low, high = expected.confidence_interval()
    found = difference_of_means(list(Counter(a).items()), list(Counter(b).items()))
    assert (found.value, found.low, found.high) == pytest.approx(
        (np.mean(a) - np.mean(b), low, high), rel=1e-9
    )
    assert found.n == n + m + 1


def test_a_median_lies_between_its_ranks() -> None:
    # Campbell and Gardner 1988, British Medical Journal 296:1454: of 100 values the 40th and the 61st.
    assert median_of([float(value) for value in range(1, 101)]) == Estimate(50.5, 40.0, 61.0, 100)


def test_an_estimate_comes_back_from_json_with_what_could_not_be_said() -> None:
    for one in (Estimate(0.5, 0.25, 0.75, 8), Estimate(0.5, float("nan"), float("nan"), 1), unknown(3)):
        assert str(Estimate.from_json(one.as_json())) == str(one)
    assert str(Estimate.from_json({})) == str(unknown())
