"""A run's networks: each picture by its own fold's, or by all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from db.errors import EchoDeskError
from pipeline.config.files import override
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.checkpoints import InitialWeights, save_checkpoint
from pipeline.modeling.ensemble import predict
from pipeline.modeling.fold_networks import FoldNetworks
from pipeline.modeling.network import Network, build_network

MANY = torch.randn(20, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def networks(settings: ExperimentSettings) -> list[Network]:
    return [build_network(settings, seed=seed).eval() for seed in (1, 2)]


def test_a_picture_is_answered_by_its_own_folds_networks(small: ExperimentSettings) -> None:
    first, second = networks(small)
    said = FoldNetworks({0: [first], 1: [second]}).out_of_fold(MANY, np.arange(20) % 2)
    alone = [predict(one, MANY).ef_percent for one in (first, second)]
    np.testing.assert_allclose(said.ef_percent, np.where(np.arange(20) % 2, alone[1], alone[0]), rtol=1e-4)


def test_a_shared_trunk_is_asked_once_and_says_the_same(small: ExperimentSettings) -> None:
    first, second = networks(override(small, {"backbone.frozen_through_block": 2}))
    apart = FoldNetworks({0: [first], 1: [second]})
    assert not apart.shares_trunk
    second.backbone.load_state_dict(first.backbone.state_dict())
    shared = FoldNetworks({0: [first], 1: [second]})
    assert shared.shares_trunk
    said = shared.every(MANY)
    for fold, network in ((0, first), (1, second)):
        np.testing.assert_allclose(said[fold].ef_percent, predict(network, MANY).ef_percent, rtol=1e-4)


def test_files_are_told_apart_by_fold_and_seed(small: ExperimentSettings, tmp_path: Path) -> None:
    for name, network in zip(("3.seed7", "3.seed8"), networks(small), strict=True):
        origin = InitialWeights(source="random", name="none", sha256="0" * 64)
        file = tmp_path / f"{name}.safetensors"
        save_checkpoint(file, network, small, initial_weights=origin, metrics={}, data={})
    loaded = FoldNetworks.load(sorted(tmp_path.glob("*.safetensors")))
    assert {fold: len(members) for fold, members in loaded.by_fold.items()} == {3: 2}
    with pytest.raises(EchoDeskError, match="no model"):
        FoldNetworks.load([])
