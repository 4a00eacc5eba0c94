"""How much of a heat map lies on the waveform, and how much on text and margins, where masks are exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from db.measures.estimate import Estimate
from db.measures.means import mean_of
from pipeline.config.settings import PictureSettings
from pipeline.evaluation.pictures.pages import Masked
from pipeline.imaging.preprocess import normalised
from pipeline.modeling.attention import (
    HEADS,
    Head,
    Method,
    Scrambled,
    as_shares,
    cascading_randomisation,
    grad_cam,
    layer_cam,
    smooth_grad,
)
from pipeline.modeling.fold_networks import FoldNetworks
from pipeline.modeling.network import Network

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float64]

# Of the pages, so many are explained again with scrambled weights.
_SCRAMBLED_PAGES: Final = 8
_NOISY_COPIES: Final = 3


@dataclass(frozen=True)
class Attributed:
    """Where one head looks by one method, mean over pages.

    Attributes:
        waveform_lift: the share of heat on the trace over the trace's share of the picture; 1 is chance.
        beside_share: the share of heat on text and margins. beside_area: their share of the picture.
    """

    head: str
    method: str
    waveform_lift: Estimate
    beside_share: Estimate
    beside_area: Estimate


@dataclass(frozen=True)
class Randomised:
    """How like the maps stay while weights are scrambled from the heads down; see `attention.Scrambled`."""

    head: str
    method: str
    steps: tuple[Scrambled, ...]


@dataclass(frozen=True)
class Attributions:
    """Where both heads look, and whether that depends on what was learnt."""

    looks: tuple[Attributed, ...]
    randomised: tuple[Randomised, ...]


def attributions(
    pages: Sequence[Masked],
    folds: NDArray[np.int64],
    networks: FoldNetworks,
    settings: PictureSettings,
    rng: np.random.Generator,
) -> Attributions:
    """Explain each page by the network that never saw its patient."""
    import torch

    squares = [normalised(page.square, settings) for page in pages]
    pictures = torch.from_numpy(np.stack(squares))
    seed = int(rng.integers(2**31))
    looks, randomised = [], []
    for head in HEADS:
        for name, method in methods(seed).items():
            maps = _maps(method, pictures, folds, networks, head)
            looks.append(_attributed(head, name, maps, pages))
        fold, of_fold = next(iter(networks.by_fold.items()))
        few = pictures[np.flatnonzero(folds == fold)[:_SCRAMBLED_PAGES]]
        if len(few):
            generator = torch.Generator().manual_seed(seed)
            steps = cascading_randomisation(of_fold[0], few, head, layer_cam, generator=generator)
            randomised.append(Randomised(head, "layer_cam", tuple(steps)))
    return Attributions(tuple(looks), tuple(randomised))


def methods(seed: int) -> dict[str, Method]:
    """The methods by name; noise follows from the seed."""
    import torch

    def smooth(network: Network, pictures: torch.Tensor, head: Head) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return smooth_grad(network, pictures, head, generator=generator, samples=_NOISY_COPIES)

    return {"grad_cam": grad_cam, "layer_cam": layer_cam, "smooth_grad": smooth}


def _maps(
    method: Method, pictures: torch.Tensor, folds: NDArray[np.int64], networks: FoldNetworks, head: Head
) -> Floats:
    """Shares of heat, [n, side, side], by the first network of each page's fold."""
    side = pictures.shape[-1]
    found = np.zeros((len(pictures), side, side))
    for fold, of_fold in networks.by_fold.items():
        at = np.flatnonzero(folds == fold)
        if len(at):
            found[at] = as_shares(method(of_fold[0], pictures[at], head), side)
    return found


def _attributed(head: str, name: str, maps: Floats, pages: Sequence[Masked]) -> Attributed:
    lifts, beside, area = [], [], []
    for heat, page in zip(maps, pages, strict=True):
        lifts.append(float((heat * page.waveform).sum() / page.waveform.mean()))
        beside.append(float((heat * page.beside).sum()))
        area.append(float(page.beside.mean()))
    return Attributed(head, name, mean_of(lifts), mean_of(beside), mean_of(area))
