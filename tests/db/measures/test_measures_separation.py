"""Telling classes apart: AUROC and ranks of independent libraries, whole groups, p-values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from db.measures.bootstrap import redrawn_groups
from db.measures.discrimination import auroc, mean_auroc, mid_ranks
from db.measures.p_values import holm, permutation_p, permuted_labels
from db.measures.separability import FOLDS, feature_separations, group_folds, separation


@settings(deadline=None)
@given(st.lists(st.floats(-3, 3).map(lambda value: round(value, 1)), min_size=1, max_size=40))
def test_ranks_are_those_of_scipy(values: list[float]) -> None:
    assert list(mid_ranks(np.array(values))) == list(rankdata(values))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=4, max_size=60))
def test_the_auroc_is_that_of_an_independent_library(rows: list[tuple[int, bool]]) -> None:
    scores, truth = np.array([float(score) for score, _ in rows]), np.array([is_one for _, is_one in rows])
    if truth.all() or not truth.any():
        assert np.isnan(auroc(scores, truth))
    else:
        assert auroc(scores, truth) == pytest.approx(roc_auc_score(truth, scores))


def test_groups_are_never_parted_by_a_fold() -> None:
    generator = np.random.default_rng(9)
    groups = generator.integers(0, 30, 200)
    folds = group_folds(generator.integers(0, 3, 200), groups, generator)
    assert all(len(set(folds[groups == group])) == 1 for group in range(30))
    assert set(folds) == set(range(FOLDS))


def test_a_group_seen_twice_does_not_make_noise_look_like_knowledge() -> None:
    generator = np.random.default_rng(10)
    inputs = np.repeat(generator.normal(size=(40, 3)), 4, axis=0)
    labels = np.repeat(generator.integers(0, 2, 40), 4)
    found = separation(inputs, labels, np.repeat(np.arange(40), 4), seed=1, permutations=99, resamples=100)
    assert found.low < 0.5
    assert found.p > 0.05


def test_single_features_keep_their_error_rate_over_all_features() -> None:
    generator = np.random.default_rng(11)
    false = 0
    for seed in range(40):
        inputs, labels = generator.normal(size=(60, 12)), generator.integers(0, 2, 60)
        corrected = feature_separations(inputs, labels, np.arange(60), seed=seed, permutations=99)
        false += min(p for _, p in corrected) <= 0.05
    assert false <= 6  # 2 are expected; more than 6 has a probability of 0.3 %


def test_holm_corrects_by_how_many_there_are() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_the_auroc_of_several_classes_is_their_mean_and_leaves_absent_ones_out() -> None:
    generator = np.random.default_rng(4)
    labels, scores = generator.integers(0, 3, 90), generator.normal(size=(90, 4))
    expected = [roc_auc_score(labels == place, scores[:, place]) for place in range(3)]
    assert mean_auroc(scores, labels) == pytest.approx(np.mean(expected))


def test_a_redraw_takes_groups_whole_and_as_many_as_there_are() -> None:
    groups = np.array([5, 5, 5, 2, 2, 9])
    for drawn in redrawn_groups(groups, generator=np.random.default_rng(1), resamples=30):
        sizes = {group: np.count_nonzero(groups[drawn] == group) for group in (5, 2, 9)}
        assert all(sizes[group] % np.count_nonzero(groups == group) == 0 for group in sizes)
        assert sizes[5] // 3 + sizes[2] // 2 + sizes[9] == 3


def test_permuted_labels_are_the_same_labels_and_stay_together_in_equal_groups() -> None:
    labels, groups = np.repeat([0, 1, 2, 1], 3), np.repeat([7, 3, 8, 1], 3)
    for seed in range(10):
        found = permuted_labels(labels, groups, np.random.default_rng(seed))
        assert sorted(found) == sorted(labels)
        assert all(len(set(found[groups == group])) == 1 for group in groups)


def test_a_result_counts_among_those_by_chance() -> None:
    assert permutation_p(0.9, [0.5, 0.9, 0.95]) == 3 / 4
    assert permutation_p(1.0, [0.5] * 9) == 1 / 10
