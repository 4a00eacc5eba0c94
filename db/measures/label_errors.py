"""How much likelier a label is wrong than right, by what a model that never learnt from it says.

The model's answers are put on the labels' scale first, so that one that is worth nothing says nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.measures.platt import recalibrated

Floats = NDArray[np.float64]

# With fewer answers no line is fitted through them.
LEAST: Final = 30
# However far a label lies off, one model is one witness.
MOST: Final = 3.0


@dataclass(frozen=True, eq=False)
class Suspicion:
    """Of n labels.

    Attributes:
        weights: natural logarithm of how much likelier it is in a wrong label than in a right one; above 0 is
            suspicious; shape (n,), at most `MOST` either way.
        expected: what the model expects, on the labels' scale: a number, or the probability of the label that
            is held; shape (n,).
        usual: the same without a model.
    """

    weights: Floats
    expected: Floats
    usual: Floats


def number_suspicion(labels: Floats, said: Floats) -> Suspicion | None:
    """A wrong number is anybody's number; a right one lies around the straightened prediction.

    None with fewer than `LEAST` labels, or where labels hardly differ (in points: 1).

    Args:
        labels, said: in the same unit, points; shape (n,), all known.
    """
    spread = float(labels.std()) if len(labels) else 0.0
    if len(labels) < LEAST or spread < 1.0:
        return None
    slope = float(np.cov(labels, said, bias=True)[0, 1] / said.var()) if said.var() > 0 else 0.0
    expected = labels.mean() + max(0.0, slope) * (said - said.mean())
    around = max(1.0, float((labels - expected).std()))
    weights = (labels - expected) ** 2 / (2 * around**2) - (labels - labels.mean()) ** 2 / (2 * spread**2)
    weights = np.clip(weights + math.log(around / spread), -MOST, MOST)
    return Suspicion(np.asarray(weights), np.asarray(expected), np.full(len(labels), labels.mean()))


def class_suspicion(labels: Floats, probabilities: Floats) -> Suspicion | None:
    """The label's own recalibrated probability against how often the label occurs (confident learning).

    None with fewer than `LEAST` labels, or only one kind.

    Args:
        labels: 0 or 1, shape (n,). probabilities: of 1, shape (n,).

    Source: Northcutt, Jiang and Chuang 2021, doi 10.1613/jair.1.12125.
    """
    if len(labels) < LEAST or not 0 < labels.mean() < 1:
        return None
    expected = recalibrated(probabilities, labels)
    share = labels.mean()
    own = np.where(labels > 0, expected, 1 - expected)
    usual = np.where(labels > 0, share, 1 - share)
    return Suspicion(np.clip(np.log(usual / own), -MOST, MOST), own, usual)
