"""The referral matrix: what is recommended to a person, from two answers and how far the models agree.

A pure rule, the same in evaluation and in serving. Agreement is agreement: it says nothing about being right.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Cell(StrEnum):
    """A cell of the matrix. Source: seed paper, "Confidence scoring & referral logic"."""

    CLEARED = "cleared"  # strong and normal: no referral
    CORRELATE = "correlate"  # low and normal: clinical correlation, not cleared on this alone
    REFER = "refer"  # abnormal: cardiologist
    PRIORITY = "priority"  # clearly abnormal: cardiologist, first


@dataclass(frozen=True)
class OperatingPoints:
    """Where the rule cuts; a clinical partner may change them.

    Attributes:
        ef_abnormal_percent: a lower EF is abnormal. ef_priority_percent: a lower one has priority.
        rwma_abnormal, rwma_priority: a probability at or above it is abnormal, has priority; 0-1.
        agreement: at or above it, 0-100, on both heads, the answer is strong.
    """

    ef_abnormal_percent: float = 50.0
    ef_priority_percent: float = 40.0
    rwma_abnormal: float = 0.40
    rwma_priority: float = 0.60
    agreement: float = 70.0


@dataclass(frozen=True)
class Answer:
    """What is known of one person.

    Attributes:
        ef_percent: predicted, percent. rwma_probability: 0-1.
        ef_agreement, rwma_agreement: 0-100, see `agreement`.
    """

    ef_percent: float
    rwma_probability: float
    ef_agreement: float
    rwma_agreement: float


def agreement(spread: float, known_spreads: Sequence[float]) -> float:
    """How far the models agree on an answer, 0-100: the percentage of known out-of-fold answers on which they
    lay at least as far apart. 100 is the closest; 0 where nothing is known.

    Args:
        spread: standard deviation over the models of one head, in its unit.
        known_spreads: those of the out-of-fold answers of the same head, rising.
    """
    if not known_spreads:
        return 0.0
    return 100 * (len(known_spreads) - bisect_left(known_spreads, spread)) / len(known_spreads)


def is_abnormal(answer: Answer, points: OperatingPoints) -> bool:
    """Whether either head says so."""
    return answer.ef_percent < points.ef_abnormal_percent or answer.rwma_probability >= points.rwma_abnormal


def recommended(answer: Answer, points: OperatingPoints) -> Cell:
    """The cell an answer falls in.

    An answer that is no number is never cleared.

    Source: seed paper, "Confidence scoring & referral logic".
    """
    if answer.ef_percent < points.ef_priority_percent or answer.rwma_probability >= points.rwma_priority:
        return Cell.PRIORITY
    if is_abnormal(answer, points):
        return Cell.REFER
    is_normal = (
        answer.ef_percent >= points.ef_abnormal_percent and answer.rwma_probability < points.rwma_abnormal
    )
    is_strong = answer.ef_agreement >= points.agreement and answer.rwma_agreement >= points.agreement
    return Cell.CLEARED if is_normal and is_strong else Cell.CORRELATE


@dataclass(frozen=True)
class ClearingRule:
    """Who is cleared where an all-clear must hold: nobody but for these limits.

    Attributes:
        ef_at_least_percent: infinite where nobody may be cleared. rwma_below: 0 where nobody may.
    """

    ef_at_least_percent: float = float("inf")
    rwma_below: float = 0.0

    def clears(self, ef_percent: float, rwma_probability: float) -> bool:
        """Whether a person may go without a referral."""
        return ef_percent >= self.ef_at_least_percent and rwma_probability < self.rwma_below
