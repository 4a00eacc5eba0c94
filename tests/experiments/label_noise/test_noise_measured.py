"""The measurement of docs/label-noise.md in miniature: it plants, finds and counts as it says."""

from __future__ import annotations

import random
import statistics

import pytest
from measure_noise import found_at, measure, predictions
from noise_planting import KINDS, Planted, plant
from noisy_cohort import Patient, printed_patients, spoil

from pipeline.curation.records import NoiseScore

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def patients() -> list[Patient]:
    return printed_patients(36, 5)


@pytest.mark.slow
def test_all_signals_find_most_errors_and_far_more_than_comparing_with_the_draft(
    patients: list[Patient],
) -> None:
    table = measure({5: patients}, 3, 0.06)
    found = {name: by_kind["all"][0] for name, by_kind in table.items()}
    assert found["all"] > 0.75
    assert found["all"] > found["label differs from draft"]


def test_exactly_the_asked_share_is_wrong_in_one_field_and_the_rest_is_right(patients: list[Patient]) -> None:
    planted = plant(patients, 1 / 6, 1)
    assert len(planted.errors) == 6
    assert set(planted.errors.values()) == set(KINDS)
    right = plant(patients, 0.0, 1)
    differing = {
        one.case_id: [name for name in one.fields if one.fields[name].words != same.fields[name].words]
        for one, same in zip(planted.records, right.records, strict=True)
    }
    assert {case: names for case, names in differing.items() if names} == {
        case: [field] for case, field in planted.fields.items()
    }


def test_an_overlooked_error_is_what_the_draft_says(patients: list[Patient]) -> None:
    planted = plant(patients, 0.10, 2, kinds=("overlooked",))
    for record in planted.records:
        if record.case_id in planted.errors:
            draft = record.fields[planted.fields[record.case_id]].sayings[0]
            assert (draft.speaker.value, draft.match.value) == ("draft", "same")


def test_ties_count_by_their_chance() -> None:
    scores = [NoiseScore(case, "pah", "", 0.1 if case == 1 else 0.5, False, "") for case in range(1, 11)]
    found = found_at(Planted([], {1: "typed", 2: "typed"}, {}), scores, 0.20)
    assert found == {1: 1.0, 2: pytest.approx(1 / 9)}


def test_the_synthetic_model_is_as_weak_as_the_published_one(patients: list[Patient]) -> None:
    stated = [one for one in patients if one.truth.ef_percent is not None]
    correlations = []
    for seed in range(40):
        made = predictions(patients, seed)
        pairs = [(one.truth.ef_percent or 0.0, made[one.number].ef_percent or 0.0) for one in stated]
        correlations.append(statistics.correlation(*zip(*pairs, strict=True)))
    assert statistics.fmean(correlations) == pytest.approx(0.37, abs=0.08)


def test_spoiling_keeps_spaces_and_loses_about_its_share() -> None:
    text = "LVEF 55 % " * 200
    spoiled = spoil(text, 0.05, random.Random(1))
    assert spoiled.count(" ") == text.count(" ")
    assert spoiled.count("LVEF 55 %") < 180
    assert spoil(text, 0.0, random.Random(1)) == text
