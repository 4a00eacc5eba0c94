"""Scores against independent libraries; intervals over patients, not over records."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import mean_absolute_error, roc_auc_score

from db.measures.bootstrap import redrawn
from db.measures.paired import correlation
from pipeline.training.scores import Answers, Truth, mae_gain, scores


def cohort(n: int = 60) -> tuple[Truth, Answers]:
    rng = np.random.default_rng(3)
    ef = rng.uniform(20, 65, n)
    rwma = (rng.random(n) < 0.3).astype(np.int64)
    answers = Answers(ef + rng.normal(0, 8, n), rwma + rng.normal(0, 1, n))
    return Truth(ef, rwma, [f"p{number}" for number in range(n)]), answers


def test_the_values_are_those_of_scipy_and_scikit_learn() -> None:
    truth, answers = cohort()
    found = scores(truth, answers, seed=1)
    both = (truth.ef_percent, answers.ef_percent)
    assert found["ef_mae_points"].value == pytest.approx(mean_absolute_error(*both))
    assert found["ef_r"].value == pytest.approx(pearsonr(*both).statistic)
    assert found["rwma_auroc"].value == pytest.approx(roc_auc_score(truth.rwma, answers.rwma_score))
    for one in found.values():
        assert one.low < one.value < one.high
        assert one.n == 60


def test_what_is_not_known_is_left_out_of_its_own_measure_alone() -> None:
    truth, answers = cohort()
    truth.ef_percent[:10] = np.nan
    truth.rwma[:5] = -1
    found = scores(truth, answers, seed=1)
    assert (found["ef_mae_points"].n, found["rwma_auroc"].n) == (50, 55)
    assert found["ef_mae_points"].value == pytest.approx(
        mean_absolute_error(truth.ef_percent[10:], answers.ef_percent[10:])
    )


def test_photographs_of_one_patient_do_not_make_the_interval_narrower() -> None:
    values = np.random.default_rng(5).normal(size=40)
    once = redrawn(lambda at: values[at].mean(), np.arange(40).astype(str), seed=1)
    often, people = np.repeat(values, 9), np.repeat(np.arange(40).astype(str), 9)
    nine_times = redrawn(lambda at: often[at].mean(), people, seed=1)
    single_rows = redrawn(lambda at: often[at].mean(), np.arange(360).astype(str), seed=1)
    assert nine_times.high - nine_times.low == pytest.approx(once.high - once.low)
    assert single_rows.high - single_rows.low < 0.5 * (once.high - once.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    truth, answers = cohort()
    assert scores(truth, answers, seed=4) == scores(truth, answers, seed=4)
    assert scores(truth, answers, seed=4) != scores(truth, answers, seed=5)


def test_a_gain_is_paired_by_record() -> None:
    truth, answers = cohort()
    away = np.sign(answers.ef_percent - truth.ef_percent)
    worse = Answers(answers.ef_percent + 3 * away, answers.rwma_score)
    gain = mae_gain(truth, answers, worse, seed=1)
    assert gain.value == pytest.approx(3)
    assert (gain.low, gain.high) == (pytest.approx(3), pytest.approx(3))


def test_what_cannot_be_said_is_not_known() -> None:
    assert np.isnan(correlation(np.ones(5), np.arange(5.0)))
    nothing = redrawn(lambda at: float(len(at)), np.array([], dtype=str), seed=1)
    assert not nothing.is_known
    truth, answers = cohort()
    truth.rwma[:] = 0
    assert not scores(truth, answers, seed=1)["rwma_auroc"].is_known
