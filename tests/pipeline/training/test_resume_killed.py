"""A training that is killed outright and started again ends as one that nobody disturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_snapshots import frozen_snapshot, rows, tiny

from pipeline.config.files import dump
from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.opened import open_snapshot
from pipeline.training.recipe import run_place, train
from pipeline.training.reporting import Silent
from pipeline.training.run_folder import (
    FOLDS,
    METRICS,
    PREDICTIONS,
    VALIDATION,
    WORK,
    open_run,
    partial_folder,
)

# A process of its own, which keeps its progress after every epoch instead of every 20 seconds.
TRAINING = """
import sys
from pathlib import Path
from pipeline.config.files import load
from pipeline.dataset.opened import open_snapshot
from pipeline.training.recipe import train
from pipeline.training.reporting import Silent
from pipeline.training.resume import Keeper

Keeper.__init__.__kwdefaults__["every_s"] = 0.0
snapshot, settings, runs = map(Path, sys.argv[1:])
train(open_snapshot(snapshot), load(settings), runs=runs, reporter=Silent())
"""

# A busy machine takes long to import what a training needs.
PATIENCE_S = 300

Appeared = Callable[[Path], bool]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return frozen_snapshot(tmp_path_factory.mktemp("killed") / "snapshots", rows(40))


@pytest.fixture(scope="module")
def settings() -> ExperimentSettings:
    return tiny(training__epochs=4, training__folds=2, backbone__drop_path=0.1)


@pytest.fixture(scope="module")
def undisturbed(snapshot: Path, settings: ExperimentSettings) -> Path:
    return train(open_snapshot(snapshot), settings, runs=snapshot.parent / "whole", reporter=Silent())


def has_kept_the_first_fold_half_way(work: Path) -> bool:
    return (work / "0.state").exists()


def has_kept_the_second_fold_half_way(work: Path) -> bool:
    return (work / "1.state").exists()


def killed(snapshot: Path, settings: ExperimentSettings, runs: Path, appeared: Appeared) -> Path:
    """Start a training, kill it as soon as something has appeared in its work folder; the unfinished run."""
    runs.mkdir()
    dump(settings, runs / "settings.json")
    place = run_place(open_snapshot(snapshot), settings, runs)
    command = [sys.executable, "-c", TRAINING, str(snapshot), str(runs / "settings.json"), str(runs)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, env=environment) as process:
        until = time.monotonic() + PATIENCE_S
        while process.poll() is None and not appeared(partial_folder(place) / WORK):
            assert time.monotonic() < until, "nothing was kept"
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL, "it ended before it could be killed"
    assert not place.exists()
    return partial_folder(place)


@pytest.mark.slow
@pytest.mark.parametrize("appeared", [has_kept_the_first_fold_half_way, has_kept_the_second_fold_half_way])
def test_a_killed_training_started_again_ends_with_the_same_bytes(
    snapshot: Path, settings: ExperimentSettings, undisturbed: Path, tmp_path: Path, appeared: Appeared
) -> None:
    runs = tmp_path / "runs"
    unfinished = killed(snapshot, settings, runs, appeared)
    assert appeared(unfinished / WORK)
    finished = {file.name: file.stat().st_mtime_ns for file in (unfinished / FOLDS).glob("*.safetensors")}
    again = train(open_snapshot(snapshot), settings, runs=runs, reporter=Silent())
    assert not unfinished.exists()
    for name, written_ns in finished.items():
        assert (again / FOLDS / name).stat().st_mtime_ns == written_ns, f"{name} was trained again"
    first, second = open_run(undisturbed), open_run(again)
    for one, other in zip(first.checkpoints(), second.checkpoints(), strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    for name in (PREDICTIONS, VALIDATION):
        assert (undisturbed / name).read_bytes() == (again / name).read_bytes()
    histories = [[{**row, "seconds": None} for row in run.predictions(METRICS)] for run in (first, second)]
    assert histories[0] == histories[1]
