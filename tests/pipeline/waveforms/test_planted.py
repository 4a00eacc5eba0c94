"""What can be read from planted findings is known beforehand, and nothing where nothing is planted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from ptbxl_folder import REAL, Row, needs_real_records, write_folder

from db.errors import EchoDeskError
from db.labels import RwmaSeverity
from pipeline.waveforms.cohort_table import PatientRow, invent_cohort
from pipeline.waveforms.morphology import Morphology
from pipeline.waveforms.planted import (
    Severities,
    Strength,
    attainable,
    draw_severities,
    morphologies,
    planted_recordings,
)
from pipeline.waveforms.planted_bases import DipoleBase, PtbxlBase
from pipeline.waveforms.ptbxl import open_ptbxl
from pipeline.waveforms.recording import EF_PERCENT, RWMA_SIGNIFICANT


def cohort(patients: int = 500, seed: int = 1) -> list[PatientRow]:
    return invent_cohort(patients, np.random.default_rng(seed))


def severities(rows: list[PatientRow], strength: Strength, seed: int = 2) -> Severities:
    return draw_severities(rows, strength, np.random.default_rng(seed))


def patient(number: int, ef_percent: float, grade: RwmaSeverity = RwmaSeverity.NONE) -> PatientRow:
    return PatientRow(number, ef_percent, grade, "inferior", (), 60, "male", "site_a")


def expected_ef(s: float, u: float, rows: list[PatientRow], strength: Strength) -> float:
    """Bayes' rule written out for one patient."""
    ef = np.array([row.ef_percent for row in rows])
    grade = np.array(
        [{"none": 0, "mild": 0.35, "moderate": 0.7, "severe": 1}[row.rwma_severity] for row in rows]
    )
    z, g = (ef.mean() - ef) / ef.std(), (grade - grade.mean()) / grade.std()
    weights = np.exp(-((s - strength.ef * z) ** 2) / (2 * (1 - strength.ef**2)))
    weights *= np.exp(-((u - strength.rwma * g) ** 2) / (2 * (1 - strength.rwma**2)))
    return float((weights * ef).sum() / weights.sum())


def test_a_severity_is_as_strongly_tied_to_its_label_as_asked() -> None:
    rows = cohort(5000)
    found = severities(rows, Strength(0.6, 0.4))
    ef = [row.ef_percent for row in rows]
    assert np.corrcoef(found.overall, ef)[0, 1] == pytest.approx(-0.6, abs=0.03)
    assert found.overall.std() == pytest.approx(1, abs=0.03)
    grades = [{"none": 0, "mild": 0.35, "moderate": 0.7, "severe": 1}[row.rwma_severity] for row in rows]
    assert np.corrcoef(found.regional, grades)[0, 1] == pytest.approx(0.4, abs=0.04)


def test_the_attainable_r_is_that_of_bayes_rule_written_out() -> None:
    rows, strength = cohort(80), Strength(0.6, 0.5)
    found = severities(rows, strength)
    guesses = [expected_ef(s, u, rows, strength) for s, u in zip(found.overall, found.regional, strict=True)]
    ef = [row.ef_percent for row in rows]
    assert attainable(rows, found, strength).ef_r == pytest.approx(np.corrcoef(guesses, ef)[0, 1], abs=1e-12)


def test_no_guess_from_the_severities_beats_the_attainable_one() -> None:
    """A forest that learns from other patients of the same kind comes close, and not above."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.metrics import roc_auc_score

    rows, strength = cohort(2500), Strength(0.7, 0.6)
    found = severities(rows, strength)
    inputs = np.stack([found.overall, found.regional], axis=1)
    targets = np.array([[row.ef_percent, row.is_rwma_significant] for row in rows])
    forest = RandomForestRegressor(40, min_samples_leaf=30, random_state=0)
    guesses = forest.fit(inputs[:1700], targets[:1700]).predict(inputs[1700:])
    best = attainable(rows[1700:], Severities(found.overall[1700:], found.regional[1700:]), strength)
    learnt_r = np.corrcoef(guesses[:, 0], targets[1700:, 0])[0, 1]
    assert best.ef_r - 0.04 < learnt_r < best.ef_r
    assert best.rwma_auroc - 0.04 < roc_auc_score(targets[1700:, 1], guesses[:, 1]) < best.rwma_auroc


def test_the_500_know_the_attainable_numbers_nearly_as_well_as_a_large_cohort() -> None:
    strength = Strength(0.7, 0.7)
    large, small = cohort(2000), [cohort(seed=seed) for seed in range(6)]
    whole = attainable(large, severities(large, strength), strength)
    ours = [attainable(rows, severities(rows, strength, seed), strength) for seed, rows in enumerate(small)]
    assert np.mean([one.ef_r for one in ours]) == pytest.approx(whole.ef_r, abs=0.03)
    assert np.mean([one.rwma_auroc for one in ours]) == pytest.approx(whole.rwma_auroc, abs=0.03)


def test_more_strength_is_more_to_attain() -> None:
    rows = cohort()
    found = [
        attainable(rows, severities(rows, Strength(a, a)), Strength(a, a)) for a in (0.2, 0.5, 0.8, 0.95)
    ]
    assert (np.diff([one.ef_r for one in found]) > 0).all()
    assert (np.diff([one.rwma_auroc for one in found]) > 0).all()
    assert (np.diff([one.ef_mae for one in found]) < 0).all()
    assert found[-1].ef_r > 0.93


def test_nothing_planted_is_nothing_to_attain() -> None:
    rows, nothing = cohort(), Strength(0, 0)
    found = attainable(rows, severities(rows, nothing), nothing)
    ef = np.array([row.ef_percent for row in rows])
    assert (found.ef_r, found.low_ef_auroc, found.rwma_auroc) == (0, 0.5, 0.5)
    assert found.ef_mae == pytest.approx(np.abs(ef - np.median(ef)).mean())


def test_what_is_not_there_cannot_be_attained() -> None:
    alike = [patient(number, 60) for number in range(1, 6)]
    found = attainable(alike, severities(alike, Strength()), Strength())
    assert found.ef_r == 0
    assert np.isnan(found.rwma_auroc)


@pytest.mark.parametrize("value", [-0.1, 1.0, float("nan")])
def test_an_impossible_strength_is_refused(value: float) -> None:
    with pytest.raises(EchoDeskError, match="cannot be planted at strength"):
        Strength(ef=value)


def test_labels_reach_the_waveform_through_the_severities_alone() -> None:
    rows = cohort(40)
    found = severities(rows, Strength())
    healed = [replace(row, ef_percent=65, rwma_severity=RwmaSeverity.NONE, walls=()) for row in rows]
    assert morphologies(rows, found) == morphologies(healed, found)
    one, other = (list(planted_recordings(those, found, DipoleBase(), seed=3)) for those in (rows, healed))
    for left, right in zip(one, other, strict=True):
        np.testing.assert_array_equal(left.signal_mv, right.signal_mv)


def test_each_severity_moves_the_beat_one_way_only() -> None:
    rows = [patient(number, 60) for number in range(1, 50)]
    rising = np.linspace(-4, 4, 49)
    made = morphologies(rows, Severities(rising, rising[::-1]))
    for name, sign in (("qrs_width", 1), ("qrs_voltage", -1), ("t_wave", -1), ("scar_depth", -1)):
        assert (np.diff([sign * getattr(one, name) for one in made]) > 0).all()


def test_planted_recordings_say_what_they_are_and_repeat() -> None:
    rows, strength = cohort(12), Strength()
    found = severities(rows, strength)
    made, again = (list(planted_recordings(rows, found, DipoleBase(), seed=5)) for _ in range(2))
    assert len({one.patient_key for one in made}) == 12
    for row, one, other in zip(rows, made, again, strict=True):
        assert one.is_synthetic
        assert one.source == "semi-synthetic: findings planted in dipole"
        assert one.labels == {EF_PERCENT: row.ef_percent, RWMA_SIGNIFICANT: float(row.is_rwma_significant)}
        assert one.signal_mv.shape == (12, 5000)
        np.testing.assert_array_equal(one.signal_mv, other.signal_mv)
    other_seed = next(planted_recordings(rows, found, DipoleBase(), seed=6))
    assert not np.array_equal(made[0].signal_mv, other_seed.signal_mv)


def width_and_range(signal: NDArray[np.float32]) -> tuple[float, float]:
    """The share of time that lead V5 is beyond half of its highest, and its range in mV."""
    trace = signal[10] - np.median(signal[10])
    return float((np.abs(trace) > 0.5 * np.abs(trace).max()).mean()), float(np.ptp(trace))


def test_a_weak_ventricle_prints_wider_and_lower_beats() -> None:
    rows = [patient(number, 60) for number in range(1, 31)]
    low, high = np.full(30, -1.5), np.full(30, 2.5)
    well = [
        width_and_range(one.signal_mv)
        for one in planted_recordings(rows, Severities(low, low), DipoleBase(), seed=1)
    ]
    weak = [
        width_and_range(one.signal_mv)
        for one in planted_recordings(rows, Severities(high, low), DipoleBase(), seed=1)
    ]
    assert np.mean([width for width, _ in weak]) > 1.3 * np.mean([width for width, _ in well])
    assert np.mean([size for _, size in weak]) < 0.75 * np.mean([size for _, size in well])


@needs_real_records
def test_findings_are_planted_in_real_normal_records() -> None:
    base = PtbxlBase(open_ptbxl(REAL), np.random.default_rng(0))
    rows = cohort(6)
    made = list(planted_recordings(rows, severities(rows, Strength()), base, seed=1))
    assert all(row.superclasses == ("NORM",) for row in base.rows)
    assert [one.base_id for one in made] == [f"ptbxl-{row.ecg_id:05d}" for row in base.rows[:6]]
    assert all(one.is_synthetic and one.fold is None and "PTB-XL" in one.source for one in made)
    again = base.changed(len(base.rows), Morphology(), np.random.default_rng(0))
    assert again.recording_id == made[0].base_id


def test_a_folder_without_normal_records_is_no_base(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, [Row(1, codes="{'IMI': 100.0}")], rates=(500,))
    with pytest.raises(EchoDeskError, match="no normal record"):
        PtbxlBase(open_ptbxl(folder), np.random.default_rng(0))
