"""What training costs here: an epoch on a frozen trunk's kept activations beside a plain one."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from pipeline.config.files import override
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.network import Network, build_network
from pipeline.modeling.targets import Targets
from pipeline.training.batches import Inputs
from pipeline.training.computing import accelerator_for
from pipeline.training.inputs.pictures import PictureInputs, augmentation
from pipeline.training.inputs.trunk_cache import keep_trunk
from pipeline.training.loop import Fit, Learner, fit
from pipeline.training.tasks import EchoTask

Clock = Callable[[], float]

_TIMES = 3


@dataclass(frozen=True)
class TrainingSpeed:
    """Seconds of processor time on the same pictures in one process; every epoch is the faster of two.

    Attributes:
        pictures, size_px, threads: that an epoch learns from; their side; of PyTorch.
        plain_epoch_s: everything learns, pictures changed anew.
        frozen_epoch_s: the trunk is frozen but computed each time.
        kept_epoch_s: the frozen trunk's activations were kept before.
        keeping_ms: once for all folds and epochs: one picture, view or variant through the trunk.
        forward_ms, backward_ms: of the whole network, a picture.
        kept_forward_ms, kept_backward_ms: of what is left behind the trunk, a picture.
    """

    backbone: str
    pictures: int
    size_px: int
    threads: int
    plain_epoch_s: float
    frozen_epoch_s: float
    kept_epoch_s: float
    keeping_ms: float
    forward_ms: float
    backward_ms: float
    kept_forward_ms: float
    kept_backward_ms: float

    @property
    def ratio(self) -> float:
        """How many kept epochs a plain one takes."""
        return self.plain_epoch_s / self.kept_epoch_s

    @property
    def frozen_ratio(self) -> float:
        """How many kept epochs take as long as one that computes its frozen trunk anew."""
        return self.frozen_epoch_s / self.kept_epoch_s


def measure_training(
    settings: ExperimentSettings, *, pictures: int = 16, seed: int = 0, clock: Clock = time.process_time
) -> TrainingSpeed:
    """Train untrained networks of these settings for two epochs each, on noise: speed asks for no meaning.

    Args:
        settings: they cache their trunk, like the CPU profile's.
        pictures: to learn from.
    """
    kept = override(settings, {"backbone.weights": "random", "training.epochs": 2, "training.patience": None})
    frozen = override(kept, {"training.caches_trunk": False, "augmentation.cached_variants": 1})
    plain = override(frozen, {"backbone.frozen_through_block": None})
    side = settings.picture.image_size_px
    squares = np.random.default_rng(seed).integers(0, 256, (pictures + 2, side, side), dtype=np.uint8)
    changes = augmentation(settings.augmentation)
    shown = PictureInputs(squares, settings.picture, changes=changes, views=1)
    network = build_network(kept, seed=seed)
    with tempfile.TemporaryDirectory(prefix="echodesk-bench-") as folder:
        begun_s = clock()
        file, variants = Path(folder) / "trunk.npy", settings.augmentation.cached_variants
        activations = keep_trunk(network, shown, pictures + 2, file, variants=variants, seed=seed)
        keeping_s = clock() - begun_s
        kept_epoch_s = _epoch_s(network, activations, kept, pictures, clock)
        kept_ms = _passes_ms(network, activations, kept, pictures, clock)
    whole = build_network(plain, seed=seed)
    forward_ms, backward_ms = _passes_ms(whole, shown, plain, pictures, clock)
    return TrainingSpeed(
        backbone=settings.backbone.name,
        pictures=pictures,
        size_px=side,
        threads=torch.get_num_threads(),
        plain_epoch_s=_epoch_s(whole, shown, plain, pictures, clock),
        frozen_epoch_s=_epoch_s(build_network(frozen, seed=seed), shown, frozen, pictures, clock),
        kept_epoch_s=kept_epoch_s,
        keeping_ms=1000 * keeping_s / ((pictures + 2) * (1 + variants)),
        forward_ms=forward_ms,
        backward_ms=backward_ms,
        kept_forward_ms=kept_ms[0],
        kept_backward_ms=kept_ms[1],
    )


def _what(inputs: Inputs, settings: ExperimentSettings, pictures: int) -> Fit:
    """Records with made-up targets; two more decide nothing but are asked about, as in a real epoch."""
    n = pictures + 2
    targets = Targets(np.linspace(0.25, 0.65, n, dtype=np.float32), np.arange(n, dtype=np.int64) % 2, ())
    places = np.arange(n, dtype=np.int64)
    device = accelerator_for(settings).device
    return Fit(
        task=EchoTask(targets, places[:pictures], settings.losses, device),
        inputs=inputs,
        training=places[:pictures],
        validation=places[pictures:],
        stage=settings.training,
        optimiser=settings.optimiser,
        patience=None,
        seed=1,
    )


def _epoch_s(
    network: Network, inputs: Inputs, settings: ExperimentSettings, pictures: int, clock: Clock
) -> float:
    what = _what(inputs, settings, pictures)
    history = fit(network, what, accelerator_for(settings), clock=clock)
    return min(row["seconds"] for row in history)


def _passes_ms(
    network: Network, inputs: Inputs, settings: ExperimentSettings, pictures: int, clock: Clock
) -> tuple[float, float]:
    """Milliseconds a picture there and back again, the best of a few."""
    what = _what(inputs, settings, pictures)
    learner = Learner(network, takes_activations=inputs.are_activations).train()
    some = what.training[: settings.training.batch_size]
    shown = inputs.plain(some).contiguous(memory_format=torch.channels_last)
    below = what.task.denominators(some)
    there, back = [], []
    for _ in range(_TIMES):
        begun_s = clock()
        outputs = learner(shown)
        turned_s = clock()
        torch.autograd.backward(what.task.losses(outputs, some, below)["total"])
        there.append(turned_s - begun_s)
        back.append(clock() - turned_s)
        network.zero_grad()
    return 1000 * min(there) / len(some), 1000 * min(back) / len(some)
