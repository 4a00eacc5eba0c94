"""What training makes small: weighted Smooth-L1 on EF plus class-weighted cross-entropy on wall motion.

A record without a target has no part in that loss. Every part is a sum divided by a denominator that can be
given from outside: processes that share a batch average theirs first and come to the loss of the whole.

Source: seed paper, "Loss functions".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn import functional

from db.errors import EchoDeskError
from pipeline.config.settings import LossSettings
from pipeline.modeling.heads import EchoOutputs
from pipeline.modeling.targets import RWMA_MASKED


class TargetBatch(NamedTuple):
    """Targets of n pictures.

    Attributes:
        ef: shape [n], fraction 0-1, NaN where there is none.
        ef_weight: shape [n], from `label_density.record_weights`; without effect where there is no EF.
        rwma: shape [n], int64, 1 significant, 0 not, -1 where there is none.
    """

    ef: Tensor
    ef_weight: Tensor
    rwma: Tensor


class Denominators(NamedTuple):
    """What the sums are divided by: records with an EF, and the class weights of records with wall motion."""

    ef: Tensor
    rwma: Tensor


class LossParts(NamedTuple):
    """One batch's loss: the weighted sum that is minimised, and its parts before their weights."""

    total: Tensor
    ef: Tensor
    rwma: Tensor


class EchoLoss(nn.Module):
    """The loss of the third stage.

    Args:
        class_weights: of not significant and significant wall motion; see `rwma_class_weights`.
    """

    class_weights: Tensor

    def __init__(self, settings: LossSettings, class_weights: tuple[float, float]) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer("class_weights", torch.tensor(class_weights, dtype=torch.float32))

    def denominators(self, targets: TargetBatch) -> Denominators:
        """Of this batch alone. Processes that share a step pass the mean over all of them to `forward`."""
        has_rwma = targets.rwma != RWMA_MASKED
        weights = self.class_weights[targets.rwma.clamp(min=0)] * has_rwma
        return Denominators((~targets.ef.isnan()).sum().float(), weights.sum())

    def forward(
        self, outputs: EchoOutputs, targets: TargetBatch, denominators: Denominators | None = None
    ) -> LossParts:
        """The loss; a part for which the batch has no target is 0, with a gradient of 0."""
        below = denominators or self.denominators(targets)
        ef = _divided(self._ef_sum(outputs, targets), below.ef)
        rwma = _divided(self._rwma_sum(outputs, targets), below.rwma)
        return LossParts(self.settings.ef_weight * ef + self.settings.rwma_weight * rwma, ef, rwma)

    def _ef_sum(self, outputs: EchoOutputs, targets: TargetBatch) -> Tensor:
        has_ef = ~targets.ef.isnan()
        # NaN times 0 is NaN, in gradients too: what has no target gets its own output as one.
        output = outputs.ef.float()
        target = torch.where(has_ef, targets.ef, output.detach())
        errors = functional.smooth_l1_loss(
            output, target, reduction="none", beta=self.settings.smooth_l1_beta
        )
        return (errors * torch.where(has_ef, targets.ef_weight, 0.0)).sum()

    def _rwma_sum(self, outputs: EchoOutputs, targets: TargetBatch) -> Tensor:
        return functional.cross_entropy(
            outputs.rwma_logits.float(),
            targets.rwma,
            weight=self.class_weights,
            ignore_index=RWMA_MASKED,
            reduction="sum",
        )


def _divided(total: Tensor, by: Tensor) -> Tensor:
    return total / torch.where(by > 0, by, 1.0)


def rwma_class_weights(rwma: ArrayLike, settings: LossSettings) -> tuple[float, float]:
    """Weights of not significant and significant wall motion, from one training fold.

    `balanced` is n / (2 * n of the class), as in scikit-learn: both classes weigh the same, the mean is 1.

    Args:
        rwma: targets of the fold, 1, 0, and -1 where there is none.

    Raises:
        EchoDeskError: a class does not occur, so that it can't be learnt.
    """
    if settings.rwma_weight == 0 or settings.rwma_class_weights == "none":
        return (1.0, 1.0)
    if settings.rwma_class_weights != "balanced":
        return settings.rwma_class_weights
    values = np.asarray(rwma)
    negative, positive = (int((values == label).sum()) for label in (0, 1))
    if not negative or not positive:
        missing = "no record with" if not positive else "no record without"
        raise EchoDeskError(
            f"the training fold has {missing} significant wall-motion abnormality",
            "Freeze a larger snapshot, use fewer folds, or set losses.rwma_weight to 0.",
        )
    total = negative + positive
    return (total / (2 * negative), total / (2 * positive))


def class_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean binary cross-entropy of the second stage; logits and targets (0 or 1) of shape [n, classes]."""
    return functional.binary_cross_entropy_with_logits(logits.float(), targets.float())
