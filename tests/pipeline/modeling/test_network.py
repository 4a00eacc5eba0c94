"""The network: its size, its two halves, what is frozen in it, and what each part learns with."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from db.errors import EchoDeskError
from pipeline.config.files import PROFILES, override
from pipeline.config.settings import ExperimentSettings, OptimiserSettings
from pipeline.modeling.backbones import create_backbone, feature_width
from pipeline.modeling.heads import EchoHeads, EchoOutputs
from pipeline.modeling.network import (
    Network,
    build_class_network,
    build_network,
    parameter_groups,
    parameter_table,
)


def cut(settings: ExperimentSettings, block: int) -> ExperimentSettings:
    return override(settings, {"backbone.frozen_through_block": block})


def test_the_papers_network_has_11_65_million_parameters() -> None:
    # On the "meta" device nothing is computed or stored. The paper says 12.7 million for these layers.
    with torch.device("meta"):
        network = build_network(PROFILES["paper"], seed=0)
    table = {size.part: size.parameters for size in parameter_table(network)}
    assert table == {"backbone": 10_696_232, "neck": 952_960, "ef": 129, "rwma": 258, "total": 11_649_579}
    assert feature_width(network.backbone) == 1536


def test_the_neck_is_table_3s() -> None:
    neck = EchoHeads(1536, PROFILES["paper"].neck).neck
    linear = [(m.in_features, m.out_features) for m in neck.modules() if isinstance(m, nn.Linear)]
    assert linear == [(1536, 512), (512, 256), (256, 128)]
    assert [m.p for m in neck.modules() if isinstance(m, nn.Dropout)] == [0.45, 0.315, 0.225]
    assert [type(m) for m in neck[0]] == [nn.Linear, nn.LayerNorm, nn.GELU, nn.Dropout]  # type: ignore[arg-type]


def test_drop_rate_and_drop_path_reach_the_backbone() -> None:
    with torch.device("meta"):
        backbone = create_backbone(PROFILES["paper"].backbone)
    assert backbone.drop_rate == 0.2
    depths = [m.drop_prob for m in backbone.modules() if type(m).__name__ == "DropPath"]
    assert 0 < depths[0] < depths[-1] <= 0.1
    assert depths == sorted(depths)


def test_pictures_become_one_ef_and_two_logits_each(
    small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    said = build_network(small, seed=0).eval()(pictures)
    assert isinstance(said, EchoOutputs)
    assert said.ef.shape == (3,)
    assert said.rwma_logits.shape == (3, 2)


@pytest.mark.parametrize("name", ["test_resnet", "test_convnext", "test_mambaout", "mobilenetv3_small_050"])
def test_any_backbone_finds_a_neck_that_fits(
    name: str, small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    network = build_network(override(small, {"backbone.name": name}), seed=0).eval()
    assert network(pictures).ef.shape == (3,)


def test_the_second_stage_has_a_logit_for_each_class(
    small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    network = build_class_network(small, ("NORM", "MI", "STTC", "CD", "HYP"), seed=0).eval()
    assert network(pictures).shape == (3, 5)


@pytest.mark.parametrize("block", [0, 2, 4])
def test_the_two_halves_are_the_whole(block: int, small: ExperimentSettings, pictures: torch.Tensor) -> None:
    whole = build_network(small, seed=3).eval()
    halves = build_network(cut(small, block), seed=3).eval()
    assert torch.equal(halves.rest(halves.trunk(pictures)).ef, whole(pictures).ef)
    assert torch.equal(halves.rest(halves.trunk(pictures)).rwma_logits, whole(pictures).rwma_logits)
    assert torch.equal(halves(pictures).ef, whole(pictures).ef)


def test_without_a_cut_the_rest_is_everything(small: ExperimentSettings, pictures: torch.Tensor) -> None:
    network = build_network(small, seed=3).eval()
    assert network.trunk(pictures) is pictures
    assert torch.equal(network.rest(pictures).ef, network(pictures).ef)


def test_in_training_a_frozen_trunk_says_the_same_every_time(
    small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    network = build_network(cut(small, 2), seed=0).train()
    before = copy.deepcopy(network.state_dict())
    first, second = network.trunk(pictures), network.trunk(pictures)
    assert torch.equal(first, second)
    assert not first.requires_grad
    network.rest(first).ef.sum().backward()
    learning = {name for name, parameter in network.named_parameters() if parameter.grad is not None}
    assert learning
    assert not [name for name in learning if name.startswith(("backbone.conv_stem", "backbone.bn1"))]
    assert not [
        name for name in learning if name.startswith(tuple(f"backbone.blocks.{i}." for i in (0, 1, 2)))
    ]
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


def test_frozen_statistics_take_no_notice_of_a_batch_and_free_ones_do(
    small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    for frozen in (True, False):
        network = build_network(override(small, {"backbone.freeze_batch_norm": frozen}), seed=0).train()
        before = network.backbone.bn1.running_mean.clone()
        network(pictures)
        assert torch.equal(network.backbone.bn1.running_mean, before) is frozen
        assert network.backbone.bn1.weight.requires_grad


def test_dropout_works_in_training_and_not_in_evaluation(
    small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    network = build_network(small, seed=0)
    torch.manual_seed(0)
    assert not torch.equal(network.train()(pictures).ef, network(pictures).ef)
    assert torch.equal(network.eval()(pictures).ef, network(pictures).ef)


def test_the_same_seed_builds_the_same_network_and_touches_no_generator(small: ExperimentSettings) -> None:
    state = torch.random.get_rng_state()
    one, same, other = (build_network(small, seed=seed).state_dict() for seed in (7, 7, 8))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["heads.ef.weight"], other["heads.ef.weight"])


def test_the_ef_head_can_begin_at_the_training_mean(
    small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    network = build_network(small, seed=0).eval()
    before = network(pictures).ef
    offset = network.heads.ef.bias.item()
    network.heads.start_ef_at(0.54)
    torch.testing.assert_close(network(pictures).ef, before - offset + 0.54)


def test_backbone_and_heads_learn_at_their_own_rates(small: ExperimentSettings) -> None:
    network = build_network(cut(small, 1), seed=0)
    groups = parameter_groups(network, OptimiserSettings(weight_decay=0.05))
    assert [(group["name"], group["lr"], group["weight_decay"]) for group in groups] == [
        ("backbone", 1e-4, 0.05),
        ("heads", 1e-3, 0.05),
    ]
    grouped = [parameter for group in groups for parameter in group["params"]]
    assert {id(p) for p in grouped} == {id(p) for p in network.parameters() if p.requires_grad}
    assert len(grouped) == len({id(p) for p in grouped})
    torch.optim.AdamW(groups)


def test_the_table_says_how_much_of_each_part_learns(small: ExperimentSettings) -> None:
    table = {size.part: size for size in parameter_table(build_network(cut(small, 1), seed=0))}
    assert 0 < table["backbone"].trainable < table["backbone"].parameters
    assert table["neck"].trainable == table["neck"].parameters
    total = sum(size.trainable for part, size in table.items() if part != "total")
    assert table["total"].trainable == total


@pytest.mark.parametrize(
    ("changes", "said", "hint"),
    [
        (
            {"backbone.name": "tf_efficientnet_b33"},
            "there is no backbone 'tf_efficientnet_b33'",
            "tf_efficientnet_b3",
        ),
        ({"backbone.name": "hf-hub:somebody/something"}, "there is no backbone", ""),
        ({"backbone.name": "tf_efficientnet_b3.nope"}, "has no weights 'nope'", "ns_jft_in1k"),
        ({"backbone.name": "vgg11"}, "can't be built with drop_path 0.1", "backbone.drop_path to 0"),
        (
            {"backbone.name": "test_resnet", "backbone.frozen_through_block": 1},
            "can't be cut",
            "EfficientNet",
        ),
        ({"backbone.frozen_through_block": 5}, "the last block of test_efficientnet is 4", "from 0"),
    ],
)
def test_a_backbone_that_cannot_be_is_refused(
    changes: dict[str, object], said: str, hint: str, small: ExperimentSettings
) -> None:
    with pytest.raises(EchoDeskError, match=said) as caught:
        build_network(override(small, changes), seed=0)
    assert hint in caught.value.hint


def test_a_network_that_is_moved_to_evaluation_and_back_is_still_frozen(small: ExperimentSettings) -> None:
    network = build_network(cut(small, 2), seed=0)
    assert isinstance(network, Network)
    network.eval()
    network.train()
    assert not network.backbone.blocks[2].training
    assert network.backbone.blocks[3].training
    assert network.heads.training


def test_a_grid_keeps_where_on_the_page_something_was_seen(
    small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    cut = {"backbone.last_block": 1, "backbone.pool": "grid", "backbone.pool_cells": [2, 2]}
    backbone = create_backbone(override(small, cut).backbone).eval()
    mean = create_backbone(override(small, {**cut, "backbone.pool": "average"}).backbone).eval()
    mean.load_state_dict(backbone.state_dict())
    with torch.inference_mode():
        cells, average = backbone(pictures), mean(pictures)
    assert cells.shape == (3, 4 * average.shape[1])
    torch.testing.assert_close(cells.view(3, -1, 4).mean(dim=2), average)
    assert not [name for name in backbone.state_dict() if name.startswith(("conv_head", "bn2", "blocks.2"))]


def test_a_block_that_is_left_out_can_neither_be_frozen_nor_be_missing(small: ExperimentSettings) -> None:
    with pytest.raises(EchoDeskError, match=r"past backbone\.last_block"):
        override(small, {"backbone.frozen_through_block": 3, "backbone.last_block": 2})
    with pytest.raises(EchoDeskError, match="last_block is 40"):
        create_backbone(override(small, {"backbone.last_block": 40}).backbone)
