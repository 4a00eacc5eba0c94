"""Generated sinus rhythm: an optional package, the same signal for the same numbers, a clear word without."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

import numpy as np
import pytest

from db.errors import EchoDeskError
from pipeline.waveforms.beats import r_peaks
from pipeline.waveforms.deepfake import DeepfakeGenerator
from pipeline.waveforms.leads import LEADS
from pipeline.waveforms.morphology import Morphology
from pipeline.waveforms.planted_bases import DeepfakeBase


@pytest.fixture(scope="module")
def generator() -> DeepfakeGenerator:
    pytest.importorskip("deepfakeecg")
    pytest.importorskip("torch")
    return DeepfakeGenerator()


def test_a_generated_ecg_looks_like_sinus_rhythm(generator: DeepfakeGenerator) -> None:
    for number in range(3):
        recording = generator.recording(7, number)
        signal = dict(zip(LEADS, recording.signal_mv, strict=True))
        peaks = r_peaks(recording.signal_mv, recording.sampling_rate_hz)
        assert 40 < 60 * 500 / np.median(np.diff(peaks)) < 130
        assert 0.3 < np.ptp(signal["II"]) < 4
        np.testing.assert_allclose(signal["I"] + signal["III"], signal["II"], atol=1e-5)
        assert recording.is_synthetic and recording.source == "deepfake-ecg"


def test_the_same_numbers_give_the_same_signal_and_others_another(generator: DeepfakeGenerator) -> None:
    first, again, other = (generator.recording(7, number) for number in (0, 0, 1))
    np.testing.assert_array_equal(first.signal_mv, again.signal_mv)
    assert first.patient_key != other.patient_key
    assert not np.allclose(first.signal_mv, other.signal_mv)


def test_loading_it_leaves_the_random_generators_alone(generator: DeepfakeGenerator) -> None:
    import torch

    before = torch.get_rng_state(), np.random.get_state()[1]  # noqa: NPY002  # the global one is what is watched
    DeepfakeGenerator().recording(1, 1)
    assert torch.equal(before[0], torch.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002


def test_findings_are_planted_in_generated_rhythm(generator: DeepfakeGenerator) -> None:
    base, rng = DeepfakeBase(generator, seed=7), np.random.default_rng(0)
    changed = base.changed(2, Morphology(qrs_voltage=0.5), rng)
    assert changed.recording_id == generator.recording(7, 2).recording_id
    assert np.ptp(changed.signal_mv[10]) < 0.75 * np.ptp(generator.recording(7, 2).signal_mv[10])


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        names: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        if name == "deepfakeecg":
            raise ModuleNotFoundError("No module named 'deepfakeecg'", name="deepfakeecg")
        return real(name, globals_, locals_, names, level)

    monkeypatch.delitem(sys.modules, "deepfakeecg", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EchoDeskError, match="need deepfakeecg") as found:
        DeepfakeGenerator()
    assert "pip install 'echodesk[waveforms]'" in found.value.hint
