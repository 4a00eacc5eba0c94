"""Change every beat of a recording that exists: stretch its QRS, scale it, turn its T wave, add a scar.

All leads are stretched by the same clock and scaled by the same curve, and the scar is a force of the heart
dipole seen by all leads. So what held between the leads before (Einthoven, Goldberger) still holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from pipeline.waveforms.beats import r_peaks
from pipeline.waveforms.leads import twelve_leads
from pipeline.waveforms.morphology import DOWER, Floats, Morphology
from pipeline.waveforms.recording import Recording

FEWEST_BEATS = 4
# Half the duration of a QRS complex to be stretched, before and after its R peak.
_QRS_HALF_S = 0.055
# How far around a beat its clock may differ, as a share of the interval to its neighbour, and at most.
_BEFORE_SHARE, _AFTER_SHARE = 0.4, 0.6
_BEFORE_MOST_S, _AFTER_MOST_S = 0.35, 0.5
# The T wave of a heart that beats once a second; it moves with the square root of the interval (Bazett).
_T_BEGINS_S, _T_ENDS_S = 0.16, 0.48
_FADE_S = 0.04
# The quiet line before the QRS, from which voltages are measured.
_QUIET_S = (0.035, 0.015)


@dataclass(frozen=True)
class _Beat:
    """One beat: its R peak and the intervals to its neighbours, seconds."""

    at_s: float
    before_s: float
    after_s: float


def morphed(recording: Recording, change: Morphology) -> NDArray[np.float32]:
    """The recording's signal with every beat changed, shape (12, samples), mV.

    A beat whose R peak lies outside the recording is not seen, so what is left of it stays as it was.

    Raises:
        EchoDeskError: fewer than `FEWEST_BEATS` beats were found in it.
    """
    signal, rate = recording.signal_mv.astype(np.float64), recording.sampling_rate_hz
    peaks = r_peaks(signal, rate)
    if len(peaks) < FEWEST_BEATS:
        message = f"Only {len(peaks)} heart beats were found in {recording.recording_id}."
        raise EchoDeskError(message, "Plant findings in another recording.")
    time_s = np.arange(signal.shape[1]) / rate
    beats = _beats(peaks / rate)
    source_s = _source_times(time_s, beats, change.qrs_width)
    stretched = np.stack([np.interp(source_s, time_s, lead) for lead in signal])
    baseline = _baseline(stretched, time_s, beats, change.qrs_width)
    scaled = baseline + (stretched - baseline) * _gain(time_s, beats, change)
    return (scaled + _scar(time_s, beats, change)).astype(np.float32)


def _beats(peaks_s: Floats) -> list[_Beat]:
    intervals = np.diff(peaks_s)
    before = np.concatenate([intervals[:1], intervals])
    after = np.concatenate([intervals, intervals[-1:]])
    return [_Beat(float(at), float(b), float(a)) for at, b, a in zip(peaks_s, before, after, strict=True)]


def _source_times(time_s: Floats, beats: list[_Beat], width: float) -> Floats:
    """Which time of the recording is shown at each time: slower within a QRS, faster on both sides of it."""
    shown, taken = [time_s[0] - 1], [time_s[0] - 1]
    for beat in beats:
        wide = _QRS_HALF_S * width
        before = max(wide, min(_BEFORE_MOST_S, _BEFORE_SHARE * beat.before_s))
        after = max(wide, min(_AFTER_MOST_S, _AFTER_SHARE * beat.after_s))
        shown += [beat.at_s + offset for offset in (-before, -wide, wide, after)]
        taken += [beat.at_s + offset for offset in (-before, -_QRS_HALF_S, _QRS_HALF_S, after)]
    shown.append(time_s[-1] + 1)
    taken.append(time_s[-1] + 1)
    return np.asarray(np.clip(np.interp(time_s, shown, taken), time_s[0], time_s[-1]))


def _baseline(signal: Floats, time_s: Floats, beats: list[_Beat], width: float) -> Floats:
    """The line through the quiet stretch before each QRS, shape (12, samples)."""
    at, levels = [], []
    for beat in beats:
        begin, end = (beat.at_s - _QRS_HALF_S * width - offset for offset in _QUIET_S)
        quiet = slice(*np.searchsorted(time_s, (begin, end)))
        if quiet.stop > quiet.start:
            at.append((begin + end) / 2)
            # Not the median: what holds between leads holds between their means.
            levels.append(signal[:, quiet].mean(axis=1))
    return np.stack([np.interp(time_s, at, lead) for lead in np.array(levels).T])


def _gain(time_s: Floats, beats: list[_Beat], change: Morphology) -> Floats:
    """The factor on the voltage at each time: 1 outside QRS and T wave, with short slopes in between."""
    gain = np.ones_like(time_s)
    wide = _QRS_HALF_S * change.qrs_width
    for beat in beats:
        root = float(np.sqrt(beat.after_s))
        begin = max(wide + 2 * _FADE_S, _T_BEGINS_S * root)
        end = max(begin + 2 * _FADE_S, min(_T_ENDS_S * root, _AFTER_SHARE * beat.after_s + _FADE_S))
        offsets = [-wide - _FADE_S, -wide, wide, wide + _FADE_S, begin, begin + _FADE_S, end - _FADE_S, end]
        factors = [1.0, change.qrs_voltage, change.qrs_voltage, 1.0, 1.0, change.t_wave, change.t_wave, 1.0]
        near = slice(*np.searchsorted(time_s, (beat.at_s + offsets[0], beat.at_s + offsets[-1])))
        gain[near] = np.interp(time_s[near] - beat.at_s, offsets, factors)
    return gain


def _scar(time_s: Floats, beats: list[_Beat], change: Morphology) -> Floats:
    """The forces of the scar in all twelve leads, mV."""
    dipole = np.zeros((3, time_s.size))
    for bump in change.scar():
        for beat in beats:
            later = bump.at_s * np.sqrt(beat.after_s) if bump.at_s > _QRS_HALF_S else bump.at_s
            shape = np.exp(-0.5 * ((time_s - beat.at_s - later) / bump.width_s) ** 2)
            dipole += bump.vector[:, None] * shape
    eight = DOWER @ dipole
    return np.asarray(twelve_leads(eight[6], eight[7], eight[:6]))
