"""Patients redrawn, as weights: many measures over the same resamples, and their differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.measures.estimate import CONFIDENCE, Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Weights (resamples, n) -> values (resamples,); NaN where it cannot be said.
Measure = Callable[[Floats], Floats]
# The same for several measures that share their work.
Measures = Callable[[Floats], Mapping[str, Floats]]

RESAMPLES = 2_000
# Resamples in which a measure cannot be said, at most, for its interval to speak of all of them.
_UNKNOWN_AT_MOST = 0.05
# Weights that are worked on together: what fits near the processor.
_CELLS_AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class Draws:
    """A measure and what it is in every resample.

    Attributes:
        values: shape (resamples,), NaN where it cannot be said.
    """

    value: float
    values: Floats
    n: int

    def estimate(self, confidence: float = CONFIDENCE) -> Estimate:
        """The measure with its percentile interval; NaN where over one resample in twenty cannot be said.

        Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.
        """
        known = self.values[np.isfinite(self.values)]
        if math.isnan(self.value) or len(known) < (1 - _UNKNOWN_AT_MOST) * max(1, len(self.values)):
            return Estimate(self.value, math.nan, math.nan, self.n)
        tail = (1 - confidence) / 2
        low, high = np.quantile(known, [tail, 1 - tail])
        return Estimate(self.value, float(low), float(high), self.n)

    def minus(self, other: Draws) -> Draws:
        """The difference in every resample; paired, where both are of the same records and resamples."""
        return Draws(self.value - other.value, self.values - other.values, min(self.n, other.n))


@dataclass(frozen=True, eq=False)
class Redraws:
    """How often each patient comes up in each resample, for n records of them.

    Attributes:
        counts: shape (resamples, patients).
        people: the place of each record's patient in `counts`, shape (n,).
    """

    counts: NDArray[np.uint8]
    people: Ints

    @classmethod
    def of(
        cls, patients: NDArray[np.generic], rng: np.random.Generator, resamples: int = RESAMPLES
    ) -> Redraws:
        """Redraw whole patients: two photographs of one heart are not two hearts.

        Args:
            patients: of each record, shape (n,).
        """
        names, people = np.unique(patients, return_inverse=True)
        size = len(names)
        counts = np.zeros((resamples, size), dtype=np.uint8)
        for row in counts:
            row[:] = np.bincount(rng.integers(size, size=size), minlength=size) if size else 0
        return cls(counts, people)

    @property
    def n(self) -> int:
        """Records."""
        return len(self.people)

    def where(self, kept: Bools) -> Redraws:
        """The same resamples for some of the records only."""
        return Redraws(self.counts, self.people[kept])

    def first(self, resamples: int) -> Redraws:
        """Fewer resamples, the first of these."""
        return Redraws(self.counts[:resamples], self.people)

    def draws(self, measures: Measures) -> dict[str, Draws]:
        """Several measures over all resamples."""
        n = self.n
        whole = measures(np.ones((1, n)))
        if not n or len(np.unique(self.people)) < 2:
            return {name: Draws(float(value[0]), np.empty(0), n) for name, value in whole.items()}
        parts: dict[str, list[Floats]] = {name: [] for name in whole}
        at_once = max(1, _CELLS_AT_ONCE // n)
        for start in range(0, len(self.counts), at_once):
            weights = self.counts[start : start + at_once, self.people].astype(np.float64)
            for name, values in measures(weights).items():
                parts[name].append(values)
        return {name: Draws(float(value[0]), np.concatenate(parts[name]), n) for name, value in whole.items()}

    def draw(self, measure: Measure) -> Draws:
        """One measure over all resamples."""
        return self.draws(lambda weights: {"": measure(weights)})[""]

    def estimate(self, measure: Measure) -> Estimate:
        """One measure with its 95 % interval."""
        return self.draw(measure).estimate()

    def estimates(self, measures: Measures) -> dict[str, Estimate]:
        """Several measures with their 95 % intervals."""
        return {name: found.estimate() for name, found in self.draws(measures).items()}


def ratio(above: Floats, below: Floats) -> Floats:
    """A division that is NaN where there is nothing to divide by."""
    is_something = below != 0
    return np.where(is_something, above / np.where(is_something, below, 1.0), np.nan)
