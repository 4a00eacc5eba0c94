"""The synthetic tracing has the arithmetic of twelve leads and leans the way it says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.imaging.paper import LEADS
from pipeline.waveforms.dipole import HeartState, simulate_ecg

WELL = HeartState(62, "none", (), "none", 70)


def lead(signal: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    return signal[LEADS.index(name)]


def many(state: HeartState) -> list[NDArray[np.float64]]:
    return [simulate_ecg(state, np.random.default_rng(seed)) for seed in range(12)]


def beats(signal: NDArray[np.float64]) -> NDArray[np.intp]:
    """Samples of the R peaks in lead II."""
    trace = lead(signal, "II")
    high = trace > 0.6 * trace.max()
    return np.flatnonzero(high[1:] & ~high[:-1])


def test_limb_leads_obey_einthoven_and_goldberger() -> None:
    signal = simulate_ecg(WELL, np.random.default_rng(1))
    assert signal.shape == (12, 5000)
    np.testing.assert_allclose(lead(signal, "II"), lead(signal, "I") + lead(signal, "III"), atol=1e-12)
    limbs = lead(signal, "aVR") + lead(signal, "aVL") + lead(signal, "aVF")
    np.testing.assert_allclose(limbs, 0, atol=1e-12)


@pytest.mark.parametrize("rate", [55, 70, 90])
def test_the_heart_beats_as_often_as_asked_but_not_like_a_clock(rate: float) -> None:
    signal = simulate_ecg(HeartState(62, "none", (), "none", rate), np.random.default_rng(2))
    intervals = np.diff(beats(signal)) / 500
    assert 60 / intervals.mean() == pytest.approx(rate, rel=0.06)
    assert intervals.std() > 0.004


def test_a_healthy_tracing_has_a_plausible_shape() -> None:
    for signal in many(WELL):
        assert 0.5 < lead(signal, "II").max() < 2.6
        assert lead(signal, "aVR").min() < -0.4
        assert abs(lead(signal, "V1").min()) > lead(signal, "V1").max()
        assert lead(signal, "V5").max() > abs(lead(signal, "V5").min())
        assert np.abs(signal).max() < 4


def test_a_scar_of_the_inferior_wall_shows_in_the_inferior_leads() -> None:
    scarred = HeartState(45, "severe", ("inferior",), "none", 70)
    depth = [lead(signal, "aVF").min() for signal in many(scarred)]
    healthy = [lead(signal, "aVF").min() for signal in many(WELL)]
    assert np.mean(depth) < np.mean(healthy) - 0.15


def test_a_scar_of_the_anterior_wall_takes_r_waves_from_the_chest_leads() -> None:
    scarred = HeartState(45, "severe", ("anterior", "anteroseptal"), "none", 70)
    height = [lead(signal, "V3").max() for signal in many(scarred)]
    healthy = [lead(signal, "V3").max() for signal in many(WELL)]
    assert np.mean(height) < np.mean(healthy) - 0.1


def test_a_weak_ventricle_prints_lower_limb_voltage() -> None:
    weak = HeartState(22, "none", (), "none", 70)
    assert np.mean([np.ptp(lead(signal, "II")) for signal in many(weak)]) < np.mean(
        [np.ptp(lead(signal, "II")) for signal in many(WELL)]
    )


def test_the_same_chance_gives_the_same_tracing_and_no_two_are_alike() -> None:
    first, again = (simulate_ecg(WELL, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, simulate_ecg(WELL, np.random.default_rng(8)))
