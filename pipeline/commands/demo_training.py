"""`echodesk demo --train`: the semi-synthetic study is made and a small model trained on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.commands.datasets.study import make_study, say_planted
from pipeline.commands.models.choices import Told
from pipeline.commands.models.told import say_run

if TYPE_CHECKING:
    from pathlib import Path

    from db.workspace import Workspace

STUDY = "semi-synthetic"
_LOOKED_OVER = 12


def train_on_study(workspace: Workspace, *, patients: int, seed: int, workers: int) -> None:
    """Make the study unless it is there, train on it unless that is done, and say what can be found in it."""
    from pipeline.config.files import PROFILES
    from pipeline.dataset.opened import open_snapshot
    from pipeline.dataset.study.plan import StudyPlan
    from pipeline.training.recipe import run_place, train
    from pipeline.training.run_folder import open_run
    from pipeline.waveforms.planted_bases import DipoleBase

    plan = StudyPlan(patients=patients, seed=seed)
    folder: Path = workspace.snapshots / f"{STUDY}-{patients}-{seed}"
    if not folder.exists():
        make_study(workspace, folder.name, plan, DipoleBase(), workers=workers)
    snapshot, settings = open_snapshot(folder), PROFILES["cpu"]
    signals = folder.with_name(f"{folder.name}.signals")
    place = run_place(snapshot, settings, workspace.runs, signals)
    if not place.exists():
        train(
            snapshot,
            settings,
            runs=workspace.runs,
            reporter=Told(),
            signals=signals,
            looked_over=_LOOKED_OVER,
        )
    say_run(open_run(place))
    say_planted(plan)
