"""Probabilities of a model put right on labels by a logistic line (Platt scaling)."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RIDGE: Final = 1.0
_STEPS: Final = 25


def recalibrated(probabilities: Floats, labels: Floats) -> Floats:
    """Probabilities put right by a logistic line through their log-odds, shape (n,); a falling line is made
    flat.

    Args:
        labels: 0 or 1, both occurring, shape (n,).

    Source: Platt 1999, with a weak ridge on the slope.
    """
    odds = np.clip(probabilities, 1e-4, 1 - 1e-4)
    odds = np.log(odds / (1 - odds))
    inputs = np.column_stack([np.ones_like(odds), odds - odds.mean()])
    line = np.array([math.log(labels.mean() / (1 - labels.mean())), 0.0])
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-inputs @ line))
        steepness = (inputs * (chances * (1 - chances))[:, None]).T @ inputs + np.diag([1e-9, _RIDGE])
        step = np.linalg.solve(steepness, inputs.T @ (labels - chances) - np.array([0.0, _RIDGE * line[1]]))
        line = line + step
        if np.abs(step).max() < 1e-9:
            break
    if line[1] <= 0:
        return np.full_like(odds, labels.mean())
    return np.asarray(np.clip(1 / (1 + np.exp(-inputs @ line)), 1e-3, 1 - 1e-3))
