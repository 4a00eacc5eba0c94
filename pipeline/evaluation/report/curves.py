"""What the plots of the report show, as numbers: predictions against truth, and what every cut would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.evaluation.answers import Answers, Bools, Floats
from pipeline.evaluation.screens import screens_of

BIN_POINTS: Final = 5
# Points of a curve that a plot can show; between them a line is drawn.
_MOST_POINTS: Final = 120


@dataclass(frozen=True)
class Bin:
    """Records with a true and with a predicted EF from `low` percent up to the next bin."""

    low: int
    truth: int
    said: int


@dataclass(frozen=True)
class Together:
    """How many records have this true and this predicted EF, whole percents."""

    truth: int
    said: int
    records: int


@dataclass(frozen=True)
class CutPoint:
    """One end of a cut: shares of positives and of negatives flagged, and of the flagged that is positive."""

    sensitivity: float
    false_alarms: float
    precision: float


@dataclass(frozen=True)
class Curves:
    """What is drawn.

    Attributes:
        ef_bins: EF in steps of 5 points. ef_together: predictions against truth.
        cuts: question -> from flagging nobody to flagging everybody.
    """

    ef_bins: tuple[Bin, ...]
    ef_together: tuple[Together, ...]
    cuts: Mapping[str, tuple[CutPoint, ...]]


def curves(answers: Answers) -> Curves:
    """Everything the plots need that is no measure."""
    kept = answers.has_ef
    truth, said = answers.ef_percent[kept], answers.ef_said[kept]
    pairs = Counter(zip(np.rint(truth).astype(int).tolist(), np.rint(said).astype(int).tolist(), strict=True))
    return Curves(
        ef_bins=_bins(truth, said),
        ef_together=tuple(Together(one, other, often) for (one, other), often in sorted(pairs.items())),
        cuts={screen.name: cut_points(screen.score, screen.is_positive) for screen in screens_of(answers)},
    )


def _bins(truth: Floats, said: Floats) -> tuple[Bin, ...]:
    if not len(truth):
        return ()
    of_truth, of_said = (
        Counter((np.floor(values / BIN_POINTS) * BIN_POINTS).astype(int).tolist()) for values in (truth, said)
    )
    lows = {*of_truth, *of_said}
    steps = range(min(lows), max(lows) + 1, BIN_POINTS)
    return tuple(Bin(low, of_truth[low], of_said[low]) for low in steps)


def cut_points(score: Floats, is_positive: Bools) -> tuple[CutPoint, ...]:
    """A cut at every score, or at as many as can be seen; nothing without both kinds of cases."""
    positives = int(is_positive.sum())
    negatives = len(is_positive) - positives
    if not positives or not negatives:
        return ()
    order = np.argsort(-score, kind="stable")
    hits, alarms = np.cumsum(is_positive[order]), np.cumsum(~is_positive[order])
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    if len(ends) > _MOST_POINTS:
        ends = ends[np.unique(np.linspace(0, len(ends) - 1, _MOST_POINTS).round().astype(int))]
    first = CutPoint(0.0, 0.0, float(hits[ends[0]] / (ends[0] + 1)))
    return (
        first,
        *(
            CutPoint(
                float(hits[end] / positives), float(alarms[end] / negatives), float(hits[end] / (end + 1))
            )
            for end in ends.tolist()
        ),
    )
