"""A tracker is told every epoch through its own library; without one, it says what to install."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from small_snapshots import frozen_snapshot, rows, tiny

from db.errors import EchoDeskError
from pipeline.dataset.opened import open_snapshot
from pipeline.training import recipe
from pipeline.training.computing import open_tracker
from pipeline.training.recipe import train
from pipeline.training.reporting import Silent

SETTINGS = tiny(training__folds=2, training__epochs=2)


class Fake:
    """A tracker that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, dict[str, Any]]] = []
        self.has_ended = False

    def log(self, values: dict[str, Any], *, step: int) -> None:
        assert not self.has_ended
        self.told.append((step, values))

    def end_training(self) -> None:
        self.has_ended = True


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is None, reason="TensorBoard is not installed")
def test_every_epoch_of_every_fold_is_told_once_and_the_tracker_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = Fake()
    monkeypatch.setattr(recipe, "open_tracker", lambda *_: fake)
    opened = open_snapshot(frozen_snapshot(tmp_path, rows(24)))
    train(opened, SETTINGS, runs=tmp_path / "runs", reporter=Silent(), tracker="tensorboard")
    assert fake.has_ended
    assert [step for step, _ in fake.told] == [1, 2, 1, 2]
    folds = [next(iter(values)).split("/")[0] for _, values in fake.told]
    assert folds == ["fold0", "fold0", "fold1", "fold1"]
    names = {name.split("/")[-1] for _, values in fake.told for name in values}
    assert {"training_total", "validation_total", "validation_ef_mae_points"} <= names


def test_a_tracker_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="there is no tracker 'notebook'") as refused:
        open_tracker("notebook", tmp_path, SETTINGS)
    assert "tensorboard and mlflow" in refused.value.hint


def test_a_tracker_that_is_not_installed_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EchoDeskError, match="mlflow is not installed") as refused:
        open_tracker("mlflow", tmp_path, SETTINGS)
    assert "echodesk[trackers]" in refused.value.hint


@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is None, reason="TensorBoard is not installed")
def test_tensorboard_itself_can_read_what_was_logged_run_by_run(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for run, losses in (("0a", (0.75, 0.5)), ("0b", (0.25, 0.125))):
        tracking = open_tracker("tensorboard", tmp_path / run, SETTINGS)
        assert tracking is not None
        for epoch, loss in enumerate(losses, 1):
            tracking.log({"fold0/seed1/training_total": loss}, step=epoch)
        tracking.end_training()
    for run, losses in (("0a", (0.75, 0.5)), ("0b", (0.25, 0.125))):
        events = EventAccumulator(str(tmp_path / "tracking" / run)).Reload()
        found = [(one.step, one.value) for one in events.Scalars("fold0/seed1/training_total")]
        assert found == list(enumerate(losses, 1))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("mlflow") is None, reason="MLflow is not installed")
def test_mlflow_itself_can_read_what_was_logged_beside_the_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    monkeypatch.chdir(tmp_path)
    tracking = open_tracker("mlflow", tmp_path / "runs" / "0a", SETTINGS)
    from mlflow.tracking import MlflowClient

    assert tracking is not None
    for epoch, loss in ((1, 0.75), (2, 0.5)):
        tracking.log({"fold0/seed1/training_total": loss}, step=epoch)
    tracking.end_training()
    store = MlflowClient(f"sqlite:///{tmp_path / 'runs' / 'tracking' / 'mlflow.db'}")
    (run,) = store.search_runs([one.experiment_id for one in store.search_experiments()])
    found = store.get_metric_history(run.info.run_id, "fold0/seed1/training_total")
    assert [(one.step, one.value) for one in found] == [(1, 0.75), (2, 0.5)]
    assert (run.info.run_name, run.info.status) == ("0a", "FINISHED")
    assert run.data.params["training.epochs"] == "2"
    assert [one.name for one in tmp_path.iterdir()] == ["runs"]
