"""Reference rows learn from the other folds alone, and find what is there to be found."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from small_snapshots import frozen_snapshot, rows, tiny

from db.errors import EchoDeskError
from pipeline.dataset.opened import open_snapshot
from pipeline.dataset.study.pages import read_signals
from pipeline.training.baselines import (
    MEAN,
    MEDIAN,
    SIGNAL,
    Records,
    reference_answers,
    reference_table,
    table_rows,
    with_stacked,
)
from pipeline.training.examples import read_examples
from pipeline.training.scores import Answers, Truth


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Forty records whose picture tells EF and wall motion."""
    opened = open_snapshot(frozen_snapshot(tmp_path_factory.mktemp("snapshots"), rows(40)))
    examples = read_examples(opened, opened.pairs, tiny())
    truth = Truth(
        100 * examples.targets.ef.astype(np.float64),
        examples.targets.rwma,
        [pair.patient_id for pair in opened.pairs],
    )
    return Records(opened.pairs, examples.folds, truth)


def write_signals(folder: Path, records: Records, *, tell: bool) -> Path:
    """A sine for every record, as high as the EF where it is to tell it."""
    folder.mkdir()
    rng = np.random.default_rng(8)
    for pair in records.pairs:
        height = (pair.ef_percent or 0) / 50 if tell else 1.0
        beat = height * np.sin(np.arange(1000) / 8) + 0.02 * rng.normal(size=(12, 1000))
        np.savez(folder / f"{pair.row_id}.npz", signal_mv=beat.astype(np.float32), rate_hz=100.0)
    return folder


def test_a_constant_is_the_middle_of_the_other_folds(records: Records) -> None:
    found = reference_answers(records, None)
    for fold in range(5):
        others = records.truth.ef_percent[records.folds != fold]
        assert found[MEAN].ef_percent[records.folds == fold] == pytest.approx(others.mean())
        assert found[MEDIAN].ef_percent[records.folds == fold] == pytest.approx(np.median(others))


def test_the_label_of_a_record_does_not_reach_its_own_answer(records: Records) -> None:
    other = records.truth.ef_percent.copy()
    place = int(np.flatnonzero(records.folds == 2)[0])
    other[place] = 20.0 if other[place] > 50 else 60.0
    changed = Records(records.pairs, records.folds, Truth(other, records.truth.rwma, records.truth.patients))
    before, after = reference_answers(records, None), reference_answers(changed, None)
    for method, answers in before.items():
        now = after[method].ef_percent
        assert answers.ef_percent[records.folds == 2] == pytest.approx(now[records.folds == 2])
        assert np.any(answers.ef_percent != now)


def test_a_picture_that_tells_without_its_waveform_is_found_out(records: Records) -> None:
    table = reference_table(records, reference_answers(records, None), seed=1)
    assert table["picture without waveform"]["ef_gain_points"].low > 0
    assert table[MEDIAN]["ef_gain_points"].value == 0
    assert table[MEDIAN]["rwma_auroc"].value == 0.5
    assert not table[MEAN]["ef_r"].is_known


def test_a_signal_that_tells_is_found_and_stacked_with_the_network(records: Records, tmp_path: Path) -> None:
    signals = read_signals(write_signals(tmp_path / "signals", records, tell=True), records.pairs)
    n = len(records.pairs)
    guess = Answers(np.full(n, 50.0) + np.arange(n) % 3, np.linspace(0, 1, n))
    rows_of = with_stacked(records, reference_answers(records, signals), guess, guess)
    table = reference_table(records, rows_of, seed=1)
    assert list(table)[-3:] == ["network", "network, one view", "signal and network"]
    assert table[SIGNAL]["ef_gain_points"].low > 0
    assert table["signal and network"]["ef_mae_points"].value < table["network"]["ef_mae_points"].value
    line = table_rows(table)[-1]
    assert line["method"] == "signal and network"
    assert line["ef_mae_points_n"] == 40


def test_a_missing_signal_is_refused_by_its_name(records: Records, tmp_path: Path) -> None:
    folder = write_signals(tmp_path / "signals", records, tell=False)
    missing = folder / f"{records.pairs[7].row_id}.npz"
    missing.unlink()
    with pytest.raises(EchoDeskError, match=missing.name):
        read_signals(folder, records.pairs)


def _one_array() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros((12, 5)))
    return stream.getvalue()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"no archive", _one_array()])
def test_a_damaged_signal_is_refused_by_its_name(records: Records, tmp_path: Path, content: bytes) -> None:
    folder = write_signals(tmp_path / "signals", records, tell=False)
    damaged = folder / f"{records.pairs[7].row_id}.npz"
    damaged.write_bytes(content)
    with pytest.raises(EchoDeskError, match=f"{damaged.name} is missing, or is no ECG signal"):
        read_signals(folder, records.pairs)
