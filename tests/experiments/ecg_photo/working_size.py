"""What a working size, and sharpening, cost in what frozen features tell of a study.

    PYTHONPATH=. python tests/experiments/ecg_photo/working_size.py study NAME --px-per-mm 4 6 12.7 --seed 7
    PYTHONPATH=. python tests/experiments/ecg_photo/working_size.py ask workspace/snapshots/NAME

The first makes a study whose pages are drawn as large as cameras photograph them (4 pixels a millimetre are
1,259 pixels across, 12.7 are 4,000), dealt by chance among the patients. The second asks ImageNet features up
to block 4, over 4 x 4 cells, by ridge regressions on the snapshot's folds, one view: EF error and AUROC of
each way to prepare, and how much less the error is than with the first, over the same patients.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from pipeline.cli import app
from pipeline.config.files import PROFILES, override
from pipeline.config.settings import PictureSettings
from pipeline.dataset.opened import open_snapshot
from pipeline.dataset.study import building
from pipeline.dataset.study.pages import Look
from pipeline.imaging.paper import EcgPage, draw_ecg_page
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.preprocess import DECODED_PX, normalised, to_square
from pipeline.training.computing import first_weights
from pipeline.waveforms.recording import Recording

Floats = NDArray[np.float64]

SETTINGS: Final = override(PROFILES["cpu"], {"backbone.frozen_through_block": 4})
WAYS: Final[dict[str, dict[str, Any]]] = {
    "camera's size, sharpened": {"working_px": None, "sharpen": True},
    "camera's size": {"working_px": None, "sharpen": False},
    "940, sharpened": {"working_px": 940, "sharpen": True},
    "940": {"working_px": 940, "sharpen": False},
}
STRENGTHS: Final = (0.03, 0.1, 0.3, 1.0, 3.0)
AT_ONCE: Final = 16


def make(name: str, sizes: list[float], seed: int) -> None:
    """A study as the command makes it, but for the size of its pages."""

    def printed(recording: Recording, look: Look) -> EcgPage:
        number = int(look.header[1].split()[-1])
        size = float(np.random.default_rng([77, number]).choice(sizes))
        return draw_ecg_page(
            recording.signal_mv,
            recording.sampling_rate_hz,
            grid=look.grid,
            header=look.header,
            px_per_mm=size,
        )

    building.printed = printed  # type: ignore[attr-defined]
    app(["snapshot", "study", name, "--seed", str(seed), "--workers", "1"])


def ask(snapshot: Path) -> None:
    """Print a line for each way."""
    pairs = open_snapshot(snapshot).with_pictures()
    ef = np.array([pair.ef_percent for pair in pairs], np.float64)
    is_ill = np.array([pair.rwma_severity in ("moderate", "severe") for pair in pairs], np.float64)
    folds = np.array([pair.fold for pair in pairs])
    pictures = {way: SETTINGS.picture.model_copy(update=changes) for way, changes in WAYS.items()}
    squares: dict[str, list[NDArray[np.uint8]]] = {way: [] for way in WAYS}
    for pair in pairs:
        assert pair.picture is not None
        image = read_photo(pair.picture, at_least_px=DECODED_PX)
        for way, picture in pictures.items():
            squares[way].append(to_square(image, picture))
    first: Floats | None = None
    for way, picture in pictures.items():
        shown = features(squares[way], picture)
        missed = {one: np.abs(out_of_fold(shown, ef, folds, one) - ef) for one in STRENGTHS}
        best = min(STRENGTHS, key=lambda one: float(missed[one].mean()))  # noqa: B023 - used at once
        auroc = roc_auc_score(is_ill, out_of_fold(shown, is_ill, folds, best))
        first = missed[best] if first is None else first
        less = first - missed[best]
        about = 1.96 * less.std() / np.sqrt(len(less))
        gained = f"less {less.mean():.2f} +- {about:.2f}"
        print(f"{way}: error {missed[best].mean():.2f}, AUROC {auroc:.3f}; {gained}")  # noqa: T201 - a script


def features(squares: list[NDArray[np.uint8]], picture: PictureSettings) -> Floats:
    """Of the frozen layers, shape [n, width]."""
    network = first_weights(SETTINGS).network(SETTINGS, seed=1).eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(squares), AT_ONCE):
            some = np.stack([normalised(square, picture) for square in squares[start : start + AT_ONCE]])
            found.append(network.features(network.trunk(torch.from_numpy(some))).double().numpy())
    return np.concatenate(found)


def out_of_fold(shown: Floats, wanted: Floats, folds: NDArray[np.int64], strength: float) -> Floats:
    """Answers of ridge regressions on standardised features, each fold's by the others."""
    said = np.zeros(len(wanted))
    for fold in np.unique(folds):
        here, rest = folds == fold, folds != fold
        mean, spread = shown[rest].mean(axis=0), shown[rest].std(axis=0) + 1e-6
        taught, asked = (shown[rest] - mean) / spread, (shown[here] - mean) / spread
        alike = taught @ taught.T / taught.shape[1] + strength * np.eye(len(taught))
        weights = np.linalg.solve(alike, wanted[rest] - wanted[rest].mean())
        said[here] = asked @ (taught.T @ weights) / taught.shape[1] + wanted[rest].mean()
    return said


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    study = verbs.add_parser("study")
    study.add_argument("name")
    study.add_argument("--px-per-mm", type=float, nargs="+", default=[6.0])
    study.add_argument("--seed", type=int, default=20260401)
    verbs.add_parser("ask").add_argument("snapshot", type=Path)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    if given.verb == "study":
        make(given.name, given.px_per_mm, given.seed)
    else:
        ask(given.snapshot)


if __name__ == "__main__":
    main()
