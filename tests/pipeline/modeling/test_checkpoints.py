"""A checkpoint is rebuilt from its sidecar, every tensor, or refused with what does not fit."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path

import pytest
import torch

from db.errors import EchoDeskError
from pipeline.config.files import override
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.checkpoints import (
    InitialWeights,
    Sidecar,
    load_checkpoint,
    read_sidecar,
    save_checkpoint,
    sidecar_path,
)
from pipeline.modeling.network import Network, build_class_network, build_network
from pipeline.modeling.weights import initialise

BEGUN = InitialWeights(source="random", name="test_efficientnet", sha256="00", note="RANDOM")


def write(path: Path, network: Network, settings: ExperimentSettings) -> Sidecar:
    return save_checkpoint(
        path,
        network,
        settings,
        initial_weights=BEGUN,
        metrics={"ef_mae_points": 8.5, "ef_r": float("nan")},
        data={"snapshot": "abc"},
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fold1.safetensors"


@pytest.mark.parametrize("block", [None, 2])
def test_a_network_comes_back_the_same(
    block: int | None, path: Path, small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    settings = override(small, {"backbone.frozen_through_block": block})
    network = build_network(settings, seed=4).eval()
    # The layout in memory a training may use; the file has the plain one.
    write(path, copy.deepcopy(network).to(memory_format=torch.channels_last), settings)  # type: ignore[call-overload]
    again, sidecar = load_checkpoint(path)
    assert not again.training
    assert torch.equal(again(pictures).ef, network(pictures).ef)
    assert sidecar.settings == settings
    assert [p.requires_grad for p in again.parameters()] == [p.requires_grad for p in network.parameters()]


def test_a_second_stage_network_comes_back_with_its_classes(
    path: Path, small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    network = build_class_network(small, ("NORM", "MI"), seed=4).eval()
    write(path, network, small)
    again, sidecar = load_checkpoint(path)
    assert sidecar.classes == ("NORM", "MI")
    assert torch.equal(again(pictures), network(pictures))


def test_the_sidecar_can_be_read_by_a_person(path: Path, small: ExperimentSettings) -> None:
    network = build_network(small, seed=4)
    write(path, network, small)
    said = json.loads(sidecar_path(path).read_text())
    assert said["settings"]["backbone"]["name"] == "test_efficientnet"
    assert said["settings_sha256"] == small.sha256()
    assert said["metrics"] == {"ef_mae_points": 8.5, "ef_r": None}
    assert said["data"] == {"snapshot": "abc"}
    assert said["initial_weights"]["note"] == "RANDOM"
    assert said["parameters"]["total"] == sum(p.numel() for p in network.parameters())
    assert "moderate or severe" in said["targets"]["rwma"]
    assert set(said["versions"]) == {"timm", "torch"}


def test_what_is_written_over_is_whole_before_it_is_replaced(
    path: Path, small: ExperimentSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build_network(small, seed=1)
    write(path, first, small)

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write(path, build_network(small, seed=2), small)
    again, _ = load_checkpoint(path)
    assert torch.equal(again.heads.ef.weight, first.heads.ef.weight)
    assert sorted(file.name for file in path.parent.iterdir()) == ["fold1.json", "fold1.safetensors"]


def test_two_files_that_do_not_belong_together_are_noticed(path: Path, small: ExperimentSettings) -> None:
    write(path, build_network(small, seed=1), small)
    sidecar = sidecar_path(path).read_bytes()
    write(path, build_network(small, seed=2), small)
    sidecar_path(path).write_bytes(sidecar)
    with pytest.raises(EchoDeskError, match="and its sidecar speaks of"):
        load_checkpoint(path)


def test_a_sidecar_of_another_architecture_is_refused_with_both_shapes(
    path: Path, small: ExperimentSettings
) -> None:
    write(path, build_network(small, seed=1), small)
    values = json.loads(sidecar_path(path).read_text())
    values["settings"]["neck"]["widths"] = [32, 8]
    sidecar_path(path).write_text(json.dumps(values))
    with pytest.raises(EchoDeskError, match=r"heads.neck.0.0.weight is \[16, 256\] in them and \[32, 256\]"):
        load_checkpoint(path)


def test_half_a_checkpoint_is_refused_by_the_half_that_is_missing(
    path: Path, small: ExperimentSettings
) -> None:
    write(path, build_network(small, seed=1), small)
    path.unlink()
    with pytest.raises(EchoDeskError, match="fold1.safetensors"):
        load_checkpoint(path)
    sidecar_path(path).unlink()
    with pytest.raises(EchoDeskError, match="fold1.json"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("key", "value"), [("format", 2), ("surprise", 1), ("settings", {"losses": {"x": 1}})]
)
def test_a_sidecar_this_program_does_not_know_is_refused_by_what_is_new(
    key: str, value: object, path: Path, small: ExperimentSettings
) -> None:
    write(path, build_network(small, seed=1), small)
    values = json.loads(sidecar_path(path).read_text())
    sidecar_path(path).write_text(json.dumps({**values, key: value}))
    with pytest.raises(EchoDeskError, match=f"is no sidecar this program knows: {key}"):
        read_sidecar(path)


def test_the_third_stage_begins_with_the_second_stages_backbone(
    path: Path, small: ExperimentSettings
) -> None:
    second = build_class_network(small, ("NORM", "MI"), seed=1)
    write(path, second, small)
    settings = override(small, {"backbone.weights": "file", "backbone.weights_file": str(path)})
    third = build_network(settings, seed=2)
    told = initialise(third.backbone, settings)
    assert told.name == "fold1.safetensors"
    state = second.backbone.state_dict()
    assert all(torch.equal(tensor, state[name]) for name, tensor in third.backbone.state_dict().items())


def test_a_checkpoint_of_a_network_with_the_same_tensors_is_still_another_network(
    path: Path, small: ExperimentSettings
) -> None:
    tf = override(small, {"backbone.name": "tf_efficientnet_lite0"})
    write(path, build_network(tf, seed=1), tf)
    changes = {
        "backbone.weights": "file",
        "backbone.weights_file": str(path),
        "backbone.name": "efficientnet_lite0",
    }
    plain = override(small, changes)
    said = (
        "fold1.safetensors is a checkpoint of tf_efficientnet_lite0, and backbone.name is efficientnet_lite0"
    )
    with pytest.raises(EchoDeskError, match=said):
        initialise(build_network(plain, seed=1).backbone, plain)
