"""A trained network as two files: tensors (`.safetensors`) and a readable sidecar (`.json`) about them.

The sidecar is written last and carries the hash of the tensors, so a pair that was torn apart is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors.torch import save

from db.errors import EchoDeskError
from db.files.manifest import hash_file, sha256_of
from db.files.whole import whole_file
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.backbones import feature_width
from pipeline.modeling.heads import ClassHeads
from pipeline.modeling.network import Network, build_class_network, build_network, parameter_table
from pipeline.modeling.targets import definitions
from pipeline.modeling.tensors import fill, read_tensors


class InitialWeights(BaseModel):
    """Where a backbone's first weights came from; stands in every run's record.

    Attributes:
        source: `hub`, `package`, `file` or `random`.
        name: the backbone with its tag, the package with its version, or the file's name without its folder.
        sha256: of the backbone's tensors, by name.
        note: what a reader of the results has to know, or empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    name: str
    sha256: str
    note: str = ""


class Sidecar(BaseModel):
    """What a checkpoint is. All a program needs to build its network, and a person to judge it.

    Attributes:
        classes: of a second-stage checkpoint, in the order of its logits; empty for EF and wall motion.
        features, parameters: width of the backbone's features; numbers in each part.
        settings, settings_sha256: resolved, and their hash.
        targets: what each output means, in words.
        metrics: by name; null where one could not be computed.
        data: hashes of what it was trained on, by name: the snapshot, the split.
        versions: of the packages that wrote it.
        weights_sha256: of the file of tensors.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    classes: tuple[str, ...] = ()
    features: int
    parameters: dict[str, int]
    settings: ExperimentSettings
    settings_sha256: str
    targets: dict[str, str]
    initial_weights: InitialWeights
    metrics: dict[str, float | None]
    data: dict[str, str]
    versions: dict[str, str]
    weights_sha256: str


def sidecar_path(path: Path) -> Path:
    """`fold1.safetensors` -> `fold1.json`, beside it."""
    return path.with_suffix(".json")


def save_checkpoint(
    path: Path,
    network: Network,
    settings: ExperimentSettings,
    *,
    initial_weights: InitialWeights,
    metrics: Mapping[str, float | None],
    data: Mapping[str, str],
) -> Sidecar:
    """Write a network and what it is; what stood there before stays until each file is whole.

    Args:
        path: ends in `.safetensors`.
        settings: what it was built and trained with.

    Raises:
        OSError: the folder can't be written to.
    """
    tensors = save(
        {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    )
    classes = network.heads.classes if isinstance(network.heads, ClassHeads) else ()
    sidecar = Sidecar(
        classes=classes,
        features=feature_width(network.backbone),
        parameters={size.part: size.parameters for size in parameter_table(network)},
        settings=settings,
        settings_sha256=settings.sha256(),
        targets=dict.fromkeys(classes, "probability of this class") or definitions(settings.targets),
        initial_weights=initial_weights,
        metrics=dict(metrics),
        data=dict(data),
        versions={package: version(package) for package in ("timm", "torch")},
        weights_sha256=sha256_of(tensors),
    )
    _write_whole(path, tensors)
    _write_whole(sidecar_path(path), sidecar.model_dump_json(indent=2).encode() + b"\n")
    return sidecar


def _write_whole(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, overwrite=True) as temporary:
        temporary.write_bytes(data)


def read_sidecar(path: Path) -> Sidecar:
    """What the checkpoint at `path` (its `.safetensors`) is.

    Raises:
        EchoDeskError: there is no sidecar, or it is not one this program knows.
    """
    beside = sidecar_path(path)
    try:
        return Sidecar.model_validate_json(beside.read_text(encoding="utf-8"))
    except OSError as error:
        raise EchoDeskError(
            f"{beside}: {error.strerror}",
            "A checkpoint is two files; copy the .json together with the .safetensors.",
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise EchoDeskError(
            f"{beside} is no sidecar this program knows: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            "Use the version of EchoDesk that wrote it, or train anew.",
        ) from None


def load_checkpoint(path: Path) -> tuple[Network, Sidecar]:
    """Build the network a checkpoint's sidecar describes and fill it, every tensor; ready to predict.

    Raises:
        EchoDeskError: a file is missing or not the one that was written; or the tensors are another
            network's (prints both values).
    """
    sidecar = read_sidecar(path)
    try:
        found = hash_file(path).sha256
    except OSError as error:
        raise EchoDeskError(
            f"{path}: {error.strerror}", "A checkpoint is two files; this one is missing."
        ) from None
    if found != sidecar.weights_sha256:
        raise EchoDeskError(
            f"{path.name} has the hash {found[:12]}, and its sidecar speaks of {sidecar.weights_sha256[:12]}",
            "The two files do not belong together, or one is damaged; copy both anew.",
        )
    network = (
        build_class_network(sidecar.settings, sidecar.classes, seed=0)
        if sidecar.classes
        else build_network(sidecar.settings, seed=0)
    )
    fill(network, read_tensors(path), sidecar.settings.backbone.name)
    return network.eval(), sidecar
