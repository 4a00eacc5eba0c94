"""Real networks on real pages: one that learnt the camera is caught, one that could not is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from collapses import collapse_of
from fitted_runs import coarse_pages, fitted, study

from pipeline.dataset.study.pages import Shortcuts
from pipeline.evaluation.pictures.attributions import Attributions
from pipeline.evaluation.pictures.counterfactuals import Counterfactuals
from pipeline.evaluation.pictures.parts import Budget, PictureParts, picture_parts
from pipeline.evaluation.pictures.shortcuts import prediction_spread
from pipeline.evaluation.results import Severity, as_data

BUDGET = Budget(patients=40, explained=4, resamples=300)


def parts_of(folder: Path, shortcuts: Shortcuts) -> PictureParts:
    with coarse_pages():
        made = fitted(folder, study(folder, "planted", shortcuts))
        return picture_parts(made.run, made.snapshot, np.random.default_rng(1), BUDGET)


def faults(parts: PictureParts) -> set[str]:
    return {one.id for one in parts.verdicts if one.severity is Severity.FAULT}


@pytest.mark.slow
@pytest.mark.long
def test_a_run_that_learnt_the_camera_is_caught(tmp_path: Path) -> None:
    parts = parts_of(tmp_path, Shortcuts(tint=1.0))
    assert {"erased_still_told", "moves_with_tint"} <= faults(parts)
    assert not {"moves_with_header", "moves_with_paper"} & faults(parts)
    found = parts.counterfactuals
    assert isinstance(found, Counterfactuals)
    assert found.masks == "exact"
    assert found.likeness_rwma.value < 0.05
    assert isinstance(parts.attributions, Attributions)
    assert len(parts.attributions.looks) == 6
    assert as_data(parts)["counterfactuals"]["swaps"][2]["name"] == "tint"


@pytest.mark.slow
@pytest.mark.long
def test_a_run_without_a_shortcut_is_not(tmp_path: Path) -> None:
    parts = parts_of(tmp_path, Shortcuts())
    assert faults(parts) == set()


@pytest.mark.slow
@pytest.mark.long
def test_a_run_that_says_the_mean_of_everybody_is_told_so(tmp_path: Path) -> None:
    with coarse_pages():
        made = fitted(tmp_path, study(tmp_path, "planted", Shortcuts()), ridge=1e5)
    spread = prediction_spread(made.run.predictions(), seed=1, resamples=300)
    assert spread is not None
    assert collapse_of(made.run, made.snapshot) == [("collapse", Severity.FAULT)]
    assert spread.low_found.value == 0
