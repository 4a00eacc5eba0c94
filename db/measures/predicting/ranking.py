"""AUROC and average precision where cases carry weights: many resamples at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from db.measures.predicting.redraws import Bools, Floats, Ints, ratio


@dataclass(frozen=True, eq=False)
class Ranking:
    """Cases ordered by their score once, measured under any weights.

    Attributes:
        order: places of the cases, lowest score first, shape (n,).
        ends: the last place in `order` of each group of equal scores.
        is_positive: in that order, shape (n,).
    """

    order: Ints
    ends: Ints
    is_positive: Bools

    @classmethod
    def of(cls, scores: Floats, is_positive: Bools) -> Ranking:
        """Order cases.

        Args:
            scores: finite, the higher the likelier, shape (n,). is_positive: shape (n,).
        """
        order = np.argsort(scores, kind="stable")
        ordered = scores[order]
        is_end = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.empty(0, dtype=bool)
        return cls(order, np.flatnonzero(is_end), is_positive[order])

    def auroc(self, weights: Floats) -> Floats:
        """The probability that a positive scores higher than a negative, ties half; NaN without both.

        Args:
            weights: shape (resamples, n). Returns shape (resamples,).
        """
        positive, negative = self._at_ends(weights)
        if not len(self.ends):
            return np.full(len(weights), np.nan)
        steps = np.diff(positive, axis=1, prepend=0.0)
        below = negative - np.diff(negative, axis=1, prepend=0.0) / 2
        return ratio((steps * below).sum(axis=1), positive[:, -1] * negative[:, -1])

    def average_precision(self, weights: Floats) -> Floats:
        """Area under precision against recall as a sum of steps, 0-1; chance gives the prevalence.

        Source: scikit-learn's definition (no interpolation, which would flatter).
        """
        if not len(self.ends):
            return np.full(len(weights), np.nan)
        positive, negative = self._at_ends(weights)
        all_positive, all_negative = positive[:, -1:], negative[:, -1:]
        # From the highest score down: what lies at or above each group.
        hits = all_positive - np.concatenate([np.zeros_like(all_positive), positive[:, :-1]], axis=1)
        alarms = all_negative - np.concatenate([np.zeros_like(all_negative), negative[:, :-1]], axis=1)
        steps = np.diff(positive, axis=1, prepend=0.0)
        # Where a step has weight, something lies at or above it.
        precision = hits / np.where(hits + alarms > 0, hits + alarms, 1.0)
        return ratio((steps * precision).sum(axis=1), all_positive[:, 0])

    def _at_ends(self, weights: Floats) -> tuple[Floats, Floats]:
        """Weight of positives and of negatives up to the end of each group, shape (resamples, groups)."""
        ordered = weights[:, self.order]
        positive = np.cumsum(ordered * self.is_positive, axis=1)[:, self.ends]
        return positive, np.cumsum(ordered, axis=1)[:, self.ends] - positive


def auroc_of(scores: Floats, is_positive: Bools, weights: Floats) -> Floats:
    """`Ranking.auroc` of scores that are asked once."""
    return Ranking.of(scores, is_positive).auroc(weights)
