"""A planted shortcut caught, and what takes it away: crop, stage 2, another record's paper; paired.

Real networks on pages of the semi-synthetic study: the CPU profile's backbone is frozen, the last layers
are fitted (`fitted_runs`), so that a run takes seconds. Cohorts: `clean`, and `planted`, where a phone took
the pages of the ill and a scanner those of the well. Each run is asked by the evaluation's own means.

    PYTHONPATH=.:tests:tests/pipeline:tests/pipeline/evaluation:tests/pipeline/evaluation/pictures \\
        python tests/experiments/ecg_photo/shortcuts.py OUT [--patients 100] [--init STAGE2.safetensors]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from fitted_runs import coarse_pages, fitted, study

from pipeline.dataset.opened import open_snapshot
from pipeline.dataset.study.pages import Shortcuts
from pipeline.evaluation.pictures.parts import Budget, picture_parts
from pipeline.evaluation.results import as_data

COHORTS = {"planted": Shortcuts(tint=1.0), "clean": Shortcuts()}
BACKMIX = 3


def grid(init: Path | None) -> list[tuple[str, dict[str, Any], int]]:
    """Cohort, settings that differ, and how often each page is seen on another's paper."""
    stages: list[dict[str, Any]] = [{}]
    if init is not None:
        stages.append({"backbone.weights": "file", "backbone.weights_file": str(init)})
    crops: list[dict[str, Any]] = [{"picture.crop_share": share} for share in (0.0, 0.05)]
    mixes = (0, BACKMIX)
    repairs = [("planted", {**crop, **stage}, mix) for crop in crops for stage in stages for mix in mixes]
    return [*repairs, ("clean", {}, 0), ("clean", {}, BACKMIX)]


def main() -> None:
    """Print a line a run; everything goes to `shortcuts.jsonl`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--patients", type=int, default=100)
    parser.add_argument("--asked", type=int, default=40, help="patients whose pages are changed")
    parser.add_argument("--init", type=Path, help="checkpoint of stage 2")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    asked.out.mkdir(parents=True, exist_ok=True)
    with coarse_pages():
        for number, (cohort, changes, mix) in enumerate(grid(asked.init)):
            folder = asked.out / cohort
            if folder.exists():
                snapshot = open_snapshot(folder)
            else:
                snapshot = study(asked.out, cohort, COHORTS[cohort], patients=asked.patients)
            began = time.process_time()
            made = fitted(asked.out / str(number), snapshot, changes=changes, backmix=mix)
            budget = Budget(patients=asked.asked, explained=4, resamples=500)
            parts = as_data(picture_parts(made.run, snapshot, np.random.default_rng(1), budget))
            seconds = time.process_time() - began
            found = {"cohort": cohort, "changes": changes, "backmix": mix, "cpu_s": seconds, **parts}
            with (asked.out / "shortcuts.jsonl").open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(found, sort_keys=True) + "\n")
            print(line_of(found), flush=True)  # noqa: T201 - a script


def line_of(found: Mapping[str, Any]) -> str:
    """One run as a row of a table: what is told, without a waveform, and what the look of a page explains."""
    told = found["counterfactuals"]
    look = next(one for one in told["swaps"] if one["name"] == "look")["rwma"]
    faults = sorted({one["id"] for one in found["verdicts"] if one["severity"] == "fault"})
    crop = found["changes"].get("picture.crop_share", 0.05)
    cells = [
        f"{found['cohort']} crop {crop:g} backmix {found['backmix']}",
        said(told["own"]["rwma_auroc"]),
        said(told["erased"]["rwma_auroc"]),
        said(look["auroc_change"]),
        said(look["median_move"]),
        said(told["rwma_follows"]),
        ", ".join(faults) or "none",
        f"{found['cpu_s']:.0f} s",
    ]
    return "| " + " | ".join(cells) + " |"


def said(one: Mapping[str, Any]) -> str:
    """`0.95 [0.88, 1.00]`; a dash where there is no number."""
    if one["value"] is None:
        return "-"
    return f"{one['value']:.2f}" + ("" if one["low"] is None else f" [{one['low']:.2f}, {one['high']:.2f}]")


if __name__ == "__main__":
    main()
