"""Where heads on standardised features begin: at a weighted ridge regression on the training records.

From chance, heads on a few hundred pictures take long to find what a linear probe tells at once, and forget
it in the noise of small batches. So they begin there, and the epochs refine it with the paper's losses.
Source: Kumar et al., Fine-tuning can distort pretrained features, ICLR 2022 (linear probing, then
fine-tuning).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.config.settings import LossSettings
from pipeline.modeling.heads import EchoHeads, Standard
from pipeline.modeling.label_density import record_weights
from pipeline.modeling.losses import rwma_class_weights
from pipeline.modeling.network import Network
from pipeline.modeling.targets import Targets
from pipeline.training.batches import Inputs, Places
from pipeline.training.computing import in_pieces

Floats = NDArray[np.float64]

_RIDGES: Final = np.logspace(0, 6, 13)
_AT_ONCE: Final = 32
_FOLDS: Final = 5


def start_at_probe(
    network: Network,
    inputs: Inputs,
    targets: Targets,
    training: Places,
    losses: LossSettings,
    *,
    variants: int = 0,
) -> None:
    """Set the standardisation and both heads from the training records; no other record is looked at.

    Args:
        network: with `EchoHeads` that have no neck, on the device that computes.
        training: places of the records; the loss's own weights count in the regressions.
        variants: 0 learns from pictures as they are; else from one random change of each, of as many as a
            trunk cache keeps. Where changes are to part a label from its paper, a start that saw the paper
            would know it already.
    """
    heads = network.heads
    assert isinstance(heads, EchoHeads)  # noqa: S101 - of the third stage
    assert isinstance(heads.standard, Standard)  # noqa: S101 - the settings ask for it
    features = _features(network, inputs, training, variants)
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    deviation[deviation < 1e-6] = 1.0  # a feature that never varies tells nothing and must not blow up
    shown = (features - mean) / deviation
    with torch.no_grad():
        _put(heads.standard.mean, mean)
        _put(heads.standard.deviation, deviation)
        if losses.ef_weight:
            _start_ef(heads, shown, targets.ef, training, losses)
        if losses.rwma_weight:
            _start_rwma(heads, shown, targets.rwma[training], losses)


def _features(network: Network, inputs: Inputs, places: Places, variants: int) -> Floats:
    device = next(network.parameters()).device
    was_training = network.training
    network.eval()

    def features_of(piece: Places) -> Floats:
        # This seed is the first variant to a cache, and to pictures a change of each one's own.
        shown = inputs.drawn(piece, piece * (variants + 1) + 1) if variants else inputs.plain(piece)
        shown = shown.to(device)
        activations = shown if inputs.are_activations else network.trunk(shown)
        return np.asarray(network.features(activations).double().cpu().numpy())

    with torch.inference_mode():
        found = list(in_pieces(places, _AT_ONCE, features_of))
    network.train(was_training)
    return np.concatenate(found)


def _start_ef(
    heads: EchoHeads, shown: Floats, ef: NDArray[np.float32], training: Places, losses: LossSettings
) -> None:
    is_training = np.zeros(len(ef), dtype=bool)
    is_training[training] = True
    weights = record_weights(ef, is_training, losses)[training].astype(np.float64)
    has = np.isfinite(ef[training])
    slopes, start, _ = _ridge(shown[has], ef[training][has].astype(np.float64), weights[has])
    _put(heads.ef.weight, slopes[None, :])
    _put(heads.ef.bias, np.array([start]))


def _start_rwma(heads: EchoHeads, shown: Floats, rwma: NDArray[np.int64], losses: LossSettings) -> None:
    """The ridge classifier's score, stretched so that the softmax over it gives probabilities."""
    from sklearn.linear_model import LogisticRegression

    has = rwma >= 0
    is_significant = rwma[has] == 1
    negative, positive = rwma_class_weights(rwma, losses)
    weights = np.where(is_significant, positive, negative)
    slopes, start, unseen = _ridge(shown[has], np.where(is_significant, 1.0, -1.0), weights)
    # By answers about records that were left out: by its own it would be far too sure.
    stretch = LogisticRegression(C=1e3).fit(unseen[:, None], is_significant, sample_weight=weights)
    by, offset = float(stretch.coef_[0, 0]), float(stretch.intercept_[0])
    half = by * slopes / 2
    _put(heads.rwma.weight, np.stack([-half, half]))
    _put(heads.rwma.bias, np.array([-1.0, 1.0]) * (by * start + offset) / 2)


def _ridge(shown: Floats, wanted: Floats, weights: Floats) -> tuple[Floats, float, Floats]:
    """Slopes, start, and what regressions without a record say of it; chooses its own strength."""
    from sklearn.linear_model import Ridge, RidgeCV
    from sklearn.model_selection import cross_val_predict

    found = RidgeCV(_RIDGES).fit(shown, wanted, sample_weight=weights)
    unseen = cross_val_predict(
        Ridge(found.alpha_), shown, wanted, cv=min(_FOLDS, len(wanted)), params={"sample_weight": weights}
    )
    return np.asarray(found.coef_), float(found.intercept_), np.asarray(unseen)


def _put(into: torch.Tensor, values: Floats) -> None:
    into.copy_(torch.from_numpy(np.asarray(values)))
