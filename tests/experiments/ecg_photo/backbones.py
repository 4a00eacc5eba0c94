"""Does a larger backbone see more in a printed ECG? Frozen features of several on the same records and folds.

EfficientNet lite0, lite1 and lite2 with their ImageNet weights, and B0 with random ones: the weights of B0,
B3 and B7 are not to be had as installable packages. Clean prints, principal components and logistic
regression, as in stage 1; backbones are compared with lite0.

    PYTHONPATH=. python tests/experiments/ecg_photo/backbones.py PTBXL_DIR [--size 224]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

import torch
from stage1 import clean_prints, features, out_of_fold, patient_folds, report, settings_of

from pipeline.config.files import override
from pipeline.modeling.backbones import create_backbone
from pipeline.modeling.weights import initialise

BACKBONES: Final = (
    ("tf_efficientnet_lite0", "package"),
    ("tf_efficientnet_lite1", "package"),
    ("tf_efficientnet_lite2", "package"),
    ("tf_efficientnet_b0", "random"),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("--size", type=int, default=224)
    asked = parser.parse_args()
    labels, patients, squares = clean_prints(asked.ptbxl, settings_of(asked.size, "package"))
    splits, answers = patient_folds(patients, labels), {}
    for name, weights in BACKBONES:
        settings = override(
            settings_of(asked.size, weights),
            {"backbone.name": name, "backbone.frozen_through_block": 5},
        )
        torch.manual_seed(0)
        backbone = create_backbone(settings.backbone)
        initialise(backbone, settings)
        started_s = time.process_time()
        said = features(squares, settings, backbone)
        spent_s = (time.process_time() - started_s) / len(squares)
        size = sum(one.numel() for one in backbone.parameters()) / 1e6
        row = f"{name}, {weights}: {size:.2f} million parameters, {1000 * spent_s:.0f} ms a picture"
        print(row, flush=True)  # noqa: T201 - a script
        answers[f"{name.removeprefix('tf_efficientnet_')}, {weights}"] = out_of_fold(said, labels, splits)
    report(answers, labels, patients, against="lite0, package")


if __name__ == "__main__":
    main()
