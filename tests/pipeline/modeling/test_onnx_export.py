"""Networks as ONNX graphs say what they say themselves, however their features are pooled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from db.measures.predicting.pooling import shares
from pipeline.config.files import PROFILES, override
from pipeline.serving.runtime import Runtime

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")


@pytest.mark.parametrize(("cells", "lines"), [(1, 7), (4, 18), (4, 16), (3, 2)])
def test_shares_pool_as_torch_does(cells: int, lines: int) -> None:
    values = np.random.default_rng(1).normal(size=lines).astype(np.float32)
    expected = torch.nn.functional.adaptive_avg_pool1d(torch.from_numpy(values)[None, None], cells)[0, 0]
    assert shares(cells, lines) @ values == pytest.approx(expected.numpy(), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "pool", "side"),
    [
        ("test_efficientnet", "average", 96),
        ("test_efficientnet", "grid", 96),
        # One that pads as TensorFlow does, at a size whose halves are not whole.
        ("tf_efficientnet_b0", "average", 97),
    ],
)
def test_graphs_say_what_networks_say(name: str, pool: str, side: int) -> None:
    from pipeline.modeling.ensemble import predict
    from pipeline.modeling.network import build_network
    from pipeline.modeling.onnx_export import export

    settings = override(
        PROFILES["paper"],
        {"backbone.name": name, "backbone.weights": "random", "backbone.drop_path": 0,
         "backbone.last_block": 2, "backbone.pool": pool, "backbone.pool_cells": [2, 2],
         "neck.widths": [8], "neck.dropouts": [0.1], "picture.image_size_px": side},
    )  # fmt: skip
    networks = [build_network(settings, seed=seed) for seed in (1, 2)]
    graphs = export(networks, side_px=side, shares_trunk=False)
    pictures = torch.randn(3, 3, side, side, generator=torch.Generator().manual_seed(4))
    asked = Runtime(graphs.body, graphs.heads, threads=1).ask(pictures.numpy())
    assert graphs.has_maps and asked.maps is not None and asked.maps.shape[:1] == (2,)
    for place, network in enumerate(networks):
        said = predict(network, pictures)
        assert asked.ef_percent[:, place] == pytest.approx(said.ef_percent, abs=1e-3)
        assert asked.rwma[:, place] == pytest.approx(said.rwma_probability, abs=1e-5)


def test_an_engine_joins_padding_to_the_convolutions(tmp_path: Path) -> None:
    import onnx
    import onnxruntime

    from pipeline.modeling.network import build_network
    from pipeline.modeling.onnx_export import export

    settings = override(
        PROFILES["paper"],
        {"backbone.name": "tf_efficientnet_b0", "backbone.weights": "random", "backbone.drop_path": 0,
         "backbone.last_block": 1, "neck.widths": [8], "neck.dropouts": [0.1],
         "picture.image_size_px": 97},
    )  # fmt: skip
    network = build_network(settings, seed=3)
    body = export([network], side_px=97, shares_trunk=False).body
    assert not any("forward" in vars(layer) for layer in network.modules()), "the network is as it was"
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    onnxruntime.InferenceSession(body, options, providers=["CPUExecutionProvider"])
    left = {node.op_type for node in onnx.load(tmp_path / "optimised.onnx").graph.node}
    assert {"Conv", "GlobalAveragePool"} <= left
    assert not left & {"Pad", "Shape", "ReduceMean"}, "an engine can't join what it can't foresee"
