"""Answering the median for everybody: what every model must beat, on the same records and resamples.

It is the median of the very labels that are judged: with hindsight no single answer has a smaller error, so
a model that beats it beats every constant. The constant of the other folds is one of the reference rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from db.measures.estimate import Estimate
from db.measures.predicting.redraws import Redraws
from pipeline.evaluation.answers import Answers
from pipeline.evaluation.ef_numbers import ef_measures


@dataclass(frozen=True)
class ConstantNumbers:
    """The constant beside the model.

    Attributes:
        median_percent: the median of the labels.
        mae: its mean absolute error, points. within_10: its share within ten points.
        mae_gain: its error minus the model's, points; above 0 the model is better, paired.
        within_10_gain: the model's share within ten points minus its own, paired.
    """

    median_percent: float
    mae: Estimate
    within_10: Estimate
    mae_gain: Estimate
    within_10_gain: Estimate


def constant_numbers(answers: Answers, redraws: Redraws) -> ConstantNumbers:
    """The constant beside the model, on the records whose EF is known and was answered.

    Args:
        redraws: of all records of `answers`.
    """
    kept = answers.has_ef
    truth, said, own = answers.ef_percent[kept], answers.ef_said[kept], redraws.where(kept)
    median = float(np.median(truth)) if len(truth) else float("nan")
    draws, alone = (
        own.draws(lambda weights, values=values: ef_measures(truth, values, weights))  # type: ignore[misc]
        for values in (said, np.full(len(truth), median))
    )
    return ConstantNumbers(
        median_percent=median,
        mae=alone["mae"].estimate(),
        within_10=alone["within_10"].estimate(),
        mae_gain=alone["mae"].minus(draws["mae"]).estimate(),
        within_10_gain=draws["within_10"].minus(alone["within_10"]).estimate(),
    )
