"""Where a network looks: Grad-CAM, LayerCAM and SmoothGrad for both heads, and whether weights decide it.

All explain the same two numbers: `ef` is minus the ejection fraction, `rwma` the logit of a significant
abnormality less that of none. So a hot place speaks for illness, whichever head is asked.

Source: Selvaraju 2017 (Grad-CAM, arXiv 1610.02391); Jiang 2021 (LayerCAM, doi 10.1109/TIP.2021.3089943);
Smilkov 2017 (SmoothGrad, arXiv 1706.03825); Adebayo 2018 (sanity checks, arXiv 1810.03292).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import interpolate

from db.errors import EchoDeskError
from pipeline.modeling.network import Network

Head = Literal["ef", "rwma"]
HEADS: Final[tuple[Head, ...]] = ("ef", "rwma")

# Pictures to heat maps: network, pictures [n, 3, side, side], head -> [n, height, width], none below 0.
Method = Callable[[Network, Tensor, Head], Tensor]

FINE_STRIDE: Final = 8
_AT_ONCE: Final = 16


def evidence(network: Network, pictures: Tensor, head: Head) -> Tensor:
    """What is explained, shape [n]: minus EF (as a fraction), or the RWMA logit less that of none.

    The backbone is asked as a whole, so that gradients also pass a trunk that is frozen.
    """
    outputs = network.heads(network.backbone(pictures))
    if head == "ef":
        negative: Tensor = -outputs.ef
        return negative
    logits: Tensor = outputs.rwma_logits
    return logits[:, 1] - logits[:, 0]


@dataclass(frozen=True)
class Layer:
    """A place in a backbone whose output is a map of the picture.

    Attributes:
        name: of the module, such as `blocks.2`.
        stride: pixels of the picture a cell is wide.
    """

    name: str
    stride: int


def layer_at(backbone: nn.Module, stride: int | None = None) -> Layer:
    """The deepest layer whose cells are at most this wide; the finest there is where all are wider.

    Args:
        stride: pixels; None for the last map of all.

    Raises:
        EchoDeskError: the backbone does not say where its maps are.
    """
    described: Any = getattr(backbone, "feature_info", None)
    there = {
        name for name, _ in backbone.named_modules()
    }  # of a network that ends early, not all it tells of
    maps = [
        Layer(str(one["module"]), int(one["reduction"]))
        for one in (getattr(described, "info", described) or ())
        if str(one["module"]) in there
    ]
    if not maps:
        raise EchoDeskError(
            f"{type(backbone).__name__} does not say where its feature maps are",
            "Attention maps need a network that timm describes, such as an EfficientNet.",
        )
    if stride is None:
        return maps[-1]
    widest = max(stride, min(one.stride for one in maps))
    return [one for one in maps if one.stride <= widest][-1]


def _activations_and_gradients(
    network: Network, pictures: Tensor, head: Head, layer: Layer
) -> tuple[Tensor, Tensor]:
    """Of a layer, each [n, channels, height, width]."""
    kept: list[Tensor] = []
    handle = network.backbone.get_submodule(layer.name).register_forward_hook(
        lambda _module, _inputs, output: kept.append(output)
    )
    try:
        with torch.enable_grad():
            # So that there is a gradient at all where every weight before the layer is frozen.
            said = evidence(network, pictures.detach().requires_grad_(True), head)
        (gradient,) = torch.autograd.grad(said.sum(), kept[0])
    finally:
        handle.remove()
    return _as_map(kept[0].detach(), network.backbone), _as_map(gradient, network.backbone)


def _as_map(output: Tensor, backbone: nn.Module) -> Tensor:
    """[n, channels, height, width] of a layer's output: a map already, channels last, or a row of tokens."""
    if output.ndim == 4:
        is_last = getattr(backbone, "output_fmt", "NCHW") == "NHWC"
        return output.permute(0, 3, 1, 2) if is_last else output
    embedding: Any = getattr(backbone, "patch_embed", None)
    tokens = output[:, int(getattr(backbone, "num_prefix_tokens", 0)) :]
    grid = getattr(embedding, "grid_size", None)
    high = int(grid[0]) if grid and grid[0] * grid[1] == tokens.shape[1] else math.isqrt(tokens.shape[1])
    return tokens.transpose(1, 2).reshape(len(tokens), -1, high, tokens.shape[1] // high)


def grad_cam(network: Network, pictures: Tensor, head: Head) -> Tensor:
    """Of the last feature map: each channel weighted by its mean gradient; [n, height, width] in cells."""
    return _in_pieces(_grad_cam, network, pictures, head)


def _grad_cam(network: Network, pictures: Tensor, head: Head) -> Tensor:
    activations, gradients = _activations_and_gradients(network, pictures, head, layer_at(network.backbone))
    return (gradients.mean(dim=(2, 3), keepdim=True) * activations).sum(dim=1).relu()


def layer_cam(network: Network, pictures: Tensor, head: Head) -> Tensor:
    """Of a finer map: each cell of each channel by its own positive gradient; [n, height, width] in cells.

    On a page 384 pixels wide a cell of the last map is 25 mm of paper, one at stride 8 is 6 mm: fine enough
    to tell a trace from the paper between traces.
    """

    def one(network: Network, pictures: Tensor, head: Head) -> Tensor:
        layer = layer_at(network.backbone, FINE_STRIDE)
        activations, gradients = _activations_and_gradients(network, pictures, head, layer)
        return (gradients.relu() * activations).sum(dim=1).relu()

    return _in_pieces(one, network, pictures, head)


def smooth_grad(
    network: Network,
    pictures: Tensor,
    head: Head,
    *,
    generator: torch.Generator,
    samples: int = 8,
    deviation: float = 0.15,
) -> Tensor:
    """Mean size of the gradient by each pixel over noisy copies, summed over colours; [n, side, side].

    Args:
        deviation: of the noise, in the unit of the normalised picture.
    """
    total = torch.zeros_like(pictures)
    for _ in range(samples):
        noise = torch.randn(pictures.shape, generator=generator, dtype=pictures.dtype).to(pictures.device)
        noisy = (pictures + deviation * noise).detach().requires_grad_(True)
        with _evaluating(network), torch.enable_grad():
            (gradient,) = torch.autograd.grad(evidence(network, noisy, head).sum(), noisy)
        total += gradient.abs()
    return (total / samples).sum(dim=1)


def _in_pieces(method: Method, network: Network, pictures: Tensor, head: Head) -> Tensor:
    with _evaluating(network):
        return torch.cat([method(network, piece, head) for piece in torch.split(pictures, _AT_ONCE)])


class _evaluating:  # noqa: N801 - reads like the keyword it is used with
    """Without dropout; the network's mode is as before afterwards."""

    def __init__(self, network: Network) -> None:
        self._network, self._was_training = network, network.training

    def __enter__(self) -> None:
        self._network.eval()

    def __exit__(self, *_: object) -> None:
        self._network.train(self._was_training)


def as_shares(maps: Tensor, side_px: int) -> NDArray[np.float64]:
    """Maps as large as the picture, each with sum 1: [n, side, side]; all alike where a map is empty."""
    large = interpolate(maps[:, None].double(), size=(side_px, side_px), mode="bilinear", align_corners=False)
    flat = large.flatten(1).clamp(min=0)
    total = flat.sum(dim=1, keepdim=True)
    even = torch.full_like(flat, 1 / flat.shape[1])
    shares = torch.where(total > 0, flat / total.clamp(min=torch.finfo(torch.float64).tiny), even)
    return np.asarray(shares.reshape(len(maps), side_px, side_px).detach().cpu().numpy())


@dataclass(frozen=True)
class Scrambled:
    """How like the first maps those are after more and more weights were put in disorder.

    Attributes:
        part: the last part that was scrambled, from the heads down to the stem.
        similarity: mean rank correlation with the maps of the trained network; 1 is the same map.
    """

    part: str
    similarity: float


def cascading_randomisation(
    network: Network, pictures: Tensor, head: Head, method: Method, *, generator: torch.Generator
) -> list[Scrambled]:
    """Scramble the weights from the heads down, part by part; a map that stays explains no weights.

    Each tensor of weights keeps its values in another order: sizes stay, what was learnt goes. The network
    itself is not touched.
    """
    trained = method(network, pictures, head)
    copied = copy.deepcopy(network)
    found = []
    for name, part in _parts_from_the_top(copied):
        for tensor in part.parameters():
            order = torch.randperm(tensor.numel(), generator=generator).to(tensor.device)
            tensor.data = tensor.data.flatten()[order].reshape(tensor.shape)
        found.append(Scrambled(name, _similarity(trained, method(copied, pictures, head))))
    return found


def _parts_from_the_top(network: Network) -> Iterator[tuple[str, nn.Module]]:
    yield "heads", network.heads
    for name, child in reversed(list(network.backbone.named_children())):
        stages = list(child.named_children()) if isinstance(child, nn.Sequential) else []
        for stage, module in reversed(stages) if stages else [("", child)]:
            if any(True for _ in module.parameters()):
                yield f"{name}.{stage}".rstrip("."), module


def _similarity(one: Tensor, other: Tensor) -> float:
    """Mean over pictures of Spearman's correlation; 0 where a map has become flat."""
    ranks = [_ranks(maps.flatten(1)) for maps in (one, other)]
    centred = [rank - rank.mean(dim=1, keepdim=True) for rank in ranks]
    size = (centred[0].norm(dim=1) * centred[1].norm(dim=1)).clamp(min=1e-12)
    return float(((centred[0] * centred[1]).sum(dim=1) / size).mean())


def _ranks(rows: Tensor) -> Tensor:
    """Mid-ranks along each row: equal values share one, so that a map of zeros has no order."""
    ranks = []
    for row in rows:
        _, inverse, counts = torch.unique(row, return_inverse=True, return_counts=True)
        ends = counts.cumsum(0)
        ranks.append((ends - (counts - 1) / 2)[inverse])
    return torch.stack(ranks).double()
