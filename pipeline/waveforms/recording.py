"""One 12-lead recording, whatever it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.waveforms.leads import LEADS

# Names of the numbers that findings planted in a recording are labelled with.
EF_PERCENT = "ef_percent"
RWMA_SIGNIFICANT = "rwma_significant"


@dataclass(frozen=True, eq=False)
class Recording:
    """Twelve leads of one person at one time, and what is known about them.

    Attributes:
        recording_id: unique within its source.
        patient_key: the same for all recordings of one person; folds keep it whole.
        signal_mv: shape (12, samples), millivolt, rows as in `LEADS`; NaN where nothing was measured.
        sampling_rate_hz: samples a second.
        labels: name -> number, such as `NORM` -> 1 or `ef_percent` -> 43; an absent name was not stated.
        fold: the fold its source gives it; None where it gives none.
        source: where the waveform comes from, in words.
        is_synthetic: whether the waveform or any of its labels is invented.
        base_id: the recording that findings were planted in; recordings that share one share noise and beats.
    """

    recording_id: str
    patient_key: str
    signal_mv: NDArray[np.float32]
    sampling_rate_hz: float
    labels: Mapping[str, float] = field(default_factory=dict)
    fold: int | None = None
    source: str = ""
    is_synthetic: bool = False
    base_id: str = ""

    def __post_init__(self) -> None:
        if self.signal_mv.ndim != 2 or len(self.signal_mv) != len(LEADS):
            raise ValueError(f"a recording has {len(LEADS)} leads in rows, not shape {self.signal_mv.shape}")

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return float(self.signal_mv.shape[1] / self.sampling_rate_hz)
