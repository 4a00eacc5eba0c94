"""What a run would cost: sizes of the network, steps, and minutes measured on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch

from pipeline.config.settings import ExperimentSettings
from pipeline.imaging.augment import VIEWS, augmented
from pipeline.modeling.losses import EchoLoss, TargetBatch
from pipeline.modeling.network import PartSize, build_network, parameter_groups, parameter_table
from pipeline.training.batches import steps_an_epoch
from pipeline.training.computing import accelerator_for
from pipeline.training.examples import Examples
from pipeline.training.loop import Learner

_TIMED_STEPS = 3


@dataclass(frozen=True)
class Cost:
    """What a run takes.

    Attributes:
        parts: parameters by part of the network.
        steps: of the optimiser, all models together, where none stops early.
        step_s, trunk_s: measured seconds a step, and of the frozen layers a picture; 0 where there is none.
        minutes: all of it, roughly.
        learnt, rest: the most records that a model learns from, and how many of them each of its epochs
            leaves out, because steps are whole batches; other ones in every epoch.
    """

    parts: list[PartSize]
    models: int
    steps: int
    step_s: float
    trunk_s: float
    minutes: float
    learnt: int
    rest: int


def cost(examples: Examples, settings: ExperimentSettings) -> Cost:
    """Time a few steps of an untrained network of the same shape, and count how many there will be."""
    training, n = settings.training, len(examples.pairs)
    splits = examples.splits(training.validation_share, training.seeds[0])
    a_model = [
        training.epochs * steps_an_epoch(len(split.training), min(training.batch_size, len(split.training)))
        for split in splits
    ]
    learnt = max(len(split.training) for split in splits)
    rest = learnt - min(learnt, steps_an_epoch(learnt, training.batch_size) * training.batch_size)
    steps = sum(a_model) * len(training.seeds)
    network = build_network(settings, seed=0)
    step_s, trunk_s = _timed(network, settings)
    pictures = 0
    if training.caches_trunk:
        pictures = n * (
            VIEWS + (settings.augmentation.cached_variants if settings.augmentation.enabled else 0)
        )
    # Predicting costs a third of learning: stopping records each epoch, and every view at the end.
    held_back = sum(len(split.validation) for split in splits) * training.epochs + VIEWS * n
    predicting_s = held_back * len(training.seeds) * step_s / min(training.batch_size, n) / 3
    seconds = steps * step_s + pictures * trunk_s + predicting_s
    models = len(splits) * len(training.seeds)
    parts = parameter_table(network)
    return Cost(parts, models, steps, step_s, trunk_s, seconds / 60, learnt, rest)


def _timed(network: torch.nn.Module, settings: ExperimentSettings) -> tuple[float, float]:
    """Seconds of a step, augmentation included, and of the frozen layers a picture."""
    from pipeline.modeling.network import Network

    assert isinstance(network, Network)  # noqa: S101 - `build_network` makes nothing else
    accelerator = accelerator_for(settings)
    size, batch = settings.picture.image_size_px, settings.training.batch_size
    caches = settings.training.caches_trunk
    pictures = torch.zeros(batch, 3, size, size).to(accelerator.device, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(parameter_groups(network, settings.optimiser))
    learner, optimiser = accelerator.prepare(Learner(network, takes_activations=caches), optimiser)
    loss = EchoLoss(settings.losses, (1.0, 1.0)).to(accelerator.device)
    targets = TargetBatch(torch.full((batch,), 0.5), torch.ones(batch), torch.zeros(batch, dtype=torch.int64))
    targets = TargetBatch(*(column.to(accelerator.device) for column in targets))
    started_s = time.perf_counter()
    inputs = network.trunk(pictures)
    _wait(accelerator.device)
    trunk_s = (time.perf_counter() - started_s) / batch if caches else 0.0
    times = []
    for _ in range(_TIMED_STEPS):
        started_s = time.perf_counter()
        accelerator.backward(loss(learner(inputs), targets).total)
        optimiser.step()
        optimiser.zero_grad()
        _wait(accelerator.device)
        times.append(time.perf_counter() - started_s)
    changing_s = _changing_s(settings)
    return float(np.median(times)) + (0 if caches else batch * changing_s), trunk_s + caches * changing_s


def _changing_s(settings: ExperimentSettings) -> float:
    """Seconds to change a picture."""
    if not settings.augmentation.enabled:
        return 0.0
    square = np.full((settings.picture.image_size_px,) * 2, 128, dtype=np.uint8)
    rng = np.random.default_rng(0)
    started_s = time.perf_counter()
    for _ in range(8):
        augmented(square, rng, settings.augmentation)
    return (time.perf_counter() - started_s) / 8


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
