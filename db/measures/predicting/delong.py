"""AUROC with the interval of DeLong, which takes cases for independent."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from db.measures.discrimination import mid_ranks
from db.measures.estimate import CONFIDENCE, Estimate, unknown
from db.measures.predicting.redraws import Bools, Floats


def delong_auroc(scores: Floats, is_positive: Bools) -> Estimate:
    """AUROC with the 95 % interval of DeLong on the logit scale, so that it stays within 0-1.

    The interval is NaN with fewer than two of a kind, or where all pairs are told apart: then the variance
    says 0, which nobody should believe.

    Source: DeLong et al. 1988, Biometrics 44:837-845, by mid-ranks (Sun and Xu 2014,
    doi 10.1109/LSP.2014.2337313).
    """
    found = delong_covariance(np.asarray(scores)[None], is_positive)
    if found is None:
        return unknown(len(scores))
    (value,), ((variance,),) = found
    if not variance > 0:
        return Estimate(float(value), math.nan, math.nan, len(scores))
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    middle, reach = math.log(value / (1 - value)), z * math.sqrt(variance) / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-end)) for end in (middle - reach, middle + reach))
    return Estimate(float(value), low, high, len(scores))


def delong_covariance(scores: Floats, is_positive: Bools) -> tuple[Floats, Floats] | None:
    """AUROCs of several scores and their covariance; None with fewer than two of a kind.

    Args:
        scores: shape (scores, n).

    Returns:
        shapes (scores,) and (scores, scores).
    """
    positives = int(is_positive.sum())
    negatives = len(is_positive) - positives
    if min(positives, negatives) < 2:
        return None
    of_positive, of_negative = [], []
    for one in scores:
        ranks, ill, well = mid_ranks(one), one[is_positive], one[np.logical_not(is_positive)]
        of_positive.append((ranks[is_positive] - mid_ranks(ill)) / negatives)
        of_negative.append(1 - (ranks[np.logical_not(is_positive)] - mid_ranks(well)) / positives)
    up, down = np.stack(of_positive), np.stack(of_negative)
    covariance = np.atleast_2d(np.cov(up)) / positives + np.atleast_2d(np.cov(down)) / negatives
    return up.mean(axis=1), covariance
