"""What findings are planted in: hearts of the dipole, generated sinus rhythm, normal real records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from db.errors import EchoDeskError
from pipeline.waveforms.deepfake import DeepfakeGenerator
from pipeline.waveforms.dipole import HeartState, simulate_ecg
from pipeline.waveforms.morphing import morphed
from pipeline.waveforms.morphology import Morphology
from pipeline.waveforms.ptbxl import Ptbxl, open_ptbxl
from pipeline.waveforms.ptbxl_table import PtbxlRow
from pipeline.waveforms.recording import Recording
from pipeline.waveforms.streams import Stream, drawing

_HEALTHY_EF_PERCENT = 62.0
_RATE_BPM, _RATE_SPREAD_BPM, _RATE_ENDS_BPM = 74.0, 10.0, (50.0, 110.0)


class DipoleBase:
    """Healthy hearts of the dipole; the beat itself is changed before it is drawn."""

    def __init__(self, sampling_rate_hz: float = 500.0) -> None:
        self.sampling_rate_hz = sampling_rate_hz

    def changed(self, place: int, change: Morphology, rng: np.random.Generator) -> Recording:
        """A new heart for every place; its rate, axis and noise are chance."""
        rate = float(np.clip(rng.normal(_RATE_BPM, _RATE_SPREAD_BPM), *_RATE_ENDS_BPM))
        state = HeartState(_HEALTHY_EF_PERCENT, "none", (), "none", rate)
        signal = simulate_ecg(state, rng, sampling_rate_hz=self.sampling_rate_hz, change=change)
        return Recording(
            recording_id=f"dipole-{place:05d}",
            patient_key=f"dipole-{place}",
            signal_mv=signal.astype(np.float32),
            sampling_rate_hz=self.sampling_rate_hz,
            source="dipole",
            is_synthetic=True,
        )


class DeepfakeBase:
    """Generated sinus rhythm, one invented person a place."""

    def __init__(self, generator: DeepfakeGenerator, seed: int) -> None:
        self._generator, self._seed = generator, seed

    def changed(self, place: int, change: Morphology, rng: np.random.Generator) -> Recording:
        """The place's person, changed; the seed is their chance, not `rng`."""
        del rng
        recording = self._generator.recording(self._seed, place)
        return replace(recording, signal_mv=morphed(recording, change))


class PtbxlBase:
    """Real records that say nothing but "normal", in chance order; each again once all were used.

    Attributes:
        rows: the records, in the order they are used.
    """

    def __init__(self, ptbxl: Ptbxl, rng: np.random.Generator) -> None:
        normal = [row for row in ptbxl.rows if row.superclasses == ("NORM",)]
        if not normal:
            hint = "Name a PTB-XL folder with records whose only superclass is NORM."
            raise EchoDeskError(f"{ptbxl.folder} has no normal record to plant findings in.", hint)
        self._ptbxl = ptbxl
        self.rows: tuple[PtbxlRow, ...] = tuple(normal[place] for place in rng.permutation(len(normal)))

    def changed(self, place: int, change: Morphology, rng: np.random.Generator) -> Recording:
        """The place's record, changed; nothing about it is left to `rng`."""
        del rng
        recording = self._ptbxl.read(self.rows[place % len(self.rows)])
        return replace(recording, signal_mv=morphed(recording, change))


def normal_records(folder: Path, seed: int) -> PtbxlBase:
    """The normal records of a PTB-XL folder, in an order that the seed decides. Raises EchoDeskError."""
    return PtbxlBase(open_ptbxl(folder), drawing(seed, Stream.BASE_ORDER))
