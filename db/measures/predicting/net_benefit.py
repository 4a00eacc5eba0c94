"""Decision curves: what acting on a probability brings, beside acting on everybody and on nobody."""

from __future__ import annotations

import numpy as np

from db.measures.predicting.redraws import Bools, Floats, ratio


def worth(flagged: Bools, is_positive: Bools, threshold: float) -> Floats:
    """What each case adds to `net_benefit`, shape (n,)."""
    return np.where(is_positive, 1.0, -threshold / (1 - threshold)) * flagged


def net_benefit(flagged: Bools, is_positive: Bools, threshold: float, weights: Floats) -> Floats:
    """True positives gained for each case, less false ones at the price the threshold puts on them.

    Args:
        flagged, is_positive: shape (n,).
        threshold: the probability, above 0 and below 1, at which a person would rather act: missing one is as
            bad as (1 - threshold) / threshold false alarms.
        weights: shape (resamples, n). Returns shape (resamples,).

    Source: Vickers and Elkin 2006, doi 10.1177/0272989X06295361.
    """
    return ratio(weights @ worth(flagged, is_positive, threshold), weights.sum(axis=1))
