"""Logistic lines fitted by maximum likelihood, under many weightings of the cases at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from db.measures.predicting.redraws import Floats

_STEPS: Final = 40
# Newton's error after a step is about the square of the step.
_CLOSE: Final = 1e-5
# A longer step than this has left what the curvature knows about.
_LONGEST: Final = 4.0
# Coefficients beyond this on the scale of the log-odds: the classes are told apart without error.
_BEYOND: Final = 60.0
_NEAREST: Final = 1e-6


def log_odds(probabilities: Floats) -> Floats:
    """Log-odds; probabilities nearer than 1e-6 to 0 or 1 count as that."""
    held = np.clip(probabilities, _NEAREST, 1 - _NEAREST)
    return np.asarray(np.log(held) - np.log1p(-held))


def chances(odds: Floats) -> Floats:
    """Probabilities of log-odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -700, 700))))


def fit_logistic(
    inputs: Floats,
    outcomes: Floats,
    weights: Floats,
    *,
    offset: Floats | None = None,
    start: Floats | None = None,
) -> Floats:
    """Coefficients of the inputs; NaN where there is no maximum (one kind of case only, or no overlap).

    Args:
        inputs: shape (n, k); a column of ones is the caller's. outcomes: 0 or 1, shape (n,).
        weights: shape (resamples, n). offset: log-odds that are known already, shape (n,).
        start: shape (k,); where to begin.

    Returns:
        shape (resamples, k).

    Source: Newton's method; Hosmer and Lemeshow 2000, Applied Logistic Regression, section 2.2.
    """
    k = inputs.shape[1]
    lines = np.tile(np.zeros(k) if start is None else start, (len(weights), 1))
    rows, columns = np.triu_indices(k)
    design = _Design(inputs, inputs[:, rows] * inputs[:, columns], offset)
    wanted = weights @ (inputs * outcomes[:, None])
    positives = weights @ outcomes
    left = (positives > 0) & (positives < weights.sum(axis=1))
    lines[~left] = np.nan
    for _ in range(_STEPS):
        places = np.flatnonzero(left)
        if not len(places):
            break
        asked = weights if len(places) == len(weights) else weights[places]
        step, farthest = design.step(wanted[places], asked, lines[places])
        lines[places] += step
        is_lost = farthest > _BEYOND
        lines[places[is_lost]] = np.nan
        left[places[is_lost | (np.abs(step).max(axis=1) < _CLOSE)]] = False
    lines[left] = np.nan
    return lines


@dataclass(frozen=True, eq=False)
class _Design:
    """The inputs, their products two by two (each pair once), and what is known of the log-odds."""

    inputs: Floats
    pairs: Floats
    offset: Floats | None

    def step(self, wanted: Floats, weights: Floats, lines: Floats) -> tuple[Floats, Floats]:
        """Newton's step of each line, and how far its log-odds lie from 0 at most."""
        odds = lines @ self.inputs.T
        if self.offset is not None:
            odds += self.offset
        farthest = np.maximum(odds.max(axis=1), -odds.min(axis=1))
        np.clip(odds, -_BEYOND, _BEYOND, out=odds)
        chance = 1 / (1 + np.exp(-odds))
        weighted = weights * chance
        gradient = wanted - weighted @ self.inputs
        weighted -= weighted * chance
        half = weighted @ self.pairs
        size = self.inputs.shape[1]
        curvature = np.empty((len(lines), size, size))
        for place, (row, column) in enumerate(zip(*np.triu_indices(size), strict=True)):
            curvature[:, row, column] = curvature[:, column, row] = half[:, place]
        # Keeps the solver from stumbling over a flat direction; the maximum itself does not move.
        flat = (1e-12 * np.trace(curvature, axis1=1, axis2=2) + 1e-12)[:, None, None] * np.eye(size)
        step = np.linalg.solve(curvature + flat, gradient[:, :, None])[:, :, 0]
        longest = np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-300)
        return np.asarray(step * np.minimum(1, _LONGEST / longest)), farthest


def natural_spline(values: Floats, knots: Floats) -> Floats:
    """Ones, the values, and the bends of a cubic spline that is straight beyond its outer knots.

    Args:
        values: shape (n,). knots: rising, shape (m,), m of 3 or more; fewer give a straight line.

    Returns:
        shape (n, m).

    Source: Harrell 2015, Regression Modeling Strategies, section 2.4.5 (restricted cubic splines).
    """
    columns = [np.ones_like(values), values]
    if len(knots) > 2:
        last, before = knots[-1], knots[-2]
        scale = (last - knots[0]) ** 2

        def cube(knot: float) -> Floats:
            return np.asarray(np.maximum(values - knot, 0.0) ** 3)

        for knot in knots[:-2]:
            bend = cube(knot) - cube(before) * (last - knot) / (last - before)
            bend = bend + cube(last) * (before - knot) / (last - before)
            columns.append(bend / scale)
    return np.column_stack(columns)


def spline_knots(values: Floats) -> Floats:
    """Four knots at Harrell's places (5, 35, 65 and 95 % of the values); none where they would coincide."""
    knots = np.quantile(values, [0.05, 0.35, 0.65, 0.95])
    return np.asarray(knots if np.all(np.diff(knots) > 1e-6) else knots[:0])
