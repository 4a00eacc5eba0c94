"""Does the second stage help, where there are only a few hundred records to learn from?

PTB-XL records in five folds with patients whole, the folds of `stage1.py`. In each, the last block of lite0
learns from four fifths of the records, from several pages of each: other papers, another beginning of the
strip, photographed or scanned. A sixth of them, by patient, decides which epoch is kept. The held-out fifth
is judged on the clean 3x4 print alone. Arms: `classes` learns the five superclasses; `signal` also has to say
what the signal behind the page looks like (principal components of its random convolutions).

Stage 1 stands beside them: the same features untouched, principal components, logistic regression, fitted
on the clean prints, or on all pages of the records; and the signal behind the page. Intervals: 2,000 redraws
of patients; differences are paired.

    PYTHONPATH=. python tests/experiments/ecg_photo/stage2.py PTBXL_DIR --keep DIR [--size 224] [--pages 3]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from ecg_pages import SEED, Floats, Study, kept_study, told
from numpy.typing import NDArray
from stage1 import COMPONENTS, FOLDS, patient_folds, report, settings_of
from torch import Tensor

from pipeline.config.files import override
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.checkpoints import save_checkpoint
from pipeline.modeling.losses import class_loss
from pipeline.modeling.network import Network
from pipeline.training.batches import Places
from pipeline.training.computing import accelerator_for, first_weights, seed_of
from pipeline.training.inputs.trunk_cache import TrunkCache
from pipeline.training.loop import Fit, Learner, fit, outputs_of
from pipeline.training.tasks import ClassTask
from pipeline.waveforms.ptbxl_table import SUPERCLASSES

SIGNAL_PARTS: Final = 32
_STOP_SHARE: Final = 1 / 6


class SignalTask:
    """The five superclasses, and standardised components of the signal behind the page.

    Args:
        targets: n x components, NaN nowhere.
    """

    parts = ("total", "classes", "signal")

    def __init__(self, labels: NDArray[np.float32], targets: NDArray[np.float32]) -> None:
        self._classes = ClassTask(labels, torch.device("cpu"))
        self._labels, self._targets = torch.from_numpy(labels), torch.from_numpy(targets)

    def denominators(self, places: Places) -> Tensor:
        """How many records."""
        return torch.tensor([float(len(places))])

    def losses(self, outputs: Tensor, places: Places, denominators: Tensor) -> Mapping[str, Tensor]:
        """Cross-entropy plus half the squared error a component."""
        chosen, share = torch.from_numpy(np.asarray(places)), len(places) / denominators[0]
        width = self._labels.shape[1]
        classes = class_loss(outputs[:, :width], self._labels[chosen]) * share
        signal = 0.5 * (outputs[:, width:] - self._targets[chosen]).square().mean() * share
        return {"total": classes + signal, "classes": classes, "signal": signal}

    def measures(self, outputs: Tensor, places: Places) -> dict[str, float]:
        """AUROC, mean over the classes."""
        return self._classes.measures(outputs[:, : self._labels.shape[1]], places)


def signal_parts(signals: Floats, taught: Places) -> NDArray[np.float32]:
    """Standardised principal components of the signal features, found on the taught records alone."""
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), PCA(SIGNAL_PARTS, random_state=0), StandardScaler())
    model.fit(signals[taught])
    return np.clip(model.transform(signals), -4, 4).astype(np.float32)


def stopping_split(study: Study, taught: Places, fold: int) -> tuple[Places, Places]:
    """Records that teach and records that stop, patients whole."""
    names = np.unique(study.patients[taught])
    rng = np.random.default_rng([SEED, fold])
    stops = np.isin(study.patients[taught], rng.choice(names, round(len(names) * _STOP_SHARE), replace=False))
    return taught[~stops], taught[stops]


def taught_network(
    study: Study, inputs: TrunkCache, taught: Places, fold: int, arm: str, settings: ExperimentSettings
) -> tuple[Network, list[dict[str, float]]]:
    """The network of one fold, as it was in the epoch that was best on the records that stop it."""
    training, stops = stopping_split(study, taught, fold)
    labels = study.labels.astype(np.float32)
    names, task = SUPERCLASSES, ClassTask(labels, torch.device("cpu"))
    if arm == "signal":
        names = SUPERCLASSES + tuple(f"signal {number}" for number in range(SIGNAL_PARTS))
        task = SignalTask(labels, signal_parts(study.signals, training))  # type: ignore[assignment]
    seed = seed_of(SEED, fold)
    network = first_weights(settings).class_network(settings, names, seed=seed)
    what = Fit(
        task=task,
        inputs=inputs,
        training=training,
        validation=stops,
        stage=settings.pretraining,
        optimiser=settings.optimiser,
        patience=None,
        seed=seed,
    )
    return network, fit(network, what, accelerator_for(settings))


def late_features(network: Network, inputs: TrunkCache, n: int, slot: int) -> Floats:
    """What the taught backbone says of one page of every record, n x width."""
    whole = Learner(network, takes_activations=True).eval()
    heads, network.heads = network.heads, torch.nn.Identity()
    found = outputs_of(whole, inputs, np.arange(n), torch.device("cpu"), view=slot)
    network.heads = heads
    return np.asarray(found.double().numpy())


def probe(
    inputs: Floats, labels: NDArray[np.int64], *, components: int = COMPONENTS, strength: float = 0.1
) -> Callable[[Floats], Floats]:
    """Principal components and logistic regression, as in stage 1; gives log odds."""
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    models = [
        make_pipeline(
            StandardScaler(),
            PCA(components, random_state=0),
            LogisticRegression(C=strength, max_iter=2000),
        ).fit(inputs, labels[:, one])
        for one in range(labels.shape[1])
    ]
    return lambda asked: np.stack([model.decision_function(asked) for model in models], axis=1)


def logits_of(network: Network, inputs: TrunkCache, places: Places, slot: int = 0) -> Floats:
    """Log odds of the five superclasses from the network's own head."""
    learner = Learner(network, takes_activations=True)
    found = outputs_of(learner, inputs, places, torch.device("cpu"), view=slot)
    return np.asarray(found[:, : len(SUPERCLASSES)].double().numpy())


def untaught_rows(
    study: Study, inputs: TrunkCache, splits: list[tuple[Places, Places]], settings: ExperimentSettings
) -> dict[str, Floats]:
    """Stage 1 on the clean prints, on all pages, and the signal behind the page."""
    from sklearn.linear_model import RidgeCV
    from sklearn.preprocessing import StandardScaler

    network, n = first_weights(settings).class_network(settings, SUPERCLASSES, seed=SEED), len(study.rows)
    of_slot = [late_features(network, inputs, n, slot) for slot in range(study.squares.shape[1])]
    rows = {
        name: np.full(study.labels.shape, np.nan) for name in ("ImageNet", "ImageNet, all pages", "signal")
    }
    for taught, judged in splits:
        rows["ImageNet"][judged] = probe(of_slot[0][taught], study.labels[taught])(of_slot[0][judged])
        every = np.concatenate([one[taught] for one in of_slot])
        labels = np.concatenate([study.labels[taught]] * len(of_slot))
        rows["ImageNet, all pages"][judged] = probe(every, labels)(of_slot[0][judged])
        scaler = StandardScaler().fit(study.signals[taught])
        ridge = RidgeCV(np.logspace(2, 6, 9)).fit(
            scaler.transform(study.signals[taught]), study.labels[taught]
        )
        rows["signal"][judged] = ridge.predict(scaler.transform(study.signals[judged]))
    return rows


def taught_rows(
    study: Study,
    inputs: TrunkCache,
    splits: list[tuple[Places, Places]],
    settings: ExperimentSettings,
    arm: str,
    keep: Path,
) -> dict[str, Floats]:
    """Stage 2 by its own head, and by a fresh probe on its features; the networks are kept."""
    rows = {
        name: np.full(study.labels.shape, np.nan) for name in (f"stage 2, {arm}", f"stage 2, {arm}, probe")
    }
    inner = []
    for fold, (taught, judged) in enumerate(splits):
        network, history = taught_network(study, inputs, taught, fold, arm, settings)
        best = min(history, key=lambda row: row["validation_total"])
        inner.append(best["validation_macro_auroc"])
        told(
            f"{arm}, fold {fold}: epoch {best['epoch']:.0f}, held back {inner[-1]:.3f}, "
            f"{time.process_time() / 60:.1f} CPU minutes"
        )
        save_checkpoint(
            keep / f"{arm}-{fold}.safetensors",
            network,
            settings,
            initial_weights=first_weights(settings).origin,
            metrics={"inner_macro_auroc": inner[-1]},
            data={},
        )
        rows[f"stage 2, {arm}"][judged] = logits_of(network, inputs, judged)
        said = late_features(network, inputs, len(study.rows), 0)
        rows[f"stage 2, {arm}, probe"][judged] = probe(said[taught], study.labels[taught])(said[judged])
    told(f"{arm}: held back {np.mean(inner):.3f} (mean of {len(inner)} folds; arms are chosen by this)")
    return rows


def asked_settings(asked: argparse.Namespace) -> ExperimentSettings:
    """The CPU profile's network, taught for so long and at such a rate; its head learns ten times as fast."""
    changes = {
        "pretraining.epochs": asked.epochs,
        "pretraining.batch_size": asked.batch,
        "optimiser.backbone_rate": asked.rate,
        "optimiser.head_rate": 10 * asked.rate,
    }
    return override(settings_of(asked.size, "package"), changes)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--pages", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--without-stage1", action="store_true", help="Its rows are known already.")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--folds", type=int, default=FOLDS, help="Only the first so many, for a look.")
    parser.add_argument("--arms", nargs="*", default=["classes", "signal"])
    asked = parser.parse_args()
    settings = asked_settings(asked)
    study, inputs = kept_study(asked, settings)
    splits = patient_folds(study.patients, study.labels)[: asked.folds]
    rows = {} if asked.without_stage1 else untaught_rows(study, inputs, splits, settings)
    told(f"stage 1: {time.process_time() / 60:.1f} CPU minutes")
    for arm in asked.arms:
        rows |= taught_rows(study, inputs, splits, settings, arm, asked.keep)
    judged = np.concatenate([places for _, places in splits])
    found = {name: answers[judged] for name, answers in rows.items()}
    np.savez(asked.keep / f"answers-{'-'.join(asked.arms)}.npz", judged=judged, **found)
    against = "ImageNet" if "ImageNet" in found else next(iter(found))
    return report(found, study.labels[judged], study.patients[judged], against=against)


if __name__ == "__main__":
    main()
