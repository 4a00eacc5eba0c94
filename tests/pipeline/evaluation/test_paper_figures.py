"""The seed paper's figures are worked out as anybody can check by hand, and each has its words."""

from __future__ import annotations

import pytest

from db.measures.reported import highest_by_chance, reported_auroc, reported_correlation, rmse_from_deviations
from pipeline.evaluation.report.paper_figures import Implied, paper_figures
from pipeline.evaluation.report.text.paper import DERIVATIONS


@pytest.fixture(scope="module")
def figures() -> dict[str, Implied]:
    return {one.id: one for one in paper_figures()}


def test_each_number_is_the_one_worked_out_by_hand(figures: dict[str, Implied]) -> None:
    found = {name: one.found.value for name, one in figures.items()}
    assert found["rmse"] == pytest.approx(11.28, abs=0.005)
    assert found["r2"] == pytest.approx(-0.071, abs=0.0005)
    assert found["slope"] == pytest.approx(0.448, abs=0.0005)
    assert found["f1_matrix"] == pytest.approx(124 / 241)
    assert found["npv"] == pytest.approx(321 / 388)
    assert found["missed_among_cleared"] == pytest.approx(67 / 388)
    assert found["fold_mean_r"] == pytest.approx(0.384)
    assert found["fold_mean_auroc"] == pytest.approx(0.736)


def test_the_interval_of_the_headline_depends_on_what_severe_means(figures: dict[str, Implied]) -> None:
    narrow, wide = figures["severe_below_40"].found, figures["severe_below_30"].found
    assert (round(wide.low, 2), round(wide.high, 2)) == (0.56, 0.96)
    assert (round(narrow.low, 2), round(narrow.high, 2)) == (0.69, 0.83)


def test_the_median_for_everybody_beats_the_paper_whatever_hump_its_cohort_had(
    figures: dict[str, Implied],
) -> None:
    mae, within = figures["median_mae"], figures["median_within"]
    assert mae.reported is not None
    assert within.reported is not None
    assert mae.found.low < mae.found.value < mae.found.high < mae.reported
    assert within.reported < within.found.low < within.found.value < within.found.high


def test_every_figure_has_words_whose_formula_can_be_filled(figures: dict[str, Implied]) -> None:
    assert set(figures) == set(DERIVATIONS)
    for name, one in figures.items():
        assert "{" not in DERIVATIONS[name].formula.format_map(one.inputs)


def test_a_reported_auroc_has_the_interval_of_the_published_example() -> None:
    # Hanley and McNeil 1982: 0.893 with 51 and 58 cases has a standard error of 0.032.
    found = reported_auroc(0.893, 51, 58)
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(0.032, abs=0.0006)


def test_a_correlation_has_fishers_interval() -> None:
    import numpy as np
    from scipy.stats import pearsonr

    rng = np.random.default_rng(1)
    one = rng.normal(size=80)
    other = one + rng.normal(size=80)
    theirs = pearsonr(one, other)
    ends = theirs.confidence_interval()
    ours = reported_correlation(float(theirs.statistic), 80)
    assert (ours.low, ours.high) == pytest.approx((ends.low, ends.high), abs=1e-9)


def test_the_error_from_deviations_is_that_of_the_numbers_themselves() -> None:
    import numpy as np

    rng = np.random.default_rng(2)
    truth = rng.normal(54, 11, size=400)
    said = 40 + 0.3 * truth + rng.normal(0, 6, size=400)
    r = float(np.corrcoef(truth, said)[0, 1])
    found = rmse_from_deviations(r, float(said.std()), float(truth.std()), float((said - truth).mean()))
    assert found == pytest.approx(float(np.sqrt(((said - truth) ** 2).mean())), abs=1e-9)


def test_the_highest_of_a_few_normal_numbers_is_tabulated() -> None:
    # Tippett's table: 0.5642 for two, 1.1630 for five.
    assert highest_by_chance(2) == pytest.approx(0.5642, abs=5e-5)
    assert highest_by_chance(5) == pytest.approx(1.1630, abs=5e-5)
