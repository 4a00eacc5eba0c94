"""Cuts and resamples: exact rates, thresholds that hold what they promise, patients redrawn whole."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics
from statsmodels.stats.proportion import proportion_confint
from venn_abers import VennAbers as TheirVennAbers

from db.measures.isotonic import VennAbers
from db.measures.predicting.rates import Confusion, npv_at, ppv_at, values_at
from db.measures.predicting.redraws import Redraws
from db.measures.predicting.thresholds import (
    confident_threshold,
    risk_controlled_threshold,
    safe_clearing,
    sensitivity_threshold,
    threshold_missing,
)

RNG = np.random.default_rng(8)
ILL = RNG.random(400) < 0.3
SCORES = RNG.normal(ILL * 1.2, 1)


# ---- rates


def test_rates_are_those_of_scikit_learn_with_exact_intervals_of_statsmodels() -> None:
    flagged = SCORES > 0.5
    found = Confusion.of(ILL, flagged)
    tn, fp, fn, tp = metrics.confusion_matrix(ILL, flagged).ravel()
    assert (found.tn, found.fp, found.fn, found.tp) == (tn, fp, fn, tp)
    assert found.sensitivity.value == pytest.approx(metrics.recall_score(ILL, flagged))
    assert found.ppv.value == pytest.approx(metrics.precision_score(ILL, flagged))
    assert found.f1.value == pytest.approx(metrics.f1_score(ILL, flagged), abs=1e-12)
    for rate, count, n in ((found.npv, tn, tn + fn), (found.specificity, tn, tn + fp)):
        assert [rate.low, rate.high] == pytest.approx(proportion_confint(count, n, method="beta"), abs=1e-9)


def test_the_seed_papers_f1_does_not_follow_from_its_matrix() -> None:
    found = Confusion(tn=321, fp=50, fn=67, tp=62)
    assert found.f1.value == pytest.approx(0.5145, abs=1e-4)
    assert found.sensitivity.value == pytest.approx(0.48, abs=0.005)
    share = np.array(proportion_confint(62, 62 + 50 + 67, method="beta"))
    assert [found.f1.low, found.f1.high] == pytest.approx(2 * share / (1 + share), abs=1e-9)


def test_bayes_by_counting_a_thousand_people() -> None:
    # 140 ill, of whom 126 are flagged; 860 well, of whom 688 are not.
    assert ppv_at(0.9, 0.8, 0.14) == pytest.approx(126 / (126 + 172))
    assert npv_at(0.9, 0.8, 0.14) == pytest.approx(688 / (688 + 14))
    here = Confusion(tn=80, fp=20, fn=10, tp=90)
    ppv, npv = values_at(here, 0.5)
    assert (ppv.value, npv.value) == pytest.approx((here.ppv.value, here.npv.value))
    assert ppv.low < here.ppv.low
    assert npv.high > here.npv.high
    assert math.isnan(ppv_at(0, 1, 0.3))


# ---- thresholds


def test_a_sensitivity_is_reached_with_the_highest_threshold_that_does() -> None:
    positive = SCORES[ILL]
    threshold = sensitivity_threshold(positive, 0.9)
    assert (positive >= threshold).mean() >= 0.9
    assert (positive > threshold).mean() < 0.9
    assert sensitivity_threshold(np.array([1.0, 2, 3, 4]), 0.75) == 2
    assert threshold_missing(positive, -1) == -math.inf


def test_conformal_risk_control_is_the_largest_threshold_of_its_own_inequality() -> None:
    positive = np.sort(SCORES[ILL])
    n = len(positive)
    for rate in (0.05, 0.1, 0.2):
        allowed = [
            one for one in positive if n / (n + 1) * (positive < one).mean() + 1 / (n + 1) <= rate + 1e-12
        ]
        assert risk_controlled_threshold(positive, rate) == max(allowed)
    assert risk_controlled_threshold(positive[:5], 0.1) == -math.inf


@pytest.mark.parametrize("upcoming", [None, 40])
def test_a_confident_threshold_is_the_highest_whose_promise_scipy_confirms(upcoming: int | None) -> None:
    positive = np.sort(SCORES[ILL])
    n, rate = len(positive), 0.15

    def held(misses: int) -> float:
        if upcoming is None:
            return float(stats.beta(misses + 1, n - misses).cdf(rate))
        return float(stats.betabinom(upcoming, misses + 1, n - misses).cdf(math.floor(rate * upcoming)))

    misses = int((positive < confident_threshold(positive, rate, upcoming=upcoming)).sum())
    assert held(misses) >= 0.9 > held(misses + 1)


def test_a_promise_for_those_to_come_is_kept_in_nine_of_ten_data_sets() -> None:
    rng, kept, average = np.random.default_rng(1), 0, []
    for _ in range(1000):
        scores = rng.normal(size=80)
        threshold = confident_threshold(scores[:50], 0.2, upcoming=30)
        kept += (scores[50:] < threshold).mean() <= 0.2
        average.append((scores[50:] < risk_controlled_threshold(scores[:50], 0.2)).mean())
    assert kept / 1000 >= 0.88
    assert 0.17 <= np.mean(average) <= 0.205


def test_nobody_is_cleared_where_nothing_is_known() -> None:
    rng = np.random.default_rng(2)
    nothing = safe_clearing(rng.random(500), rng.random(500) < 0.3, npv=0.97)
    assert (nothing.cleared, nothing.share, nothing.below) == (0, 0.0, -math.inf)
    few = safe_clearing(np.arange(90.0), np.zeros(90, dtype=bool), npv=0.97)
    assert few.cleared == 0


def test_all_who_are_surely_well_are_cleared() -> None:
    scores = np.arange(500.0)
    found = safe_clearing(scores, scores >= 300, npv=0.97)
    assert 300 <= found.cleared <= 310
    assert found.npv_low >= 0.97
    assert safe_clearing(scores, np.zeros(500, dtype=bool), npv=0.97).cleared == 500


def test_a_clearing_is_wrong_in_at_most_one_of_twenty_data_sets() -> None:
    rng, wrong = np.random.default_rng(3), 0
    for _ in range(150):
        risk = rng.random(400)
        found = safe_clearing(risk, rng.random(400) < 0.08 * risk, npv=0.97)
        # Of those with a risk below b, a share 0.04 b is ill: too many above b = 0.75.
        wrong += found.cleared > 0 and found.below > 0.75
    assert wrong / 150 <= 0.07


# ---- resamples


def test_patients_are_redrawn_whole() -> None:
    patients = np.repeat(["a", "b", "c"], [1, 2, 3])
    redraws = Redraws.of(patients, np.random.default_rng(0), 50)
    assert (redraws.counts.sum(axis=1) == 3).all()
    weights = redraws.counts[:, redraws.people]
    assert (weights[:, 1] == weights[:, 2]).all()
    some = redraws.where(patients != "b")
    assert (some.counts[:, some.people] == weights[:, [0, 3, 4, 5]]).all()


def test_resamples_of_cases_are_those_of_the_bootstrap() -> None:
    values = RNG.normal(10, 2, 400)
    found = Redraws.of(np.arange(400).astype(str), np.random.default_rng(0), 2000).estimate(
        lambda weights: weights @ values / weights.sum(axis=1)
    )
    theirs = stats.bootstrap((values,), np.mean, n_resamples=2000, method="percentile", rng=1)
    assert found.value == pytest.approx(values.mean(), abs=1e-12)
    assert [found.low, found.high] == pytest.approx(list(theirs.confidence_interval), abs=0.02)


def test_one_patient_has_no_interval_and_a_difference_of_the_same_is_nothing() -> None:
    alone = Redraws.of(np.array(["a", "a"]), np.random.default_rng(0), 20)
    found = alone.estimate(lambda weights: weights.sum(axis=1))
    assert (found.value, found.has_interval) == (2, False)
    some = Redraws.of(np.array(["a", "b", "c"]), np.random.default_rng(0), 20)
    draw = some.draw(lambda weights: weights @ np.array([1.0, 2, 3]))
    assert draw.minus(draw).estimate().high == 0


def test_a_measure_that_is_often_unknown_has_no_interval() -> None:
    redraws = Redraws.of(np.arange(9).astype(str), np.random.default_rng(0), 100)
    found = redraws.estimate(lambda weights: np.where(weights[:, 0] > 0, 1.0, np.nan))
    assert (found.value, found.has_interval) == (1, False)


# ---- Venn-Abers, all scores at once


def test_venn_abers_is_that_of_its_library() -> None:
    known, asked = np.round(RNG.random(200), 2), np.round(RNG.random(50), 3)
    right = RNG.random(200) < known
    theirs = TheirVennAbers()
    theirs.fit(np.column_stack([1 - known, known]), right.astype(int))
    _, both = theirs.predict_proba(np.column_stack([1 - asked, asked]))
    ours = VennAbers.of(known.tolist(), right.tolist())
    assert np.array([ours.interval(score) for score in asked.tolist()]) == pytest.approx(both, abs=1e-9)
