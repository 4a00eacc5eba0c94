"""Counts and sums of two sites, added, are exactly the counts and sums of both sites' records."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr
from sklearn.metrics import mean_absolute_error, roc_auc_score

from db.errors import EchoDeskError
from pipeline.evaluation.answers import Answers
from pipeline.evaluation.sufficient import as_json, from_json, measures, pooled, sufficient


def site(n: int, seed: int, **more: object) -> Answers:
    """A site's answers, by chance."""
    rng = np.random.default_rng(seed)
    ef = np.round(rng.uniform(15, 70, n))
    rwma = (rng.random(n) < 0.3).astype(np.int64)
    said = np.clip(0.5 * ef + rng.normal(25, 6, n), 0, 100)
    probability = 1 / (1 + np.exp(-(1.5 * rwma - 1 + rng.normal(0, 1, n))))
    return Answers(
        tuple(f"r{seed}-{place}" for place in range(n)),
        np.array([f"p{seed}-{place // 2}" for place in range(n)]),
        np.arange(n) % 5, ef, rwma, said, probability, said, probability,
        np.ones(n), np.ones(n),
    )  # fmt: skip


def together(one: Answers, other: Answers) -> Answers:
    """Both sites' records in one."""
    return Answers(
        one.row_ids + other.row_ids,
        *(
            np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("patients", "folds", "ef_percent", "rwma", "ef_said", "rwma_said", "ef_one_view",
                         "rwma_one_view", "ef_spread", "rwma_spread")
        ),
    )  # fmt: skip


@given(st.integers(2, 60), st.integers(2, 60), st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_pooling_is_exact_to_the_last_digit(n: int, m: int, seed: int) -> None:
    one, other = site(n, seed), site(m, seed + 1)
    assert pooled(sufficient(one), sufficient(other)) == sufficient(together(one, other))


def test_the_order_of_the_sites_makes_no_difference() -> None:
    one, other, third = (sufficient(site(40, seed), least=5) for seed in (1, 2, 3))
    assert pooled(pooled(one, other), third) == pooled(third, pooled(other, one))


def test_measures_are_those_of_the_records() -> None:
    of = site(400, 7)
    found = measures(sufficient(of))
    ef, said = of.ef_percent, np.round(of.ef_said, 2)
    assert found["ef all"]["mae"].value == pytest.approx(mean_absolute_error(ef, said), abs=1e-9)
    assert found["ef all"]["r"].value == pytest.approx(pearsonr(ef, said).statistic, abs=1e-9)
    assert found["ef all"]["bias"].value == pytest.approx((said - ef).mean(), abs=1e-9)
    cells = np.floor(of.rwma_said * 200)
    assert found["rwma"]["auroc"].value == pytest.approx(roc_auc_score(of.rwma, cells), abs=1e-9)
    assert found["rwma"]["auroc"].value == pytest.approx(roc_auc_score(of.rwma, of.rwma_said), abs=2e-3)
    below = roc_auc_score(of.ef_percent < 40, -of.ef_said)
    assert found["ef_below_40"]["auroc"].value == pytest.approx(below, abs=2e-3)
    band = (ef >= 30) & (ef < 40)
    assert found["ef moderately_reduced"]["mae"].value == pytest.approx(
        mean_absolute_error(ef[band], said[band]), abs=1e-9
    )


@given(st.integers(2, 80), st.integers(2, 12), st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_no_small_cell_leaves_and_no_record_is_lost(n: int, least: int, seed: int) -> None:
    hidden = sufficient(site(n, seed), least=least)
    full = sufficient(site(n, seed))
    for name, one in hidden.screens.items():
        whole = full.screens[name]
        assert whole is not None
        totals = (sum(whole.positives), sum(whole.negatives))
        if one is None:
            assert any(0 < total < least for total in totals)
        else:
            assert all(count == 0 or count >= least for count in (*one.positives, *one.negatives))
            assert (sum(one.positives), sum(one.negatives)) == totals
            assert (one.edges[0], one.edges[-1]) == (0, 200)
    assert all(one is None or one.n == 0 or one.n >= least for one in hidden.ef.values())
    shown = sum(one.n for name, one in hidden.ef.items() if name != "all" and one is not None)
    left = 0 if hidden.ef["all"] is None else hidden.ef["all"].n - shown
    assert left == 0 or left >= least


def test_a_site_with_merged_cells_pools_on_the_edges_that_both_show() -> None:
    one, other = site(60, 1), site(80, 2)
    found = pooled(sufficient(one, least=5), sufficient(other)).screens["rwma"]
    whole = sufficient(together(one, other)).screens["rwma"]
    assert found is not None
    assert whole is not None
    upto = np.concatenate(([0], np.cumsum(whole.positives)))
    assert [int(upto[edge]) for edge in found.edges] == [0, *np.cumsum(found.positives).tolist()]


def test_the_file_carries_no_row_and_comes_back_the_same() -> None:
    of = site(50, 3)
    text = json.dumps(as_json(sufficient(of, least=3)))
    assert "r3-" not in text
    assert "p3-" not in text
    assert from_json(json.loads(text)) == sufficient(of, least=3)


@pytest.mark.parametrize("values", [{}, {"format": "echodesk-sufficient/0", "cells": 200}, {"format": 1}])
def test_another_file_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(EchoDeskError, match="no file of counts and sums"):
        from_json(values)
