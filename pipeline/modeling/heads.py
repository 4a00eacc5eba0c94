"""What stands on the backbone's features: the neck with its two heads, and the head of the second stage.

Source: seed paper, table 3.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from pipeline.config.settings import NeckSettings


class EchoOutputs(NamedTuple):
    """What the network says about n pictures.

    Attributes:
        ef: shape [n], ejection fraction as a fraction; linear, so it can leave 0-1.
        rwma_logits: shape [n, 2], not significant and significant; softmax gives probabilities.
    """

    ef: Tensor
    rwma_logits: Tensor


class Standard(nn.Module):
    """Each feature less its mean, over its deviation; both are set once and never learn."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("deviation", torch.ones(features))

    def forward(self, features: Tensor) -> Tensor:
        """Features of shape [n, features]."""
        return (features - self.mean) / self.deviation


class EchoHeads(nn.Module):
    """The shared neck (linear, layer norm, GELU, dropout, a few times) and the heads for EF and wall motion.

    Args:
        features: width of what comes in.
    """

    def __init__(self, features: int, settings: NeckSettings) -> None:
        super().__init__()
        widths = (features, *settings.widths)
        self.standard = Standard(features) if settings.starts_at_probe else None
        self.neck = nn.Sequential(
            *(
                _layer(before, after, share)
                for (before, after), share in zip(pairwise(widths), settings.dropouts, strict=True)
            )
        )
        self.ef = nn.Linear(widths[-1], 1)
        self.rwma = nn.Linear(widths[-1], 2)

    def forward(self, features: Tensor) -> EchoOutputs:
        """Features of shape [n, features]."""
        shared = self.neck(features if self.standard is None else self.standard(features))
        return EchoOutputs(self.ef(shared).squeeze(-1), self.rwma(shared))

    @torch.no_grad()
    def start_ef_at(self, mean_ef: float) -> None:
        """Let the EF head begin at a fraction 0-1 instead of near 0: no step is spent on getting there."""
        self.ef.bias.fill_(mean_ef)


def _layer(before: int, after: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(before, after), nn.LayerNorm(after), nn.GELU(), nn.Dropout(dropout))


class ClassHeads(nn.Module):
    """One linear layer to classes that do not exclude each other: the second stage's ECG diagnoses.

    Args:
        features: width of what comes in.
        classes: names, in the order of the logits.
    """

    def __init__(self, features: int, classes: tuple[str, ...]) -> None:
        super().__init__()
        self.classes = classes
        self.linear = nn.Linear(features, len(classes))

    def forward(self, features: Tensor) -> Tensor:
        """Logits, shape [n, classes]; each its own yes or no."""
        logits: Tensor = self.linear(features)
        return logits
