"""Signal features without training: random convolutions of each lead, whole or as far as a page shows it.

384 random kernels slide over each of 12 leads; each gives the share of time its answer is above its
threshold, and its highest answer: 9,216 numbers a recording. A linear model on top of them is a serious
baseline for any network.

Source: Dempster, Petitjean, Webb, ROCKET, Data Min Knowl Discov 2020;34:1454-1495 (the idea; these kernels
are of one length, have thresholds in millivolt, and never look past an end).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from pipeline.waveforms.leads import LEADS
from pipeline.waveforms.recording import Recording
from pipeline.waveforms.scipy_parts import scipy_part

FEATURES = 9216
KERNELS = FEATURES // (2 * len(LEADS))
KERNEL_LENGTH = 9
# What the convolutions see: enough for a QRS complex, and a fifth of the work of 500 Hz.
FEATURE_RATE_HZ = 100
# A 3x4 page shows four columns of three leads one after the other, and one lead in full below them.
PAGE_COLUMNS = 4
RHYTHM_LEAD = "II"
# The shortest strip of a page: a quarter of 10 s.
_SHORTEST_S = 2.5
# Slower than this is the electrode moving on the skin, Hz.
_WANDER_HZ = 0.5
# The usual size of an ECG between its peaks, mV; thresholds are drawn on this scale.
_THRESHOLD_MV = 0.15

Features = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class RandomKernels:
    """A bank of kernels, the same for every lead and every recording.

    Attributes:
        weights: shape (kernels, length), each kernel with mean 0 and norm 1, sorted by dilation.
        dilations: samples between two weights of a kernel, ascending, shape (kernels,).
        thresholds_mv: shape (kernels,).
    """

    weights: NDArray[np.float32]
    dilations: NDArray[np.intp]
    thresholds_mv: NDArray[np.float32]


def random_kernels(rng: np.random.Generator, *, kernels: int = KERNELS) -> RandomKernels:
    """Draw a bank whose kernels span between 0.08 s and half of the shortest strip they will see."""
    weights = rng.normal(size=(kernels, KERNEL_LENGTH))
    weights -= weights.mean(axis=1, keepdims=True)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    longest = max(1.0, _SHORTEST_S * FEATURE_RATE_HZ / 2 / (KERNEL_LENGTH - 1))
    dilations = np.sort(np.floor(2 ** rng.uniform(0, np.log2(longest), size=kernels)).astype(np.intp))
    thresholds = rng.normal(0, _THRESHOLD_MV, size=kernels)
    return RandomKernels(weights.astype(np.float32), dilations, thresholds.astype(np.float32))


def features(recordings: Iterable[Recording], kernels: RandomKernels, *, page_only: bool = False) -> Features:
    """One row a recording, shape (recordings, 12 leads x kernels x 2); read one at a time.

    Args:
        page_only: see only what a 3x4 page with a rhythm strip prints: a quarter of each lead, II in full.

    Raises:
        EchoDeskError: a recording is too short for the kernels.
    """
    rows = [recording_features(recording, kernels, page_only=page_only) for recording in recordings]
    return np.stack(rows) if rows else np.zeros((0, 2 * len(LEADS) * len(kernels.weights)), dtype=np.float32)


def recording_features(recording: Recording, kernels: RandomKernels, *, page_only: bool = False) -> Features:
    """The features of one recording, shape (12 leads x kernels x 2,): each lead's shares, then its maxima."""
    strips = page_strips(recording) if page_only else [(LEADS, recording.signal_mv)]
    found: dict[str, Features] = {}
    for leads, signal in strips:
        prepared = _prepared(signal, recording.sampling_rate_hz)
        if prepared.shape[1] <= (KERNEL_LENGTH - 1) * kernels.dilations[-1]:
            hint = "Use recordings of 10 s."
            raise EchoDeskError(f"{recording.recording_id} is too short for its features.", hint)
        # The rhythm strip comes last: it holds what the lead's own window shows.
        found.update(zip(leads, _answers(prepared, kernels), strict=True))
    return np.concatenate([found[lead] for lead in LEADS])


def page_strips(recording: Recording) -> list[tuple[tuple[str, ...], NDArray[np.float32]]]:
    """What a 3x4 page shows: (leads, their stretch of the signal) for each column, then the rhythm strip."""
    each = len(LEADS) // PAGE_COLUMNS
    edges = np.linspace(0, recording.signal_mv.shape[1], PAGE_COLUMNS + 1).astype(int)
    strips: list[tuple[tuple[str, ...], NDArray[np.float32]]] = []
    for column in range(PAGE_COLUMNS):
        rows = slice(column * each, (column + 1) * each)
        strips.append((LEADS[rows], recording.signal_mv[rows, edges[column] : edges[column + 1]]))
    rhythm: tuple[str, ...] = (RHYTHM_LEAD,)
    strips.append((rhythm, recording.signal_mv[[LEADS.index(RHYTHM_LEAD)]]))
    return strips


def _prepared(signal_mv: NDArray[np.float32], sampling_rate_hz: float) -> NDArray[np.float32]:
    """The strip at 100 Hz without its slow wander; what was not measured is flat."""
    dsp = scipy_part("signal")
    flat = np.nan_to_num(signal_mv.astype(np.float64))
    flat -= np.median(flat, axis=1, keepdims=True)
    if sampling_rate_hz != FEATURE_RATE_HZ:
        flat = dsp.resample_poly(flat, FEATURE_RATE_HZ, round(sampling_rate_hz), axis=1)
    wander = dsp.butter(1, _WANDER_HZ, btype="highpass", fs=FEATURE_RATE_HZ, output="sos")
    return np.asarray(dsp.sosfiltfilt(wander, flat, axis=1), dtype=np.float32)


def _answers(signal: NDArray[np.float32], kernels: RandomKernels) -> Features:
    """Shares and highest answers of all kernels on all leads, shape (leads, kernels x 2)."""
    shares = np.empty((len(signal), len(kernels.weights)), dtype=np.float32)
    highest = np.empty_like(shares)
    for dilation in np.unique(kernels.dilations):
        alike = slice(*np.searchsorted(kernels.dilations, (dilation, dilation + 1)))
        starts = dilation * np.arange(KERNEL_LENGTH)
        width = signal.shape[1] - starts[-1]
        taps = np.stack([signal[:, start : start + width] for start in starts], axis=1)
        answers = kernels.weights[alike] @ taps
        above = answers > kernels.thresholds_mv[alike, None]
        shares[:, alike] = above.mean(axis=2)
        highest[:, alike] = answers.max(axis=2)
    return np.concatenate([shares, highest], axis=1)
