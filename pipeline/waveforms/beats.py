"""Where the heart beats: R peaks of a 12-lead recording, found in all leads together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.waveforms.scipy_parts import scipy_part

# Where the energy of a QRS complex lies, Hz.
_QRS_BAND_HZ = (5.0, 20.0)
_ENERGY_WINDOW_S = 0.08
# Nearer than this a second peak is far more often a T wave than a beat.
_REFRACTORY_S = 0.3
# A beat has at least this share of the energy of the recording's usual ones.
_LEAST_SHARE = 0.25
# How far the middle of the energy may lie from the peak of the voltage.
_SEARCH_S = 0.06


def r_peaks(signal_mv: NDArray[Any], sampling_rate_hz: float) -> NDArray[np.intp]:
    """Samples of the R peaks, ascending; empty where nothing beats.

    Args:
        signal_mv: shape (leads, samples); NaN counts as zero.

    Source: the energy of the band-passed slope, after Pan and Tompkins 1985, summed over the leads.
    """
    dsp, ndimage = scipy_part("signal"), scipy_part("ndimage")
    clean = np.nan_to_num(np.asarray(signal_mv, dtype=np.float64))
    band = dsp.butter(2, _QRS_BAND_HZ, btype="bandpass", fs=sampling_rate_hz, output="sos")
    filtered = dsp.sosfiltfilt(band, clean, axis=1)
    slope = np.gradient(filtered, axis=1)
    window = max(1, round(_ENERGY_WINDOW_S * sampling_rate_hz))
    energy = ndimage.uniform_filter1d(np.square(slope).sum(axis=0), window)
    apart = round(_REFRACTORY_S * sampling_rate_hz)
    rough, found = dsp.find_peaks(energy, distance=apart, height=np.finfo(float).tiny)
    if not len(rough):
        return np.array([], dtype=np.intp)
    # The strongest eighth may be ectopic, and half of all peaks may be T waves: what is usual lies between.
    usual = np.quantile(found["peak_heights"], 0.75)
    rough = rough[found["peak_heights"] > _LEAST_SHARE * usual]
    reach = round(_SEARCH_S * sampling_rate_hz)
    rough = np.clip(rough, reach, len(energy) - 1)
    size = np.sqrt(np.square(filtered).sum(axis=0))
    peaks = [start + int(np.argmax(size[start : start + 2 * reach + 1])) for start in rough - reach]
    return np.array(peaks, dtype=np.intp)
