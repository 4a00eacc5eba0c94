"""Scores and probabilities put right on labels by a logistic line (Platt scaling)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RIDGE: Final = 1.0
_STEPS: Final = 25


@dataclass(frozen=True)
class PlattLine:
    """A line from a score to log-odds, that never falls."""

    intercept: float
    slope: float

    def of(self, scores: Floats) -> Floats:
        """Probabilities of scores, 0-1, shape (n,)."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.intercept + self.slope * scores, -700, 700))))


def fit_platt(scores: Floats, labels: Floats, *, ridge: float = RIDGE) -> PlattLine:
    """The line of most likelihood, with a weak ridge on its slope; one that falls is made flat.

    Args:
        scores: log-odds, or any number of that size or larger, shape (n,).
        labels: 0 or 1, both occurring, shape (n,).
        ridge: what a slope costs, half of it for the slope squared; above 0 keeps it finite where the classes
            do not overlap.

    Source: Platt 1999, with a weak ridge on the slope.
    """
    middle = float(scores.mean())
    inputs = np.column_stack([np.ones_like(scores), scores - middle])
    line = np.array([math.log(labels.mean() / (1 - labels.mean())), 0.0])
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-inputs @ line))
        steepness = (inputs * (chances * (1 - chances))[:, None]).T @ inputs + np.diag([1e-9, ridge])
        step = np.linalg.solve(steepness, inputs.T @ (labels - chances) - np.array([0.0, ridge * line[1]]))
        line = line + step
        if np.abs(step).max() < 1e-9:
            break
    if line[1] <= 0:
        return PlattLine(math.log(labels.mean() / (1 - labels.mean())), 0.0)
    return PlattLine(float(line[0] - line[1] * middle), float(line[1]))


def recalibrated(probabilities: Floats, labels: Floats) -> Floats:
    """Probabilities put right by a logistic line through their log-odds, shape (n,); a falling line is made
    flat.

    Args:
        labels: 0 or 1, both occurring, shape (n,).

    Source: as `fit_platt`.
    """
    odds = np.clip(probabilities, 1e-4, 1 - 1e-4)
    odds = np.log(odds / (1 - odds))
    return np.asarray(np.clip(fit_platt(odds, labels).of(odds), 1e-3, 1 - 1e-3))
