"""Was the second stage only taught too briefly? The last layers of lite0 for longer, on kept activations.

The folds and pages of `stage2.py`. In each fold several recipes (rate, weight decay, mixed pictures, softened
labels) learn from five sixths of the taught patients, with weights averaged over the steps; the other sixth
chooses recipe and epoch, by macro AUROC over all its pages. The networks of `stage2.py`, which learnt from
the same five sixths, are among what it chooses from. The probes beside it choose their strength and
number of components there, too. The held-out fifth is judged once, on the clean print.

A recipe runs through all folds before the next begins, and none begins after `--minutes` of processor time,
so that what was tried is the same in every fold.

    PYTHONPATH=. python tests/experiments/ecg_photo/stage2_longer.py PTBXL_DIR --keep DIR [--minutes 20]

`DIR` is what `stage2.py` kept; what a network says is kept there, too, and not worked out again.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from ecg_pages import SEED, Floats, Study, kept_study, told
from numpy.typing import NDArray
from stage1 import macro, patient_folds, report, settings_of
from stage2 import late_features, logits_of, probe, stopping_split
from torch.optim import AdamW
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from pipeline.config.files import override
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.checkpoints import load_checkpoint
from pipeline.modeling.losses import class_loss
from pipeline.modeling.network import Network, parameter_groups
from pipeline.training.batches import Places, chunks, epoch_steps
from pipeline.training.computing import first_weights, seed_of
from pipeline.training.inputs.trunk_cache import TrunkCache
from pipeline.waveforms.ptbxl_table import SUPERCLASSES

_BATCH: Final = 32
_LOOKED_AT_EVERY: Final = 3
_KEPT_OF_AVERAGE: Final = 0.95
_STRENGTHS: Final = (0.003, 0.02, 0.1)
_COMPONENTS: Final = (32, 64)


@dataclass(frozen=True)
class Recipe:
    """How the last layers learn; the head learns ten times as fast.

    Attributes:
        frozen: through this block; after 5 the last block and the last convolution learn, after 6 this alone.
        epochs: at most so many.
        mixed: the two parameters of the Beta distribution that mixes two records; 0 mixes none.
        softened: labels are 0 or 1, drawn this far towards a half.
    """

    frozen: int
    epochs: int
    rate: float
    weight_decay: float
    mixed: float
    softened: float


RECIPES: Final = (
    Recipe(6, 24, 1e-3, 0.1, 0.4, 0.0),
    Recipe(6, 60, 3e-4, 0.5, 0.0, 0.1),
    Recipe(5, 15, 3e-4, 0.1, 0.4, 0.0),
    Recipe(5, 60, 1e-4, 0.1, 0.4, 0.1),
)


@dataclass(frozen=True, eq=False)
class Said:
    """What the network of one fold and recipe says of every record's clean print, chosen on the inner part.

    Attributes:
        inner: macro AUROC there; epoch: in which it was best. logits: n x 5. features: n x width.
    """

    inner: float
    epoch: int
    logits: Floats
    features: Floats


def with_recipe(settings: ExperimentSettings, recipe: Recipe) -> ExperimentSettings:
    """The settings with a recipe's rates."""
    changes = {
        "backbone.frozen_through_block": recipe.frozen,
        "optimiser.backbone_rate": recipe.rate,
        "optimiser.head_rate": 10 * recipe.rate,
        "optimiser.weight_decay": recipe.weight_decay,
    }
    return override(settings, changes)


def epochs_of(
    network: Network,
    inputs: TrunkCache,
    labels: NDArray[np.float32],
    training: Places,
    recipe: Recipe,
    settings: ExperimentSettings,
    seed: int,
) -> Iterator[Network]:
    """The network with its averaged weights, after each epoch, for as long as it is asked."""
    optimiser = AdamW(parameter_groups(network, settings.optimiser))
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(_KEPT_OF_AVERAGE))
    targets = torch.from_numpy(labels) * (1 - recipe.softened) + recipe.softened / 2
    rng, epoch = np.random.default_rng([seed, 1]), 0
    torch.manual_seed(seed)
    while True:
        network.train()
        for step in epoch_steps(training, _BATCH, seed=seed, epoch=epoch):
            shown, wanted = inputs.drawn(step.places, step.seeds), targets[torch.from_numpy(step.places)]
            if recipe.mixed:
                share = float(rng.beta(recipe.mixed, recipe.mixed))
                shown = share * shown + (1 - share) * shown.flip(0)
                wanted = share * wanted + (1 - share) * wanted.flip(0)
            loss = class_loss(network.rest(shown.contiguous(memory_format=torch.channels_last)), wanted)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), settings.optimiser.clip_norm)
            optimiser.step()
            averaged.update_parameters(network)
        epoch += 1
        yield averaged.module


def further(inputs: TrunkCache, n: int, slots: int, asked: argparse.Namespace) -> TrunkCache:
    """What is known after one more frozen block."""
    settings = settings_of(asked.size, "package")
    network = first_weights(settings).class_network(settings, SUPERCLASSES, seed=SEED).eval()
    places, of_slot = np.arange(n), []
    with torch.inference_mode():
        for slot in range(slots):
            pieces = [network.backbone.blocks[6](inputs.plain(at, slot)) for at in chunks(places, _BATCH)]
            of_slot.append(torch.cat(pieces).numpy().astype(np.float16))
    return TrunkCache(np.stack(of_slot, axis=1), views=1)


def taught_for_longer(
    study: Study, inputs: TrunkCache, taught: Places, fold: int, recipe: Recipe, asked: argparse.Namespace
) -> Said:
    """One recipe in one fold, in the epoch that is best on the inner part."""
    settings = with_recipe(settings_of(asked.size, "package"), recipe)
    training, stops = stopping_split(study, taught, fold)
    seed, labels = seed_of(SEED, fold), study.labels.astype(np.float32)
    network = first_weights(settings).class_network(settings, SUPERCLASSES, seed=seed)
    running = epochs_of(network, inputs, labels, training, recipe, settings, seed)
    best, best_epoch, kept = -1.0, 0, {}
    for epoch, averaged in zip(range(1, recipe.epochs + 1), running, strict=False):
        if epoch % _LOOKED_AT_EVERY:
            continue
        inner = inner_score(averaged, study, inputs, stops, asked)
        if inner > best:
            best, best_epoch = inner, epoch
            kept = {name: value.clone() for name, value in averaged.state_dict().items()}
        elif epoch - best_epoch >= asked.patience:
            break
    network.load_state_dict(kept)
    return said_by(network, inputs, len(study.rows), best, best_epoch)


def said_by(network: Network, inputs: TrunkCache, n: int, inner: float, epoch: int) -> Said:
    """What a network says of every record's clean print."""
    return Said(inner, epoch, logits_of(network, inputs, np.arange(n)), late_features(network, inputs, n, 0))


def taught_briefly(
    study: Study, inputs: TrunkCache, taught: Places, fold: int, asked: argparse.Namespace
) -> Said:
    """The network of `stage2.py` in this fold, which learnt from the same part of it."""
    network, _ = load_checkpoint(asked.keep / f"classes-{fold}.safetensors")
    inner = inner_score(network, study, inputs, stopping_split(study, taught, fold)[1], asked)
    return said_by(network, inputs, len(study.rows), inner, 0)


def inner_score(
    network: Network, study: Study, inputs: TrunkCache, stops: Places, asked: argparse.Namespace
) -> float:
    """Macro AUROC on the inner part, mean over the pages."""
    pages = range(1 + asked.pages)
    return float(np.mean([macro(logits_of(network, inputs, stops, at), study.labels[stops]) for at in pages]))


def kept_said(
    study: Study, inputs: TrunkCache, taught: Places, fold: int, number: int, asked: argparse.Namespace
) -> Said:
    """The same, from the folder where it is there already."""
    file = asked.keep / f"longer-{number}-{fold}.npz"
    if not file.exists():
        said = taught_for_longer(study, inputs, taught, fold, RECIPES[number], asked)
        np.savez(file, **{name: np.asarray(value) for name, value in asdict(said).items()})
    found = np.load(file)
    return Said(float(found["inner"]), int(found["epoch"]), found["logits"], found["features"])


def nested_probe(study: Study, features: Floats, taught: Places, fold: int) -> Floats:
    """Log odds of every record from a linear model whose strength and components the inner part chose."""
    training, stops = stopping_split(study, taught, fold)
    found = {}
    for components in _COMPONENTS:
        for strength in _STRENGTHS:
            model = probe(
                features[training], study.labels[training], components=components, strength=strength
            )
            found[components, strength] = macro(model(features[stops]), study.labels[stops])
    components, strength = max(found, key=lambda one: found[one])
    return probe(features[taught], study.labels[taught], components=components, strength=strength)(features)


def fold_rows(study: Study, before: Floats, said: Said, taught: Places, fold: int) -> dict[str, Floats]:
    """Every way of answering in one fold, for all records."""
    training, stops = stopping_split(study, taught, fold)
    stage1 = probe(before[taught], study.labels[taught])(before)
    both = np.concatenate([before, said.features], axis=1)
    # On the records a model learnt from its log odds spread too far: they are compared on the inner part.
    apart = probe(before[training], study.labels[training])(before[stops]).std(axis=0)
    return {
        "stage 1": stage1,
        "stage 1, nested": nested_probe(study, before, taught, fold),
        "stage 2, its head": said.logits,
        "stage 2, nested probe": nested_probe(study, said.features, taught, fold),
        "both, features": nested_probe(study, both, taught, fold),
        "both, mean log odds": stage1 / apart + said.logits / said.logits[stops].std(axis=0),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--pages", type=int, default=3)
    parser.add_argument("--patience", type=int, default=12)
    parser.add_argument("--recipes", type=int, default=len(RECIPES), help="Only the first so many.")
    parser.add_argument("--minutes", type=float, default=20, help="No recipe begins later, processor time.")
    asked = parser.parse_args()
    settings = settings_of(asked.size, "package")
    study, inputs = kept_study(asked, settings)
    after = {5: inputs, 6: further(inputs, len(study.rows), 1 + asked.pages, asked)}
    splits = patient_folds(study.patients, study.labels)
    tried = [[taught_briefly(study, inputs, taught, at, asked) for at, (taught, _) in enumerate(splits)]]
    told(f"as stage2.py taught it: inner {[round(said.inner, 3) for said in tried[0]]}")
    for number in range(asked.recipes):
        if time.process_time() / 60 > asked.minutes:
            told(f"time is up: {number} of {asked.recipes} recipes tried")
            break
        tried.append([])
        for fold, (taught, _) in enumerate(splits):
            said = kept_said(study, after[RECIPES[number].frozen], taught, fold, number, asked)
            tried[-1].append(said)
            spent = time.process_time() / 60
            told(f"recipe {number}, fold {fold}: epoch {said.epoch}, inner {said.inner:.3f}, {spent:.1f} min")
    print_table(study, inputs, splits, tried, asked)


def print_table(
    study: Study,
    inputs: TrunkCache,
    splits: list[tuple[Places, Places]],
    tried: list[list[Said]],
    asked: argparse.Namespace,
) -> None:
    """In each fold the recipe that its inner part prefers, and what was known before."""
    settings = settings_of(asked.size, "package")
    network = first_weights(settings).class_network(settings, SUPERCLASSES, seed=SEED)
    before = late_features(network, inputs, len(study.rows), 0)
    answers: dict[str, Floats] = {}
    for fold, (taught, judged) in enumerate(splits):
        number = max(range(len(tried)), key=lambda one: tried[one][fold].inner)
        preferred = f"recipe {number - 1}" if number else "stage2.py's"
        told(f"fold {fold}: {preferred}")
        for name, of in fold_rows(study, before, tried[number][fold], taught, fold).items():
            answers.setdefault(name, np.full(study.labels.shape, np.nan))[judged] = of[judged]
    np.savez(asked.keep / "answers-longer.npz", **answers)
    report(answers, study.labels, study.patients, against="stage 1")


if __name__ == "__main__":
    main()
