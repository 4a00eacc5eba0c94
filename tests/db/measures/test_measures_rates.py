"""Shares, differences, medians and the audit bound are the reference libraries' numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from db.measures.audit_bound import more_to_read_for, most_errors
from db.measures.distributions import beta_cdf, beta_quantile, hypergeometric_cdf, t_quantile
from db.measures.medians import median_of_counts
from db.measures.proportions import difference_of_shares, exact_share, wilson_share

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(st.floats(0.001, 0.999), st.floats(0.3, 3000), st.floats(0.3, 3000))
@settings(deadline=None)
def test_the_beta_distribution_is_that_of_scipy(share: float, a: float, b: float) -> None:
    assert beta_cdf(share, a, b) == pytest.approx(stats.beta.cdf(share, a, b), abs=1e-9)
    assert beta_quantile(share, a, b) == pytest.approx(stats.beta.ppf(share, a, b), abs=1e-9)


@pytest.mark.parametrize("count", [0, 1, 4_612, 79_999])
def test_the_exact_interval_of_very_many_is_that_of_statsmodels(count: int) -> None:
    found = exact_share(count, 80_000)
    assert (found.low, found.high) == pytest.approx(
        proportion_confint(count, 80_000, method="beta"), abs=1e-9
    )


@pytest.mark.parametrize("probability", [0.01, 0.025, 0.4, 0.9, 0.975])
@pytest.mark.parametrize("freedom", [1, 2, 3, 7, 21.7, 350.2, 9_999])
def test_quantiles_of_t_are_those_of_scipy(probability: float, freedom: float) -> None:
    assert t_quantile(probability, freedom) == pytest.approx(stats.t.ppf(probability, freedom), rel=1e-8)


@given(counts)
@settings(deadline=None)
def test_exact_and_wilson_intervals_are_those_of_statsmodels(count: tuple[int, int]) -> None:
    exact, wilson = exact_share(*count), wilson_share(*count)
    assert (exact.low, exact.high) == pytest.approx(proportion_confint(*count, method="beta"), abs=1e-6)
    assert (wilson.low, wilson.high) == pytest.approx(proportion_confint(*count, method="wilson"), abs=1e-12)
    assert exact.value == wilson.value == count[0] / count[1]


@given(counts, counts)
@settings(deadline=None)
def test_the_difference_of_shares_is_newcombes(a: tuple[int, int], b: tuple[int, int]) -> None:
    found = difference_of_shares(*a, *b)
    expected = confint_proportions_2indep(*a, *b, method="newcomb", compare="diff")
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-6)
    assert found.n == a[1] + b[1]


def test_the_difference_of_shares_is_newcombes_published_example() -> None:
    # 56 of 70 against 48 of 80: Newcombe 1998, table II, example (a), method 10.
    found = difference_of_shares(56, 70, 48, 80)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_shares_of_nothing_cannot_be_said() -> None:
    assert not exact_share(0, 0).is_known
    assert not wilson_share(0, 0).is_known
    assert not difference_of_shares(0, 0, 3, 4).is_known


populations = st.integers(1, 300).flatmap(
    lambda population: st.integers(0, population).flatmap(
        lambda size: st.tuples(st.just(population), st.just(size), st.integers(0, size))
    )
)


@given(populations)
@settings(deadline=None)
def test_the_bound_is_the_largest_number_of_errors_that_is_still_plausible(
    drawn: tuple[int, int, int],
) -> None:
    population, size, errors = drawn
    bound = most_errors(errors=errors, size=size, population=population)
    assert errors <= bound <= population - (size - errors)
    assert stats.hypergeom.cdf(errors, population, bound, size) > 0.05 - 1e-9
    if bound < population - (size - errors):
        assert stats.hypergeom.cdf(errors, population, bound + 1, size) < 0.05


@given(populations, st.data())
@settings(deadline=None)
def test_the_hypergeometric_distribution_is_that_of_scipy(
    drawn: tuple[int, int, int], data: st.DataObject
) -> None:
    population, size, k = drawn
    errors = data.draw(st.integers(0, population))
    ours = hypergeometric_cdf(k, population=population, errors=errors, size=size)
    assert ours == pytest.approx(stats.hypergeom.cdf(k, population, errors, size), abs=1e-9)


@pytest.mark.parametrize(("size", "share"), [(120, 0.02), (200, 0.01), (320, 0.005)])
def test_no_error_in_so_many_of_500_bounds_the_share(size: int, share: float) -> None:
    assert most_errors(errors=0, size=size, population=500) / 500 <= share
    assert more_to_read_for(share, errors=0, size=size, population=500) == 0


def test_reading_all_leaves_the_errors_that_were_found() -> None:
    assert most_errors(errors=3, size=50, population=50) == 3
    assert most_errors(errors=0, size=0, population=50) == 50


def test_counts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="5 errors among 4"):
        most_errors(errors=5, size=4, population=10)


@pytest.mark.parametrize(
    ("errors", "size", "population"), [(0, 0, 500), (0, 60, 500), (1, 60, 500), (2, 100, 4000)]
)
def test_so_many_more_reach_the_target_and_one_less_does_not(errors: int, size: int, population: int) -> None:
    more = more_to_read_for(0.01, errors=errors, size=size, population=population)
    assert more
    assert most_errors(errors=errors, size=size + more, population=population) <= 0.01 * population
    assert most_errors(errors=errors, size=size + more - 1, population=population) > 0.01 * population


def test_no_reading_reaches_a_target_below_the_errors_that_were_found() -> None:
    assert more_to_read_for(0.01, errors=6, size=60, population=500) is None


def test_the_bound_of_a_large_population_is_quick_and_right() -> None:
    bound = most_errors(errors=2, size=1_000, population=100_000)
    assert (
        stats.hypergeom.cdf(2, 100_000, bound, 1_000)
        > 0.05
        >= stats.hypergeom.cdf(2, 100_000, bound + 1, 1_000)
    )


@given(st.lists(st.integers(0, 60), min_size=1, max_size=200))
@settings(deadline=None)
def test_the_median_interval_holds_the_binomial_ranks(values: list[int]) -> None:
    found = median_of_counts([(float(value), values.count(value)) for value in set(values)])
    ordered = sorted(values)
    n = len(values)
    assert found.value == pytest.approx((ordered[(n - 1) // 2] + ordered[n // 2]) / 2)
    rank = int(stats.binom.ppf(0.025, n, 0.5))
    if stats.binom.cdf(rank, n, 0.5) <= 0.025:
        rank += 1
    if n < 6:
        assert math.isnan(found.low)
    else:
        assert (found.low, found.high) == (ordered[rank - 1], ordered[n - rank])


def test_the_median_of_very_many_values_keeps_the_exact_ranks_within_one() -> None:
    ours = median_of_counts([(float(value), 1) for value in range(1, 5_001)])
    assert ours.low == pytest.approx(stats.binom.ppf(0.025, 5_000, 0.5), abs=1)
