"""The networks of a run, one a fold (or several, one a seed), asked about pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from db.errors import EchoDeskError
from pipeline.modeling.checkpoints import load_checkpoint
from pipeline.modeling.ensemble import EnsemblePredictions, Predictions, combine, predict
from pipeline.modeling.network import Network

# Pictures that go through a network at once.
AT_ONCE = 16


class FoldNetworks:
    """Trained networks by fold.

    Args:
        by_fold: fold -> its networks, one a seed; the fold's patients taught none of them.
    """

    def __init__(self, by_fold: Mapping[int, Sequence[Network]]) -> None:
        self.by_fold = dict(sorted(by_fold.items()))

    @classmethod
    def load(cls, checkpoints: Sequence[Path]) -> FoldNetworks:
        """From a run's files, named `3.safetensors` or `3.seed7.safetensors` by fold.

        Raises:
            EchoDeskError: there is none, or one can't be loaded.
        """
        if not checkpoints:
            raise EchoDeskError("the run holds no model", "Train it anew, or copy its folder whole.")
        found: dict[int, list[Network]] = {}
        for path in checkpoints:
            network, _ = load_checkpoint(path)
            fold = int(path.name.partition(".")[0])
            found.setdefault(fold, []).append(network.to(memory_format=torch.channels_last))
        return cls(found)

    def out_of_fold(self, pictures: Tensor, folds: NDArray[np.int64]) -> Predictions:
        """Each picture by the networks of its own patient's fold, their mean.

        Args:
            pictures: shape [n, 3, side, side], preprocessed. folds: shape [n].
        """
        ef, rwma = np.full(len(folds), np.nan), np.full(len(folds), np.nan)
        for fold, networks in self.by_fold.items():
            at = np.flatnonzero(folds == fold)
            for chunk in _chunks(at):
                shown = pictures[torch.from_numpy(chunk)].contiguous(memory_format=torch.channels_last)
                said = combine([predict(network, shown) for network in networks])
                ef[chunk], rwma[chunk] = said.ef_percent, said.rwma_probability
        return Predictions(ef, rwma)

    def every(self, pictures: Tensor) -> dict[int, EnsemblePredictions]:
        """Each picture by the networks of every fold, those of one fold as one."""
        said = iter(self.each(pictures))
        return {fold: combine([next(said) for _ in networks]) for fold, networks in self.by_fold.items()}

    def each(self, pictures: Tensor) -> list[Predictions]:
        """Each picture by each network, in the order of folds; a trunk that all share is asked once."""
        parts: list[list[Predictions]] = [[] for _ in self._all()]
        shares = self.shares_trunk
        for chunk in _chunks(np.arange(len(pictures))):
            shown = pictures[torch.from_numpy(chunk)].contiguous(memory_format=torch.channels_last)
            if shares:
                with torch.inference_mode():
                    shown = next(self._all()).trunk(shown)
            for part, network in zip(parts, self._all(), strict=True):
                part.append(predict(network, shown, are_activations=shares))
        return [_joined(part) for part in parts]

    @cached_property
    def shares_trunk(self) -> bool:
        """Whether all networks have a frozen trunk with the same weights."""
        frozen = [
            {name: tensor for name, tensor in network.backbone.named_parameters() if not tensor.requires_grad}
            for network in self._all()
        ]
        first = frozen[0]
        return bool(first) and all(
            one.keys() == first.keys() and all(torch.equal(one[name], first[name]) for name in first)
            for one in frozen[1:]
        )

    def _all(self) -> Iterator[Network]:
        for networks in self.by_fold.values():
            yield from networks


def _chunks(places: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(places), AT_ONCE):
        yield places[start : start + AT_ONCE]


def _joined(parts: Sequence[Predictions]) -> Predictions:
    return Predictions(
        ef_percent=np.concatenate([part.ef_percent for part in parts]),
        rwma_probability=np.concatenate([part.rwma_probability for part in parts]),
    )
