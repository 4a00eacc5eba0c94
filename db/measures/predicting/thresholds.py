"""Where to cut a score: for a sensitivity, for a share of misses that is to hold, for a safe all-clear.

A case is flagged where its score is at the threshold or above it. Minus infinity flags everybody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from db.measures.distributions import beta_cdf
from db.measures.predicting.redraws import Bools, Floats
from db.measures.proportions import exact_share

# Where a product is just a whole number it counts as that, however it was rounded.
_TIE = 1e-9


def threshold_missing(positive_scores: Floats, misses: int) -> float:
    """The highest threshold that misses at most so many of these; minus infinity for a negative number."""
    if misses < 0 or not len(positive_scores):
        return -math.inf
    return float(np.sort(positive_scores)[min(misses, len(positive_scores) - 1)])


def sensitivity_threshold(positive_scores: Floats, sensitivity: float) -> float:
    """The highest threshold at which these very positives are found at that rate: right for them alone."""
    return threshold_missing(positive_scores, math.floor((1 - sensitivity) * len(positive_scores) + _TIE))


def risk_controlled_threshold(positive_scores: Floats, miss_rate: float) -> float:
    """The threshold whose misses among new positives are at most `miss_rate` on average over data sets.

    Source: Angelopoulos et al. 2022, Conformal Risk Control, arXiv 2208.02814, theorem 1, with the share of
    missed positives as the risk.
    """
    return threshold_missing(positive_scores, math.floor(miss_rate * (len(positive_scores) + 1) + _TIE) - 1)


def confident_threshold(
    positive_scores: Floats, miss_rate: float, *, confidence: float = 0.9, upcoming: int | None = None
) -> float:
    """The threshold that keeps misses at or below `miss_rate` in at least `confidence` of all data sets.

    Args:
        upcoming: how many positives are coming: their own share of misses is held. None holds the share in
            the whole population they come from.

    Source: the share below an order statistic has a beta distribution, what falls there of a number to come
    a beta-binomial one; Wilks 1941, doi 10.1214/aoms/1177731788.
    """
    allowed = -1
    while allowed + 1 < len(positive_scores) and (
        _held(allowed + 1, len(positive_scores), miss_rate, upcoming) >= confidence
    ):
        allowed += 1
    return threshold_missing(positive_scores, allowed)


def _held(misses: int, n: int, miss_rate: float, upcoming: int | None) -> float:
    """How probable it is that the share of misses is held when the threshold misses so many of n."""
    a, b = misses + 1, n - misses
    if upcoming is None:
        return beta_cdf(miss_rate, a, b)
    most = math.floor(miss_rate * upcoming + _TIE)
    return math.fsum(math.exp(_log_beta_binomial(count, upcoming, a, b)) for count in range(most + 1))


def _log_beta_binomial(count: int, n: int, a: float, b: float) -> float:
    choose = math.lgamma(n + 1) - math.lgamma(count + 1) - math.lgamma(n - count + 1)
    return choose + _log_beta(count + a, n - count + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


@dataclass(frozen=True)
class Clearing:
    """How far cases may be cleared, lowest risk first.

    Attributes:
        share: of all cases, 0-1; 0 where nobody may be cleared.
        below: cases with a lower score are cleared; minus infinity where nobody.
        cleared, missed: cases that it clears, and how many of these are ill.
        npv_low: the lower confidence bound of the share of well ones among them; NaN where nobody.
    """

    share: float
    below: float
    cleared: int
    missed: int
    npv_low: float


def safe_clearing(
    scores: Floats, is_ill: Bools, *, npv: float, confidence: float = 0.95, steps: int = 20
) -> Clearing:
    """The widest all-clear whose NPV is at least `npv` with this confidence; nobody where there is none.

    Shares of the cases are tried from the smallest that could pass at all, each by its exact one-sided bound,
    and the first that fails ends it: so choosing among them costs no confidence.

    Args:
        scores: risk, shape (n,). is_ill: shape (n,). npv: 0-1. steps: of shares tried, equal parts of n.

    Source: fixed-sequence testing, Angelopoulos et al. 2021, Learn then Test, arXiv 2110.01052, section 2.
    """
    ordered = np.sort(scores)
    ill = np.sort(scores[is_ill])
    passed = Clearing(0.0, -math.inf, 0, 0, math.nan)
    least = math.ceil(math.log(1 - confidence) / math.log(npv) - _TIE)
    for step in range(1, steps + 1):
        below = (
            float(ordered[min(len(ordered) - 1, len(ordered) * step // steps)]) if step < steps else math.inf
        )
        cleared = int(np.searchsorted(ordered, below))
        if cleared < least:
            continue
        missed = int(np.searchsorted(ill, below))
        # A two-sided interval at 1 - 2 tails has this one-sided bound as its end.
        bound = exact_share(cleared - missed, cleared, confidence=2 * confidence - 1).low
        if bound < npv:
            break
        passed = Clearing(cleared / len(scores), below, cleared, missed, bound)
    return passed
