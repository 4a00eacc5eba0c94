"""How far a beat is changed: a wider QRS, lower voltage, a T wave that sinks and turns, a scar somewhere.

One set of numbers for every kind of waveform, so that the same severity looks alike on an invented heart and
on a real record. Sizes are chosen to survive printing: they show on a page of 384 x 384 pixels. They are no
model of disease.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Leads V1-V6, I, II from the dipole (x to the left, y to the feet, z to the back).
# Source: Dower, Machado, Osborne, Clin Cardiol 1980;3:87-95 (the transform's coefficients).
DOWER = np.array(
    [
        (-0.515, 0.157, -0.917),
        (0.044, 0.164, -1.387),
        (0.882, 0.098, -1.277),
        (1.213, 0.127, -0.601),
        (1.125, 0.127, -0.086),
        (0.831, 0.076, 0.230),
        (0.632, -0.235, 0.059),
        (0.235, 1.066, -0.132),
    ]
)

# Where each wall lies as seen from the middle of the heart; same axes as above.
WALL_DIRECTION = {
    "anterior": (0.2, -0.2, -1.0),
    "anteroseptal": (-0.25, -0.1, -0.95),
    "septal": (-0.5, 0.0, -0.8),
    "inferoseptal": (-0.3, 0.85, 0.1),
    "inferior": (0.0, 1.0, 0.15),
    "inferolateral": (0.45, 0.65, 0.5),
    "posterior": (0.05, 0.2, 1.0),
    "lateral": (1.0, 0.1, 0.15),
    "anterolateral": (0.85, -0.3, -0.4),
    "apical": (0.5, 0.5, -0.7),
}

# The walls that one artery feeds, the likeliest first; every invented heart has one, scarred or not.
TERRITORIES = {
    "anterior": ("anterior", "apical", "anteroseptal", "septal"),
    "inferior": ("inferior", "inferoseptal"),
    "lateral": ("lateral", "inferolateral", "anterolateral"),
}

# What a severity of 0 and of 1 prints.
_QRS_WIDTH = (1.0, 2.0)
_QRS_VOLTAGE = (1.25, 0.65)
_T_WAVE = (1.2, -0.7)
# Forces of the deepest scar, mV: early ones away from the wall, an ST shift to it, a T wave away from it.
_SCAR_QRS_MV, _SCAR_ST_MV, _SCAR_T_MV = -0.85, 0.16, -0.5


@dataclass(frozen=True)
class Bump:
    """One Gaussian of the dipole: time from the R peak and width in seconds, then its vector in mV."""

    at_s: float
    width_s: float
    vector: Floats


@dataclass(frozen=True)
class Morphology:
    """What is done to every beat of a recording; the defaults change nothing.

    Attributes:
        qrs_width: factor on the duration of the QRS complex.
        qrs_voltage: factor on its voltage.
        t_wave: factor on the T wave; below 0 it is turned.
        scar_depth: 0 none, 1 the deepest.
        scar_direction: unit vector from the middle of the heart to the scar, axes as in `DOWER`.
    """

    qrs_width: float = 1.0
    qrs_voltage: float = 1.0
    t_wave: float = 1.0
    scar_depth: float = 0.0
    scar_direction: tuple[float, float, float] = (0.0, 1.0, 0.0)

    def scar(self) -> list[Bump]:
        """The scar as forces added to every beat."""
        if self.scar_depth == 0:
            return []
        where = self.scar_depth * np.array(self.scar_direction)
        return [
            Bump(-0.018 * self.qrs_width, 0.014 * self.qrs_width, _SCAR_QRS_MV * where),
            Bump(0.13, 0.045, _SCAR_ST_MV * where),
            Bump(0.29, 0.05, _SCAR_T_MV * where),
        ]


def severity_morphology(global_severity: float, scar_depth: float, territory: str) -> Morphology:
    """The beat of a heart, strictly monotone in both severities.

    Args:
        global_severity: 0 a strong ventricle to 1 a very weak one.
        scar_depth: 0 no scar to 1 the deepest.
        territory: a key of `TERRITORIES`; where the scar lies.
    """

    def between(ends: tuple[float, float]) -> float:
        return ends[0] + (ends[1] - ends[0]) * global_severity

    return Morphology(
        qrs_width=between(_QRS_WIDTH),
        qrs_voltage=between(_QRS_VOLTAGE),
        t_wave=between(_T_WAVE),
        scar_depth=scar_depth,
        scar_direction=territory_direction(territory),
    )


def territory_direction(territory: str) -> tuple[float, float, float]:
    """The unit vector to the middle of a territory's walls."""
    middle = np.mean([WALL_DIRECTION[wall] for wall in TERRITORIES[territory]], axis=0)
    x, y, z = middle / np.linalg.norm(middle)
    return float(x), float(y), float(z)
