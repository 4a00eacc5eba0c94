"""Is a low number of `echodesk pretrain` on the official tenth fold a fault, or a small sample?

The run's network is asked about the very pages it learnt from, was stopped by and was judged on, drawn
again, about their clean prints, and about other pages of the same records; each part by class, with how many
are positive. Beside it the untouched features: a linear model with each official fold held out in turn, to
see how far folds of this size differ when nothing can be at fault.

    PYTHONPATH=. python tests/experiments/ecg_photo/official.py PTBXL_DIR RUN_FOLDER --keep DIR

`DIR` is what `stage2.py` kept, at the run's size.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from ecg_pages import SEED, Floats, Study, kept_study, told, trunk_of
from numpy.typing import NDArray
from stage1 import settings_of
from stage2 import late_features, logits_of, probe

from db.measures.bootstrap import redrawn_groups
from db.measures.discrimination import auroc
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.checkpoints import load_checkpoint
from pipeline.training.computing import first_weights
from pipeline.training.inputs.trunk_cache import TrunkCache
from pipeline.training.pretraining import CHECKPOINT, page_reader
from pipeline.waveforms.ptbxl import open_ptbxl
from pipeline.waveforms.ptbxl_table import SUPERCLASSES

_RESAMPLES: Final = 1000
_TAUGHT_PAGES: Final = 100


def official_folds(study: Study) -> NDArray[np.int64]:
    """Of every record, 1 to 10."""
    return np.array([row.fold for row in study.rows])


def by_class(logits: Floats, labels: NDArray[np.int64], patients: NDArray[np.int64]) -> str:
    """Macro AUROC with its interval over patients, and each class's beside its number of positives."""
    each = [auroc(logits[:, one], labels[:, one] > 0) for one in range(labels.shape[1])]
    draws = redrawn_groups(patients, generator=np.random.default_rng(0), resamples=_RESAMPLES)
    macros = [
        np.nanmean([auroc(logits[at, one], labels[at, one] > 0) for one in range(labels.shape[1])])
        for at in draws
    ]
    low, high = np.nanquantile(macros, [0.025, 0.975])
    texts = [
        f"{name} {value:.2f} ({count})"
        for name, value, count in zip(SUPERCLASSES, each, (labels > 0).sum(axis=0), strict=True)
    ]
    return f"n={len(labels):3} {np.nanmean(each):.3f} [{low:.3f}, {high:.3f}]  {'  '.join(texts)}"


def own_pages(
    ptbxl: Path, study: Study, settings: ExperimentSettings
) -> tuple[TrunkCache, NDArray[np.int64], NDArray[np.bool_]]:
    """The run's own pages of folds 9 and 10 and of some it learnt from: activations, places, photographed?"""
    folds = official_folds(study)
    taught = np.random.default_rng(0).permutation(np.flatnonzero(folds < 9))[:_TAUGHT_PAGES]
    places = np.sort(np.concatenate([taught, np.flatnonzero(folds >= 9)]))
    opened = open_ptbxl(ptbxl, sampling_rate_hz=500)
    squares = [page_reader(opened, study.rows[place], settings.picture)() for place in places]
    photographed = [np.random.default_rng(study.rows[place].ecg_id).random() < 0.5 for place in places]
    return TrunkCache(trunk_of(np.stack(squares)[:, None], settings), views=1), places, np.array(photographed)


def told_of_run(asked: argparse.Namespace, study: Study, inputs: TrunkCache) -> None:
    """The run's network on every kind of page, part by part."""
    settings, folds = settings_of(asked.size, "package"), official_folds(study)
    network, _ = load_checkpoint(asked.run / CHECKPOINT)
    every = np.arange(len(folds))
    parts = {"1 to 8": folds < 9, "9": folds == 9, "10": folds == 10, "9 and 10": folds >= 9}
    for slot in range(study.squares.shape[1]):
        logits = logits_of(network, inputs, every, slot)
        for name, chosen in parts.items():
            row = by_class(logits[chosen], study.labels[chosen], study.patients[chosen])
            told(f"page {slot}, folds {name}: {row}")
    own, places, photographed = own_pages(asked.ptbxl, study, settings)
    logits = logits_of(network, own, np.arange(len(places)))
    labels, patients = study.labels[places], study.patients[places]
    kinds = {"its own pages": photographed | True, "photographed": photographed, "scanned": ~photographed}
    for kind, of_kind in kinds.items():
        for name, chosen in parts.items():
            at = chosen[places] & of_kind
            told(f"{kind}, folds {name}: {by_class(logits[at], labels[at], patients[at])}")


def told_of_folds(study: Study, inputs: TrunkCache) -> None:
    """Untouched features, each official fold held out in turn."""
    settings, folds = settings_of(study.squares.shape[-1], "package"), official_folds(study)
    network = first_weights(settings).class_network(settings, SUPERCLASSES, seed=SEED)
    said = late_features(network, inputs, len(folds), 0)
    for fold in range(1, 11):
        taught, judged = folds != fold, folds == fold
        logits = probe(said[taught], study.labels[taught])(said[judged])
        told(f"untouched, fold {fold}: {by_class(logits, study.labels[judged], study.patients[judged])}")


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--pages", type=int, default=3)
    asked = parser.parse_args()
    study, inputs = kept_study(asked, settings_of(asked.size, "package"))
    told_of_folds(study, inputs)
    told_of_run(asked, study, inputs)


if __name__ == "__main__":
    main()
