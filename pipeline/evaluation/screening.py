"""The screen as it is deployed: what the threshold in use does, in people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.evaluation.answers import Answers
from pipeline.evaluation.binary_numbers import CutNumbers, cut_numbers
from pipeline.evaluation.results import NotRun
from pipeline.evaluation.screens import rwma_screen

# Source: seed paper, "Confidence scoring & referral logic".
RWMA_THRESHOLD: Final = 0.40


@dataclass(frozen=True)
class Screening:
    """Significant wall motion flagged from a probability of `threshold` on, as the network says it.

    Attributes:
        negatives: records without it. flagged, cleared: records on either side of the threshold.
    """

    threshold: float
    n: int
    positives: int
    negatives: int
    flagged: int
    cleared: int
    cut: CutNumbers


def screening(answers: Answers, threshold: float = RWMA_THRESHOLD) -> Screening | NotRun:
    """Count the screen's answers on all records with a wall-motion label."""
    screen = rwma_screen(answers)
    if screen.said is None or not screen.n:
        return NotRun("no_probability")
    cut = cut_numbers(screen.is_positive, screen.said >= threshold)
    return Screening(
        threshold=threshold,
        n=cut.n,
        positives=cut.positives,
        negatives=cut.n - cut.positives,
        flagged=cut.tp + cut.fp,
        cleared=cut.tn + cut.fn,
        cut=cut,
    )
