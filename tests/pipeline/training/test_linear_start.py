"""Heads that begin at a linear probe know at once what the features tell, from training records alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor

from pipeline.config.files import PROFILES, override
from pipeline.modeling.heads import EchoOutputs
from pipeline.modeling.network import Network, build_network
from pipeline.modeling.targets import Targets
from pipeline.training.batches import Places
from pipeline.training.linear_start import start_at_probe

N, TRAINING = 90, np.arange(60)
SETTINGS = override(
    PROFILES["paper"],
    {
        "backbone.name": "test_efficientnet",
        "backbone.weights": "random",
        "backbone.drop_rate": 0,
        "backbone.frozen_through_block": 1,
        "backbone.last_block": 1,
        "backbone.pool": "grid",
        "backbone.pool_cells": [2, 2],
        "neck.widths": [],
        "neck.dropouts": [],
        "neck.starts_at_probe": True,
        "picture.image_size_px": 32,
    },
)


class Shown:
    """Pictures with a bright spot whose place and strength tell."""

    are_activations = False
    views = 1

    def __init__(self, pictures: Tensor) -> None:
        self.pictures = pictures

    def plain(self, places: Places, view: int = 0) -> Tensor:
        return self.pictures[places]

    def drawn(self, places: Places, seeds: Places) -> Tensor:
        return self.plain(places)


def made(seed: int = 0) -> tuple[Shown, Targets]:
    rng = np.random.default_rng(seed)
    low, upper = rng.random(N), rng.integers(0, 2, N)
    pictures = rng.normal(0, 0.02, (N, 3, 32, 32)).astype(np.float32)
    for place in range(N):
        rows = slice(0, 16) if upper[place] else slice(16, 32)
        pictures[place, :, rows, :16] += 1.0
        pictures[place, :, :, 16:] += low[place]
    return Shown(torch.from_numpy(pictures)), Targets((0.7 - 0.4 * low).astype(np.float32), upper, ())


def started(inputs: Shown, targets: Targets) -> tuple[Network, EchoOutputs]:
    network = build_network(SETTINGS, seed=3)
    start_at_probe(network, inputs, targets, TRAINING, SETTINGS.losses)
    with torch.inference_mode():
        return network, network.eval()(inputs.pictures)


def test_before_the_first_epoch_it_answers_records_it_has_not_seen() -> None:
    inputs, targets = made()
    said = started(inputs, targets)[1]
    assert np.corrcoef(said.ef[60:], targets.ef[60:])[0, 1] > 0.9
    assert float((said.ef[60:] - torch.from_numpy(targets.ef[60:])).abs().mean()) < 0.05
    scores = (said.rwma_logits[:, 1] - said.rwma_logits[:, 0])[60:]
    assert roc_auc_score(targets.rwma[60:], scores) > 0.95


def test_no_label_outside_the_training_records_moves_it() -> None:
    inputs, targets = made()
    other = Targets(targets.ef.copy(), targets.rwma.copy(), ())
    other.ef[60:], other.rwma[60:] = 0.2, 1 - other.rwma[60:]
    one, two = (started(inputs, of)[0].heads.state_dict() for of in (targets, other))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_records_without_a_target_take_no_part() -> None:
    inputs, targets = made()
    targets.ef[:10], targets.rwma[10:20] = np.nan, -1
    network, said = started(inputs, targets)
    assert torch.isfinite(said.ef).all()
    assert all(torch.isfinite(tensor).all() for tensor in network.heads.state_dict().values())


def test_the_backbone_and_the_mode_stay_as_they_were() -> None:
    inputs, targets = made()
    network = build_network(SETTINGS, seed=3).train()
    before = {name: tensor.clone() for name, tensor in network.backbone.state_dict().items()}
    start_at_probe(network, inputs, targets, TRAINING, SETTINGS.losses)
    assert network.training
    assert all(torch.equal(before[name], tensor) for name, tensor in network.backbone.state_dict().items())


@pytest.mark.parametrize("name", ["ef_weight", "rwma_weight"])
def test_a_part_that_is_not_learnt_is_left_at_chance(name: str) -> None:
    inputs, targets = made()
    losses = SETTINGS.losses.model_copy(update={name: 0.0})
    network, untouched = (build_network(SETTINGS, seed=3) for _ in range(2))
    start_at_probe(network, inputs, targets, TRAINING, losses)
    head = name.partition("_")[0]
    assert torch.equal(getattr(network.heads, head).weight, getattr(untouched.heads, head).weight)


class OnOtherPapers(Shown):
    """Paper tells the label, unless a picture is changed."""

    def drawn(self, places: Places, seeds: Places) -> Tensor:
        assert (seeds % 3 == 1).all()  # the first of two variants of a cache
        papers = torch.from_numpy(np.random.default_rng(0).integers(0, 2, len(places)).astype(np.float32))
        return on_paper(self.pictures[places], papers)


def on_paper(pictures: Tensor, papers: Tensor) -> Tensor:
    changed = pictures.clone()
    changed[:, :, 4:12, 20:28] += 4 * papers[:, None, None, None]
    return changed


@pytest.mark.parametrize(("variants", "does_follow"), [(0, True), (2, False)])
def test_a_start_from_changed_pictures_does_not_know_the_paper(variants: int, does_follow: bool) -> None:
    inputs, targets = made()
    papers = torch.from_numpy(targets.rwma.astype(np.float32))
    plain = on_paper(inputs.pictures, papers)
    network = build_network(SETTINGS, seed=3)

    class Papers(OnOtherPapers):
        def plain(self, places: Places, view: int = 0) -> Tensor:
            return plain[places]

    start_at_probe(network, Papers(inputs.pictures), targets, TRAINING, SETTINGS.losses, variants=variants)
    with torch.inference_mode():
        said = [
            network.eval()(on_paper(inputs.pictures, one)).rwma_logits.diff()[:, 0]
            for one in (papers, 1 - papers)
        ]
    ill = targets.rwma[60:] == 1
    drop = float((said[0] - said[1])[60:][ill].mean())
    spread = float(said[0].std())
    assert (abs(drop) > 0.25 * spread) == does_follow
