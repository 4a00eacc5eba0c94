"""What spread of EF the paper's strata permit, against arithmetic by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.waveforms.cohort_table import EF_BANDS_PERCENT, EF_STRATA_PER_500
from pipeline.waveforms.ef_spread import PAPER_SD_PERCENT, spread_limits, spread_lines


def test_the_widest_spread_is_every_band_at_its_ends() -> None:
    """At mean 54: all bands at their lower end, but as many normals at 67 as the mean asks for."""
    lowest = sum(EF_STRATA_PER_500[band] * low for band, (low, _) in EF_BANDS_PERCENT.items())
    at_67 = (54 * 500 - lowest) / 17
    squares = (357 - at_67) * 50**2 + at_67 * 67**2 + 81 * 40**2 + 54 * 30**2 + 8 * 20**2
    assert spread_limits(54).most == pytest.approx(math.sqrt(squares / 500 - 54**2), abs=1e-6)


def test_the_narrowest_spread_draws_every_band_towards_the_mean() -> None:
    """The normals then stand at 57 and 58; the others at the top of their bands."""
    normal = (54 * 500 - 81 * 49 - 54 * 39 - 8 * 29) / 357
    squares = 357 * (normal**2 + (58 - normal) * (normal - 57)) + 81 * 49**2 + 54 * 39**2 + 8 * 29**2
    assert spread_limits(54).least == pytest.approx(math.sqrt(squares / 500 - 54**2), abs=1e-6)


def test_an_even_spread_is_that_of_the_percents_themselves() -> None:
    pairs = [
        (percent, EF_STRATA_PER_500[band] / (high - low + 1))
        for band, (low, high) in EF_BANDS_PERCENT.items()
        for percent in range(low, high + 1)
    ]
    percents, weights = np.array(pairs).T
    mean = np.average(percents, weights=weights)
    limits = spread_limits(54)
    assert limits.even_mean_percent == pytest.approx(mean)
    assert limits.even_sd == pytest.approx(math.sqrt(np.average((percents - mean) ** 2, weights=weights)))


def test_the_papers_spread_is_possible_at_the_edge_of_what_one_hump_allows() -> None:
    limits = spread_limits(54)
    assert limits.is_paper_possible
    assert limits.least < limits.even_sd < limits.most_with_one_hump < limits.most
    assert limits.most_with_one_hump == pytest.approx(PAPER_SD_PERCENT, abs=0.02)
    assert "are possible, but do not follow" in spread_lines(limits)[0]


def test_a_mean_that_no_patients_have_gives_no_limits() -> None:
    limits = spread_limits(40)
    assert all(math.isnan(sd) for sd in (limits.least, limits.most, limits.most_with_one_hump))
    assert not limits.is_paper_possible
