"""A planted shortcut, caught; and what takes it away: edge crop, stage 2, another record's paper.

Cohorts of the semi-synthetic study, one with a shortcut in header and paper, one without; the CPU profile's
network on each, and the evaluation's own counterfactuals on the finished run. `--repair` trains the grid of
crop 0 / 5 % x stage 2 no / yes (with `--init`), and BackMix where the settings have it.

    PYTHONPATH=. python tests/experiments/ecg_photo/shortcuts.py OUT [--patients 160] [--size 160] [--repair]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from db.errors import EchoDeskError
from pipeline.config.files import PROFILES, override
from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.opened import open_snapshot
from pipeline.dataset.semi_synthetic import StudyPlan, build_study
from pipeline.dataset.study_pages import Shortcuts
from pipeline.evaluation.pictures.parts import Budget, picture_parts
from pipeline.evaluation.results import as_data
from pipeline.training.recipe import run_place, train
from pipeline.training.reporting import Silent
from pipeline.training.run_folder import open_run
from pipeline.waveforms.planted import Strength

COHORTS = {
    "clean": (Strength(0.9, 0.9), Shortcuts()),
    "shortcut": (Strength(0.9, 0.9), Shortcuts(header=0.9, paper=0.9)),
    "nothing": (Strength(0.0, 0.0), Shortcuts()),
}


def settings_of(size_px: int, changes: Mapping[str, Any]) -> ExperimentSettings:
    """The CPU profile, smaller."""
    small = {
        "picture.image_size_px": size_px,
        "augmentation.cached_variants": 2,
        "training.epochs": 15,
        "training.batch_size": 8,
        "training.patience": None,
        "neck.widths": [64],
        "neck.dropouts": [0.3],
    }
    return override(PROFILES["cpu"], {**small, **changes})


def evaluated(
    out: Path, cohort: str, patients: int, size_px: int, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Make the cohort and the run where they are not there yet; what the evaluation says of it."""
    strength, shortcuts = COHORTS[cohort]
    name = f"{cohort}-{patients}"
    if not (out / name).exists():
        build_study(out, name, StudyPlan(patients=patients, seed=7, strength=strength, shortcuts=shortcuts))
    snapshot, settings = open_snapshot(out / name), settings_of(size_px, changes)
    began = time.process_time()
    place = run_place(snapshot, settings, out / "runs")
    if not place.exists():
        train(snapshot, settings, runs=out / "runs", reporter=Silent())
    trained = time.process_time()
    budget = Budget(patients=40, explained=8)
    found = picture_parts(open_run(place), snapshot, np.random.default_rng(1), budget)
    seconds = {"training": trained - began, "evaluation": time.process_time() - trained}
    return {"cohort": cohort, "changes": dict(changes), "run": place.name, "cpu_s": seconds, **as_data(found)}


def main() -> None:
    """Print a line a run; everything goes to `shortcuts.jsonl`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--patients", type=int, default=160)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--init", type=Path, help="checkpoint of stage 2")
    parser.add_argument("--repair", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for cohort, changes in grid(asked.repair, asked.init):
        try:
            found = evaluated(asked.out, cohort, asked.patients, asked.size, changes)
        except EchoDeskError as error:
            print(f"{cohort} {changes}: {error}", flush=True)  # noqa: T201 - a script
            continue
        with (asked.out / "shortcuts.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(found, sort_keys=True) + "\n")
        print(line_of(found), flush=True)  # noqa: T201 - a script


def grid(has_repairs: bool, init: Path | None) -> list[tuple[str, dict[str, Any]]]:
    """Cohort and what differs from the profile."""
    if not has_repairs:
        return [("shortcut", {}), ("clean", {}), ("nothing", {})]
    stages: list[dict[str, Any]] = [{}]
    if init is not None:
        stages.append({"backbone.weights": "file", "backbone.weights_file": str(init)})
    crops: list[dict[str, Any]] = [{"picture.crop_share": share} for share in (0.0, 0.05)]
    repairs = [{**crop, **stage} for crop in crops for stage in stages]
    return [("shortcut", one) for one in [*repairs, {"augmentation.backmix_share": 0.5}]]


def line_of(found: Mapping[str, Any]) -> str:
    """One run in a line: what is told, what is told without a waveform, what the look of a page explains."""
    told = found["counterfactuals"]
    look = next(one for one in told["swaps"] if one["name"] == "look")

    def said(one: Mapping[str, Any]) -> str:
        if one["value"] is None:
            return "-"
        ends = "" if one["low"] is None else f" [{one['low']:.2f}, {one['high']:.2f}]"
        return f"{one['value']:.2f}{ends}"

    verdicts = sorted({f"{one['id']}:{one['severity']}" for one in found["verdicts"]})
    return "  ".join([
        f"{found['cohort']} {found['changes']}",
        f"own {said(told['own']['rwma_auroc'])} r {said(told['own']['ef_r'])}",
        f"erased {said(told['erased']['rwma_auroc'])} r {said(told['erased']['ef_r'])}",
        f"look takes {said(look['rwma']['auroc_change'])} moves {said(look['rwma']['median_move'])}"
        f" towards {said(look['rwma']['towards'])}",
        f"follows {said(told['rwma_follows'])} {said(told['ef_follows'])}",
        f"like {said(told['likeness_rwma'])}",
        " ".join(verdicts),
        f"cpu {found['cpu_s']['training']:.0f} + {found['cpu_s']['evaluation']:.0f} s",
    ])  # fmt: skip


if __name__ == "__main__":
    main()
