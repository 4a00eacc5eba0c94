"""All numbers of a run from its out-of-fold answers: arrays in, parts of `results.json` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.measures.predicting.redraws import RESAMPLES, Redraws
from pipeline.evaluation.answers import Answers, Spread
from pipeline.evaluation.binary_numbers import BinaryNumbers, binary_numbers
from pipeline.evaluation.calibration import Recalibration, recalibration
from pipeline.evaluation.ef_numbers import EfNumbers, ef_numbers
from pipeline.evaluation.screens import screens_of

# Share with EF below 50 or so where such a screen was tried in the field: 14 % (Kenya); and a rarer and a
# commoner illness.
PREVALENCES: Final = (0.05, 0.14, 0.3)


@dataclass(frozen=True)
class NumbersSettings:
    """What is asked.

    Attributes:
        resamples: of the patients, for every interval.
        prevalences: at which predictive values are worked out.
    """

    resamples: int = RESAMPLES
    prevalences: tuple[float, ...] = PREVALENCES


@dataclass(frozen=True)
class Counts:
    """What the numbers rest on.

    Attributes:
        spread_over: what the spread of answers to one record is over: seeds or shifted views.
        methods: simpler methods with answers, by name.
    """

    records: int
    patients: int
    folds: int
    with_ef: int
    with_rwma: int
    spread_over: Spread
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Numbers:
    """Every part, by its key in `results.json`.

    Attributes:
        binary: `rwma`, `ef_below_30`, `ef_below_40`, `ef_below_50`: each a key of its own.
        calibration: the same names.
    """

    data: Counts
    ef: EfNumbers
    binary: Mapping[str, BinaryNumbers]
    calibration: Mapping[str, Recalibration]


def all_numbers(answers: Answers, rng: np.random.Generator, settings: NumbersSettings) -> Numbers:
    """Everything that follows from the answers alone.

    Args:
        rng: of the resamples: the same state gives the same numbers.
    """
    redraws = Redraws.of(answers.patients, rng, settings.resamples)
    screens = screens_of(answers)
    return Numbers(
        data=_counts(answers),
        ef=ef_numbers(answers, redraws),
        binary={screen.name: binary_numbers(screen, redraws) for screen in screens},
        calibration={screen.name: recalibration(screen, redraws.where(screen.kept)) for screen in screens},
    )


def _counts(answers: Answers) -> Counts:
    return Counts(
        records=answers.n,
        patients=len(set(answers.patients.tolist())),
        folds=len(np.unique(answers.folds)),
        with_ef=int(answers.has_ef.sum()),
        with_rwma=int(answers.has_rwma.sum()),
        spread_over=answers.spread_over,
        methods=tuple(answers.methods),
    )
