"""Is the first stage real: what do frozen features of a printed ECG tell, with ImageNet weights and without?

PTB-XL records are printed 3x4 and preprocessed as for training; frozen features, 64 principal components,
logistic regression for each of the five superclasses, five folds that keep patients whole. Stands beside a
24 x 24 thumbnail of the same picture. Intervals: 2,000 redraws of patients; differences are paired.

    PYTHONPATH=. python tests/experiments/ecg_photo/stage1.py PTBXL_DIR [--size 384]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from db.measures.bootstrap import redrawn_groups
from db.measures.discrimination import auroc
from pipeline.config.files import load, override
from pipeline.config.settings import ExperimentSettings
from pipeline.imaging.paper import draw_ecg_page
from pipeline.imaging.preprocess import normalised, to_square
from pipeline.modeling.backbones import create_backbone
from pipeline.modeling.weights import initialise
from pipeline.waveforms.ptbxl import open_ptbxl
from pipeline.waveforms.ptbxl_table import SUPERCLASSES

FOLDS, COMPONENTS, RESAMPLES = 5, 64, 2000


def settings_of(size_px: int, weights: str) -> ExperimentSettings:
    """The paper's network on a laptop: all of lite0, its features averaged over a page of this size."""
    averaged = load(Path(__file__).with_name("averaged.json"))
    return override(averaged, {"picture.image_size_px": size_px, "backbone.weights": weights})


def clean_prints(ptbxl: Path, settings: ExperimentSettings) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels (n x 5), patients, and squares of the 3x4 prints, of the labelled records."""
    opened = open_ptbxl(ptbxl, sampling_rate_hz=500)
    rows = [row for row in opened.rows if row.superclasses]
    labels = np.array([[name in row.superclasses for name in SUPERCLASSES] for row in rows], dtype=int)
    patients = np.unique([row.patient_id for row in rows], return_inverse=True)[1]
    pages = (draw_ecg_page(opened.read(row).signal_mv, 500.0).image for row in rows)
    squares = np.stack([to_square(page, settings.picture) for page in pages])
    return labels, patients, squares


def features(squares: np.ndarray, settings: ExperimentSettings, backbone: torch.nn.Module) -> np.ndarray:
    """What a backbone says of each square, n x width."""
    said = []
    backbone.eval()
    with torch.inference_mode():
        for start in range(0, len(squares), 16):
            chunk = [normalised(square, settings.picture) for square in squares[start : start + 16]]
            said.append(backbone(torch.from_numpy(np.stack(chunk))).numpy())
    return np.concatenate(said)


def out_of_fold(
    inputs: np.ndarray, labels: np.ndarray, splits: list[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Probabilities of every class for every judged record, from models that never saw its patient."""
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    told = np.full(labels.shape, np.nan)
    for taught, judged in splits:
        for column in range(labels.shape[1]):
            model = make_pipeline(
                StandardScaler(), PCA(COMPONENTS, random_state=0), LogisticRegression(C=0.1, max_iter=2000)
            )
            model.fit(inputs[taught], labels[taught, column])
            told[judged, column] = model.predict_proba(inputs[judged])[:, 1]
    return told


def macro(told: np.ndarray, labels: np.ndarray) -> float:
    """Mean AUROC of the classes."""
    return float(
        np.mean([auroc(told[:, column], labels[:, column] > 0) for column in range(labels.shape[1])])
    )


def patient_folds(patients: np.ndarray, labels: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Five folds with patients whole and classes spread: (taught, judged) places."""
    from sklearn.model_selection import StratifiedGroupKFold

    kinds = labels @ (2 ** np.arange(labels.shape[1]))
    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    return list(split.split(labels, kinds, patients))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("--size", type=int, default=384)
    asked = parser.parse_args()
    labels, patients, squares = clean_prints(asked.ptbxl, settings_of(asked.size, "package"))
    splits = patient_folds(patients, labels)
    told: dict[str, np.ndarray] = {}
    for name, made in makers(asked.size).items():
        told[name] = out_of_fold(made(squares), labels, splits)
        print(f"{name}: {macro(told[name], labels):.3f}", flush=True)  # noqa: T201 - a script
    report(told, labels, patients)


def makers(size_px: int) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Name -> squares to features."""

    def with_weights(weights: str) -> Callable[[np.ndarray], np.ndarray]:
        settings = settings_of(size_px, weights)
        torch.manual_seed(0)
        backbone = create_backbone(settings.backbone)
        initialise(backbone, settings)
        return lambda squares: features(squares, settings, backbone)

    def thumbnail(squares: np.ndarray) -> np.ndarray:
        import cv2

        small = [cv2.resize(square, (24, 24), interpolation=cv2.INTER_AREA).ravel() for square in squares]
        return np.stack(small).astype(float)

    return {
        "random": with_weights("random"),
        "ImageNet": with_weights("package"),
        "thumbnail": thumbnail,
    }


def report(
    told: dict[str, np.ndarray], labels: np.ndarray, patients: np.ndarray, *, against: str = "ImageNet"
) -> None:
    """Each row with its interval, and every row less one of them."""
    generator = np.random.default_rng(0)
    draws = list(redrawn_groups(patients, generator=generator, resamples=RESAMPLES))
    drawn = {
        name: np.array([macro(one[places], labels[places]) for places in draws]) for name, one in told.items()
    }
    for name, values in drawn.items():
        low, high = np.nanquantile(values, [0.025, 0.975])
        difference = np.nanquantile(values - drawn[against], [0.025, 0.975])
        print(  # noqa: T201 - a script
            f"{name:24} {macro(told[name], labels):.3f} [{low:.3f}, {high:.3f}]   less {against} "
            f"{macro(told[name], labels) - macro(told[against], labels):+.3f} "
            f"[{difference[0]:+.3f}, {difference[1]:+.3f}]"
        )


if __name__ == "__main__":
    main()
