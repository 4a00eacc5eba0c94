"""The image encoder: any of timm's by name, and EfficientNets cut in two at a block.

Source: seed paper, table 3; its default is `tf_efficientnet_b3.ns_jft_in1k`.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import timm
from timm.models.efficientnet import EfficientNet
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from db.errors import EchoDeskError
from pipeline.config.settings import BackboneSettings

_LITTLE_KNOWN = (
    "Name one of timm's image models, such as tf_efficientnet_b3.ns_jft_in1k or tf_efficientnet_lite0."
)


def architecture_of(name: str) -> str:
    """`tf_efficientnet_b3.ns_jft_in1k` -> `tf_efficientnet_b3`: what is built, without whose weights."""
    return name.partition(".")[0]


def create_backbone(settings: BackboneSettings) -> nn.Module:
    """A backbone with random weights that turns pictures [n, 3, height, width] into features [n, width].

    Draws from torch's generator; see `network.build_network`.

    Raises:
        EchoDeskError: timm has no such model, or it can't be built with these settings.
    """
    check_name(settings.name)
    try:
        backbone: nn.Module = timm.create_model(
            settings.name,
            pretrained=False,
            num_classes=0,
            drop_rate=settings.drop_rate,
            drop_path_rate=settings.drop_path or None,
        )
    except TypeError:
        raise EchoDeskError(
            f"the backbone {settings.name} can't be built with drop_path {settings.drop_path:g}",
            "Set backbone.drop_path to 0: not every network has stochastic depth.",
        ) from None
    return _shaped(backbone, settings)


class GridPool(nn.Module):
    """A map's averages in each cell of a grid, side by side: [n, c, h, w] -> [n, c * rows * columns]."""

    def __init__(self, cells: tuple[int, int]) -> None:
        super().__init__()
        self.cells = cells

    def forward(self, x: Tensor) -> Tensor:
        """Cells row by row within each channel; larger than the map they repeat it."""
        return adaptive_avg_pool2d(x, self.cells).flatten(1)


def _shaped(backbone: nn.Module, settings: BackboneSettings) -> nn.Module:
    """Without what comes after its last block, and with the pooling that is asked for."""
    if settings.last_block is None and settings.pool == "average":
        return backbone
    check_cut(backbone, settings.name, settings.last_block or 0, "last_block")
    network: Any = backbone  # an EfficientNet, `check_cut` has seen to it
    width = feature_width(backbone)
    if settings.last_block is not None:
        network.blocks = network.blocks[: settings.last_block + 1]
        network.conv_head, network.bn2 = nn.Identity(), nn.Identity()
        layers = [layer for layer in network.blocks.modules() if isinstance(layer, nn.Conv2d)]
        width = layers[-1].out_channels
    if settings.pool == "grid":
        network.global_pool = GridPool(settings.pool_cells)
        width *= settings.pool_cells[0] * settings.pool_cells[1]
    network.num_features = network.head_hidden_size = width
    return backbone


def check_name(name: str) -> None:
    """Refuse what timm has no architecture or no weights tag for.

    A name with a colon would make timm fetch a model's description from somewhere; it is no name of a model.

    Raises:
        EchoDeskError: names the nearest one.
    """
    architecture = architecture_of(name)
    if not timm.is_model(architecture):
        near = get_close_matches(architecture, timm.list_models(), n=1, cutoff=0.6)
        hint = f"The nearest is {near[0]}." if near else _LITTLE_KNOWN
        raise EchoDeskError(f"there is no backbone {name!r}", hint)
    if name != architecture and name not in timm.list_pretrained(f"{architecture}.*"):
        tags = [known.partition(".")[2] for known in timm.list_pretrained(f"{architecture}.*")]
        hint = f"It has {', '.join(tags)}." if tags else f"Leave the tag out: {architecture}."
        raise EchoDeskError(f"the backbone {architecture} has no weights {name.partition('.')[2]!r}", hint)


def feature_width(backbone: nn.Module) -> int:
    """Features a picture comes out with, such as 1536."""
    width: Any = getattr(backbone, "head_hidden_size", None) or backbone.num_features
    return int(width)


def check_cut(backbone: nn.Module, name: str, block: int, setting: str = "frozen_through_block") -> None:
    """Refuse a block to cut after that isn't there.

    Raises:
        EchoDeskError: the network is no EfficientNet, or has fewer blocks.
    """
    if not isinstance(backbone, EfficientNet):
        raise EchoDeskError(
            f"the backbone {name} can't be cut at a block",
            f"Set backbone.{setting} to null and backbone.pool to average, or choose an EfficientNet."
            if setting == "last_block"
            else f"Set backbone.{setting} to null, or choose an EfficientNet.",
        )
    if block >= len(backbone.blocks):
        raise EchoDeskError(
            f"backbone.{setting} is {block}, and the last block of {name} is {len(backbone.blocks) - 1}",
            "Blocks are counted from 0.",
        )


def early_layers(backbone: nn.Module, block: int) -> Iterator[nn.Module]:
    """The stem and the blocks up to and with this one, in order."""
    assert isinstance(backbone, EfficientNet)  # noqa: S101 - `check_cut` has seen to it
    yield backbone.conv_stem
    yield backbone.bn1
    yield from backbone.blocks[: block + 1]


def late_features(backbone: nn.Module, block: int, activations: Tensor) -> Tensor:
    """From what the early layers gave to features, as the backbone itself would."""
    assert isinstance(backbone, EfficientNet)  # noqa: S101 - `check_cut` has seen to it
    features: Tensor = backbone.forward_head(late_map(backbone, block, activations))
    return features


def late_map(backbone: nn.Module, block: int | None, activations: Tensor) -> Tensor:
    """From what the early layers gave (from pictures without a cut) to the last map before it is pooled."""
    assert isinstance(backbone, EfficientNet)  # noqa: S101 - its callers have seen to it
    x = activations
    early = () if block is not None else (backbone.conv_stem, backbone.bn1)
    late = backbone.blocks if block is None else backbone.blocks[block + 1 :]
    for layer in (*early, *late, backbone.conv_head, backbone.bn2):
        x = layer(x)
    return x
