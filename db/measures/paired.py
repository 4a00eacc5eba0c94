"""Statistics of pairs: the same cases judged twice, as counts of two answers or as two numbers a case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from db.measures.proportions import Rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RESAMPLES = 10_000
_CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class PairedCounts:
    """How often two readers were right on the same cases. Counts of cases."""

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def n(self) -> int:
        """All cases."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def rate_a(self) -> Rate:
        """How often A was right."""
        return Rate(self.both + self.only_a, self.n)

    @property
    def rate_b(self) -> Rate:
        """How often B was right."""
        return Rate(self.both + self.only_b, self.n)

    @property
    def difference(self) -> float:
        """Share right of B minus that of A, -1 to 1; above 0 means that B is better. NaN without cases."""
        return (self.only_b - self.only_a) / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the difference; NaN without cases.

        Source: Newcombe 1998, Statistics in Medicine 17:2635-2650, method 10: the two Wilson intervals,
        combined with the correlation of the two answers.
        """
        if not self.n:
            return math.nan, math.nan
        a, b = self.rate_a, self.rate_b
        below_a, above_a = a.value - a.interval[0], a.interval[1] - a.value
        below_b, above_b = b.value - b.interval[0], b.interval[1] - b.value
        phi = self._correlation()
        below = math.sqrt(max(0.0, below_b**2 - 2 * phi * below_b * above_a + above_a**2))
        above = math.sqrt(max(0.0, above_b**2 - 2 * phi * above_b * below_a + below_a**2))
        return max(-1.0, self.difference - below), min(1.0, self.difference + above)

    @property
    def p_value(self) -> float:
        """Two-sided exact McNemar test: could the cases that only one got right be as likely for either?

        1 where there are none. Source: McNemar 1947, doi 10.1007/BF02295996, with the binomial distribution.
        """
        differing = self.only_a + self.only_b
        fewer = min(self.only_a, self.only_b)
        tail = sum(math.comb(differing, count) for count in range(fewer + 1))
        return float(min(1.0, 2 * tail / 2**differing))

    def as_json(self) -> dict[str, Any]:
        """Counts with the difference, its interval and the p-value."""
        return {
            **asdict(self),
            "n": self.n,
            "difference": self.difference,
            "interval": list(self.interval),
            "p_value": self.p_value,
        }

    def _correlation(self) -> float:
        """Phi of the two answers with the method's continuity correction, which only ever lowers a positive
        one.
        """
        product = self.both * self.neither - self.only_a * self.only_b
        spread = (
            (self.both + self.only_a)
            * (self.only_b + self.neither)
            * (self.both + self.only_b)
            * (self.only_a + self.neither)
        )
        if not spread:
            return 0.0
        corrected = min(product, max(0.0, product - self.n / 2))
        return corrected / math.sqrt(spread)


@dataclass(frozen=True)
class MeanDifference:
    """The mean of paired differences (B minus A) with a 95 % bootstrap interval; NaN without cases."""

    n: int
    mean_a: float
    mean_b: float
    difference: float
    low: float
    high: float


def mean_difference(a: Sequence[float], b: Sequence[float], *, seed: int) -> MeanDifference:
    """Compare two numbers a case by their means; cases are resampled in pairs, percentile interval.

    Args:
        a, b: one number a case, in the same order.
        seed: of the resampling; the same seed gives the same interval, and swapping a and b its mirror image.

    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.
    """
    import numpy as np

    if not a:
        return MeanDifference(0, math.nan, math.nan, math.nan, math.nan, math.nan)
    differences = np.asarray(b, dtype=float) - np.asarray(a, dtype=float)
    rng = np.random.default_rng(seed)
    rows = max(1, _CELLS_AT_ONCE // len(differences))
    means: list[float] = []
    while len(means) < _RESAMPLES:
        count = min(rows, _RESAMPLES - len(means))
        drawn = rng.integers(0, len(differences), size=(count, len(differences)))
        means.extend(differences[drawn].mean(axis=1).tolist())
    low, high = np.quantile(means, [0.025, 0.975])
    return MeanDifference(
        len(differences),
        float(np.mean(a)),
        float(np.mean(b)),
        float(differences.mean()),
        float(low),
        float(high),
    )


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Pearson's r, -1 to 1; NaN where one of the two does not vary."""
    import math

    n = len(one)
    if n < 2:
        return float("nan")
    a, b = one - one.mean(), other - other.mean()
    spread_a, spread_b = math.sqrt(a @ a), math.sqrt(b @ b)
    # What rounding leaves of the spread of a constant is no spread.
    if min(spread_a, spread_b) < 1e-9 * math.sqrt(n):
        return float("nan")
    return max(-1.0, min(1.0, float(a @ b) / (spread_a * spread_b)))
