"""Networks asked together: mean and spread, and a single one that can't differ from itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from db.errors import EchoDeskError
from pipeline.config.files import override
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.ensemble import Predictions, combine, predict
from pipeline.modeling.network import build_network


def said(ef: list[float], rwma: list[float]) -> Predictions:
    return Predictions(np.array(ef), np.array(rwma))


def test_mean_and_spread_by_hand() -> None:
    together = combine([said([50, 60], [0.2, 0.5]), said([54, 60], [0.4, 0.5])])
    assert together.ef_percent.tolist() == [52, 60]
    assert together.ef_spread_points.tolist() == [2, 0]
    np.testing.assert_allclose(together.rwma_probability, [0.3, 0.5])
    np.testing.assert_allclose(together.rwma_spread, [0.1, 0], atol=1e-12)


def test_the_spread_of_five_is_numpys_standard_deviation() -> None:
    rng = np.random.default_rng(0)
    ef, rwma = rng.normal(54, 9, (5, 20)), rng.uniform(size=(5, 20))
    together = combine([Predictions(*member) for member in zip(ef, rwma, strict=True)])
    np.testing.assert_allclose(together.ef_spread_points, np.std(ef, axis=0))
    np.testing.assert_allclose(together.rwma_spread, np.std(rwma, axis=0))


def test_one_member_has_no_spread_rather_than_perfect_agreement() -> None:
    alone = combine([said([50], [0.2])])
    assert alone.ef_percent.tolist() == [50]
    assert np.isnan(alone.ef_spread_points).all()
    assert np.isnan(alone.rwma_spread).all()


def test_an_ensemble_of_none_is_refused() -> None:
    with pytest.raises(EchoDeskError, match="no member"):
        combine([])


def test_predictions_are_percent_and_probability(small: ExperimentSettings, pictures: torch.Tensor) -> None:
    network = build_network(small, seed=0).train()
    answers = predict(network, pictures)
    assert network.training
    network.eval()
    outputs = network(pictures)
    np.testing.assert_allclose(answers.ef_percent, 100 * outputs.ef.detach().numpy(), rtol=1e-6)
    np.testing.assert_allclose(
        answers.rwma_probability,
        torch.sigmoid(outputs.rwma_logits[:, 1] - outputs.rwma_logits[:, 0]).detach(),
        rtol=1e-5,
    )


def test_cached_activations_give_the_same_answers(small: ExperimentSettings, pictures: torch.Tensor) -> None:
    network = build_network(override(small, {"backbone.frozen_through_block": 2}), seed=0)
    from_pictures = predict(network, pictures)
    from_cache = predict(network, network.trunk(pictures), are_activations=True)
    assert from_pictures.ef_percent.tolist() == from_cache.ef_percent.tolist()
