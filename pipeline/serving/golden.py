"""Invented photographs of invented ECGs: what a bundle is checked with, and what people may try it with."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from pipeline.imaging.capture import Condition, photograph
from pipeline.imaging.paper import draw_ecg_page
from pipeline.waveforms.dipole import HeartState, simulate_ecg

_RATE_HZ: Final = 500.0
_HEARTS: Final = (
    HeartState(62.0, "none", (), "none", 72.0),
    HeartState(44.0, "moderate", ("anterior",), "none", 84.0),
    HeartState(26.0, "severe", ("anterior", "apical"), "moderate", 98.0),
)


@cache
def example_photos() -> tuple[bytes, ...]:
    """JPEGs of a normal, a weak and a very weak heart; always the same bytes with the same packages."""
    return tuple(_photo(heart, seed) for seed, heart in enumerate(_HEARTS))


def _photo(heart: HeartState, seed: int) -> bytes:
    rng = np.random.default_rng([2026, seed])
    signal = simulate_ecg(heart, rng, sampling_rate_hz=_RATE_HZ)
    page = draw_ecg_page(
        signal, _RATE_HZ, header=("INVENTED ECG",), footer="SYNTHETIC DEMO DATA", tolerance_px=0.15
    )
    return photograph(page.image, rng, Condition.PHONE).jpeg()
