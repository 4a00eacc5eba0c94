"""How good probabilities are: Brier skill, calibration line, calibration in the large, ICI with its curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from db.measures.predicting.logistic import chances, fit_logistic, log_odds, natural_spline, spline_knots
from db.measures.predicting.redraws import Floats, ratio


@dataclass(frozen=True, eq=False)
class Calibration:
    """Probabilities beside what happened, ready to be measured under any weights.

    ICI is the mean distance of a probability from a smooth curve of what happened. The curve is a logistic
    regression on a natural cubic spline of the log-odds, with four knots at the 5, 35, 65 and 95 % points of
    all cases (no loess: a spline gives the same on every machine and can be fitted to all resamples at once).

    Attributes:
        probabilities: shape (n,). outcomes: 0 or 1, shape (n,).
        line: ones and log-odds, shape (n, 2). spline: shape (n, k).

    Source: ICI: Austin and Steyerberg 2019, doi 10.1002/sim.8281; with splines Austin et al. 2020,
    doi 10.1002/sim.8570. Slope and in the large: Van Calster et al. 2019, doi 10.1186/s12916-019-1466-7.
    """

    probabilities: Floats
    outcomes: Floats
    line: Floats
    spline: Floats
    starts: tuple[Floats, Floats, Floats]

    @classmethod
    def of(cls, probabilities: Floats, outcomes: Floats) -> Calibration:
        """Fit all cases once; resamples start from there."""
        odds = log_odds(probabilities)
        line = np.column_stack([np.ones_like(odds), odds])
        spline = natural_spline(odds, spline_knots(odds) if len(odds) else odds)
        whole = np.ones((1, len(odds)))
        starts = (
            fit_logistic(line, outcomes, whole)[0],
            fit_logistic(line[:, :1], outcomes, whole, offset=odds)[0],
            fit_logistic(spline, outcomes, whole)[0],
        )
        return cls(probabilities, outcomes, line, spline, starts)

    def measures(self, weights: Floats) -> Mapping[str, Floats]:
        """All of them, shape (resamples,) each; NaN where a measure cannot be said.

        * `brier`: 0 is best. `brier_skill`: share of the prevalence's own Brier score that is taken away; 1
          is best, 0 is no better than telling everybody the prevalence.
        * `slope`, `intercept`: of the outcome on the log-odds; 1 and 0 are best; a slope below 1 means too
          extreme.
        * `in_the_large`: what must be added to the log-odds to be right on average; 0 is best, above 0 means
          that too little is said.
        * `mean_gap`: mean probability minus the share of positives. `ici`: 0 is best.
        """
        slope = self._fit(self.line, weights, 0)
        found = brier_measures(self.probabilities, self.outcomes, weights)
        return {
            **found,
            "slope": slope[:, 1],
            "intercept": slope[:, 0],
            "in_the_large": self._fit(self.line[:, :1], weights, 1, self.line[:, 1])[:, 0],
            "ici": self._ici(weights),
        }

    def curve(self, at: Floats) -> Floats:
        """The share that happened at these probabilities, by the smooth curve; NaN where there is none."""
        odds = log_odds(self.probabilities)
        knots = spline_knots(odds) if len(odds) else odds
        return chances(natural_spline(log_odds(at), knots) @ self.starts[2])

    def ici_by_chance(self, trials: int, rng: np.random.Generator) -> Floats:
        """ICI where every probability is exactly right, shape (trials,): outcomes are drawn by them.

        A distance is never below 0, so its mean over few cases is above 0 although nothing is wrong. NaN
        where no curve can be fitted to a trial. Cases are taken for independent.
        """
        n = len(self.probabilities)
        if not n or np.isnan(self.starts[2]).any():
            return np.full(trials, np.nan)
        happened = rng.random((trials, n)) < self.probabilities
        # Each case stands in the table as one that happened and as one that did not; the draw weighs them.
        weights = np.hstack([happened, ~happened]).astype(np.float64)
        both = np.vstack([self.spline, self.spline])
        fits = fit_logistic(both, np.repeat([1.0, 0.0], n), weights, start=self.starts[2])
        apart: Floats = np.abs(chances(fits @ self.spline.T) - self.probabilities).mean(axis=1)
        return apart

    def _ici(self, weights: Floats) -> Floats:
        fits = self._fit(self.spline, weights, 2)
        apart = np.abs(chances(fits @ self.spline.T) - self.probabilities)
        return ratio((weights * apart).sum(axis=1), weights.sum(axis=1))

    def _fit(self, inputs: Floats, weights: Floats, place: int, offset: Floats | None = None) -> Floats:
        start = self.starts[place]
        if np.isnan(start).any():
            return np.full((len(weights), inputs.shape[1]), np.nan)
        return fit_logistic(inputs, self.outcomes, weights, offset=offset, start=start)


def brier_measures(probabilities: Floats, outcomes: Floats, weights: Floats) -> dict[str, Floats]:
    """`brier`, `brier_skill` and `mean_gap` alone, as in `Calibration.measures`."""
    squared = (probabilities - outcomes) ** 2
    sums = weights @ np.column_stack([np.ones_like(squared), squared, outcomes, probabilities])
    brier, share, mean = (ratio(sums[:, place], sums[:, 0]) for place in (1, 2, 3))
    return {
        "brier": brier,
        "brier_skill": 1 - ratio(brier, share * (1 - share)),
        "mean_gap": mean - share,
    }
