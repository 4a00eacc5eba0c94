"""Do the seed paper's EF strata, mean and spread fit together? What spread the counts permit, worked out.

The paper prints EF 20-67 percent, mean 54, SD 10.9, and 357 / 81 / 54 / 8 patients in four bands. The bands
bound the SD from both sides. Source: seed paper, "Dataset".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.waveforms.cohort_table import EF_BANDS_PERCENT, EF_STRATA_PER_500
from pipeline.waveforms.scipy_parts import scipy_part

PAPER_MEAN_PERCENT, PAPER_SD_PERCENT = 54.0, 10.9

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SpreadLimits:
    """SDs in points of EF that whole percents in the paper's bands can have.

    Attributes:
        mean_percent: the mean they are held to.
        least, most: over everything the counts allow.
        most_with_one_hump: where every percent up to the commonest one is at least as common as the one
            before, and every later one at most.
        even_mean_percent, even_sd: of the spread that is even within each band, whatever mean that has.
    """

    mean_percent: float
    least: float
    most: float
    most_with_one_hump: float
    even_mean_percent: float
    even_sd: float

    @property
    def is_paper_possible(self) -> bool:
        """Whether the paper's SD lies between the limits."""
        return self.least <= PAPER_SD_PERCENT <= self.most


def spread_limits(mean_percent: float = PAPER_MEAN_PERCENT) -> SpreadLimits:
    """The limits for a mean; linear programmes over how many patients have each whole percent."""
    even = _even_shares()
    low, high = EF_BANDS_PERCENT["normal"]
    widest = [_extreme_sd(mean_percent, largest=True, hump=hump) for hump in range(low, high + 1)]
    return SpreadLimits(
        mean_percent=mean_percent,
        least=_extreme_sd(mean_percent, largest=False),
        most=_extreme_sd(mean_percent, largest=True),
        most_with_one_hump=max((sd for sd in widest if not math.isnan(sd)), default=math.nan),
        even_mean_percent=float(even @ _percents()),
        even_sd=_sd(even),
    )


def spread_lines(limits: SpreadLimits) -> list[str]:
    """The comparison in sentences, for a report."""
    paper = f"mean {PAPER_MEAN_PERCENT:g} and SD {PAPER_SD_PERCENT:g}"
    verdict = "are possible, but do not follow" if limits.is_paper_possible else "are impossible"
    return [
        f"The paper's {paper} with its strata {verdict}.",
        f"At mean {limits.mean_percent:g} they permit any SD from {limits.least:.1f} to {limits.most:.1f}.",
        f"Even within each band: mean {limits.even_mean_percent:.1f}, SD {limits.even_sd:.1f}.",
        f"With one hump: SD at most {limits.most_with_one_hump:.2f}; more where readings gather at fives.",
    ]


@dataclass(frozen=True)
class MedianAnswer:
    """What answering the cohort's median EF for everybody earns, in whole percents in the paper's bands.

    Attributes:
        mae_even, mae_least, mae_most: mean absolute error, points: where EF is even within each band; and
            over everything with one hump and the paper's mean.
        within_even, within_least, within_most: share within ten points, likewise.
    """

    mae_even: float
    mae_least: float
    mae_most: float
    within_even: float
    within_least: float
    within_most: float


def median_answer(mean_percent: float = PAPER_MEAN_PERCENT) -> MedianAnswer:
    """The limits, by linear programmes over how many patients have each whole percent."""
    percents, even = _percents(), _even_shares()
    low, high = EF_BANDS_PERCENT["normal"]
    found: list[tuple[float, float]] = []
    for median in range(low, high + 1):  # more than half of the cohort is in the normal band
        for hump in range(low, high + 1):
            found += _extremes(_costs(percents, median), mean_percent, median, hump)
    evenly = _costs(percents, int(percents[np.searchsorted(np.cumsum(even), 0.5)])) @ even
    (mae_least, within_least), (mae_most, within_most) = np.min(found, axis=0), np.max(found, axis=0)
    return MedianAnswer(
        mae_even=float(evenly[0]), mae_least=float(mae_least), mae_most=float(mae_most),
        within_even=float(evenly[1]), within_least=float(within_least), within_most=float(within_most),
    )  # fmt: skip


def _costs(percents: Floats, median: int) -> Floats:
    """Error in points, and whether it is within ten, for each percent; shape (2, percents)."""
    away = np.abs(percents - median)
    return np.array([away, away <= 10], dtype=np.float64)


def _extremes(costs: Floats, mean_percent: float, median: int, hump: int) -> list[tuple[float, float]]:
    """Least and largest mean costs with this median, mean and hump; nothing where no spread has all three."""
    percents = _percents()
    members, shares = _band_rows()
    beside = np.array([percents < median, percents > median], dtype=np.float64)
    found = []
    for sign in (1, -1):
        ends = []
        for cost in costs:
            solved = scipy_part("optimize").linprog(
                sign * cost,
                A_eq=np.vstack([members, percents]),
                b_eq=np.append(shares, mean_percent),
                A_ub=np.vstack([_away_from(hump), beside]),
                b_ub=np.append(np.zeros(len(percents) - 1), [0.5, 0.5]),
                bounds=(0, 1),
            )
            if solved.status != 0:
                return []
            ends.append(float(cost @ solved.x))
        found.append((ends[0], ends[1]))
    return found


def _away_from(hump: int) -> Floats:
    """Each row: a percent's share minus its neighbour's, on the side away from the hump, is not above 0."""
    percents = _percents()
    steps = np.diff(np.eye(len(percents)), axis=0)
    return np.where(percents[:-1, None] < hump, -steps, steps)


def _percents() -> Floats:
    low = min(ends[0] for ends in EF_BANDS_PERCENT.values())
    high = max(ends[1] for ends in EF_BANDS_PERCENT.values())
    return np.arange(low, high + 1, dtype=np.float64)


def _band_rows() -> tuple[Floats, Floats]:
    """Which percents each band holds, shape (bands, percents), and each band's share of the patients."""
    percents, total = _percents(), sum(EF_STRATA_PER_500.values())
    bands = [(percents >= low) & (percents <= high) for low, high in EF_BANDS_PERCENT.values()]
    shares = [EF_STRATA_PER_500[band] / total for band in EF_BANDS_PERCENT]
    return np.array(bands, dtype=np.float64), np.array(shares)


def _even_shares() -> Floats:
    members, shares = _band_rows()
    return np.asarray((shares / members.sum(axis=1)) @ members)


def _sd(shares: Floats) -> float:
    percents = _percents()
    return float(np.sqrt(shares @ percents**2 - (shares @ percents) ** 2))


def _extreme_sd(mean_percent: float, *, largest: bool, hump: int | None = None) -> float:
    """The largest or least SD at a mean; NaN where no spread has that mean. `hump`: the commonest percent."""
    percents = _percents()
    members, shares = _band_rows()
    limits: dict[str, Floats] = {}
    if hump is not None:
        limits = {"A_ub": _away_from(hump), "b_ub": np.zeros(len(percents) - 1)}
    solved = scipy_part("optimize").linprog(
        (-1 if largest else 1) * percents**2,
        A_eq=np.vstack([members, percents]),
        b_eq=np.append(shares, mean_percent),
        bounds=(0, 1),
        **limits,
    )
    return _sd(solved.x) if solved.status == 0 else math.nan
