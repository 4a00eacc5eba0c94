"""How far a predicted number is from the true one: errors, correlation, calibration line, spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from db.measures.predicting.redraws import Bools, Floats, ratio

# What rounding leaves of the variance of a constant, as a share of its mean square, is no variance.
_NO_SPREAD: Final = 1e-12


def error_measures(truth: Floats, said: Floats, weights: Floats) -> dict[str, Floats]:
    """Measures of predictions, in the unit of the truth unless said otherwise.

    * `mae`, `rmse`: 0 is best. `bias`: mean of said minus true; above 0 means that it says too much.
    * `r2`: share of the variance explained, 1 is best, below 0 is worse than the mean. `r`: Pearson's.
    * `slope`, `intercept`: of the truth regressed on the prediction; 1 and 0 are best. A slope below 1 means
      that predictions lie too far apart.
    * `spread_ratio`: standard deviation of the predictions over that of the truth; near 0 they collapsed.

    Args:
        truth, said: shape (n,). weights: shape (resamples, n).

    Returns:
        each of shape (resamples,); NaN where it cannot be said.
    """
    middle = float(truth.mean()) if len(truth) else 0.0
    y, x, error = truth - middle, said - middle, said - truth
    columns = np.column_stack([np.ones_like(y), np.abs(error), error**2, error, y, y**2, x, x**2, x * y])
    sums = weights @ columns
    n, absolute, squared, signed = (sums[:, place] for place in range(4))
    my, vy, mx, vx, xy = _moments(sums)
    slope = ratio(xy, vx)
    return {
        "mae": ratio(absolute, n),
        "rmse": np.sqrt(ratio(squared, n)),
        "bias": ratio(signed, n),
        "r2": 1 - ratio(ratio(squared, n), vy),
        "r": ratio(xy, np.sqrt(vx * vy)),
        "slope": slope,
        "intercept": my + middle - slope * (mx + middle),
        "truth_sd": np.sqrt(vy),
        "said_sd": np.sqrt(vx),
        "spread_ratio": np.sqrt(ratio(vx, vy)),
    }


def _moments(sums: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Mean and variance of the truth and of the predictions, and their covariance; no spread is exactly 0."""
    n = sums[:, 0]
    my, yy, mx, xx, xy = (ratio(sums[:, place], n) for place in range(4, 9))
    vy, vx = (
        np.where(squares - mean**2 <= _NO_SPREAD * squares, 0.0, squares - mean**2)
        for squares, mean in ((yy, my), (xx, mx))
    )
    return my, vy, mx, vx, xy - mx * my


def share_within(truth: Floats, said: Floats, reach: float, weights: Floats) -> Floats:
    """Share, 0-1, of predictions not further than `reach` from the truth; higher is better."""
    return share_of(np.abs(said - truth) <= reach + 1e-9, weights)


def share_of(is_so: Bools, weights: Floats) -> Floats:
    """Share, 0-1, of what is so; NaN without cases."""
    return ratio(weights @ np.asarray(is_so, dtype=np.float64), weights.sum(axis=1))


def by_band(truth: Floats, said: Floats, bands: Mapping[str, Bools], weights: Floats) -> dict[str, Floats]:
    """MAE and bias inside each band, as `<band> mae` and `<band> bias`.

    Args:
        bands: name -> whether each case is in it, shape (n,).
    """
    error = said - truth
    found = {}
    for name, inside in bands.items():
        held = np.asarray(inside, dtype=np.float64)
        sums = weights @ np.column_stack([held, held * np.abs(error), held * error])
        found[f"{name} mae"] = ratio(sums[:, 1], sums[:, 0])
        found[f"{name} bias"] = ratio(sums[:, 2], sums[:, 0])
    return found
