"""Weights by how rare an EF is: checked by hand, by SciPy, and by what must hold for any fold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import convolve1d, gaussian_filter1d

from db.errors import EchoDeskError
from pipeline.config.settings import LossSettings
from pipeline.modeling.label_density import LabelDensity, record_weights

FOLD = [60.0, 60.0, 60.0, 30.0]
# Of the paper's shape: many normal, few severe.
COHORT = [
    *np.linspace(50, 67, 357),
    *np.linspace(40, 49.5, 81),
    *np.linspace(30, 39.5, 54),
    *np.linspace(20, 29, 8),
]

folds = st.lists(st.floats(5, 90, allow_nan=False), min_size=1, max_size=60)


def test_without_smoothing_weights_are_the_inverse_of_the_counts() -> None:
    density = LabelDensity.of(FOLD, cap=3, sigma_points=0)
    # 1/3, 1/3, 1/3 and 1 add up to 2; four records with mean 1 need twice as much.
    np.testing.assert_allclose(density.weights([60, 30]), [2 / 3, 2], rtol=1e-12)


def test_what_the_cap_takes_goes_to_the_others() -> None:
    density = LabelDensity.of(FOLD, cap=1.5, sigma_points=0)
    np.testing.assert_allclose(density.weights([60, 30]), [2.5 / 3, 1.5], rtol=1e-12)


def test_smoothing_is_scipys_gaussian_filter() -> None:
    for width, sigma in ((1.0, 2.0), (2.0, 3.0), (0.5, 1.0), (1.0, 50.0), (20.0, 50.0)):
        made = LabelDensity.of(COHORT, cap=3, bin_points=width, sigma_points=sigma)
        counts, _ = np.histogram(COHORT, bins=np.arange(len(made.density) + 1) * width)
        expected = gaussian_filter1d(counts.astype(float), sigma / width, mode="constant", truncate=4)
        np.testing.assert_allclose(made.density, expected, rtol=1e-10, atol=1e-12)


def test_weights_are_those_of_an_independent_computation() -> None:
    """From plain loops, with the scale found by halving instead of by sorting."""
    values, sigma, cap = [21.0, 35.5, 48.0, 52.0, 55.0, 55.0, 58.0, 60.0, 60.0, 61.0], 2.0, 1.6
    kernel = {step: math.exp(-0.5 * (step / sigma) ** 2) for step in range(-8, 9)}
    total = sum(kernel.values())
    near = [sum(kernel.get(int(a) - int(b), 0) / total for b in values) for a in values]
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        mean = sum(min(middle / density, cap) for density in near) / len(values)
        low, high = (middle, high) if mean < 1 else (low, middle)
    expected = [min(low / density, cap) for density in near]
    made = LabelDensity.of(values, cap=cap, sigma_points=sigma)
    np.testing.assert_allclose(made.weights(values), expected, rtol=1e-9)
    assert expected.count(cap) == 3


def test_the_uncapped_weights_rise_as_in_the_published_recipe() -> None:
    """Histogram, kernel, inverse, mean 1; with SciPy's convolution, as the method's authors describe it."""
    values = np.array(COHORT)
    bins = values.astype(int)
    kernel = np.exp(-0.5 * (np.arange(-8, 9) / 2) ** 2)
    smooth = convolve1d(
        np.bincount(bins, minlength=101).astype(float), kernel / kernel.sum(), mode="constant"
    )
    expected = (1 / smooth[bins]) * len(values) / (1 / smooth[bins]).sum()
    np.testing.assert_allclose(LabelDensity.of(values, cap=1e9).weights(values), expected, rtol=1e-9)


def test_rare_efs_count_more() -> None:
    severe, moderate, normal = LabelDensity.of(COHORT, cap=3).weights([24, 35, 58])
    assert severe == 3 > moderate > 1 > normal


@pytest.mark.parametrize("cap", [1, 2, 3, 6])
def test_weights_of_the_fold_have_mean_1_under_every_cap(cap: float) -> None:
    weights = LabelDensity.of(COHORT, cap=cap).weights(COHORT)
    assert weights.mean() == pytest.approx(1, abs=1e-9)
    assert weights.max() <= cap


def test_a_cap_of_1_weighs_all_alike() -> None:
    np.testing.assert_allclose(LabelDensity.of(COHORT, cap=1).weights([20, 40, 60]), 1)


def test_an_ef_the_fold_had_nothing_near_is_at_the_cap() -> None:
    assert LabelDensity.of(FOLD, cap=3).weights([90]).tolist() == [3]


@settings(deadline=None)
@given(folds, st.floats(1, 20), st.floats(0, 10), st.sampled_from([0.5, 1.0, 2.5, 7.0]))
def test_any_fold_has_mean_1_and_keeps_the_cap(
    values: list[float], cap: float, sigma: float, width: float
) -> None:
    weights = LabelDensity.of(values, cap=cap, sigma_points=sigma, bin_points=width).weights(values)
    assert weights.mean() == pytest.approx(1, abs=1e-7)
    assert weights.max() <= cap * (1 + 1e-12)
    assert weights.min() > 0


@settings(deadline=None)
@given(folds, folds)
def test_the_density_knows_nothing_of_the_records_it_weighs(fold: list[float], others: list[float]) -> None:
    density = LabelDensity.of(fold, cap=3)
    together = density.weights([*others, *fold])
    np.testing.assert_array_equal(together[: len(others)], density.weights(others))


@pytest.mark.parametrize("values", [[0.55, 0.6], [float("nan")], [101.0], [-5.0], [1.0]])
def test_what_is_not_a_percentage_is_refused(values: list[float]) -> None:
    with pytest.raises(EchoDeskError, match="not a percentage"):
        LabelDensity.of(values, cap=3)
    with pytest.raises(EchoDeskError, match="not a percentage"):
        LabelDensity.of(FOLD, cap=3).weights(values)


def test_a_fold_without_any_ef_is_refused() -> None:
    with pytest.raises(EchoDeskError, match="no record of the training fold states an EF"):
        LabelDensity.of([], cap=3)


def test_records_are_weighed_by_the_training_fold_alone() -> None:
    ef = np.float32([*np.array(COHORT) / 100, np.nan, 0.22, 0.22, 0.60])
    in_training = np.arange(len(ef)) < len(COHORT)
    weights = record_weights(ef, in_training, LossSettings())
    expected = LabelDensity.of(COHORT, cap=3).weights([*COHORT, 22, 22, 60])
    np.testing.assert_allclose(np.delete(weights, len(COHORT)), expected, rtol=1e-6)
    assert weights[len(COHORT)] == 1


def test_a_whole_percent_stays_in_its_bin_after_a_float32() -> None:
    for percent in range(5, 91):
        fraction = np.float32(percent / 100)
        assert LabelDensity.of([100 * float(fraction)], cap=1, sigma_points=0).density[percent] == 1


def test_records_weigh_the_same_where_weighting_is_off_or_ef_is_not_learnt() -> None:
    ef, everybody = np.float32([0.2, 0.6, 0.6]), np.ones(3, dtype=bool)
    assert record_weights(ef, everybody, LossSettings(ef_weighting="none")).tolist() == [1, 1, 1]
    assert record_weights([np.nan] * 3, everybody, LossSettings(ef_weight=0)).tolist() == [1, 1, 1]
    with pytest.raises(EchoDeskError, match="no record of the training fold"):
        record_weights(ef, ~everybody, LossSettings())
