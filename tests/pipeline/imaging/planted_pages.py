"""Pages with a known signal, in the kinds and conditions that imaging has to cope with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.paper import EcgPage, draw_ecg_page
from pipeline.imaging.paper_kinds import GRIDS, LAYOUTS

RATE_HZ = 500.0


def beats(seed: int = 0) -> NDArray[np.float64]:
    """Ten seconds of twelve leads with P, QRS and T: sharp up, broad hump after; 12 x 5000, millivolt."""
    rng = np.random.default_rng(seed)
    since_s = np.arange(5000) / RATE_HZ % 0.85
    shapes = ((0.20, 0.025, 0.12), (0.36, 0.010, 1.0), (0.385, 0.010, -0.25), (0.58, 0.045, 0.3))
    beat = sum(high * np.exp(-(((since_s - at) / wide) ** 2)) for at, wide, high in shapes)
    gains = rng.uniform(0.5, 1.2, size=(12, 1))
    return np.asarray(gains * beat + rng.normal(0, 0.004, (12, 5000)), dtype=np.float64)


def page(number: int = 0, **options: object) -> EcgPage:
    """One page of each layout and paper in turn."""
    settings = {
        "layout": list(LAYOUTS.values())[number % len(LAYOUTS)],
        "grid": list(GRIDS)[number % len(GRIDS)],
        "header": ("Name: A B", "ID: 12"),
        "tolerance_px": 0.15,
        "px_per_mm": 4.0,
    }
    return draw_ecg_page(beats(number), RATE_HZ, **{**settings, **options})  # type: ignore[arg-type]
