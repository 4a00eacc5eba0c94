"""Networks as ONNX graphs say what they say themselves, however their features are pooled."""

from __future__ import annotations

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


@pytest.mark.parametrize("pool", ["average", "grid"])
def test_graphs_say_what_networks_say(pool: str) -> None:
    from pipeline.modeling.ensemble import predict
    from pipeline.modeling.network import build_network
    from pipeline.modeling.onnx_export import export

    settings = override(
        PROFILES["paper"],
        {"backbone.name": "test_efficientnet", "backbone.weights": "random", "backbone.drop_path": 0,
         "backbone.pool": pool, "backbone.pool_cells": [2, 2], "neck.widths": [8], "neck.dropouts": [0.1],
         "picture.image_size_px": 96},
    )  # fmt: skip
    networks = [build_network(settings, seed=seed) for seed in (1, 2)]
    graphs = export(networks, side_px=96, shares_trunk=False)
    pictures = torch.randn(3, 3, 96, 96, generator=torch.Generator().manual_seed(4))
    asked = Runtime(graphs.body, graphs.heads, threads=1).ask(pictures.numpy())
    assert graphs.has_maps and asked.maps is not None and asked.maps.shape[:2] == (3, 2)
    for place, network in enumerate(networks):
        said = predict(network, pictures)
        assert asked.ef_percent[:, place] == pytest.approx(said.ef_percent, abs=1e-3)
        assert asked.rwma[:, place] == pytest.approx(said.rwma_probability, abs=1e-5)
