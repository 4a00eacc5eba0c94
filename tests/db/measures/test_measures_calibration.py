"""Scores to probabilities, and how good those are: golden numbers, properties, scikit-learn's own fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from db.measures.calibration import reliability
from db.measures.isotonic import fit_isotonic, merged_probability, venn_abers
from db.measures.platt import recalibrated

# ---- golden numbers


def test_pooling_gives_the_least_squares_steps() -> None:
    fit = fit_isotonic([1, 2, 3, 4, 5, 6], [False, True, False, True, True, False])
    assert fit.scores == (1, 2, 4)
    assert fit.values == pytest.approx((0, 1 / 2, 2 / 3))


def test_equal_scores_are_one_step() -> None:
    assert fit_isotonic([0.5, 0.5, 0.5, 0.9], [True, False, True, True]).values == pytest.approx((2 / 3, 1))


def test_venn_abers_by_hand() -> None:
    # As wrong: 0 0 | 1 0* 1 -> the pool of {1, 0*} is 1/2. As right: 0 0 | 1 1* 1 -> 1.
    scores, right = [0.1, 0.2, 0.3, 0.5], [False, False, True, True]
    assert venn_abers(scores, right, 0.4) == pytest.approx((0.5, 1.0))
    assert venn_abers(scores, right, 0.05) == pytest.approx((0.0, 1 / 3))
    assert venn_abers([], [], 0.7) == (0.0, 1.0)


def test_a_group_of_one_score_gives_its_share_with_one_more_answer() -> None:
    assert venn_abers([0.9] * 9, [True] * 8 + [False], 0.9) == pytest.approx((0.8, 0.9))
    assert merged_probability(0.8, 0.9) == pytest.approx(0.9 / 1.1)


def test_calibration_error_by_hand() -> None:
    quality = reliability([0.95, 0.95, 0.95, 0.95, 0.15, 0.15], [True, True, True, False, False, False])
    assert quality.ece == pytest.approx(4 / 6 * 0.20 + 2 / 6 * 0.15)
    assert quality.brier == pytest.approx((3 * 0.05**2 + 0.95**2 + 2 * 0.15**2) / 6)
    assert [(one.low, one.right.hits, one.right.n) for one in quality.bins if one.right.n] == [
        (0.1, 0, 2),
        (0.9, 3, 4),
    ]


# ---- properties

answers = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30)


@settings(max_examples=60, deadline=None)
@given(answers, st.floats(0, 1), st.floats(0, 1))
def test_the_fit_never_falls_and_stays_between_0_and_1(
    points: list[tuple[float, bool]], one: float, other: float
) -> None:
    fit = fit_isotonic([score for score, _ in points], [right for _, right in points])
    low, high = sorted((one, other))
    assert 0 <= fit.value(low) <= fit.value(high) <= 1
    assert list(fit.values) == sorted(fit.values)


@settings(max_examples=60, deadline=None)
@given(answers, st.floats(0, 1))
def test_the_interval_is_one_and_holds_the_plain_fit_of_a_seen_score(
    points: list[tuple[float, bool]], score: float
) -> None:
    scores, right = [one for one, _ in points], [one for _, one in points]
    low, high = venn_abers(scores, right, score)
    assert 0 <= low <= high <= 1
    assert 0 <= merged_probability(low, high) <= 1
    if score in scores:
        assert low - 1e-12 <= fit_isotonic(scores, right).value(score) <= high + 1e-12


@settings(max_examples=40, deadline=None)
@given(answers.filter(bool))
def test_the_calibration_error_is_a_share(points: list[tuple[float, bool]]) -> None:
    quality = reliability([score for score, _ in points], [right for _, right in points])
    assert 0 <= quality.ece <= 1
    assert 0 <= quality.brier <= 1
    assert sum(one.right.n for one in quality.bins) == len(points)


@settings(max_examples=60, deadline=None)
@given(answers.filter(bool))
def test_the_isotonic_fit_is_that_of_scikit_learn(points: list[tuple[float, bool]]) -> None:
    # Whole hundredths: scikit-learn takes scores closer than its own rounding for one.
    scores, right = [round(score, 2) for score, _ in points], [right for _, right in points]
    fit = fit_isotonic(scores, right)
    theirs = IsotonicRegression(y_min=0, y_max=1).fit(scores, [float(one) for one in right])
    assert [fit.value(score) for score in scores] == pytest.approx(theirs.predict(scores), abs=1e-9)


def test_probabilities_are_put_right_as_by_a_logistic_regression_with_the_same_ridge() -> None:
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 2, 400).astype(float)
    given_ = np.clip(0.5 + 0.2 * (labels - 0.5) + generator.normal(0, 0.2, 400), 0.01, 0.99)
    odds = np.log(given_ / (1 - given_))[:, None]
    theirs = LogisticRegression(C=1.0, tol=1e-10).fit(odds - odds.mean(), labels)
    expected = theirs.predict_proba(odds - odds.mean())[:, 1]
    assert recalibrated(given_, labels) == pytest.approx(np.clip(expected, 1e-3, 1 - 1e-3), abs=1e-5)


def test_probabilities_that_point_the_wrong_way_say_nothing() -> None:
    labels = np.array([1.0, 1.0, 0.0, 0.0])
    assert recalibrated(np.array([0.1, 0.2, 0.8, 0.9]), labels) == pytest.approx([0.5] * 4)
