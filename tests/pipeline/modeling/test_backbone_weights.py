"""First weights from the hub, a file, or none: each says what it is, and another network's are refused."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from db.errors import EchoDeskError
from pipeline.config.files import PROFILES, override
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling import weights
from pipeline.modeling.backbones import create_backbone
from pipeline.modeling.tensors import read_tensors, tensors_sha256
from pipeline.modeling.weights import initialise


def with_backbone(name: str = "test_efficientnet", **values: object) -> ExperimentSettings:
    changed = {"name": name, "weights": "random", **values}
    return override(PROFILES["paper"], {f"backbone.{key}": value for key, value in changed.items()})


def from_file(path: Path, name: str = "test_efficientnet") -> ExperimentSettings:
    return with_backbone(name, weights="file", weights_file=str(path))


def state_of(name: str, seed: int, **options: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    state: dict[str, torch.Tensor] = timm.create_model(name, **options).state_dict()
    return state


def test_random_weights_are_said_aloud(caplog: pytest.LogCaptureFixture) -> None:
    settings = with_backbone()
    with caplog.at_level(logging.WARNING, logger="pipeline.modeling.weights"):
        told = initialise(create_backbone(settings.backbone), settings)
    assert told.note.startswith("RANDOM WEIGHTS")
    assert told.note in caplog.text


@pytest.mark.parametrize("ending", ["safetensors", "pth"])
@pytest.mark.parametrize("classes", [0, 1000])
def test_a_file_fills_every_tensor_and_its_classifier_is_left_out(
    tmp_path: Path, ending: str, classes: int
) -> None:
    state, path = state_of("test_efficientnet", 1, num_classes=classes), tmp_path / f"mine.{ending}"
    if ending == "pth":
        torch.save({"state_dict": state}, path)
    else:
        save_file(state, path)
    backbone = create_backbone(from_file(path).backbone)
    told = initialise(backbone, from_file(path))
    assert all(torch.equal(tensor, state[name]) for name, tensor in backbone.state_dict().items())
    assert (told.source, told.name) == ("file", path.name)
    assert told.sha256 == tensors_sha256(backbone.state_dict())


def test_a_file_of_another_network_is_refused_with_both_shapes(tmp_path: Path) -> None:
    path = tmp_path / "b0.safetensors"
    save_file(state_of("tf_efficientnet_b0", 1), path)
    settings = from_file(path, "tf_efficientnet_b3")
    with pytest.raises(EchoDeskError) as caught, torch.device("cpu"):
        initialise(create_backbone(settings.backbone), settings)
    assert "not for tf_efficientnet_b3 from b0.safetensors" in caught.value.message
    assert (
        "conv_stem.weight is [32, 3, 3, 3] in them and [40, 3, 3, 3] in the network" in caught.value.message
    )


def test_tensors_that_are_missing_or_left_over_are_counted_and_named(tmp_path: Path) -> None:
    path, state = tmp_path / "half.safetensors", state_of("test_efficientnet", 1)
    del state["bn1.weight"]
    save_file({**state, "stray.weight": torch.zeros(1)}, path)
    settings = from_file(path)
    said = re.escape("1 tensors are missing (bn1.weight) and 1 have no place in it (stray.weight)")
    with pytest.raises(EchoDeskError, match=said):
        initialise(create_backbone(settings.backbone), settings)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("torn.safetensors", b"\x08\0\0\0\0\0\0\0{"),
        ("torn.pth", b"not weights"),
        ("empty.pth", b""),
        ("users.csv", b"root:x:0:0:root:/root:/bin/bash\n"),
        ("photo.pth", b"\xff\xd8\xff\xe0" + bytes(range(256))),
    ],
)
def test_a_file_that_holds_no_weights_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EchoDeskError, match=name):
        read_tensors(tmp_path / name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for name in ("none.pth", "none.safetensors"):
        with pytest.raises(EchoDeskError, match=name):
            read_tensors(tmp_path / name)


class Runs:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.path,)  # type: ignore[return-value]


def test_nothing_in_a_file_of_weights_is_run(tmp_path: Path) -> None:
    torch.save({"weight": Runs(tmp_path / "ran")}, tmp_path / "evil.pth")
    with pytest.raises(EchoDeskError, match="holds no weights that can be read"):
        read_tensors(tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()


def test_a_pth_with_something_other_than_tensors_is_refused(tmp_path: Path) -> None:
    for held in ([1, 2], {"epoch": 3}, {}):
        torch.save(held, tmp_path / "other.pth")
        with pytest.raises(EchoDeskError, match="other than tensors"):
            read_tensors(tmp_path / "other.pth")


def test_hub_weights_are_timms_pretrained_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, of_the_hub = [], timm.create_model("test_efficientnet", num_classes=0)

    def hub(name: str, *, pretrained: bool, num_classes: int) -> torch.nn.Module:
        asked.append((name, pretrained, num_classes))
        return of_the_hub

    settings = with_backbone("test_efficientnet.r160_in1k", weights="hub")
    backbone = create_backbone(settings.backbone)
    monkeypatch.setattr(weights.timm, "create_model", hub)
    told = initialise(backbone, settings)
    assert asked == [("test_efficientnet.r160_in1k", True, 0)]
    assert told.sha256 == tensors_sha256(of_the_hub.state_dict()) == tensors_sha256(backbone.state_dict())
    assert (told.source, told.name, told.note) == ("hub", "test_efficientnet.r160_in1k", "")


def test_a_hub_out_of_reach_is_said_with_three_ways_on(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = with_backbone("test_efficientnet.r160_in1k", weights="hub")
    backbone = create_backbone(settings.backbone)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EchoDeskError, match="could not be fetched from the model hub") as caught:
        initialise(backbone, settings)
    assert all(word in caught.value.hint for word in ("file", "package", "random"))


@pytest.mark.parametrize(("name", "weights", "right"), [
    ("tf_efficientnet_b3.ns_jft_in1k", "hub", "imagenet"), ("tf_efficientnet_lite0", "package", "half"),
])  # fmt: skip
def test_pictures_in_another_range_than_the_weights_know_are_refused(
    name: str, weights: str, right: str
) -> None:
    wrong = "half" if right == "imagenet" else "imagenet"
    settings = override(with_backbone(name, weights=weights), {"picture.normalisation": wrong})
    with pytest.raises(EchoDeskError, match=f"picture.normalisation is {wrong}.*trained with {right}"):
        initialise(create_backbone(settings.backbone), settings)


@pytest.mark.parametrize("profile", list(PROFILES))
def test_the_profiles_pictures_are_in_the_range_their_weights_know(profile: str) -> None:
    known = timm.get_pretrained_cfg(PROFILES[profile].backbone.name)
    assert known is not None
    assert (known.mean == (0.5, 0.5, 0.5)) == (PROFILES[profile].picture.normalisation == "half")


def test_one_changed_number_changes_the_hash() -> None:
    state = state_of("test_efficientnet", 1)
    before = tensors_sha256(state)
    assert tensors_sha256(dict(reversed(state.items()))) == before
    state["bn1.bias"][3] += 1e-6
    assert tensors_sha256(state) != before
