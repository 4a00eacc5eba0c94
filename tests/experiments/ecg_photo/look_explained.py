"""How much of what a trained run says comes from the look of a page: paper, header and camera, not the trace.

Each run is asked by the evaluation's own means about pages of its study that are drawn anew: as they are,
with no trace at all, and with header, paper and camera of a patient of the other class.

    PYTHONPATH=. python tests/experiments/ecg_photo/look_explained.py SNAPSHOT RUN [RUN ...] [--asked 60]
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from pipeline.dataset.opened import open_snapshot
from pipeline.evaluation.pictures.parts import Budget, picture_parts
from pipeline.evaluation.results import as_data
from pipeline.training.run_folder import open_run


def said(one: Mapping[str, Any]) -> str:
    """`0.95 [0.88, 1.00]`; a dash where there is no number."""
    if one["value"] is None:
        return "-"
    return f"{one['value']:.2f}" + ("" if one["low"] is None else f" [{one['low']:.2f}, {one['high']:.2f}]")


def main() -> None:
    """Print a row for each run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("snapshot", type=Path)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--asked", type=int, default=60, help="patients whose pages are changed")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    snapshot = open_snapshot(asked.snapshot)
    budget = Budget(patients=asked.asked, explained=4, resamples=1000)
    print("run | as it is | without trace | change with look | median move | follows trace")  # noqa: T201
    for folder in asked.runs:
        parts = as_data(picture_parts(open_run(folder), snapshot, np.random.default_rng(1), budget))
        told = parts["counterfactuals"]
        look = next(one for one in told["swaps"] if one["name"] == "look")["rwma"]
        numbers = (
            told["own"]["rwma_auroc"], told["erased"]["rwma_auroc"], look["auroc_change"],
            look["median_move"], told["rwma_follows"],
        )  # fmt: skip
        print(" | ".join([folder.name, *map(said, numbers)]), flush=True)  # noqa: T201 - a script


if __name__ == "__main__":
    main()
