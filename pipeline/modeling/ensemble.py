"""Several networks asked about the same pictures: their mean, and how far they are apart.

Source: seed paper, "Evaluation" (the five fold models are averaged) and "Confidence scoring" (their spread).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from db.errors import EchoDeskError
from pipeline.modeling.network import Network


@dataclass(frozen=True)
class Predictions:
    """One network's answers about n pictures.

    Attributes:
        ef_percent: shape [n]; as the network says it, so it can leave 0-100.
        rwma_probability: shape [n], 0-1, of a significant abnormality.
    """

    ef_percent: NDArray[np.float64]
    rwma_probability: NDArray[np.float64]


@dataclass(frozen=True)
class EnsemblePredictions(Predictions):
    """The members' mean, with the standard deviation of their answers (divided by how many they are).

    The spread says how far these members differ. It is agreement, not a calibrated error; all can be wrong
    together.

    Attributes:
        ef_spread_points: shape [n], EF points; NaN with one member, which can't differ from itself.
        rwma_spread: shape [n], of the probability; NaN likewise.
    """

    ef_spread_points: NDArray[np.float64]
    rwma_spread: NDArray[np.float64]


def predict(network: Network, pictures: Tensor, *, are_activations: bool = False) -> Predictions:
    """Answers without dropout and without gradients; the network's mode is as before afterwards.

    Args:
        pictures: shape [n, 3, height, width], preprocessed, on the network's device.
        are_activations: they are what the network's trunk gave, instead of pictures.
    """
    was_training = network.training
    network.eval()
    try:
        with torch.inference_mode():
            outputs = network.rest(pictures) if are_activations else network(pictures)
            probability = outputs.rwma_logits.double().softmax(dim=-1)[:, 1]
            return Predictions(100 * outputs.ef.double().cpu().numpy(), probability.cpu().numpy())
    finally:
        network.train(was_training)


def combine(members: Sequence[Predictions]) -> EnsemblePredictions:
    """Mean and spread of members that answered about the same pictures in the same order.

    Raises:
        EchoDeskError: there is no member.
    """
    if not members:
        raise EchoDeskError("an ensemble has no member", "Name at least one checkpoint.")
    ef = np.stack([member.ef_percent for member in members])
    rwma = np.stack([member.rwma_probability for member in members])
    alone = len(members) == 1
    return EnsemblePredictions(
        ef_percent=ef.mean(axis=0),
        rwma_probability=rwma.mean(axis=0),
        ef_spread_points=np.full(ef.shape[1], np.nan) if alone else ef.std(axis=0),
        rwma_spread=np.full(ef.shape[1], np.nan) if alone else rwma.std(axis=0),
    )
