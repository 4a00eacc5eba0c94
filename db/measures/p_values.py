"""Probabilities under chance alone: labels put in another order, and correction for how many were asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def permuted_labels(labels: Ints, groups: Ints, generator: np.random.Generator) -> Ints:
    """The labels in another order, those of one group staying together as far as group sizes allow.

    Args:
        labels, groups: shape (n,).
    """
    names, places = np.unique(groups, return_inverse=True)
    result = np.empty_like(labels)
    shuffled = np.argsort(generator.permutation(len(names))[places], kind="stable")
    result[np.argsort(places, kind="stable")] = labels[shuffled]
    return result


def permutation_p(found: float, by_chance: Sequence[float]) -> float:
    """The share of results as large as the one found, which counts itself: never 0.

    Source: Phipson and Smyth 2010, doi 10.2202/1544-6115.1585.
    """
    return (1 + sum(one >= found for one in by_chance)) / (1 + len(by_chance))


def holm(values: Sequence[float]) -> list[float]:
    """P-values corrected for how many there are, in the same order.

    Source: Holm 1979, Scandinavian Journal of Statistics 6:65-70.
    """
    corrected, running = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=lambda one: values[one])):
        running = max(running, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = running
    return corrected
