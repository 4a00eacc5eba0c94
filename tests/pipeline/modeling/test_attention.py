"""Heat maps: the same as captum's, for both heads, whatever the backbone, in batches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from captum.attr import LayerActivation, LayerGradCam, LayerGradientXActivation, NoiseTunnel, Saliency
from torch import nn

from db.errors import EchoDeskError
from pipeline.config.files import override
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.attention import (
    HEADS,
    Head,
    Layer,
    as_shares,
    cascading_randomisation,
    evidence,
    grad_cam,
    layer_at,
    layer_cam,
    smooth_grad,
)
from pipeline.modeling.network import Network, build_network


@pytest.fixture
def network(small: ExperimentSettings) -> Network:
    return build_network(small, seed=3).eval()


class Answer(nn.Module):
    """What captum explains: the same number of a head."""

    def __init__(self, network: Network, head: Head) -> None:
        super().__init__()
        self.network, self.head = network, head

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return evidence(self.network, pictures, self.head)


@pytest.mark.parametrize("head", HEADS)
def test_grad_cam_is_captums(network: Network, pictures: torch.Tensor, head: Head) -> None:
    layer = network.backbone.get_submodule(layer_at(network.backbone).name)
    theirs = LayerGradCam(Answer(network, head), layer).attribute(pictures, relu_attributions=True)
    ours = grad_cam(network, pictures, head)
    assert ours.max() > 0
    torch.testing.assert_close(ours, theirs[:, 0], rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("head", HEADS)
def test_layer_cam_is_made_of_captums_gradients_and_activations(
    network: Network, pictures: torch.Tensor, head: Head
) -> None:
    answer = Answer(network, head)
    layer = network.backbone.get_submodule("blocks.2")
    gradients = LayerGradientXActivation(answer, layer, multiply_by_inputs=False).attribute(pictures)
    activations = LayerActivation(answer, layer).attribute(pictures)
    theirs = (gradients.relu() * activations).sum(dim=1).relu()
    ours = layer_cam(network, pictures, head)
    assert ours.shape == (3, 8, 8)
    assert ours.max() > 0
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("head", HEADS)
def test_smooth_grad_is_captums_noise_tunnel(network: Network, pictures: torch.Tensor, head: Head) -> None:
    tunnel = NoiseTunnel(Saliency(Answer(network, head)))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(5)
        theirs = tunnel.attribute(
            pictures, nt_type="smoothgrad", nt_samples=4, nt_samples_batch_size=1, stdevs=0.3
        ).sum(dim=1)
    ours = smooth_grad(
        network, pictures, head, generator=torch.Generator().manual_seed(5), samples=4, deviation=0.3
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-7)


def test_a_frozen_trunk_is_explained_like_a_learning_one(
    network: Network, small: ExperimentSettings, pictures: torch.Tensor
) -> None:
    frozen = build_network(override(small, {"backbone.frozen_through_block": 3}), seed=3).eval()
    torch.testing.assert_close(layer_cam(frozen, pictures, "ef"), layer_cam(network, pictures, "ef"))
    assert network.backbone.get_parameter("conv_stem.weight").grad is None


def test_pictures_are_explained_alike_alone_and_together(network: Network) -> None:
    many = torch.randn(20, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    for method in (grad_cam, layer_cam):
        alone = torch.cat([method(network, many[at : at + 1], "rwma") for at in (0, 19)])
        torch.testing.assert_close(method(network, many, "rwma")[[0, 19]], alone, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize(
    ("name", "side", "layer"),
    [
        ("test_resnet", 64, Layer("layer2", 8)),
        ("test_convnext", 64, Layer("stages.1", 8)),
        ("test_vit", 160, Layer("blocks.5", 16)),
    ],
)
def test_any_backbone_has_a_map(small: ExperimentSettings, name: str, side: int, layer: Layer) -> None:
    changes = {"backbone.name": name, "backbone.drop_path": 0}
    network = build_network(override(small, changes), seed=1).eval()
    pictures = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))
    assert layer_at(network.backbone, 8) == layer
    assert layer_cam(network, pictures, "ef").shape == (2, side // layer.stride, side // layer.stride)


@pytest.mark.parametrize("method", [grad_cam, layer_cam])
def test_a_backbone_that_ends_early_is_looked_at_where_it_ends(
    small: ExperimentSettings, pictures: torch.Tensor, method: Callable[..., torch.Tensor]
) -> None:
    cut = {"backbone.pool": "grid", "backbone.last_block": 2, "neck.starts_at_probe": False}
    network = build_network(override(small, cut), seed=3).eval()
    assert layer_at(network.backbone).name == "blocks.2"
    assert method(network, pictures, "rwma").isfinite().all()


def test_a_backbone_that_names_no_maps_is_refused() -> None:
    with pytest.raises(EchoDeskError, match="where its feature maps are"):
        layer_at(nn.Linear(2, 2))


def test_shares_sum_to_one_even_of_an_empty_map() -> None:
    maps = torch.stack([torch.zeros(4, 4), torch.arange(16.0).reshape(4, 4)])
    shares = as_shares(maps, 8)
    assert shares.shape == (2, 8, 8)
    np.testing.assert_allclose(shares.sum(axis=(1, 2)), 1)
    np.testing.assert_allclose(shares[0], 1 / 64)
    assert shares[1, -1, -1] == shares[1].max()


def test_scrambling_changes_the_map_and_not_the_network(network: Network, pictures: torch.Tensor) -> None:
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    steps = cascading_randomisation(
        network, pictures, "rwma", layer_cam, generator=torch.Generator().manual_seed(1)
    )
    assert [steps[0].part, steps[-1].part] == ["heads", "conv_stem"]
    assert "blocks.2" in [step.part for step in steps]
    assert all(-1 <= step.similarity <= 1 for step in steps)
    assert steps[-1].similarity < 0.8
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_a_map_that_ignores_the_weights_is_told_by_scrambling(
    network: Network, pictures: torch.Tensor
) -> None:
    steps = cascading_randomisation(
        network, pictures, "rwma", _edges, generator=torch.Generator().manual_seed(1)
    )
    assert min(step.similarity for step in steps) == pytest.approx(1)


def _edges(network: Network, pictures: torch.Tensor, head: Head) -> torch.Tensor:
    return pictures.diff(dim=2).abs().sum(dim=1)
