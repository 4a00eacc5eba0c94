"""The heat map without torch is the class activation itself, cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from small_snapshots import tiny

from pipeline.serving.heat import Head, heat_map
from pipeline.serving.runtime import Runtime

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

SIDE = 96


def _networks(**changes: Any) -> list[Any]:
    from pipeline.modeling.network import build_network

    settings = tiny(**{"picture__image_size_px": SIDE, **changes})
    return [build_network(settings, seed=seed).eval() for seed in range(2)]


def _pictures() -> NDArray[np.float32]:
    return np.random.default_rng(7).normal(size=(1, 3, SIDE, SIDE)).astype(np.float32)


def _class_activation(network: Any, head: Head) -> NDArray[np.float64]:
    """By automatic differentiation in double precision: each cell by its own gradient."""
    exact = network.double()
    with torch.no_grad():
        found = exact.last_map(exact.trunk(torch.from_numpy(_pictures()).double()))
    maps = found.requires_grad_(True)
    said = exact.heads(exact.backbone.forward_head(maps))
    score = -said.ef if head == "ef" else said.rwma_logits[:, 1] - said.rwma_logits[:, 0]
    (slope,) = torch.autograd.grad(score.sum(), maps)
    heat = (slope * maps).sum(dim=1)[0].relu() * maps[0, 0].numel()
    return np.asarray(heat.detach().numpy(), dtype=np.float64)


@pytest.mark.parametrize(
    ("changes", "cells"),
    [
        pytest.param({}, (1, 1), marks=pytest.mark.slow),
        ({"backbone__pool": "grid", "backbone__pool_cells": (2, 2)}, (2, 2)),
    ],
)
def test_every_cell_is_what_the_gradient_says(changes: dict[str, Any], cells: tuple[int, int]) -> None:
    from pipeline.modeling.onnx_export import export

    networks = _networks(**changes)
    graphs = export(networks, side_px=SIDE, shares_trunk=False)
    runtime = Runtime(graphs.body, graphs.heads, threads=1)
    asked = runtime.ask(_pictures())
    heads: tuple[Head, ...] = ("ef", "rwma")
    found = {head: heat_map(runtime, asked, head, cells) for head in heads}
    for head in heads:
        expected = np.mean([_class_activation(network, head) for network in networks], axis=0)
        heat = found[head]
        assert heat is not None and expected.max() > 0
        assert np.abs(heat - expected).max() <= 0.002 * expected.max()
