"""A synthetic 12-lead ECG whose shape leans, plausibly, towards an invented patient's echo findings.

A heart dipole made of a few Gaussian bumps (P, septal, main and terminal QRS, ST, T) is projected onto the
leads with Dower's matrix. Scarred walls lose early forces (Q waves) and turn their T waves; a weak ventricle
conducts more slowly and prints lower voltages. It exists to fill the demo with printable tracings. It is no
model of disease, no clinician has judged it, and nothing learnt from it says anything about real ECGs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.waveforms.leads import twelve_leads
from pipeline.waveforms.morphology import DOWER, WALL_DIRECTION, Bump, Morphology

Signal = NDArray[np.float64]

_DURATION_S = 10.0

_SCAR_STRENGTH = {"none": 0.0, "mild": 0.35, "moderate": 0.7, "severe": 1.0}
# Between which times from the R peak a bump of the beat belongs to the QRS complex.
_P_ENDS_S, _QRS_ENDS_S = -0.1, 0.1
_PRESSURE_STRENGTH = {"mild": 0.25, "moderate": 0.6, "severe": 1.0}


@dataclass(frozen=True)
class HeartState:
    """What the tracing leans towards.

    Attributes:
        ef_percent: left-ventricular ejection fraction, percent.
        rwma_severity: `none`, `mild`, `moderate` or `severe`.
        walls: canonical wall names of the abnormality.
        pah: severity of raised pulmonary pressure, or `none`.
        heart_rate_bpm: mean rate.
    """

    ef_percent: float
    rwma_severity: str
    walls: Sequence[str]
    pah: str
    heart_rate_bpm: float


def simulate_ecg(
    state: HeartState,
    rng: np.random.Generator,
    *,
    sampling_rate_hz: float = 500.0,
    change: Morphology | None = None,
) -> Signal:
    """A 12 x samples tracing in millivolt, rows in the order of `pipeline.waveforms.leads.LEADS`.

    Einthoven's and Goldberger's relations hold exactly: III, aVR, aVL and aVF are computed from I and II.

    Args:
        change: done to every beat that `state` gives; the same chance then beats the same heart, changed.
    """
    samples = round(_DURATION_S * sampling_rate_hz)
    time_s = np.arange(samples) / sampling_rate_hz
    bumps = _beat(state, rng)
    if change is not None:
        bumps = _changed(bumps, change)
    dipole = np.zeros((3, samples))
    for peak_s, rr_s in _beats(state, rng):
        wobble = rng.normal(1.0, 0.03)
        for bump in bumps:
            # Repolarisation follows the rate, depolarisation does not.
            at = peak_s + (bump.at_s * np.sqrt(rr_s) if bump.at_s > 0.12 else bump.at_s)
            near = slice(*np.searchsorted(time_s, (at - 4 * bump.width_s, at + 4 * bump.width_s)))
            shape = np.exp(-0.5 * ((time_s[near] - at) / bump.width_s) ** 2)
            dipole[:, near] += wobble * bump.vector[:, None] * shape
    eight = DOWER @ dipole + _disturbance(rng, time_s)
    return np.asarray(twelve_leads(eight[6], eight[7], eight[:6]))


def _beats(state: HeartState, rng: np.random.Generator) -> list[tuple[float, float]]:
    """(R peak, RR interval) in seconds; breathing and chance move every interval, and some hearts skip."""
    mean_s = 60.0 / state.heart_rate_bpm
    irregular = 0.16 if state.ef_percent < 40 and rng.random() < 0.25 else 0.015
    breath = rng.uniform(0.2, 0.3)
    at = rng.uniform(0.15, 0.5) - mean_s
    beats = []
    while at < _DURATION_S + 1:
        swing = 0.035 * np.sin(2 * np.pi * breath * at)
        rr = mean_s * max(0.45, 1 + swing + rng.normal(0, irregular))
        beats.append((at, rr))
        at += rr
    return beats


def _beat(state: HeartState, rng: np.random.Generator) -> list[Bump]:
    weak = float(np.clip((50 - state.ef_percent) / 30, 0, 1))
    strain = _PRESSURE_STRENGTH.get(state.pah, 0.0)
    voltage = rng.uniform(0.85, 1.2) * (1 - 0.3 * weak)
    # A third of the very weak hearts conduct like a left bundle branch block: wide, slurred, no septal force.
    block = weak > 0.35 and rng.random() < 0.4
    slow = 1 + 0.35 * weak + (0.75 if block else 0.0)
    jitter = rng.normal(0, 0.06, size=(5, 3))
    # High right-sided pressure turns the main force to the right and to the front.
    main = np.array((1.0 - 0.7 * strain, 0.75 + 0.1 * strain, 0.25 - 0.45 * strain)) + jitter[0]
    septal = np.array((-0.12, -0.08, -0.3)) * (0.0 if block else 1.0) + jitter[1] * 0.3
    terminal = np.array((0.25 if block else -0.12, -0.12, 0.5)) + jitter[2] * 0.6
    # No two hearts lie alike in the chest: turn all forces in the frontal plane.
    tilt = np.deg2rad(rng.normal(-5, 8))
    cos, sin = np.cos(tilt), np.sin(tilt)
    frontal = np.array(((cos, -sin, 0.0), (sin, cos, 0.0), (0.0, 0.0, 1.0)))
    main, septal, terminal = frontal @ main, frontal @ septal, frontal @ terminal
    turn = -0.55 if block else 1.0
    t_wave = frontal @ np.array((0.32, 0.26, -0.2)) * turn * (1 - 0.45 * weak) + jitter[3] * 0.3
    p_wave = np.array((0.05, 0.12 + 0.08 * strain, -0.03)) + jitter[4] * 0.1
    bumps = [
        Bump(-0.165 - 0.02 * weak, 0.019 + 0.004 * weak, p_wave),
        Bump(-0.026 * slow, 0.008 * slow, septal * voltage),
        Bump(0.0, 0.0105 * slow, main * voltage),
        Bump(0.028 * slow, 0.0105 * slow, terminal * voltage),
        Bump(0.265, 0.05, t_wave * 0.8),
        Bump(0.315, 0.032, t_wave * 0.55),
    ]
    return bumps + _scar(state, rng, voltage)


def _changed(bumps: Sequence[Bump], change: Morphology) -> list[Bump]:
    """The beat with its QRS and T wave changed and a scar added; the P wave stays."""
    changed = []
    for bump in bumps:
        if bump.at_s < _P_ENDS_S:
            changed.append(bump)
        elif bump.at_s < _QRS_ENDS_S:
            at, width = bump.at_s * change.qrs_width, bump.width_s * change.qrs_width
            changed.append(Bump(at, width, bump.vector * change.qrs_voltage))
        else:
            changed.append(Bump(bump.at_s, bump.width_s, bump.vector * change.t_wave))
    return changed + change.scar()


def _scar(state: HeartState, rng: np.random.Generator, voltage: float) -> list[Bump]:
    """Early forces away from dead walls, an ST shift, and T waves turned away from them."""
    strength = _SCAR_STRENGTH[state.rwma_severity]
    directions = [WALL_DIRECTION[wall] for wall in state.walls if wall in WALL_DIRECTION]
    if not directions or strength == 0:
        return []
    where = np.mean(np.array(directions), axis=0)
    where /= max(float(np.linalg.norm(where)), 1e-6)
    depth = strength * rng.uniform(0.6, 1.0)
    return [
        Bump(-0.018, 0.014, -0.75 * depth * voltage * where),
        Bump(0.13, 0.045, 0.12 * depth * where * rng.choice((-0.6, 1.0))),
        Bump(0.29, 0.05, -0.55 * depth * where),
    ]


def _disturbance(rng: np.random.Generator, time_s: Signal) -> Signal:
    """Baseline wander, mains hum and muscle noise for the eight measured leads, mV."""
    wander = np.zeros((8, time_s.size))
    for _ in range(3):
        frequency, phase = rng.uniform(0.12, 0.45), rng.uniform(0, 2 * np.pi)
        wander += rng.normal(0, 0.022, size=(8, 1)) * np.sin(2 * np.pi * frequency * time_s + phase)
    hum = rng.uniform(0, 0.006, size=(8, 1)) * np.sin(2 * np.pi * 50 * time_s + rng.uniform(0, 6))
    rough = rng.normal(0, 1, size=(8, time_s.size))
    smooth = (rough + np.roll(rough, 1, axis=1) + np.roll(rough, 2, axis=1)) / 3
    return np.asarray(wander + hum + smooth * rng.uniform(0.006, 0.016), dtype=np.float64)
