"""The network: a backbone and heads, whole or cut into a frozen trunk and the rest that learns.

A frozen trunk says the same about a picture every time, so its activations can be computed once and kept:
`rest(trunk(pictures))` is the whole network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from pipeline.config.settings import BackboneSettings, ExperimentSettings, OptimiserSettings
from pipeline.modeling.backbones import (
    check_cut,
    create_backbone,
    early_layers,
    feature_width,
    late_features,
    late_map,
)
from pipeline.modeling.heads import ClassHeads, EchoHeads


class Network(nn.Module):
    """Pictures [n, 3, height, width] in, what the heads give out.

    Args:
        backbone: from `create_backbone`.
        heads: take its features.
        settings: which part is frozen. Freezing lasts: `train()` leaves it as it is.

    Raises:
        EchoDeskError: this backbone can't be cut there.
    """

    def __init__(self, backbone: nn.Module, heads: nn.Module, settings: BackboneSettings) -> None:
        super().__init__()
        self.backbone = backbone
        self.heads = heads
        self._cut = settings.frozen_through_block
        self._freezes_batch_norm = settings.freeze_batch_norm
        if self._cut is not None:
            check_cut(backbone, settings.name, self._cut)
            for layer in early_layers(backbone, self._cut):
                layer.requires_grad_(False)
        self.train(self.training)

    def trunk(self, pictures: Tensor) -> Tensor:
        """Activations after the last frozen block; the pictures themselves where nothing is frozen."""
        if self._cut is None:
            return pictures
        with torch.no_grad():
            x = pictures
            for layer in early_layers(self.backbone, self._cut):
                x = layer(x)
        return x

    def rest(self, activations: Tensor) -> Any:
        """What the heads say about pictures whose trunk activations these are."""
        return self.heads(self.features(activations))

    def features(self, activations: Tensor) -> Tensor:
        """Pooled features [n, width] of pictures whose trunk activations these are."""
        if self._cut is None:
            found: Tensor = self.backbone(activations)
            return found
        return late_features(self.backbone, self._cut, activations)

    def last_map(self, activations: Tensor) -> Tensor:
        """The last map of an EfficientNet, [n, width, rows, columns]; its mean is the features."""
        return late_map(self.backbone, self._cut, activations)

    def forward(self, pictures: Tensor) -> Any:
        """What the heads say about pictures."""
        return self.rest(self.trunk(pictures))

    def train(self, mode: bool = True) -> Self:
        """Training mode for what learns: a frozen trunk drops nothing, frozen statistics ignore the batch."""
        super().train(mode)
        if self._cut is not None:
            for layer in early_layers(self.backbone, self._cut):
                layer.eval()
        if self._freezes_batch_norm:
            freeze_batch_norm(self)
        return self


def freeze_batch_norm(module: nn.Module) -> None:
    """Let every BatchNorm use the statistics it has and keep them; its scale and shift still learn."""
    for layer in module.modules():
        if isinstance(layer, _BatchNorm):
            layer.eval()


def build_network(settings: ExperimentSettings, *, seed: int) -> Network:
    """The network of the third stage, EF and wall motion, with random weights that follow from the seed.

    Torch's generator is left as it was.

    Raises:
        EchoDeskError: there is no such backbone, or it can't be cut there.
    """
    return _built(settings.backbone, lambda features: EchoHeads(features, settings.neck), seed)


def build_class_network(settings: ExperimentSettings, classes: tuple[str, ...], *, seed: int) -> Network:
    """The network of the second stage: the same backbone under one linear layer to these classes.

    Raises:
        EchoDeskError: see `build_network`.
    """
    return _built(settings.backbone, lambda features: ClassHeads(features, classes), seed)


def _built(settings: BackboneSettings, heads: Callable[[int], nn.Module], seed: int) -> Network:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        backbone = create_backbone(settings)
        return Network(backbone, heads(feature_width(backbone)), settings)


@dataclass(frozen=True)
class PartSize:
    """How many numbers one part of the network has, and how many of them learn."""

    part: str
    parameters: int
    trainable: int


def parameter_table(network: Network) -> list[PartSize]:
    """The sizes of backbone, neck and heads, and `total`, in that order."""
    parts = {"backbone": network.backbone, **dict(network.heads.named_children()), "total": network}
    return [
        PartSize(name, _count(part.parameters()), _count(p for p in part.parameters() if p.requires_grad))
        for name, part in parts.items()
    ]


def _count(parameters: Any) -> int:
    return sum(parameter.numel() for parameter in parameters)


def parameter_groups(network: Network, settings: OptimiserSettings) -> list[dict[str, Any]]:
    """What an optimiser takes: the backbone with its small rate, the freshly made heads with theirs.

    Frozen parameters are in neither; a group that has none left is not there.
    """
    rates = (
        ("backbone", network.backbone, settings.backbone_rate),
        ("heads", network.heads, settings.head_rate),
    )
    groups = [
        {"name": name, "params": [p for p in part.parameters() if p.requires_grad], "lr": rate}
        for name, part, rate in rates
    ]
    return [{**group, "weight_decay": settings.weight_decay} for group in groups if group["params"]]
