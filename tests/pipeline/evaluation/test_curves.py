"""What the plots show follows from the answers and from nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_score, roc_auc_score, roc_curve

from db.measures.predicting.redraws import Redraws
from pipeline.evaluation.invented import invented_answers
from pipeline.evaluation.reference_rows import constant_numbers
from pipeline.evaluation.report.curves import curves, cut_points
from pipeline.evaluation.report.plots import above


def test_cut_points_are_the_roc_curve_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    score = rng.integers(0, 40, size=300) / 40
    truth = rng.random(300) < score
    points = cut_points(score, truth)
    alarms, hits, _ = roc_curve(truth, score, drop_intermediate=False)
    assert [one.false_alarms for one in points] == pytest.approx(alarms)
    assert [one.sensitivity for one in points] == pytest.approx(hits)
    area = np.trapezoid([one.sensitivity for one in points], [one.false_alarms for one in points])
    assert area == pytest.approx(roc_auc_score(truth, score))


def test_a_line_below_the_floor_of_a_plot_ends_where_it_crosses_it() -> None:
    line = [(0.0, 1.0), (1.0, -1.0), (2.0, -2.0), (3.0, 2.0), (4.0, 1.0)]
    assert above(line, 0.0) == [[(0.0, 1.0), (0.5, 0.0)], [(2.5, 0.0), (3.0, 2.0), (4.0, 1.0)]]
    assert above(line, -5.0) == [line]
    assert above([(0.0, -1.0), (1.0, -2.0)], 0.0) == []


def test_the_precision_of_a_cut_is_that_of_what_it_flags() -> None:
    score = np.array([0.9, 0.8, 0.7, 0.2])
    truth = np.array([True, False, True, False])
    found = [one.precision for one in cut_points(score, truth)][1:]
    expected = [precision_score(truth, score >= cut) for cut in (0.9, 0.8, 0.7, 0.2)]
    assert found == pytest.approx(expected)


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    score = np.arange(5000) / 5000
    points = cut_points(score, score > 0.5)
    assert len(points) <= 121
    assert (points[0].sensitivity, points[-1].sensitivity, points[-1].false_alarms) == (0, 1, 1)


def test_no_curve_without_both_kinds() -> None:
    assert cut_points(np.array([0.1, 0.2]), np.array([True, True])) == ()


def test_bins_and_pairs_hold_every_record_once() -> None:
    answers = invented_answers(200)
    found = curves(answers)
    assert sum(one.truth for one in found.ef_bins) == 200
    assert sum(one.said for one in found.ef_bins) == 200
    assert sum(one.records for one in found.ef_together) == 200


def test_no_other_constant_is_better_than_the_one_shown() -> None:
    answers = invented_answers(200)
    found = constant_numbers(answers, Redraws.of(answers.patients, np.random.default_rng(0), 100))
    others = [np.abs(answers.ef_percent - value).mean() for value in range(20, 70)]
    assert found.mae.value <= min(others)


def test_the_gain_is_the_difference_of_the_two_errors() -> None:
    answers = invented_answers(200)
    found = constant_numbers(answers, Redraws.of(answers.patients, np.random.default_rng(0), 200))
    model = float(np.abs(answers.ef_percent - answers.ef_said).mean())
    assert found.mae_gain.value == pytest.approx(found.mae.value - model)
    assert found.mae_gain.low < found.mae_gain.value < found.mae_gain.high
