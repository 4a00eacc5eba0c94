"""What a frozen trunk says about every picture, computed once for all folds: the CPU profile's shortcut.

The trunk has the same weights in every fold, so its activations of a picture are the same, too. Kept are the
picture itself, its mildly shifted views, and K random variants, as float16 in a memory-mapped file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.modeling.network import Network
from pipeline.training.batches import Inputs, Places
from pipeline.training.computing import in_pieces
from pipeline.training.reporting import Advance

Half = NDArray[np.float16]

# Pictures that go through the trunk at once.
_AT_ONCE = 16


class TrunkCache:
    """Activations as network inputs; a training draw picks the picture itself or one of its K variants.

    Args:
        kept: float16, n x (views + variants) x channels x height x width; views first.
    """

    are_activations = True

    def __init__(self, kept: Half, *, views: int) -> None:
        self._kept = kept
        self.views = views

    def drawn(self, places: Places, seeds: Places) -> Tensor:
        """One variant of each picture, float32 [n, channels, height, width]."""
        variants = self._kept.shape[1] - self.views
        chosen = np.asarray(seeds) % (variants + 1)
        return self._tensor(places, np.where(chosen == 0, 0, self.views - 1 + chosen))

    def plain(self, places: Places, view: int = 0) -> Tensor:
        """The picture itself, or one of its shifted views, float32 [n, channels, height, width]."""
        return self._tensor(places, np.full(len(places), view))

    def _tensor(self, places: Places, slots: Places) -> Tensor:
        return torch.from_numpy(self._kept[np.asarray(places), slots].astype(np.float32))


def keep_trunk(
    network: Network,
    pictures: Inputs,
    n: int,
    file: Path,
    *,
    variants: int,
    seed: int,
    on_progress: Advance | None = None,
) -> TrunkCache:
    """Send every view and variant of every picture through the frozen trunk.

    Args:
        network: frozen through a block, on the device that computes.
        pictures: n of them.
        file: a new one appears whole; one that is there already was made by an earlier try and is taken.
        variants: random ones a picture, K.
        seed: each variant is drawn from it and its own place.
    """
    if not file.exists():
        partial = file.with_suffix(".partial")
        _compute(network, pictures, n, partial, variants=variants, seed=seed, on_progress=on_progress)
        partial.replace(file)
    return TrunkCache(np.load(file, mmap_mode="r"), views=pictures.views)


def _compute(
    network: Network,
    pictures: Inputs,
    n: int,
    file: Path,
    *,
    variants: int,
    seed: int,
    on_progress: Advance | None,
) -> None:
    device = next(network.parameters()).device
    seeds = np.random.default_rng([seed, n]).integers(0, 2**31, size=(n, variants))
    was_training = network.training
    network.eval()
    kept: np.memmap[Any, np.dtype[np.float16]] | None = None

    def keep(places: Places) -> Places:
        nonlocal kept
        for slot, shown in enumerate(_shown(pictures, places, seeds[places])):
            shown = shown.contiguous(memory_format=torch.channels_last).to(device)
            activations = network.trunk(shown).cpu().numpy()
            if kept is None:
                shape = (n, pictures.views + variants, *activations.shape[1:])
                kept = np.lib.format.open_memmap(file, mode="w+", dtype=np.float16, shape=shape)
            kept[places, slot] = activations.astype(np.float16)
        return places

    with torch.inference_mode():
        for places in in_pieces(np.arange(n), _AT_ONCE, keep):
            if on_progress is not None:
                on_progress(int(places[-1]) + 1, n)
    if kept is not None:
        kept.flush()
    network.train(was_training)


def _shown(pictures: Inputs, places: Places, seeds: Places) -> Iterator[Tensor]:
    """Every view, then every variant of these pictures."""
    for view in range(pictures.views):
        yield pictures.plain(places, view)
    for variant in range(seeds.shape[1]):
        yield pictures.drawn(places, seeds[:, variant])
