"""AUROC and average precision where cases carry weights: many resamples at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from db.measures.predicting.redraws import Bools, Floats, Ints, ratio


@dataclass(frozen=True, eq=False)
class Ranking:
    """Cases ordered by their score once, measured under any weights.

    Only groups of equal scores that hold a positive matter; the others lie between them.

    Attributes:
        order: places of the cases, lowest score first, shape (n,).
        positives: places of the positives in that order, shape (p,).
        first, last: of each of the g groups, its first and last place in that order.
        before, upto: how many positives lie before each group, and up to its end.
    """

    order: Ints
    positives: Ints
    first: Ints
    last: Ints
    before: Ints
    upto: Ints

    @classmethod
    def of(cls, scores: Floats, is_positive: Bools) -> Ranking:
        """Order cases.

        Args:
            scores: finite, the higher the likelier, shape (n,). is_positive: shape (n,).
        """
        order = np.argsort(scores, kind="stable")
        ordered, positive = scores[order], is_positive[order]
        is_first = np.append(True, ordered[1:] != ordered[:-1]) if len(ordered) else np.empty(0, dtype=bool)
        first = np.flatnonzero(is_first)
        last = np.append(first[1:] - 1, len(ordered) - 1) if len(first) else first
        passed = np.append(0, np.cumsum(positive))
        before, upto = passed[first], passed[last + 1]
        holds = upto > before
        return cls(order, np.flatnonzero(positive), first[holds], last[holds], before[holds], upto[holds])

    def measures(self, weights: Floats) -> dict[str, Floats]:
        """`auroc` and `average_precision`, shape (resamples,) each; NaN without both kinds.

        * AUROC: the probability that a positive scores higher than a negative, ties half.
        * Average precision: area under precision against recall as a sum of steps; chance gives the
          prevalence.

        Args:
            weights: shape (resamples, n).

        Source: scikit-learn's definitions (average precision without interpolation, which would flatter).
        """
        if not len(self.first):
            nothing = np.full(len(weights), np.nan)
            return {"auroc": nothing, "average_precision": nothing}
        ordered = weights[:, self.order]
        positive = _from_zero(ordered[:, self.positives])
        total = _from_zero(ordered)
        before, upto = positive[:, self.before], positive[:, self.upto]
        below, through = total[:, self.first] - before, total[:, self.last + 1] - upto
        ill, well = positive[:, -1], total[:, -1] - positive[:, -1]
        steps = upto - before
        hits, alarms = ill[:, None] - before, well[:, None] - below
        # Where a step has weight, something lies at or above it.
        precision = hits / np.where(hits + alarms > 0, hits + alarms, 1.0)
        return {
            "auroc": ratio((steps * (below + through)).sum(axis=1) / 2, ill * well),
            "average_precision": ratio((steps * precision).sum(axis=1), ill),
        }

    def auroc(self, weights: Floats) -> Floats:
        """AUROC alone, shape (resamples,)."""
        return self.measures(weights)["auroc"]

    def average_precision(self, weights: Floats) -> Floats:
        """Average precision alone, shape (resamples,)."""
        return self.measures(weights)["average_precision"]


def _from_zero(values: Floats) -> Floats:
    """Sums of the first 0, 1, ... columns, shape (resamples, columns + 1)."""
    sums = np.zeros((len(values), values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums
