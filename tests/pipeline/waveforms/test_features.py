"""Random convolutions: those of a plain loop, blind to what a page hides, useful on real records."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from ptbxl_folder import REAL, needs_real_records
from scipy import signal as dsp

from db.errors import EchoDeskError
from pipeline.waveforms.dipole import HeartState, simulate_ecg
from pipeline.waveforms.features import (
    FEATURES,
    KERNEL_LENGTH,
    RandomKernels,
    features,
    page_strips,
    random_kernels,
    recording_features,
)
from pipeline.waveforms.leads import LEADS
from pipeline.waveforms.ptbxl import open_ptbxl
from pipeline.waveforms.recording import Recording


def heart(seed: int = 1, rate: float = 100.0) -> Recording:
    state = HeartState(62, "none", (), "none", 70)
    signal = simulate_ecg(state, np.random.default_rng(seed), sampling_rate_hz=rate)
    return Recording(f"dipole-{seed}", f"dipole-{seed}", signal.astype(np.float32), rate)


def few(kernels: int = 6, seed: int = 0) -> RandomKernels:
    return random_kernels(np.random.default_rng(seed), kernels=kernels)


def by_hand(trace: NDArray[np.floating], kernels: RandomKernels) -> tuple[list[float], list[float]]:
    """Shares and highest answers of one lead at 100 Hz, by NumPy's correlation with spread-out kernels."""
    flat = trace.astype(float) - np.median(trace)
    flat = dsp.sosfiltfilt(dsp.butter(1, 0.5, "highpass", fs=100, output="sos"), flat)
    shares, highest = [], []
    for weights, dilation, threshold in zip(
        kernels.weights, kernels.dilations, kernels.thresholds_mv, strict=True
    ):
        spread = np.zeros((KERNEL_LENGTH - 1) * dilation + 1)
        spread[::dilation] = weights
        answers = np.correlate(flat, spread, mode="valid")
        shares.append(float((answers > threshold).mean()))
        highest.append(float(answers.max()))
    return shares, highest


def test_features_are_those_of_a_plain_correlation() -> None:
    recording, kernels = heart(), few()
    found = recording_features(recording, kernels).reshape(12, 2, 6)
    for place in (0, 4, 11):
        shares, highest = by_hand(recording.signal_mv[place], kernels)
        np.testing.assert_allclose(found[place, 0], shares, atol=0.003)
        np.testing.assert_allclose(found[place, 1], highest, atol=1e-4)


def test_a_page_shows_each_lead_its_quarter_and_the_rhythm_lead_whole() -> None:
    recording, kernels = heart(), few()
    found = recording_features(recording, kernels, page_only=True).reshape(12, 2, 6)
    whole = by_hand(recording.signal_mv[1], kernels)
    np.testing.assert_allclose(found[1], whole, atol=0.003)
    quarter = by_hand(recording.signal_mv[LEADS.index("V5")][750:], kernels)
    np.testing.assert_allclose(found[LEADS.index("V5")], quarter, atol=0.003)


def test_what_a_page_does_not_show_changes_nothing() -> None:
    recording, kernels = heart(), few()
    hidden = recording.signal_mv.copy()
    hidden[LEADS.index("V1"), :500] += 1
    hidden[LEADS.index("I"), 250:] *= -2
    other = Recording("other", "other", hidden, 100)
    seen, unseen = (recording_features(one, kernels, page_only=True) for one in (recording, other))
    np.testing.assert_array_equal(seen, unseen)
    assert not np.allclose(recording_features(recording, kernels), recording_features(other, kernels))


def test_the_strips_of_a_page_are_the_columns_that_are_printed() -> None:
    strips = page_strips(heart())
    assert [leads for leads, _ in strips] == [LEADS[:3], LEADS[3:6], LEADS[6:9], LEADS[9:], ("II",)]
    assert [strip.shape for _, strip in strips] == [(3, 250)] * 4 + [(1, 1000)]


def test_the_full_bank_gives_9216_numbers_and_the_same_ones_for_the_same_seed() -> None:
    banks = [random_kernels(np.random.default_rng(4)) for _ in range(2)]
    first, second = (recording_features(heart(), bank) for bank in banks)
    assert first.shape == (FEATURES,) == (9216,)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(banks[0].weights.mean(axis=1), 0, atol=1e-6)
    assert (np.diff(banks[0].dilations) >= 0).all()


def test_a_constant_shift_of_the_paper_changes_nothing() -> None:
    recording, kernels = heart(), few()
    lifted = Recording("lifted", "lifted", recording.signal_mv + np.float32(0.7), 100)
    np.testing.assert_allclose(
        recording_features(recording, kernels), recording_features(lifted, kernels), atol=2e-3
    )


def test_both_sampling_rates_give_nearly_the_same_features() -> None:
    ptbxl_like, kernels = heart(rate=500), few()
    coarse = Recording("coarse", "coarse", dsp.resample_poly(ptbxl_like.signal_mv, 1, 5, axis=1), 100)
    fine, rough = (recording_features(one, kernels) for one in (ptbxl_like, coarse))
    np.testing.assert_allclose(fine, rough, atol=0.02)


def test_gaps_are_flat_and_short_recordings_are_refused() -> None:
    kernels = few()
    gap = heart().signal_mv.copy()
    gap[3] = np.nan
    assert np.isfinite(recording_features(Recording("gap", "gap", gap, 100), kernels)).all()
    short = Recording("short-1", "short", np.zeros((12, 20), dtype=np.float32), 100)
    with pytest.raises(EchoDeskError, match="short-1 is too short"):
        recording_features(short, kernels)
    assert features([], kernels).shape == (0, 144)


@pytest.mark.slow
@needs_real_records
def test_features_tell_real_normal_records_from_others() -> None:
    """A few kernels, 250 records, ridge on one half of the patients: far above chance on the other half."""
    from sklearn.linear_model import RidgeCV
    from sklearn.metrics import roc_auc_score
    from sklearn.preprocessing import StandardScaler

    ptbxl = open_ptbxl(REAL)
    rows = [row for row in ptbxl.rows if row.superclasses][::2]
    inputs = features(ptbxl.recordings(rows), few(kernels=40), page_only=True)
    is_normal = np.array(["NORM" in row.superclasses for row in rows], dtype=float)
    learnt = np.array([row.fold <= 5 for row in rows])
    scaler = StandardScaler().fit(inputs[learnt])
    model = RidgeCV(np.logspace(0, 5, 6)).fit(scaler.transform(inputs[learnt]), is_normal[learnt])
    scores = model.predict(scaler.transform(inputs[~learnt]))
    assert roc_auc_score(is_normal[~learnt], scores) > 0.75
