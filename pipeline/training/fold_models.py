"""One model a fold and seed: trained on the other folds, asked about its own, kept as it is finished.

Test-time augmentation is the mean over mildly shifted views. Source: seed paper, "Evaluation".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from db.files.whole import whole_file
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.checkpoints import save_checkpoint
from pipeline.modeling.network import Network
from pipeline.training.batches import Inputs, Places
from pipeline.training.computing import FirstWeights, accelerator_for, seed_of
from pipeline.training.examples import Examples, Split
from pipeline.training.linear_start import start_at_probe
from pipeline.training.loop import Fit, Learner, fit, outputs_of
from pipeline.training.run_folder import FOLDS, WORK
from pipeline.training.tasks import EchoTask

Row = dict[str, Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Said:
    """One network's answers about n photographs from each view.

    Attributes:
        ef_percent: shape [n, views], as the network says it.
        rwma_probability: shape [n, views].
    """

    ef_percent: Floats
    rwma_probability: Floats


@dataclass(frozen=True, eq=False)
class Course:
    """What all models of a run have in common.

    Attributes:
        data: hashes and names that go into each checkpoint's sidecar; beside them stand the hashes of the
            records that the model learnt from, was weighed from, was stopped by and is judged on.
    """

    examples: Examples
    inputs: Inputs
    settings: ExperimentSettings
    first: FirstWeights
    folder: Path
    data: dict[str, str]

    def splits(self) -> list[Split]:
        """The same for every seed: what stops a model is not what it is compared by."""
        training = self.settings.training
        return self.examples.splits(training.validation_share, training.seeds[0])


@dataclass(frozen=True, eq=False)
class Model:
    """A finished model of one fold.

    Attributes:
        history: one row an epoch.
        held_out, validation: its answers about the fold it never saw, and about those that stopped it.
    """

    fold: int
    seed: int
    history: list[dict[str, float]]
    held_out: Said
    validation: Said


def model_name(settings: ExperimentSettings, fold: int, seed: int) -> str:
    """`3`; with several seeds `3.seed7`."""
    return str(fold) if len(settings.training.seeds) == 1 else f"{fold}.seed{seed}"


def train_models(course: Course, on_epoch: Callable[[int, int, Row], None]) -> Iterator[Model]:
    """Every model in order; those that an interrupted run finished are read back.

    Args:
        on_epoch: called with fold, seed and the row of each epoch.
    """
    for seed in course.settings.training.seeds:
        for split in course.splits():
            finished = _read_back(course, split.fold, seed)
            if finished is None:
                finished = _trained(course, split, seed, on_epoch)
            else:
                for row in finished.history:
                    on_epoch(split.fold, seed, row)
            yield finished


def _trained(course: Course, split: Split, seed: int, on_epoch: Callable[[int, int, Row], None]) -> Model:
    settings = course.settings
    targets = course.examples.learnt_targets(split, settings.training, seed)
    name = model_name(settings, split.fold, seed)
    accelerator = accelerator_for(settings)
    model_seed = seed_of(seed, split.fold)
    known = targets.ef[split.training][targets.has_ef[split.training]]
    mean_ef = float(known.mean()) if len(known) else None
    network = course.first.network(settings, seed=model_seed, mean_ef=mean_ef)
    if settings.neck.starts_at_probe:
        network = network.to(accelerator.device)
        variants = settings.augmentation.cached_variants if settings.augmentation.backmix_share else 0
        start_at_probe(network, course.inputs, targets, split.training, settings.losses, variants=variants)
    task = EchoTask(targets, split.training, settings.losses, accelerator.device)
    what = Fit(
        task=task,
        inputs=course.inputs,
        training=split.training,
        validation=split.validation,
        stage=settings.training,
        optimiser=settings.optimiser,
        patience=settings.training.patience,
        seed=model_seed,
        state_file=course.folder / WORK / f"{name}.state",
    )
    history = fit(network, what, accelerator, on_epoch=lambda row: on_epoch(split.fold, seed, row))
    device = accelerator.device
    held_out, validation = (
        ask(network, course.inputs, places, device) for places in (split.held_out, split.validation)
    )
    model = Model(split.fold, seed, history, held_out, validation)
    used = {
        "learnt_from": what.training,
        "weighed_from": task.weighed_from,
        "stopped_by": what.validation,
        "judged_on": split.held_out,
    }
    sources = {name: course.examples.rows_sha256(places) for name, places in used.items()}
    if accelerator.is_main_process:
        best = min(history, key=lambda row: row["validation_total"])
        save_checkpoint(
            course.folder / FOLDS / f"{name}.safetensors",
            network,
            settings,
            initial_weights=course.first.origin,
            metrics={
                key: value if np.isfinite(value) else None for key, value in best.items() if key != "seconds"
            },
            data={**course.data, "fold": str(split.fold), "seed": str(seed), **sources},
        )
        _keep(course, name, model)
    accelerator.wait_for_everyone()
    return model


def _keep(course: Course, name: str, model: Model) -> None:
    """Answers first, history last: where it is there, the model is finished."""
    work = course.folder / WORK
    arrays = {
        f"{part}_{what}": getattr(said, what)
        for part, said in (("held_out", model.held_out), ("validation", model.validation))
        for what in ("ef_percent", "rwma_probability")
    }
    with whole_file(work / f"{name}.npz", overwrite=True) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    with whole_file(work / f"{name}.history", overwrite=True) as temporary:
        temporary.write_text(json.dumps(model.history), encoding="utf-8")
    (work / f"{name}.state").unlink(missing_ok=True)


def _read_back(course: Course, fold: int, seed: int) -> Model | None:
    work, name = course.folder / WORK, model_name(course.settings, fold, seed)
    if not (work / f"{name}.history").exists():
        return None
    history = json.loads((work / f"{name}.history").read_text(encoding="utf-8"))
    with np.load(work / f"{name}.npz", allow_pickle=False) as held:
        said = [
            Said(held[f"{part}_ef_percent"], held[f"{part}_rwma_probability"])
            for part in ("held_out", "validation")
        ]
    return Model(fold, seed, history, *said)


def answers(course: Course, models: Sequence[Model]) -> tuple[list[Row], list[Row]]:
    """Rows of the records out of fold, in the snapshot's order; and rows of those that stopped each model."""
    held_out: list[Row] = []
    validation: list[Row] = []
    for split in course.splits():
        of_fold = [model for model in models if model.fold == split.fold]
        held_out += prediction_rows(
            course.examples, split.held_out, [one.held_out for one in of_fold], fold=split.fold
        )
        validation += prediction_rows(
            course.examples, split.validation, [one.validation for one in of_fold], fold=split.fold
        )
    order = {row_id: place for place, row_id in enumerate(course.examples.records)}
    return sorted(held_out, key=lambda row: order[row["row_id"]]), validation


def ask(network: Network, inputs: Inputs, places: Places, device: torch.device) -> Said:
    """Every view of these photographs through one network."""
    learner = Learner(network, takes_activations=inputs.are_activations)
    ef, rwma = [], []
    for view in range(inputs.views):
        outputs = outputs_of(learner, inputs, places, device, view=view)
        ef.append(100 * outputs.ef.double().cpu().numpy())
        rwma.append(outputs.rwma_logits.double().softmax(dim=-1)[:, 1].cpu().numpy())
    return Said(np.stack(ef, axis=1), np.stack(rwma, axis=1))


def prediction_rows(
    examples: Examples, places: Places, said: Sequence[Said], *, fold: int
) -> list[dict[str, Any]]:
    """One row a record: the mean over its photographs, the views and the seeds.

    Args:
        places: photographs; said: of each seed's network, about them in this order.
    """
    ef = np.stack([one.ef_percent for one in said])
    rwma = np.stack([one.rwma_probability for one in said])
    by_record: dict[str, list[int]] = {}
    for position, place in enumerate(places.tolist()):
        by_record.setdefault(examples.pairs[place].row_id, []).append(position)
    return [
        _row(examples, int(places[positions[0]]), fold, ef[:, positions], rwma[:, positions])
        for positions in by_record.values()
    ]


def _row(examples: Examples, place: int, fold: int, ef: Floats, rwma: Floats) -> dict[str, Any]:
    """Of one record; arrays are seeds x photographs x views."""
    pair, targets = examples.pairs[place], examples.targets
    has_seeds = len(ef) > 1
    return {
        "row_id": pair.row_id,
        "patient_id": pair.patient_id,
        "fold": fold,
        "photographs": ef.shape[1],
        "ef_percent_predicted": float(np.clip(ef.mean(), 0, 100)),
        "ef_percent_raw": float(ef.mean()),
        "rwma_probability": float(rwma.mean()),
        "ef_percent_one_view": float(ef[:, :, 0].mean()),
        "rwma_probability_one_view": float(rwma[:, :, 0].mean()),
        "ef_view_spread": float(ef.mean(axis=(0, 1)).std()),
        "rwma_view_spread": float(rwma.mean(axis=(0, 1)).std()),
        "ef_seed_spread": float(ef.mean(axis=(1, 2)).std()) if has_seeds else None,
        "rwma_seed_spread": float(rwma.mean(axis=(1, 2)).std()) if has_seeds else None,
        "ef_percent": round(100 * float(targets.ef[place]), 4) if targets.has_ef[place] else None,
        "rwma": int(targets.rwma[place]) if targets.has_rwma[place] else None,
    }
