"""Which records make which step: decided by seed and epoch alone, whatever the number of processes.

Every process cuts its slice out of the same global batch, so two processes see together what one would see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Places = NDArray[np.int64]


class Inputs(Protocol):
    """Where a network's inputs come from: pictures, or the kept activations of a frozen trunk."""

    @property
    def are_activations(self) -> bool:
        """Whether they are what the trunk gave, instead of pictures."""
        ...

    @property
    def views(self) -> int:
        """How many views `plain` has."""
        ...

    def drawn(self, places: Places, seeds: Places) -> Tensor:
        """Inputs for training, changed at random; shape [n, ...]. The same seed gives the same change."""
        ...

    def plain(self, places: Places, view: int = 0) -> Tensor:
        """Inputs for predicting: view 0 is the picture itself, the others are it mildly shifted."""
        ...


@dataclass(frozen=True, eq=False)
class Step:
    """What one process computes of one step, and what the whole step is.

    Attributes:
        batch: the records of the step, over all processes, shape [n].
        places, seeds: this process's share of them, and what each record's random change is drawn from.
    """

    batch: Places
    places: Places
    seeds: Places


def steps_an_epoch(n: int, batch_size: int) -> int:
    """Whole batches only: a rest of two or three records would pull as hard as sixteen."""
    return max(1, n // batch_size)


def epoch_steps(
    places: Places, batch_size: int, *, seed: int, epoch: int, process: int = 0, processes: int = 1
) -> Iterator[Step]:
    """The steps of one epoch, every record at most once, in an order that only seed and epoch decide.

    Args:
        places: the training records.
        process, processes: which of how many computes; each takes every `processes`-th record of a step.
    """
    rng = np.random.default_rng([seed, epoch])
    order = rng.permutation(places)
    seeds = rng.integers(0, 2**31, size=len(order))
    size = min(batch_size, len(order))
    mine = slice(process, None, processes)
    for start in range(0, steps_an_epoch(len(order), size) * size, size):
        batch = slice(start, start + size)
        yield Step(order[batch], order[batch][mine], seeds[batch][mine])


def chunks(places: Places, size: int) -> Iterator[Places]:
    """The places in their order, at most `size` at a time."""
    for start in range(0, len(places), size):
        yield places[start : start + size]
