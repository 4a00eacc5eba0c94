"""The invented cohort has the paper's counts, and a plausible rest."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import EchoDeskError
from db.fields.strata import ef_stratum
from db.labels import RwmaSeverity
from pipeline.waveforms.cohort_table import (
    EF_BANDS_PERCENT,
    EF_STRATA_PER_500,
    PatientRow,
    apportion,
    invent_cohort,
)
from pipeline.waveforms.morphology import TERRITORIES


def cohort(patients: int = 500, seed: int = 1, **options: float) -> list[PatientRow]:
    return invent_cohort(patients, np.random.default_rng(seed), **options)


@given(
    st.dictionaries(st.text(max_size=3), st.integers(1, 500), min_size=1, max_size=8), st.integers(0, 2000)
)
def test_largest_remainder_shares_sum_up_and_stay_within_one_of_exact(
    weights: dict[str, int], total: int
) -> None:
    counts = apportion(weights, total)
    assert sum(counts.values()) == total
    for key, weight in weights.items():
        assert abs(counts[key] - total * weight / sum(weights.values())) < 1


@pytest.mark.parametrize("seed", range(5))
def test_five_hundred_patients_have_the_papers_counts_and_ends(seed: int) -> None:
    rows = cohort(seed=seed)
    assert Counter(ef_stratum(row.ef_percent) for row in rows) == EF_STRATA_PER_500
    assert sum(row.is_rwma_significant for row in rows) == 129
    ef = [row.ef_percent for row in rows]
    assert (min(ef), max(ef)) == (20, 67)
    assert np.mean(ef) == pytest.approx(54, abs=0.8)
    assert np.std(ef) == pytest.approx(10.4, abs=0.5)


def test_the_bands_are_those_of_the_vocabulary() -> None:
    for band, (low, high) in EF_BANDS_PERCENT.items():
        assert {ef_stratum(low), ef_stratum(high)} == {band}


@given(st.integers(1, 80), st.integers(0, 50))
def test_any_number_of_patients_is_proportional_and_consistent(patients: int, seed: int) -> None:
    rows = cohort(patients, seed)
    assert [row.number for row in rows] == list(range(1, patients + 1))
    assert Counter(ef_stratum(row.ef_percent) for row in rows) == {
        band: count for band, count in apportion(EF_STRATA_PER_500, patients).items() if count
    }
    for row in rows:
        assert bool(row.walls) == (row.rwma_severity is not RwmaSeverity.NONE)
        assert set(row.walls) <= set(TERRITORIES[row.territory])
        assert 22 <= row.age_years <= 90


def test_weak_ventricles_have_more_and_worse_wall_motion_but_not_all_and_not_only_they() -> None:
    counts = dict.fromkeys(product(EF_STRATA_PER_500, (False, True)), 0)
    for row in cohort():
        counts[ef_stratum(row.ef_percent), row.is_rwma_significant] += 1
    shares = [counts[band, True] / (counts[band, True] + counts[band, False]) for band in EF_STRATA_PER_500]
    assert shares == sorted(shares)
    assert 20 <= counts["normal", True] <= 70
    assert counts["mildly_reduced", False] >= 20
    assert sum(counts.values()) == 500


def test_where_a_scar_would_lie_says_nothing_about_whether_there_is_one() -> None:
    rows = [row for seed in range(8) for row in cohort(seed=seed)]
    for territory in TERRITORIES:
        there = [row.is_rwma_significant for row in rows if row.territory == territory]
        assert np.mean(there) == pytest.approx(129 / 500, abs=4 * np.sqrt(0.19 / len(there)))


def test_the_site_follows_the_label_only_where_that_is_planted() -> None:
    def shares(rows: list[PatientRow]) -> tuple[float, float]:
        ill = [row.site == "site_c" for row in rows if row.ef_percent < 50 or row.is_rwma_significant]
        well = [row.site == "site_c" for row in rows if row.ef_percent >= 50 and not row.is_rwma_significant]
        return float(np.mean(ill)), float(np.mean(well))

    ill, well = shares(cohort())
    assert abs(ill - well) < 0.12
    assert shares(cohort(site_strength=1.0)) == (1.0, 0.0)
    half_ill, half_well = shares(cohort(site_strength=0.5))
    assert half_ill - half_well == pytest.approx(0.5, abs=0.12)


def test_the_same_chance_gives_the_same_cohort() -> None:
    assert cohort(60, 4) == cohort(60, 4)
    assert cohort(60, 4) != cohort(60, 5)


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(EchoDeskError, match="at least one patient"):
        cohort(0)
    with pytest.raises(EchoDeskError, match="strength 1.5"):
        cohort(10, site_strength=1.5)
