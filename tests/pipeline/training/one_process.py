"""One process of a training, alone or among several: writes down what it saw and what it came to."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch
from small_snapshots import tiny

from pipeline.modeling.network import build_network
from pipeline.modeling.targets import Targets
from pipeline.training.batches import Places
from pipeline.training.computing import accelerator_for
from pipeline.training.loop import Fit, fit
from pipeline.training.tasks import EchoTask

SIZE, TRAINING, HELD_BACK = 32, 17, 6


class Watched:
    """Pictures whose brightness is the EF; keeps who was drawn with which seed, a row a step."""

    are_activations = False
    views = 1

    def __init__(self, n: int) -> None:
        generator = torch.Generator().manual_seed(2)
        noise = torch.randn(n, 3, SIZE, SIZE, generator=generator)
        self.pictures = 0.1 * noise + torch.linspace(-1, 1, n)[:, None, None, None]
        self.seen: list[list[list[int]]] = []

    def drawn(self, places: Places, seeds: Places) -> torch.Tensor:
        self.seen.append([[int(p), int(s)] for p, s in zip(places, seeds, strict=True)])
        return self.pictures[places]

    def plain(self, places: Places, view: int = 0) -> torch.Tensor:
        return self.pictures[places]


def main(file: Path) -> None:
    """Twenty steps: ten epochs of two, of eight records each; some know no EF, some no wall motion."""
    n = TRAINING + HELD_BACK
    ef = np.linspace(0.25, 0.65, n, dtype=np.float32)
    ef[[3, 7]] = np.nan
    rwma = (np.arange(n) % 2).astype(np.int64)
    rwma[[5, 6, 8]] = -1
    still = {"neck__dropouts": [0, 0], "backbone__drop_rate": 0, "backbone__drop_path": 0}
    settings = tiny(training__epochs=10, **still)
    accelerator = accelerator_for(settings)
    inputs, network = Watched(n), build_network(settings, seed=5)
    training, validation = np.arange(TRAINING), np.arange(TRAINING, n)
    task = EchoTask(Targets(ef, rwma, ()), training, settings.losses, accelerator.device)
    what = Fit(task, inputs, training, validation, settings.training, settings.optimiser, None, seed=11)
    history = fit(network, what, accelerator)
    found = {
        "processes": accelerator.num_processes,
        "seen": inputs.seen,
        **{name: [row[name] for row in history] for name in ("training_total", "validation_total")},
        "weights": [float(tensor.double().abs().mean()) for tensor in network.state_dict().values()],
    }
    file.write_text(json.dumps(found), encoding="utf-8")
    accelerator.end_training()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
