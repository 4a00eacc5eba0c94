"""How much each record counts in the EF loss: rare values more, common ones less, within a cap.

Most patients have a normal EF, so a model that answers the average for everybody makes a small error. Records
are weighed by the inverse of how dense the training EFs lie around theirs (label distribution smoothing).

Source: seed paper, "Loss functions"; Yang et al., Delving into deep imbalanced regression, ICML 2021, 3.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from db.errors import EchoDeskError
from pipeline.config.settings import LossSettings

_HIGHEST_PERCENT = 100.0


@dataclass(frozen=True)
class LabelDensity:
    """Weights by EF, from the EFs of one training fold and nothing else.

    Over the records it was made from, weights have mean 1 and none is above the cap, both at once: inverse
    densities are scaled until the mean is 1 *after* the cap. So the loss, and with it the learning rate, has
    the same size under every cap; "3" is three times the average record, and cap 1 weighs all alike.

    Attributes:
        bin_points: width of a bin, EF points; bins begin at 0.
        density: records in each bin after smoothing.
        scale: what the inverse density is multiplied by.
        cap: the largest weight.
    """

    bin_points: float
    density: NDArray[np.float64]
    scale: float
    cap: float

    @classmethod
    def of(cls, ef_percent: ArrayLike, *, cap: float, bin_points: float = 1, sigma_points: float = 2) -> Self:
        """The density of a training fold.

        Args:
            ef_percent: stated EFs of the fold, 0-100 percent.
            cap: at least 1.
            bin_points: above 0, EF points.
            sigma_points: standard deviation of the Gaussian, EF points; 0 does not smooth.

        Raises:
            EchoDeskError: there is no EF, or one isn't a percentage.
        """
        values = _checked(ef_percent)
        if not len(values):
            raise EchoDeskError(
                "no record of the training fold states an EF",
                "Set losses.ef_weight to 0, or freeze a snapshot with stated EFs in every fold.",
            )
        bins = _bins(values, bin_points)
        counts = np.bincount(bins, minlength=math.ceil(_HIGHEST_PERCENT / bin_points) + 1).astype(np.float64)
        density = _smoothed(counts, sigma_points / bin_points)
        return cls(bin_points, density, _scale_for_mean_1(1 / density[bins], cap), cap)

    def weights(self, ef_percent: ArrayLike) -> NDArray[np.float64]:
        """Weight of each EF, shape [n], above 0, at most `cap`; the cap where the fold had nothing near.

        Raises:
            EchoDeskError: one isn't a percentage.
        """
        density = self.density[_bins(_checked(ef_percent), self.bin_points)]
        nothing = density < 1e-12  # what is left of a kernel's tail, or nothing
        inverse = self.scale / np.where(nothing, 1, density)
        return np.where(nothing, self.cap, np.minimum(inverse, self.cap))


def record_weights(ef: ArrayLike, in_training: ArrayLike, settings: LossSettings) -> NDArray[np.float32]:
    """Weight of every record, shape [n], by how rare its EF is in the training fold; 1 where it has none.

    Args:
        ef: targets, fractions 0-1, NaN where there is none.
        in_training: shape [n], bool: the records of the training fold; no other EF enters the density.

    Raises:
        EchoDeskError: no training record states an EF, though EF is to be learnt.
    """
    ef_percent = 100 * np.asarray(ef, dtype=np.float64)
    weights = np.ones(len(ef_percent), dtype=np.float32)
    if settings.ef_weighting == "none" or settings.ef_weight == 0:
        return weights
    has_ef = np.isfinite(ef_percent)
    density = LabelDensity.of(
        ef_percent[has_ef & np.asarray(in_training, dtype=bool)],
        cap=settings.ef_weight_cap,
        bin_points=settings.density_bin_points,
        sigma_points=settings.density_sigma_points,
    )
    weights[has_ef] = density.weights(ef_percent[has_ef])
    return weights


def _checked(ef_percent: ArrayLike) -> NDArray[np.float64]:
    # Rounded, so that 29 that was once stored as a float32 of 0.29 does not fall into the bin of 28.
    values = np.asarray(ef_percent, dtype=np.float64).round(4)
    if not np.all((values > 1) & (values <= _HIGHEST_PERCENT)):
        raise EchoDeskError(
            "an EF to be weighed is not a percentage above 1 and up to 100",
            "Leave out records without an EF, and give percent instead of a fraction.",
        )
    return values


def _bins(values: NDArray[np.float64], bin_points: float) -> NDArray[np.int64]:
    bins: NDArray[np.int64] = np.floor(values / bin_points).astype(np.int64)
    return bins


def _smoothed(counts: NDArray[np.float64], sigma_bins: float) -> NDArray[np.float64]:
    """Convolved with a Gaussian that reaches four deviations; a very narrow one changes nothing."""
    if sigma_bins < 0.05:
        return counts
    reach = math.ceil(4 * sigma_bins)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_bins) ** 2)
    return np.convolve(counts, kernel / kernel.sum(), mode="full")[reach : reach + len(counts)]


def _scale_for_mean_1(raw: NDArray[np.float64], cap: float) -> float:
    """The s with mean(min(s * raw, cap)) = 1.

    With the k largest at the cap, the others have to add up to n - k * cap. The right k is the first that
    leaves none of the others above the cap.
    """
    falling = np.sort(raw)[::-1]
    for capped in range(len(falling)):
        left = len(falling) - capped * cap
        if left <= 0:
            break
        scale = left / falling[capped:].sum()
        if scale * falling[capped] <= cap:
            return float(scale)
    return float(cap / falling[-1])  # a cap of 1: everybody is at it
