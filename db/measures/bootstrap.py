"""The bootstrap: percentile intervals over redrawn cases, and redrawn groups of rows (patients)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.measures.estimate import CONFIDENCE, Estimate, unknown

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RESAMPLES = 1_000
_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class SumMeasure:
    """A measure as a function of sums over cases.

    Kappa, ICC and alpha all need nothing else, so a resample of the cases is a weighted sum of rows: the same
    numbers as recomputing the measure from the redrawn cases, at a small part of the time.

    Attributes:
        rows: what each case adds, shape (cases, sums); or each kind of case, where many are alike.
        counts: how many cases each row stands for; None for one each.
        from_sums: sums of shape (..., sums) -> values of shape (...); NaN where it cannot be said.
    """

    rows: Floats
    from_sums: Callable[[Floats], Floats]
    counts: Sequence[int] | None = None

    @property
    def n(self) -> int:
        """Cases."""
        return len(self.rows) if self.counts is None else sum(self.counts)

    @property
    def sums(self) -> Floats:
        """The sums over all cases as they are."""
        if self.counts is None:
            return np.asarray(self.rows.sum(axis=0))
        return np.asarray(np.asarray(self.counts) @ self.rows)

    @property
    def value(self) -> float:
        """The measure over all cases as they are; NaN without cases."""
        value = float(self.from_sums(self.sums)) if self.n else math.nan
        # Always the same NaN object, so that results that hold one compare equal.
        return math.nan if math.isnan(value) else value


def bootstrap(measure: SumMeasure, *, seed: int, resamples: int = RESAMPLES) -> Estimate:
    """The measure with its 95 % percentile interval over cases redrawn with replacement.

    Resamples in which the measure cannot be said (all answers equal) are left out; where these are more than
    one in twenty, or there are fewer than two cases, the interval is NaN, because it would describe the rest
    only.

    Args:
        seed: of the generator; the same seed gives the same interval.

    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.
    """
    value = measure.value
    if measure.n < 2 or math.isnan(value):
        return Estimate(value, math.nan, math.nan, measure.n)
    known = _values_redrawn(measure, np.random.default_rng(seed), resamples)
    known = known[~np.isnan(known)]
    if len(known) < 0.95 * resamples:
        return Estimate(value, math.nan, math.nan, measure.n)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return Estimate(value, float(low), float(high), measure.n)


def _values_redrawn(measure: SumMeasure, generator: np.random.Generator, resamples: int) -> Floats:
    # Cases that add the same are drawn together: few patterns, however many cases.
    if measure.counts is None:
        patterns, counts = np.unique(measure.rows, axis=0, return_counts=True)
    else:
        patterns, counts = measure.rows, np.asarray(measure.counts)
    shares = counts / measure.n
    at_once = max(1, _CELLS_AT_ONCE // len(patterns))
    values = []
    for start in range(0, resamples, at_once):
        drawn = generator.multinomial(measure.n, shares, size=min(at_once, resamples - start))
        values.append(measure.from_sums(drawn @ patterns))
    return np.concatenate(values)


def redrawn_groups(groups: Ints, *, generator: np.random.Generator, resamples: int) -> Iterator[Ints]:
    """Places of rows, drawn with replacement in whole groups; one array a resample.

    Rows of one patient are not independent, so an interval over single rows would be too narrow.

    Args:
        groups: which group each row belongs to, shape (n,).
    """
    _, places = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(places == place) for place in range(places.max() + 1)]
    alone = np.concatenate(members) if len(members) == len(groups) else None
    for _ in range(resamples):
        drawn = generator.integers(len(members), size=len(members))
        # One row a patient is the rule, and a fifth of the time of putting groups together.
        yield alone[drawn] if alone is not None else np.concatenate([members[place] for place in drawn])


def redrawn(
    measure: Callable[[Ints], float],
    patients: NDArray[np.str_],
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> Estimate:
    """A measure with its 95 % percentile interval over patients redrawn with replacement.

    The interval is NaN where more than one resample in twenty can't be measured.

    Args:
        measure: places of records, some more than once -> value, or NaN.
        patients: of each record, shape [n].
    """
    n = len(patients)
    if not n:
        return unknown()
    value = float(measure(np.arange(n)))
    _, people = np.unique(patients, return_inverse=True)
    if people.max() < 1 or np.isnan(value):
        return Estimate(value, float("nan"), float("nan"), n)
    draws = redrawn_groups(people, generator=np.random.default_rng(seed), resamples=resamples)
    found = np.array([measure(at) for at in draws])
    known = found[np.isfinite(found)]
    if len(known) < 0.95 * resamples:
        return Estimate(value, float("nan"), float("nan"), n)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return Estimate(value, float(low), float(high), n)
