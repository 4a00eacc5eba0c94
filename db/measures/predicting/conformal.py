"""Intervals and sets that hold a chosen share of new cases, whatever the distribution (conformal)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from db.measures.predicting.redraws import Floats

# A number lies on this side of a band's limit by less than any report prints.
_JUST_BELOW = 1e-6
# Where a product is just a whole number it counts as that, however it was rounded.
_TIE = 1e-9


def conformal_quantile(scores: Floats, coverage: float) -> float:
    """What a new score stays at or below with a chance of at least `coverage`; infinite with too few.

    Args:
        scores: of known cases, the larger the stranger, shape (n,). coverage: 0-1.

    Source: Vovk, Gammerman and Shafer 2005, Algorithmic Learning in a Random World, section 2.2.
    """
    rank = math.ceil((len(scores) + 1) * coverage - _TIE)
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else math.inf


def conformal_ends(errors: Floats, coverage: float) -> tuple[float, float]:
    """What a new signed error lies between, each end by half of what may be missed; infinite with too few.

    Source: as `conformal_quantile`, once from each side.
    """
    side = (1 + coverage) / 2
    return -conformal_quantile(-errors, side), conformal_quantile(errors, side)


@dataclass(frozen=True)
class BandErrors:
    """Signed errors of known cases, kept apart by the band their true number lies in.

    Attributes:
        limits: between the bands, rising; there is one band more than limits.
        ends: of each band, what a new error lies between; infinite with too few known cases.
    """

    limits: tuple[float, ...]
    ends: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, errors: Floats, truth: Floats, limits: tuple[float, ...], coverage: float) -> BandErrors:
        """From the truth minus what was said (relative to a difficulty where there is one), shape (n,)."""
        own = np.digitize(truth, limits)
        bands = range(len(limits) + 1)
        return cls(limits, tuple(conformal_ends(errors[own == band], coverage) for band in bands))

    def pieces(self, asked: Floats, hard: Floats) -> tuple[Floats, Floats]:
        """Every number whose error would not be strange in its own band, as pieces of the scale.

        Args:
            asked: predictions, shape (m,). hard: how far an error stretches for each, shape (m,).

        Returns:
            lower and upper ends, shape (m, bands) each; NaN where a band holds none.
        """
        floors = [-np.inf, *self.limits]
        tops = [*(limit - _JUST_BELOW for limit in self.limits), np.inf]
        lows, highs = [], []
        for (low, high), floor, top in zip(self.ends, floors, tops, strict=True):
            first, last = np.maximum(asked + low * hard, floor), np.minimum(asked + high * hard, top)
            is_some = first <= last
            lows.append(np.where(is_some, first, np.nan))
            highs.append(np.where(is_some, last, np.nan))
        return np.column_stack(lows), np.column_stack(highs)


def hull_of(lows: Floats, highs: Floats, least: float, most: float) -> tuple[Floats, Floats]:
    """From the lowest to the highest number any piece holds, within `least` and `most`; NaN for none.

    Args:
        lows, highs: shape (m, pieces), NaN where there is no such piece.
    """
    low = np.where(np.isnan(lows), np.inf, lows).min(axis=1)
    high = np.where(np.isnan(highs), -np.inf, highs).max(axis=1)
    is_some = low <= high
    return (
        np.where(is_some, np.clip(low, least, most), np.nan),
        np.where(is_some, np.clip(high, least, most), np.nan),
    )


def class_p_values(strangeness: Floats, asked: Floats) -> Floats:
    """For each case asked about, the share of the known ones of a class that are as strange, itself counted.

    Args:
        strangeness: of the known cases of one class, shape (n,). asked: shape (m,).

    Returns:
        shape (m,); a class belongs to the set where this is above 1 minus the coverage.

    Source: Vovk 2012, Conditional validity of inductive conformal predictors, arXiv 1209.2673 (label
    conditional).
    """
    ordered = np.sort(strangeness)
    as_strange = len(ordered) - np.searchsorted(ordered, asked, side="left")
    return np.asarray((as_strange + 1) / (len(ordered) + 1))
