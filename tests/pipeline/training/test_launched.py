"""The whole recipe, started by `torchrun` as the documents say, in one process and in two."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_snapshots import frozen_snapshot, rows, tiny

from pipeline.config.files import dump
from pipeline.training.run_folder import VALIDATION, Run, open_run

PATIENCE_S = 600
# What is left out by chance is drawn by each process for itself, so two can't leave out what one does.
STILL = {"neck__dropouts": [0, 0], "backbone__drop_rate": 0, "backbone__drop_path": 0}


def launched(snapshot: Path, settings: Path, runs: Path, processes: int) -> tuple[Run, str]:
    """The run that so many processes made together, and what they said on standard output."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
    launch += ["--master-port", "0", "--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]
    asked = ["-m", "pipeline.cli", "train", str(snapshot), "--config", str(settings)]
    more = ["--out", str(runs), "--look-over", "0"]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [*launch, *asked, *more], env=environment, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (folder,) = runs.glob("[!.]*")
    return open_run(folder), done.stdout


@pytest.mark.slow
def test_two_processes_predict_every_record_out_of_fold_as_one_does(tmp_path: Path) -> None:
    snapshot, settings = frozen_snapshot(tmp_path / "snapshots", rows(40)), tmp_path / "settings.json"
    dump(tiny(training__folds=2, training__epochs=3, **STILL), settings)
    (one, alone), (two, together) = (
        launched(snapshot, settings, tmp_path / f"by-{processes}", processes) for processes in (1, 2)
    )
    assert one.name == two.name
    assert (
        one.read_json("environment.json")["processes"],
        two.read_json("environment.json")["processes"],
    ) == (1, 2)
    for name in ("predictions.csv", VALIDATION):
        first, second = one.predictions(name), two.predictions(name)
        assert [row["row_id"] for row in first] == [row["row_id"] for row in second]
        for row, other in zip(first, second, strict=True):
            assert row["ef_percent_raw"] / 100 == pytest.approx(other["ef_percent_raw"] / 100, abs=1e-4)
            assert row["rwma_probability"] == pytest.approx(other["rwma_probability"], abs=1e-4)
    assert len({round(row["ef_percent_raw"], 3) for row in one.predictions("predictions.csv")}) > 10
    said = [text.count(f"run {one.name}:") for text in (alone, together)]
    assert said == [1, 1], "one process speaks for all"
