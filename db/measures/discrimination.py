"""How well scores tell who is positive: the area under the ROC curve, for two classes and for several."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def auroc(scores: Floats, is_positive: NDArray[np.bool_]) -> float:
    """The probability that a positive scores higher than a negative, ties half, 0-1; NaN without both.

    Source: Mann and Whitney 1947, doi 10.1214/aoms/1177730491, by mid-ranks.
    """
    positives = int(is_positive.sum())
    negatives = len(scores) - positives
    if not positives or not negatives:
        return float("nan")
    ranked = mid_ranks(scores)
    return float((ranked[is_positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def mean_auroc(scores: Floats, labels: Ints) -> float:
    """Mean over the classes that occur of the AUROC of one against the rest; NaN where none can be said.

    Args:
        scores: shape (n, classes). labels: classes 0 to k-1, shape (n,).
    """
    values = [auroc(scores[:, place], labels == place) for place in range(scores.shape[1])]
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def mid_ranks(values: Floats) -> Floats:
    """1-based ranks, equal values sharing the mean of theirs, shape (n,)."""
    order = np.argsort(values)
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    counts = np.diff(np.append(starts, len(values)))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(starts + (counts + 1) / 2, counts)
    return ranks
