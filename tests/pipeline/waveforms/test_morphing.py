"""Beats of a recording are changed as far as asked, in all leads alike, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from ptbxl_folder import REAL, needs_real_records

from db.errors import EchoDeskError
from pipeline.waveforms.beats import r_peaks
from pipeline.waveforms.dipole import HeartState, simulate_ecg
from pipeline.waveforms.leads import LEADS
from pipeline.waveforms.morphing import morphed
from pipeline.waveforms.morphology import (
    TERRITORIES,
    WALL_DIRECTION,
    Morphology,
    severity_morphology,
    territory_direction,
)
from pipeline.waveforms.ptbxl import open_ptbxl
from pipeline.waveforms.recording import Recording

HEART = HeartState(62, "none", (), "none", 66)


def recording(seed: int = 3, change: Morphology | None = None) -> Recording:
    signal = simulate_ecg(HEART, np.random.default_rng(seed), change=change)
    return Recording(f"dipole-{seed}", f"dipole-{seed}", signal.astype(np.float32), 500)


def usual_beat(signal: NDArray[np.float32]) -> dict[str, NDArray[np.floating]]:
    """The median beat of each lead, 0.4 s before to 0.6 s after the R peak, from its quiet line."""
    peaks = [at for at in r_peaks(signal, 500) if 200 <= at < signal.shape[1] - 300]
    beat = np.median([signal[:, at - 200 : at + 300] for at in peaks], axis=0)
    beat -= np.median(beat[:, 161:169], axis=1, keepdims=True)
    return dict(zip(LEADS, beat, strict=True))


def half_width(lead: NDArray[np.floating]) -> int:
    """Samples around the R peak above half its height."""
    return int((lead[150:260] > lead[150:260].max() / 2).sum())


def test_a_change_of_nothing_changes_nothing() -> None:
    before = recording()
    np.testing.assert_allclose(morphed(before, Morphology()), before.signal_mv, atol=1e-4)


def test_the_qrs_complex_grows_as_wide_as_asked_and_beats_stay_where_they_are() -> None:
    before = recording()
    after = morphed(before, Morphology(qrs_width=2.0))
    wide, narrow = usual_beat(after)["V5"], usual_beat(before.signal_mv)["V5"]
    assert half_width(wide) == pytest.approx(2 * half_width(narrow), rel=0.25)
    np.testing.assert_allclose(r_peaks(after, 500), r_peaks(before.signal_mv, 500), atol=8)


def test_voltage_and_t_wave_are_scaled_apart() -> None:
    before = recording()
    old, low = usual_beat(before.signal_mv), usual_beat(morphed(before, Morphology(qrs_voltage=0.6)))
    assert low["V5"][190:210].max() == pytest.approx(0.6 * old["V5"][190:210].max(), rel=0.08)
    assert low["V5"][320:380].max() == pytest.approx(old["V5"][320:380].max(), rel=0.05)
    turned = usual_beat(morphed(before, Morphology(t_wave=-0.7)))
    assert turned["V5"][320:380].min() == pytest.approx(-0.7 * old["V5"][320:380].max(), rel=0.15)
    assert turned["V5"][190:210].max() == pytest.approx(old["V5"][190:210].max(), rel=0.05)


@pytest.mark.parametrize(("territory", "lead"), [("inferior", "aVF"), ("anterior", "V2"), ("lateral", "I")])
def test_a_scar_shows_where_its_walls_lie(territory: str, lead: str) -> None:
    change = Morphology(scar_depth=1.0, scar_direction=territory_direction(territory))
    for after in (morphed(recording(), change), recording(change=change).signal_mv):
        beat, old = usual_beat(after), usual_beat(recording().signal_mv)
        assert beat[lead][170:200].min() < old[lead][170:200].min() - 0.2
        assert (beat[lead] - old[lead])[320:360].min() < -0.2


def test_what_held_between_the_leads_still_holds() -> None:
    signal = dict(zip(LEADS, morphed(recording(), severity_morphology(0.8, 0.9, "lateral")), strict=True))
    np.testing.assert_allclose(signal["I"] + signal["III"], signal["II"], atol=1e-5)
    np.testing.assert_allclose(signal["aVR"] + signal["aVL"] + signal["aVF"], 0, atol=1e-5)


def test_an_invented_beat_and_a_morphed_one_are_changed_alike() -> None:
    change = severity_morphology(0.8, 0.5, "inferior")
    drawn, morph = usual_beat(recording(change=change).signal_mv), usual_beat(morphed(recording(), change))
    for lead in ("II", "V2", "V5"):
        assert np.corrcoef(drawn[lead], morph[lead])[0, 1] > 0.9


def test_more_severity_is_more_of_every_change() -> None:
    steps = [severity_morphology(share, share, "anterior") for share in np.linspace(0, 1, 11)]
    for name, sign in (("qrs_width", 1), ("qrs_voltage", -1), ("t_wave", -1), ("scar_depth", 1)):
        assert (np.diff([sign * getattr(step, name) for step in steps]) > 0).all()


def test_territories_are_made_of_known_walls_and_point_apart() -> None:
    walls = [wall for named in TERRITORIES.values() for wall in named]
    assert len(set(walls)) == len(walls)
    assert set(walls) <= set(WALL_DIRECTION)
    directions = np.array([territory_direction(territory) for territory in TERRITORIES])
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1)
    assert (directions @ directions.T - np.eye(3)).max() < 0.8


def test_a_recording_without_beats_is_refused_by_name() -> None:
    flat = Recording("flat-1", "flat", np.zeros((12, 5000), dtype=np.float32), 500)
    with pytest.raises(EchoDeskError, match="Only 0 heart beats were found in flat-1"):
        morphed(flat, Morphology())


@needs_real_records
def test_real_records_are_changed_without_breaking() -> None:
    ptbxl = open_ptbxl(REAL)
    normal = [row for row in ptbxl.rows if row.superclasses == ("NORM",)][::30]
    for before in ptbxl.recordings(normal):
        after = morphed(before, severity_morphology(0.9, 0.0, "inferior"))
        assert np.isfinite(after).all()
        assert after.shape == before.signal_mv.shape
        assert np.ptp(usual_beat(after)["V5"]) < np.ptp(usual_beat(before.signal_mv)["V5"])
