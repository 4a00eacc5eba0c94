"""Where a model's training stands after an epoch, on the disk: killed and started again, it ends the same.

Order, augmentation and dropout of an epoch follow from the seed and the epoch's number, so no generator has
to be kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from db.files.whole import whole_file

State = dict[str, Tensor]


@dataclass
class Progress:
    """One model's training so far.

    Attributes:
        epoch: how many are finished.
        best: what learns, as it was after the best epoch; empty before the first.
        best_score: validation loss of that epoch, lower is better.
        since_best: epochs without a gain.
        at_once: how many records go through the network together; smaller after memory ran out.
        history: one row an epoch.
    """

    at_once: int
    epoch: int = 0
    best: State = field(default_factory=dict)
    best_score: float = float("inf")
    since_best: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def learning_state(module: nn.Module) -> State:
    """A copy of what training changes: parameters that learn, and statistics."""
    frozen = {name for name, parameter in module.named_parameters() if not parameter.requires_grad}
    return {
        name: tensor.detach().clone() for name, tensor in module.state_dict().items() if name not in frozen
    }


class Keeper:
    """Keeps one model's progress in a file.

    Args:
        file: None keeps nothing.
        clock: seconds; what is kept is at most `every_s` old. Losing a little only costs that time again.
    """

    def __init__(self, file: Path | None, clock: Callable[[], float], *, every_s: float = 20.0) -> None:
        self._file, self._clock, self._every_s = file, clock, every_s
        self._kept_s = clock()

    def keep(self, progress: Progress, parts: dict[str, Any]) -> None:
        """Write the progress and the states of what goes with it, whole or not at all, when it is due."""
        if self._file is None or self._clock() - self._kept_s < self._every_s:
            return
        with whole_file(self._file, overwrite=True) as temporary:
            states = {name: part.state_dict() for name, part in parts.items()}
            torch.save({"progress": vars(progress), "states": states}, temporary)
        self._kept_s = self._clock()

    def take_up(self, progress: Progress, parts: dict[str, Any]) -> None:
        """Bring everything to where the last try left off; nothing happens where there was none."""
        if self._file is None or not self._file.exists():
            return
        kept = torch.load(self._file, map_location="cpu", weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(kept["states"][name])
        for name, value in kept["progress"].items():
            setattr(progress, name, value)
