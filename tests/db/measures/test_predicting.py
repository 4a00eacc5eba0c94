"""Measures of predictions are the numbers of scikit-learn, statsmodels, scipy and dcurves."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.interpolate import CubicSpline
from sklearn import metrics

from db.measures.discrimination import auroc
from db.measures.predicting.delong import delong_auroc, delong_covariance
from db.measures.predicting.logistic import fit_logistic, natural_spline, spline_knots
from db.measures.predicting.net_benefit import net_benefit
from db.measures.predicting.probabilities import Calibration
from db.measures.predicting.ranking import Ranking
from db.measures.predicting.redraws import Redraws
from db.measures.predicting.regression import by_band, error_measures, share_within

N = 300
RNG = np.random.default_rng(5)
EF = RNG.normal(54, 11, N)
SAID = 54 + 0.5 * (EF - 54) + RNG.normal(0, 8, N)
# Some scores are equal, some cases weigh nothing, some weigh several times.
SCORES = np.round(RNG.random(N), 2)
ILL = RNG.random(N) < 0.1 + 0.6 * SCORES
WEIGHTS = RNG.multinomial(N, np.full(N, 1 / N), size=6).astype(float)
PROBABILITIES = np.clip(0.9 * SCORES + 0.05, 0.01, 0.99)
OUTCOMES = ILL.astype(float)


@pytest.fixture(scope="module")
def sm() -> Any:
    """statsmodels, loaded where it judges and not wherever tests are collected."""
    return importlib.import_module("statsmodels.api")


# ---- a number


def test_errors_are_those_of_scikit_learn_under_every_weighting() -> None:
    found = error_measures(EF, SAID, WEIGHTS)
    for place, weights in enumerate(WEIGHTS):
        assert found["mae"][place] == pytest.approx(
            metrics.mean_absolute_error(EF, SAID, sample_weight=weights), abs=1e-9
        )
        assert found["rmse"][place] == pytest.approx(
            metrics.root_mean_squared_error(EF, SAID, sample_weight=weights), abs=1e-9
        )
        assert found["r2"][place] == pytest.approx(
            metrics.r2_score(EF, SAID, sample_weight=weights), abs=1e-9
        )


def test_correlation_and_calibration_line_are_those_of_scipy_and_statsmodels(sm: Any) -> None:
    whole = error_measures(EF, SAID, np.ones((1, N)))
    assert whole["r"][0] == pytest.approx(stats.pearsonr(EF, SAID).statistic, abs=1e-9)
    assert whole["spread_ratio"][0] == pytest.approx(SAID.std() / EF.std(), abs=1e-9)
    assert whole["bias"][0] == pytest.approx((SAID - EF).mean(), abs=1e-9)
    found = error_measures(EF, SAID, WEIGHTS)
    for place, weights in enumerate(WEIGHTS):
        line = sm.WLS(EF, sm.add_constant(SAID), weights=weights).fit().params
        assert [found["intercept"][place], found["slope"][place]] == pytest.approx(line, abs=1e-9)


def test_a_constant_has_no_correlation_and_no_slope_but_an_error() -> None:
    found = error_measures(EF, np.full(N, 54.0), np.ones((1, N)))
    assert np.isnan(found["r"][0])
    assert np.isnan(found["slope"][0])
    assert found["spread_ratio"][0] == 0
    assert found["mae"][0] == pytest.approx(np.abs(EF - 54).mean())


def test_bands_are_measured_on_their_own_cases() -> None:
    low = EF < 50
    found = by_band(EF, SAID, {"low": low, "none": np.zeros(N, dtype=bool)}, np.ones((1, N)))
    assert found["low mae"][0] == pytest.approx(np.abs(SAID - EF)[low].mean())
    assert found["low bias"][0] == pytest.approx((SAID - EF)[low].mean())
    assert np.isnan(found["none mae"][0])


def test_a_prediction_as_far_as_the_reach_is_within_it() -> None:
    truth, said = np.array([50.0, 50, 50]), np.array([55.0, 44.9, 50.1])
    assert share_within(truth, said, 5, np.ones((1, 3)))[0] == pytest.approx(2 / 3)


# ---- a rank


def test_ranks_are_those_of_scikit_learn_under_every_weighting() -> None:
    ranking = Ranking.of(SCORES, ILL)
    areas, precisions = ranking.auroc(WEIGHTS), ranking.average_precision(WEIGHTS)
    for place, weights in enumerate(WEIGHTS):
        assert areas[place] == pytest.approx(
            metrics.roc_auc_score(ILL, SCORES, sample_weight=weights), abs=1e-9
        )
        assert precisions[place] == pytest.approx(
            metrics.average_precision_score(ILL, SCORES, sample_weight=weights), abs=1e-9
        )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 3)), min_size=1, max_size=15))
def test_a_weight_is_as_many_copies(cases: list[tuple[int, bool, int]]) -> None:
    scores, ill, weights = (np.array(column) for column in zip(*cases, strict=True))
    copies = np.repeat(np.arange(len(cases)), weights)
    weighted = Ranking.of(scores.astype(float), ill).auroc(weights[None].astype(float))[0]
    assert weighted == pytest.approx(auroc(scores[copies], ill[copies]), abs=1e-12, nan_ok=True)


def test_delong_is_the_variance_of_the_shares_of_pairs_each_case_wins() -> None:
    scores = np.stack([SCORES, SAID])
    wins = np.array(
        [(one[ILL][:, None] > one[~ILL]) + 0.5 * (one[ILL][:, None] == one[~ILL]) for one in scores]
    )
    expected = np.cov(wins.mean(axis=2)) / ILL.sum() + np.cov(wins.mean(axis=1)) / (~ILL).sum()
    found = delong_covariance(scores, ILL)
    assert found is not None
    assert found[0] == pytest.approx([metrics.roc_auc_score(ILL, one) for one in scores], abs=1e-12)
    assert found[1] == pytest.approx(expected, abs=1e-12)


def test_delong_and_the_bootstrap_over_cases_agree() -> None:
    redraws = Redraws.of(np.arange(N).astype(str), np.random.default_rng(0), 2000)
    ranking = Ranking.of(SCORES, ILL)
    drawn, exact = redraws.estimate(ranking.auroc), delong_auroc(SCORES, ILL)
    assert drawn.value == pytest.approx(exact.value, abs=1e-12)
    assert [drawn.low, drawn.high] == pytest.approx([exact.low, exact.high], abs=0.01)
    other = Ranking.of(-SAID, ILL)
    paired = redraws.draw(ranking.auroc).minus(redraws.draw(other.auroc)).estimate()
    both = delong_covariance(np.stack([SCORES, -SAID]), ILL)
    assert both is not None
    (first, second), spread = both
    reach = 1.96 * np.sqrt(spread[0, 0] + spread[1, 1] - 2 * spread[0, 1])
    expected = [first - second - reach, first - second + reach]
    assert [paired.low, paired.high] == pytest.approx(expected, abs=0.02)


def test_delong_says_no_interval_where_it_would_be_a_point() -> None:
    sure = delong_auroc(np.array([1.0, 2, 3, 4]), np.array([False, False, True, True]))
    assert (sure.value, sure.has_interval) == (1, False)
    assert not delong_auroc(np.array([1.0, 2, 3]), np.array([False, False, True])).is_known


# ---- a probability


def test_the_calibration_line_is_that_of_statsmodels_under_every_weighting(sm: Any) -> None:
    found = Calibration.of(PROBABILITIES, OUTCOMES).measures(WEIGHTS)
    odds = np.log(PROBABILITIES / (1 - PROBABILITIES))
    for place, weights in enumerate(WEIGHTS):
        family = sm.families.Binomial()
        line = sm.GLM(OUTCOMES, sm.add_constant(odds), family=family, freq_weights=weights).fit(tol=1e-14)
        large = sm.GLM(OUTCOMES, np.ones(N), family=family, freq_weights=weights, offset=odds).fit(tol=1e-14)
        assert [found["intercept"][place], found["slope"][place]] == pytest.approx(line.params, abs=1e-8)
        assert found["in_the_large"][place] == pytest.approx(large.params[0], abs=1e-8)
        assert found["brier"][place] == pytest.approx(
            metrics.brier_score_loss(OUTCOMES, PROBABILITIES, sample_weight=weights), abs=1e-9
        )


def test_the_brier_skill_is_that_of_a_constant_forecast_taken_off() -> None:
    found = Calibration.of(PROBABILITIES, OUTCOMES).measures(np.ones((1, N)))
    constant = metrics.brier_score_loss(OUTCOMES, np.full(N, OUTCOMES.mean()))
    ours = metrics.brier_score_loss(OUTCOMES, PROBABILITIES)
    assert found["brier_skill"][0] == pytest.approx(1 - ours / constant, abs=1e-9)
    assert found["mean_gap"][0] == pytest.approx(PROBABILITIES.mean() - OUTCOMES.mean(), abs=1e-12)


def test_ici_is_that_of_statsmodels_on_scipys_natural_spline(sm: Any) -> None:
    odds = np.log(PROBABILITIES / (1 - PROBABILITIES))
    knots = np.quantile(odds, [0.05, 0.35, 0.65, 0.95])
    columns = []
    for height in np.eye(4):
        spline = CubicSpline(knots, height, bc_type="natural")
        inside = np.clip(odds, knots[0], knots[-1])
        columns.append(spline(inside) + spline(inside, 1) * (odds - inside))
    fit = sm.GLM(OUTCOMES, np.column_stack(columns), family=sm.families.Binomial()).fit(tol=1e-14)
    found = Calibration.of(PROBABILITIES, OUTCOMES)
    expected = np.abs(fit.fittedvalues - PROBABILITIES).mean()
    assert found.measures(np.ones((1, N)))["ici"][0] == pytest.approx(expected, abs=1e-8)
    assert found.curve(PROBABILITIES) == pytest.approx(fit.fittedvalues, abs=1e-6)


def test_a_spline_without_room_for_knots_is_a_line() -> None:
    values = np.repeat([0.0, 1.0], [290, 10])
    assert natural_spline(values, spline_knots(values)).shape == (300, 2)


def test_what_is_told_apart_without_error_has_no_line() -> None:
    apart = fit_logistic(
        np.column_stack([np.ones(6), np.arange(6.0)]), np.repeat([0.0, 1], 3), np.ones((1, 6))
    )
    assert np.isnan(apart).all()
    assert np.isnan(fit_logistic(np.ones((3, 1)), np.ones(3), np.ones((1, 3)))).all()
    found = Calibration.of(np.full(3, 0.5), np.zeros(3)).measures(np.ones((2, 3)))
    assert np.isnan(found["slope"]).all()


def test_net_benefit_is_that_of_dcurves() -> None:
    from dcurves import dca

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = pd.DataFrame({"ill": OUTCOMES, "said": PROBABILITIES})
        theirs = dca(data=data, outcome="ill", modelnames=["said"], thresholds=[0.1, 0.25, 0.4, 0.7])
    for threshold in (0.1, 0.25, 0.4, 0.7):
        at = theirs[np.isclose(theirs["threshold"], threshold)].set_index("model")["net_benefit"]
        ones = np.ones((1, N))
        flagged = threshold <= PROBABILITIES
        assert net_benefit(flagged, ILL, threshold, ones)[0] == pytest.approx(at["said"], abs=1e-9)
        everybody = np.ones(N, dtype=bool)
        assert net_benefit(everybody, ILL, threshold, ones)[0] == pytest.approx(at["all"], abs=1e-9)
