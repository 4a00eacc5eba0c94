"""The networks of a run as two ONNX graphs: pictures to features and maps, features to answers.

A frozen trunk that all folds share is in the first graph once, whatever their number. The heads stand alone,
so that a heat map can ask them about features that were never in a picture.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from timm.models.efficientnet import EfficientNet
from torch import Tensor, nn

from db.errors import EchoDeskError, pip_install
from db.measures.predicting.pooling import shares
from pipeline.modeling.backbones import GridPool
from pipeline.modeling.network import Network
from pipeline.modeling.onnx_layers import for_engines

PICTURES: Final = "pictures"
FEATURES: Final = "features"
MAPS: Final = "maps"
EF: Final = "ef"
RWMA: Final = "rwma"
# The newest that ONNX Runtime 1.20 and OpenVINO 2024 both read.
_OPSET: Final = 17


@dataclass(frozen=True)
class Graphs:
    """Two ONNX files for k networks.

    Attributes:
        body: `pictures` [n, 3, side, side] -> `features` [n, k, width], and `maps` [n, k, width, rows,
            columns] whose mean the features are, or whose means in each cell of a grid.
        heads: `features` [n, k, width] -> `ef` [n, k], a fraction, and `rwma` [n, k], log-odds.
        shares_trunk: whether the frozen layers are in `body` once.
        has_maps: whether `body` gives maps.
    """

    body: bytes
    heads: bytes
    shares_trunk: bool
    has_maps: bool


class _Body(nn.Module):
    """All networks on the same pictures; a shared trunk is asked once."""

    def __init__(self, networks: Sequence[Network], *, shares_trunk: bool) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self._shares_trunk = shares_trunk
        self.has_maps = all(_averages(network.backbone) for network in networks)

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        first = self.networks[0]
        assert isinstance(first, Network)  # noqa: S101 - a module list does not say what it holds
        shared = first.trunk(pictures) if self._shares_trunk else None
        features, maps = [], []
        for network in self.networks:
            assert isinstance(network, Network)  # noqa: S101 - as above
            activations = network.trunk(pictures) if shared is None else shared
            if self.has_maps:
                maps.append(network.last_map(activations))
                features.append(_pooled(maps[-1], network.backbone))
            else:
                features.append(network.features(activations))
        stacked = torch.stack(features, dim=1)
        return (stacked, torch.stack(maps, dim=1)) if maps else (stacked,)


class _Heads(nn.Module):
    """Each network's heads on its own features."""

    def __init__(self, networks: Sequence[Network]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(network.heads for network in networks)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        said = [head(features[:, place]) for place, head in enumerate(self.heads)]
        ef = torch.stack([one.ef for one in said], dim=1)
        rwma = torch.stack([one.rwma_logits[:, 1] - one.rwma_logits[:, 0] for one in said], dim=1)
        return ef, rwma


def _averages(backbone: nn.Module) -> bool:
    """Whether features are means of the last map and nothing else."""
    pool = getattr(backbone, "global_pool", None)
    is_mean = isinstance(pool, GridPool) or getattr(pool, "pool_type", "") == "avg"
    return is_mean and isinstance(backbone, EfficientNet)


def _pooled(last: Tensor, backbone: nn.Module) -> Tensor:
    """What the backbone's own pooling gives, in a form ONNX has for every size of map."""
    pool = backbone.global_pool
    cells = pool.cells if isinstance(pool, GridPool) else (1, 1)
    rows, columns = (torch.tensor(shares(n, of)) for n, of in zip(cells, last.shape[2:], strict=True))
    return (rows @ last @ columns.T).flatten(1)


def export(networks: Sequence[Network], *, side_px: int, shares_trunk: bool) -> Graphs:
    """Trained networks as graphs; the same networks give the same bytes.

    Args:
        networks: of a run, in the order that the answers come in. side_px: of the pictures.
        shares_trunk: all have the same frozen layers; see `FoldNetworks.shares_trunk`.

    Raises:
        EchoDeskError: the package `onnx` is missing, or a layer has no form in ONNX.
    """
    body = _Body([network.eval() for network in networks], shares_trunk=shares_trunk).eval()
    heads = _Heads(networks).eval()
    pictures = torch.zeros(2, 3, side_px, side_px)
    outputs = (FEATURES, MAPS) if body.has_maps else (FEATURES,)
    with torch.no_grad():
        features = body(pictures)[0]
    return Graphs(
        body=_graph(body, pictures, PICTURES, outputs),
        heads=_graph(heads, features, FEATURES, (EF, RWMA)),
        shares_trunk=shares_trunk,
        has_maps=body.has_maps,
    )


def _graph(module: nn.Module, example: Tensor, name: str, outputs: tuple[str, ...]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="echodesk-onnx-") as folder, for_engines(module):
        file = Path(folder) / "graph.onnx"
        try:
            torch.onnx.export(
                module,
                (example,),
                file,
                dynamo=False,
                opset_version=_OPSET,
                input_names=[name],
                output_names=list(outputs),
                dynamic_axes={one: {0: "n"} for one in (name, *outputs)},
            )
        except torch.onnx.errors.OnnxExporterError as error:
            raise EchoDeskError(
                f"the networks can't be written as ONNX: {str(error).splitlines()[0]}",
                f"Install what a bundle is made with: {pip_install('train')}",
            ) from None
        return file.read_bytes()
