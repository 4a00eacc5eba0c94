"""R peaks are found where the heart beats, and nowhere else."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from ptbxl_folder import REAL, needs_real_records

from db.errors import EchoDeskError
from pipeline.waveforms.beats import r_peaks
from pipeline.waveforms.dipole import HeartState, simulate_ecg
from pipeline.waveforms.ptbxl import open_ptbxl


@pytest.mark.parametrize("rate", [45, 75, 120])
def test_an_invented_heart_beats_where_its_voltage_peaks(rate: float) -> None:
    state = HeartState(62, "none", (), "none", rate)
    for seed in range(4):
        signal = simulate_ecg(state, np.random.default_rng(seed))
        peaks = r_peaks(signal, 500)
        assert 60 * 500 / np.median(np.diff(peaks)) == pytest.approx(rate, rel=0.08)
        # The R peak is the highest point of lead II within a beat.
        highest = [at - 60 + int(np.argmax(signal[1, at - 60 : at + 60])) for at in peaks[1:-1]]
        assert np.abs(peaks[1:-1] - highest).max() <= 10


def test_both_rates_give_the_same_times() -> None:
    signal = simulate_ecg(HeartState(62, "none", (), "none", 70), np.random.default_rng(1))
    fine, coarse = r_peaks(signal, 500) / 500, r_peaks(signal[:, ::5], 100) / 100
    np.testing.assert_allclose(fine, coarse, atol=0.021)


def test_nothing_beats_on_a_flat_line_and_a_gap_is_no_beat() -> None:
    assert r_peaks(np.zeros((12, 5000)), 500).size == 0
    assert r_peaks(np.full((12, 5000), np.nan), 500).size == 0
    signal = simulate_ecg(HeartState(62, "none", (), "none", 70), np.random.default_rng(1))
    signal[:, 2500:] = np.nan
    assert r_peaks(signal, 500).max() < 2600


def test_without_scipy_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.signal", None)
    with pytest.raises(EchoDeskError, match="needs SciPy") as found:
        r_peaks(np.zeros((12, 5000)), 500)
    assert "pip install 'echodesk[train]'" in found.value.hint


@needs_real_records
def test_real_beats_are_those_of_the_reference_detector() -> None:
    processing = pytest.importorskip("wfdb.processing")
    ptbxl = open_ptbxl(REAL)
    normal = [row for row in ptbxl.rows if row.superclasses == ("NORM",)]
    for recording in ptbxl.recordings(normal[:120:10]):
        theirs = processing.xqrs_detect(recording.signal_mv[1].astype(float), 500, verbose=False)
        inner = theirs[(theirs > 250) & (theirs < 4750)]
        ours = r_peaks(recording.signal_mv, 500)
        assert len(inner) >= 6
        assert np.abs(inner[:, None] - ours).min(axis=1).max() < 50, recording.recording_id
        between = ours[(ours > 350) & (ours < 4650)]
        assert np.abs(between[:, None] - theirs).min(axis=1).max() < 50, recording.recording_id
