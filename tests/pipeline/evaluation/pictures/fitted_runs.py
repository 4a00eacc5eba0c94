"""Runs whose heads are fitted to frozen features in a second: real networks on real pages, hardly trained.

    made = fitted(folder, "planted", Shortcuts(tint=1.0))

Backbone and neck stay as they are; the last linear layers are ridge regressions on what the neck says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from changed_folders import changed_run
from fabricated_runs import fabricated_run
from house_tree import ROOT

from pipeline.config.files import load, override
from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.opened import OpenedSnapshot, open_snapshot
from pipeline.dataset.study import pages
from pipeline.dataset.study.building import build_study
from pipeline.dataset.study.pages import Shortcuts
from pipeline.dataset.study.plan import StudyPlan
from pipeline.evaluation.pictures.pages import CutOut, cut_out
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.preprocess import decoded_px, normalised, to_square
from pipeline.modeling.checkpoints import InitialWeights, save_checkpoint
from pipeline.modeling.network import Network, build_network
from pipeline.modeling.weights import initialise
from pipeline.training.run_folder import FOLDS, PREDICTION_COLUMNS, PREDICTIONS, Run, open_run, write_table
from pipeline.waveforms.planted import Strength

Floats = np.ndarray

# The paper's network on a laptop.
AVERAGED = ROOT / "tests/experiments/ecg_photo/averaged.json"
SMALL = {
    "picture.image_size_px": 128,
    "neck.widths": [256],
    "neck.dropouts": [0.1],
}
# Pages of fewer pixels: the networks see 128 of them.
PX_PER_MM = 1.6


@dataclass(frozen=True)
class Fitted:
    """What was made."""

    snapshot: OpenedSnapshot
    run: Run


def study(
    folder: Path, name: str, shortcuts: Shortcuts, *, patients: int = 100, strength: float = 0.9
) -> OpenedSnapshot:
    """A snapshot with signals beside it, its pages as coarse as `study.pages.PX_PER_MM` says."""
    plan = StudyPlan(patients=patients, seed=7, strength=Strength(strength, strength), shortcuts=shortcuts)
    build_study(folder, name, plan)
    return open_snapshot(folder / name)


def fitted(
    folder: Path,
    snapshot: OpenedSnapshot,
    *,
    changes: Mapping[str, Any] | None = None,
    backmix: int = 0,
    ridge: float = 30.0,
) -> Fitted:
    """A sealed run of a snapshot.

    Args:
        backmix: how many times each training page is seen again, on the paper of another.
        ridge: the larger, the nearer to the mean of everybody.
    """
    settings = override(load(AVERAGED), {**SMALL, **(changes or {})})
    pairs = snapshot.with_pictures()
    photos = [_photo(pair.picture, settings) for pair in pairs]
    network = _first(settings)
    own = _features(network, [to_square(photo, settings.picture) for photo in photos], settings)
    cut = [cut_out(photo, settings.picture) for photo in photos] if backmix else []
    mixed = _mixed(network, cut, settings, backmix)
    run = fabricated_run(folder / "runs", snapshot.folder, settings=settings)
    rows = open_run(run).predictions()
    places = {pair.row_id: place for place, pair in enumerate(pairs)}
    at = np.array([places[row["row_id"]] for row in rows])
    folds = np.array([int(row["fold"]) for row in rows])
    ef = np.array([row["ef_percent"] for row in rows]) / 100
    rwma = np.array([row["rwma"] for row in rows])

    def change(copy: Path) -> None:
        for fold in np.unique(folds):
            taught = folds != fold
            inputs = np.concatenate([own[at[taught]], *(one[at[taught]] for one in mixed)])
            times = 1 + len(mixed)
            _fit(network, inputs, np.tile(ef[taught], times), np.tile(rwma[taught], times), ridge * times)
            _say(network, own[at], folds == fold, rows)
            save_checkpoint(
                copy / FOLDS / f"{fold}.safetensors", network, settings,
                initial_weights=InitialWeights(source="package", name="lite0", sha256="0" * 64),
                metrics={}, data={},
            )  # fmt: skip
        write_table(copy / PREDICTIONS, rows, PREDICTION_COLUMNS)

    return Fitted(snapshot, open_run(changed_run(run, change)))


def _photo(path: Path | None, settings: ExperimentSettings) -> np.ndarray:
    assert path is not None
    return read_photo(path, at_least_px=decoded_px(settings.picture))


def _first(settings: ExperimentSettings) -> Network:
    network = build_network(settings, seed=1).eval()
    initialise(network.backbone, settings)
    return network


def _features(network: Network, squares: list[np.ndarray], settings: ExperimentSettings) -> Floats:
    """What the neck says of each square, n x width."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(squares), 16):
            chunk = [normalised(square, settings.picture) for square in squares[start : start + 16]]
            found.append(network.heads.neck(network.backbone(torch.from_numpy(np.stack(chunk)))).numpy())
    return np.concatenate(found).astype(np.float64)


def _mixed(network: Network, cut: list[CutOut], settings: ExperimentSettings, times: int) -> list[Floats]:
    rng = np.random.default_rng(3)
    papers = [one.paper for one in cut]
    found = []
    for _ in range(times):
        others = rng.permutation(len(cut)).tolist()
        squares = [one.on(papers[other]) for one, other in zip(cut, others, strict=True)]
        found.append(_features(network, squares, settings))
    return found


def _fit(network: Network, inputs: Floats, ef: Floats, rwma: Floats, ridge: float) -> None:
    """The two last layers as ridge regressions; the RWMA logit is a line, too, scaled to spread."""
    for layer, rows in ((network.heads.ef, _ridge(inputs, ef, ridge)), (network.heads.rwma, None)):
        if rows is None:
            weight, bias = _ridge(inputs, 4.0 * rwma - 2.0, ridge)
            weights, biases = np.stack([-weight / 2, weight / 2]), np.array([-bias / 2, bias / 2])
        else:
            weights, biases = rows[0][None], np.array([rows[1]])
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weights))
            layer.bias.copy_(torch.from_numpy(biases))


def _ridge(inputs: Floats, wanted: Floats, ridge: float) -> tuple[Floats, float]:
    middle, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-3
    z = (inputs - middle) / scale
    weight = np.linalg.solve(z.T @ z + ridge * np.eye(z.shape[1]), z.T @ (wanted - wanted.mean())) / scale
    return weight, float(wanted.mean() - middle @ weight)


def _say(network: Network, features: Floats, here: np.ndarray, rows: list[dict[str, Any]]) -> None:
    """Put the fold's answers into the rows."""
    inputs = torch.from_numpy(features.astype(np.float32))
    with torch.inference_mode():
        ef = 100 * network.heads.ef(inputs).squeeze(-1).double().numpy()
        rwma = network.heads.rwma(inputs).double().softmax(-1)[:, 1].numpy()
    for place in np.flatnonzero(here):
        said = {"ef_percent_raw": ef[place], "ef_percent_one_view": ef[place]}
        rows[place] |= {name: float(value) for name, value in said.items()}
        rows[place]["ef_percent_predicted"] = float(np.clip(ef[place], 0, 100))
        rows[place]["rwma_probability"] = rows[place]["rwma_probability_one_view"] = float(rwma[place])


class coarse_pages:  # noqa: N801 - reads like the keyword it is used with
    """Pages of the study are drawn with fewer pixels meanwhile."""

    def __enter__(self) -> None:
        self._usual = pages.PX_PER_MM
        pages.PX_PER_MM = PX_PER_MM  # type: ignore[misc]

    def __exit__(self, *_: object) -> None:
        pages.PX_PER_MM = self._usual  # type: ignore[misc]
