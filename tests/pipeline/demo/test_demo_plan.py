"""The demo cohort's proportions are the seed paper's, exactly."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.fields.strata import ef_stratum
from pipeline.demo.plan import CONDITIONS, LAYOUTS, PAH_PER_500, plan_cohort
from pipeline.demo.proportions import spread


def test_sixty_patients_have_the_papers_strata_by_largest_remainder() -> None:
    plans = plan_cohort(60, 1)
    assert Counter(plan.stratum for plan in plans) == {
        "normal": 43,
        "mildly_reduced": 10,
        "moderately_reduced": 6,
        "severely_reduced": 1,
    }
    assert sum(plan.rwma_severity in ("moderate", "severe") for plan in plans) == 15
    assert any(plan.rwma_severity == "mild" for plan in plans)


@pytest.mark.parametrize("seed", [1, 2])
def test_five_hundred_patients_have_the_papers_own_counts(seed: int) -> None:
    plans = plan_cohort(500, seed)
    strata = Counter(ef_stratum(plan.ef_percent) for plan in plans)
    assert strata == {
        "normal": 357,
        "mildly_reduced": 81,
        "moderately_reduced": 54,
        "severely_reduced": 8,
    }
    assert sum(plan.rwma_severity in ("moderate", "severe") for plan in plans) == 129
    assert Counter(plan.pah for plan in plans) == PAH_PER_500
    efs = [plan.ef_percent for plan in plans]
    assert 20 <= min(efs) and max(efs) <= 67
    assert sum(efs) / len(efs) == pytest.approx(54, abs=2.5)


def test_weak_ventricles_have_more_regional_abnormality() -> None:
    plans = plan_cohort(500, 3)

    def share(low: float, high: float) -> float:
        group = [plan for plan in plans if low <= plan.ef_percent < high]
        return sum(plan.rwma_severity in ("moderate", "severe") for plan in group) / len(group)

    assert share(50, 100) < 0.2 < 0.5 < share(0, 40)


def test_conditions_are_exact_and_reach_every_layout() -> None:
    plans = plan_cohort(60, 4)
    assert Counter(plan.condition for plan in plans) == {"clean": 24, "phone": 27, "harsh": 9}
    assert Counter(plan.layout for plan in plans) == dict.fromkeys(LAYOUTS, 12)
    assert {(plan.layout, plan.condition) for plan in plans} == {
        (layout, condition) for layout in LAYOUTS for condition in CONDITIONS
    }


def test_only_a_few_harsh_captures_are_illegible() -> None:
    illegible = [plan for plan in plan_cohort(500, 2) if not plan.is_legible]
    assert len(illegible) == 10
    assert {plan.condition for plan in illegible} == {"harsh"}
    assert all(plan.is_legible for plan in plan_cohort(10, 2))


@given(st.dictionaries(st.text(max_size=2), st.integers(1, 40), min_size=1, max_size=5))
def test_spread_deals_every_card_and_keeps_each_stretch_mixed(counts: dict[str, int]) -> None:
    cards = spread(counts)
    assert Counter(cards) == counts
    total = len(cards)
    for length in range(1, total + 1):
        for key, count in counts.items():
            assert abs(cards[:length].count(key) - length * count / total) < len(counts)


@pytest.mark.parametrize("patients", [1, 2, 3, 7])
def test_a_handful_of_patients_can_be_planned(patients: int) -> None:
    assert len(plan_cohort(patients, 9)) == patients


def test_nobody_shares_an_identity() -> None:
    persons = [plan.person for plan in plan_cohort(500, 6)]
    for field in ("patient_id", "name", "phone"):
        assert len({getattr(person, field) for person in persons}) == 500
    assert all(person.patient_id.startswith("SYN-") for person in persons)
    assert all(person.phone.removeprefix("+91 ").startswith("00000") for person in persons)
