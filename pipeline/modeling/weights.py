"""What a backbone knows before we teach it: weights from the hub, a package, a file, or none."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

import timm
import torch
from torch import Tensor, nn

from db.errors import EchoDeskError
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.backbones import architecture_of, create_backbone
from pipeline.modeling.checkpoints import InitialWeights, read_sidecar, sidecar_path
from pipeline.modeling.lite_weights import PACKAGES, has_package_names, read_package, under_timm_names
from pipeline.modeling.tensors import fill, read_tensors, tensors_sha256

_log = logging.getLogger(__name__)

RANDOM_NOTE: Final = (
    "RANDOM WEIGHTS: the backbone has seen no picture before this training. "
    "Good for testing that things run, and as a baseline; not for a model anybody uses."
)

_NORMALISATIONS: Final[dict[tuple[float, ...], str]] = {
    (0.485, 0.456, 0.406): "imagenet",
    (0.5, 0.5, 0.5): "half",
}


def initialise(backbone: nn.Module, settings: ExperimentSettings) -> InitialWeights:
    """Give a backbone the weights its settings name.

    Raises:
        EchoDeskError: they can't be had, are another network's, or were trained on pictures in another range;
            says what to do, or both values.
    """
    chosen = settings.backbone
    architecture, note = architecture_of(chosen.name), ""
    whole = _whole(backbone, settings)
    if chosen.weights == "hub":
        _check_normalisation(settings)
        known = timm.get_pretrained_cfg(chosen.name)
        name = f"{architecture}.{known.tag}" if known and known.tag else chosen.name
        fill(whole, _from_hub(chosen.name), chosen.name)
    elif chosen.weights == "package":
        state = read_package(architecture, _depths(whole))
        _check_normalisation(settings)
        fill(whole, state, chosen.name)
        name = PACKAGES[architecture].requirement
    elif chosen.weights_file is not None:
        path = Path(chosen.weights_file)
        state = _from_file(path, whole, chosen.name)
        # A checkpoint of a shortened backbone has no more than that.
        whole = whole if state.keys() >= whole.state_dict().keys() else backbone
        fill(whole, state, f"{chosen.name} from {path.name}")
        name = path.name
    else:
        name, note = chosen.name, RANDOM_NOTE
        _log.warning("%s", note)
        whole = backbone
    if whole is not backbone:
        filled = whole.state_dict()
        backbone.load_state_dict({key: filled[key] for key in backbone.state_dict()})
    sha256 = tensors_sha256(backbone.state_dict())
    return InitialWeights(source=chosen.weights, name=name, sha256=sha256, note=note)


def _whole(backbone: nn.Module, settings: ExperimentSettings) -> nn.Module:
    """The backbone itself, or where its last blocks are left out, one that has them."""
    if settings.backbone.last_block is None:
        return backbone
    with torch.random.fork_rng(devices=[]):
        return create_backbone(settings.backbone.model_copy(update={"last_block": None, "pool": "average"}))


def _check_normalisation(settings: ExperimentSettings) -> None:
    known = timm.get_pretrained_cfg(settings.backbone.name)
    expected = _NORMALISATIONS.get(tuple(known.mean)) if known else None
    if expected not in (None, settings.picture.normalisation):
        raise EchoDeskError(
            f"picture.normalisation is {settings.picture.normalisation}, "
            f"and the weights of {settings.backbone.name} were trained with {expected}",
            f"Set picture.normalisation to {expected}.",
        )


def _depths(backbone: nn.Module) -> list[int]:
    stages: Any = getattr(backbone, "blocks", ())
    return [len(stage) for stage in stages]


def _from_hub(name: str) -> dict[str, Tensor]:
    try:
        return dict(timm.create_model(name, pretrained=True, num_classes=0).state_dict())
    except (OSError, RuntimeError, ValueError) as error:
        _log.info("the hub did not give %s: %s", name, type(error).__name__)
        raise EchoDeskError(
            f"the weights of {name} could not be fetched from the model hub",
            "Without a way to the hub, take installed weights (backbone.name tf_efficientnet_lite0, "
            "backbone.weights package); or fetch this model's model.safetensors elsewhere and set "
            "backbone.weights to file; or to random, for a test.",
        ) from None


def _from_file(path: Path, backbone: nn.Module, name: str) -> dict[str, Tensor]:
    architecture = architecture_of(name)
    state = read_tensors(path)
    if has_package_names(state):
        return under_timm_names(state, architecture, _depths(backbone))
    if not any(key.startswith("backbone.") for key in state):
        return state
    # One of our own checkpoints, of any stage. Its sidecar knows what tensors alone can't tell.
    if sidecar_path(path).exists():
        made_for = architecture_of(read_sidecar(path).settings.backbone.name)
        if made_for != architecture:
            raise EchoDeskError(
                f"{path.name} is a checkpoint of {made_for}, and backbone.name is {name}",
                f"Set backbone.name to {made_for}, or name another file.",
            )
    return {k.removeprefix("backbone."): v for k, v in state.items() if k.startswith("backbone.")}
