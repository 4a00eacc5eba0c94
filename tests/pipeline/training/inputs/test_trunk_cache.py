"""A frozen trunk's activations, kept once, are what the network would compute each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from small_snapshots import tiny

from pipeline.config.settings import AugmentationSettings, PictureSettings
from pipeline.modeling.network import Network, build_network
from pipeline.training.inputs.pictures import PictureInputs, augmentation
from pipeline.training.inputs.trunk_cache import keep_trunk

SETTINGS = PictureSettings(image_size_px=32)


def pictures(n: int = 3) -> PictureInputs:
    squares = np.random.default_rng(4).integers(0, 256, size=(n, 32, 32), dtype=np.uint8)
    return PictureInputs(squares, SETTINGS, changes=augmentation(AugmentationSettings()), views=2)


def frozen() -> Network:
    return build_network(tiny(backbone__frozen_through_block=1), seed=3).eval()


def test_the_rest_of_the_network_says_the_same_about_kept_activations(tmp_path: Path) -> None:
    network, shown, places = frozen(), pictures(), np.array([2, 0])
    cache = keep_trunk(network, shown, 3, tmp_path / "trunk.npy", variants=2, seed=5)
    with torch.inference_mode():
        for view in range(2):
            whole = network(shown.plain(places, view))
            rest = network.rest(cache.plain(places, view))
            assert torch.allclose(whole.ef, rest.ef, atol=5e-3)
            assert torch.allclose(whole.rwma_logits, rest.rwma_logits, atol=5e-3)


def test_a_draw_is_one_of_the_kept_changes_and_follows_from_its_seed(tmp_path: Path) -> None:
    cache = keep_trunk(frozen(), pictures(), 3, tmp_path / "trunk.npy", variants=2, seed=5)
    place = np.array([1])
    drawn = [cache.drawn(place, np.array([seed])) for seed in range(30)]
    assert torch.equal(drawn[4], cache.drawn(place, np.array([4])))
    different = {tensor.numpy().tobytes() for tensor in drawn}
    assert len(different) == 3  # the picture itself and two variants
    assert cache.plain(place).numpy().tobytes() in different
    assert cache.plain(place, 1).numpy().tobytes() not in different


def test_what_was_kept_is_taken_up_instead_of_computed_again(tmp_path: Path) -> None:
    first = keep_trunk(frozen(), pictures(), 3, tmp_path / "trunk.npy", variants=1, seed=5)
    other = build_network(tiny(backbone__frozen_through_block=1), seed=9)
    again = keep_trunk(other, pictures(), 3, tmp_path / "trunk.npy", variants=1, seed=5)
    assert torch.equal(first.plain(np.arange(3)), again.plain(np.arange(3)))
