"""What a cut does: the confusion of a screen, its rates with exact intervals, and other prevalences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from db.measures.estimate import CONFIDENCE, Estimate, unknown
from db.measures.predicting.redraws import Bools
from db.measures.proportions import exact_share


@dataclass(frozen=True)
class Confusion:
    """Cases by what is true and what was said. Intervals are exact (Clopper-Pearson).

    Attributes:
        tn, fp, fn, tp: negatives not flagged and flagged, positives not flagged and flagged.
    """

    tn: int
    fp: int
    fn: int
    tp: int

    @classmethod
    def of(cls, is_positive: Bools, is_flagged: Bools) -> Confusion:
        """Count cases, shape (n,) each."""
        tp = int(np.sum(is_positive & is_flagged))
        flagged, positives = int(np.sum(is_flagged)), int(np.sum(is_positive))
        return cls(len(is_positive) - flagged - positives + tp, flagged - tp, positives - tp, tp)

    @property
    def n(self) -> int:
        """All cases."""
        return self.tn + self.fp + self.fn + self.tp

    @property
    def sensitivity(self) -> Estimate:
        """Share of the positives that is flagged."""
        return exact_share(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> Estimate:
        """Share of the negatives that is not flagged."""
        return exact_share(self.tn, self.tn + self.fp)

    @property
    def ppv(self) -> Estimate:
        """Share of the flagged that is positive."""
        return exact_share(self.tp, self.tp + self.fp)

    @property
    def npv(self) -> Estimate:
        """Share of the others that is negative."""
        return exact_share(self.tn, self.tn + self.fn)

    @property
    def flagged(self) -> Estimate:
        """Share of all that is flagged."""
        return exact_share(self.tp + self.fp, self.n)

    @property
    def f1(self) -> Estimate:
        """Harmonic mean of sensitivity and PPV, 0-1.

        Its interval is that of the share tp / (tp + fp + fn), of which F1 is a rising function.
        """
        share = exact_share(self.tp, self.tp + self.fp + self.fn)
        value, low, high = (2 * end / (1 + end) for end in (share.value, share.low, share.high))
        return Estimate(value, low, high, share.n)


def ppv_at(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Share of the flagged that is positive at a prevalence, by Bayes' rule; NaN where nobody is flagged."""
    hits, alarms = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    return hits / (hits + alarms) if hits + alarms else math.nan


def npv_at(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Share of the others that is negative at a prevalence, by Bayes' rule; NaN where all are flagged."""
    right, missed = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    return right / (right + missed) if right + missed else math.nan


def values_at(confusion: Confusion, prevalence: float) -> tuple[Estimate, Estimate]:
    """PPV and NPV where a share `prevalence` is positive, with intervals of at least 95 %.

    Both rise with sensitivity and specificity, so the ends are those of the two exact intervals, each at
    97.5 %. It holds only where the positives and negatives elsewhere look like those here.
    """
    sharper = (1 + CONFIDENCE) / 2
    sens = exact_share(confusion.tp, confusion.tp + confusion.fn, confidence=sharper)
    spec = exact_share(confusion.tn, confusion.tn + confusion.fp, confidence=sharper)
    if not (sens.is_known and spec.is_known):
        return unknown(confusion.n), unknown(confusion.n)

    def of(rule: Callable[[float, float, float], float]) -> Estimate:
        ends = ((sens.value, spec.value), (sens.low, spec.low), (sens.high, spec.high))
        value, low, high = (rule(*end, prevalence) for end in ends)
        return Estimate(value, low, high, confusion.n)

    return of(ppv_at), of(npv_at)
