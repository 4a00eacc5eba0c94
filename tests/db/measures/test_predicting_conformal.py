"""Conformal intervals and sets are those of crepes and MAPIE, and hold what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from crepes import ConformalClassifier, ConformalRegressor

from db.measures.predicting.conformal import class_p_values, conformal_ends, conformal_quantile

RNG = np.random.default_rng(4)
ERRORS = RNG.normal(0, 8, 137)
HARD = RNG.uniform(0.5, 2, 137)


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
def test_one_error_for_all_is_that_of_crepes(coverage: float) -> None:
    theirs = ConformalRegressor().fit(ERRORS).predict_int(np.array([50.0]), confidence=coverage)
    assert conformal_quantile(np.abs(ERRORS), coverage) == pytest.approx(theirs[0, 1] - 50, abs=1e-9)
    hard = ConformalRegressor().fit(ERRORS, sigmas=HARD)
    scaled = hard.predict_int(np.array([50.0]), sigmas=np.array([1.5]), confidence=coverage)
    assert 1.5 * conformal_quantile(np.abs(ERRORS) / HARD, coverage) == pytest.approx(
        scaled[0, 1] - 50, abs=1e-9
    )


def test_too_few_known_errors_hold_everything() -> None:
    assert conformal_quantile(np.ones(8), 0.9) == math.inf
    assert conformal_quantile(np.arange(9.0), 0.9) == 8
    assert conformal_ends(np.ones(18), 0.9) == (-math.inf, math.inf)
    assert conformal_ends(np.arange(19.0), 0.9) == (0, 18)


def test_sets_are_the_label_conditional_ones_of_crepes() -> None:
    ill = RNG.random(200) < 0.3
    scores, asked = RNG.random(200) * 0.5 + 0.4 * ill, RNG.random(60)
    strange = np.where(ill, 1 - scores, scores)
    classifier = ConformalClassifier().fit(strange, bins=ill.astype(int))
    theirs = np.column_stack(
        [
            classifier.predict_p(column[:, None], bins=np.full(60, label), smoothing=False)[:, 0]
            for label, column in ((0, asked), (1, 1 - asked))
        ]
    )
    assert class_p_values(strange[~ill], asked) == pytest.approx(theirs[:, 0], abs=1e-9)
    assert class_p_values(strange[ill], 1 - asked) == pytest.approx(theirs[:, 1], abs=1e-9)
