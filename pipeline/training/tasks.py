"""What a network is asked in a stage: its loss on given records, and how good its answers are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from db.measures.discrimination import auroc
from pipeline.config.settings import LossSettings
from pipeline.modeling.heads import EchoOutputs
from pipeline.modeling.label_density import record_weights
from pipeline.modeling.losses import Denominators, EchoLoss, TargetBatch, class_loss, rwma_class_weights
from pipeline.modeling.targets import Targets
from pipeline.training.batches import Places

Parts = Mapping[str, Tensor]


class Task(Protocol):
    """A stage's question. Records are named by their places; `total` is the part that is minimised."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the loss and its parts, `total` first."""
        ...

    def denominators(self, places: Places) -> Tensor:
        """What these records' sums are divided by, shape [k]."""
        ...

    def losses(self, outputs: Any, places: Places, denominators: Tensor) -> Parts:
        """The loss and its parts for these records' outputs, which may be a piece of a step's."""
        ...

    def measures(self, outputs: Any, places: Places) -> dict[str, float]:
        """How good the answers are, to be read by people; NaN where it can't be said."""
        ...


class EchoTask:
    """The third stage: EF and wall motion.

    Args:
        training: the records that weights are worked out from; no other label enters them.
        device: where the outputs will be.

    Attributes:
        weighed_from: the records that weights were worked out from, as they were handed in.
    """

    parts = ("total", "ef", "rwma")

    def __init__(
        self, targets: Targets, training: Places, settings: LossSettings, device: torch.device
    ) -> None:
        is_training = np.zeros(len(targets.ef), dtype=bool)
        is_training[training] = True
        self.weighed_from: Places = np.flatnonzero(is_training)
        weights = record_weights(targets.ef, is_training, settings)
        self._loss = EchoLoss(settings, rwma_class_weights(targets.rwma[self.weighed_from], settings)).to(
            device
        )
        columns = (targets.ef, weights, targets.rwma)
        self._targets = TargetBatch(*(torch.from_numpy(column).to(device) for column in columns))

    def _of(self, places: Places) -> TargetBatch:
        chosen = torch.from_numpy(np.asarray(places)).to(self._targets.ef.device)
        return TargetBatch(*(column[chosen] for column in self._targets))

    def denominators(self, places: Places) -> Tensor:
        """Records with an EF, and the class weights of records with wall motion."""
        return torch.stack(tuple(self._loss.denominators(self._of(places))))

    def losses(self, outputs: EchoOutputs, places: Places, denominators: Tensor) -> Parts:
        """The weighted sum, the EF part and the wall-motion part."""
        found = self._loss(outputs, self._of(places), Denominators(denominators[0], denominators[1]))
        return dict(zip(self.parts, found, strict=True))

    def measures(self, outputs: EchoOutputs, places: Places) -> dict[str, float]:
        """Mean absolute error of EF, points, and AUROC of wall motion."""
        of = self._of(places)
        errors = 100 * (outputs.ef.float() - of.ef).abs().cpu().double().numpy()
        known = errors[np.isfinite(errors)]
        has_rwma = (of.rwma >= 0).cpu().numpy()
        scores = (outputs.rwma_logits[:, 1] - outputs.rwma_logits[:, 0]).float().cpu().double().numpy()
        return {
            "ef_mae_points": float(known.mean()) if len(known) else float("nan"),
            "rwma_auroc": auroc(scores[has_rwma], (of.rwma == 1).cpu().numpy()[has_rwma]),
        }


class ClassTask:
    """The second stage: ECG diagnoses that do not exclude each other.

    Args:
        labels: 0 or 1, shape [n, classes].
    """

    parts = ("total",)

    def __init__(self, labels: NDArray[np.float32], device: torch.device) -> None:
        self._labels = torch.from_numpy(labels).to(device)

    def _of(self, places: Places) -> Tensor:
        return self._labels[torch.from_numpy(np.asarray(places)).to(self._labels.device)]

    def denominators(self, places: Places) -> Tensor:
        """How many records."""
        return torch.tensor([float(len(places))], device=self._labels.device)

    def losses(self, outputs: Tensor, places: Places, denominators: Tensor) -> Parts:
        """Mean binary cross-entropy."""
        return {"total": class_loss(outputs, self._of(places)) * len(places) / denominators[0]}

    def measures(self, outputs: Tensor, places: Places) -> dict[str, float]:
        """AUROC, mean over the classes that occur."""
        labels, scores = self._of(places).cpu().numpy() > 0, outputs.float().cpu().double().numpy()
        found = [auroc(scores[:, one], labels[:, one]) for one in range(labels.shape[1])]
        known = [value for value in found if not np.isnan(value)]
        return {"macro_auroc": float(np.mean(known)) if known else float("nan")}
