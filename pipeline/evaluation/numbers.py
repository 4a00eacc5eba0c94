"""All numbers of a run from its out-of-fold answers: arrays in, parts of `results.json` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from db.measures.predicting.redraws import RESAMPLES, Redraws
from pipeline.evaluation.answers import Answers, Spread
from pipeline.evaluation.binary_numbers import BinaryNumbers, binary_numbers
from pipeline.evaluation.calibration import Recalibration, recalibration
from pipeline.evaluation.ef_numbers import EfNumbers, ef_numbers
from pipeline.evaluation.parts.conformal import COVERAGE, ConformalNumbers, conformal_numbers
from pipeline.evaluation.parts.fold_numbers import DEALS, FoldNumbers, fold_numbers
from pipeline.evaluation.parts.operating_points import OperatingNumbers, operating_numbers
from pipeline.evaluation.parts.referral_numbers import ReferralNumbers, referral_numbers
from pipeline.evaluation.parts.subgroups import SubgroupRow, subgroup_rows
from pipeline.evaluation.reference_rows import ReferenceRow, reference_rows
from pipeline.evaluation.screens import screens_of
from pipeline.referral import OperatingPoints

# Share with EF below 50 or so where such a screen was tried in the field: 14 % (Kenya); and a rarer and a
# commoner illness.
PREVALENCES: Final = (0.05, 0.14, 0.3)


@dataclass(frozen=True)
class NumbersSettings:
    """What is asked.

    Attributes:
        resamples: of the patients, for every interval. deals: of the folds, for their spread by chance.
        prevalences: at which predictive values are worked out.
        coverage: of EF intervals and sets of wall motion.
        points: of the referral matrix.
    """

    resamples: int = RESAMPLES
    deals: int = DEALS
    coverage: float = COVERAGE
    points: OperatingPoints = field(default_factory=OperatingPoints)
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
        calibration, operating: the same names.
    """

    data: Counts
    ef: EfNumbers
    binary: Mapping[str, BinaryNumbers]
    reference: tuple[ReferenceRow, ...]
    folds: FoldNumbers
    subgroups: tuple[SubgroupRow, ...]
    calibration: Mapping[str, Recalibration]
    conformal: ConformalNumbers
    operating: Mapping[str, OperatingNumbers]
    referral: ReferralNumbers


def all_numbers(answers: Answers, rng: np.random.Generator, settings: NumbersSettings) -> Numbers:
    """Everything that follows from the answers alone.

    Args:
        rng: of the resamples and deals: the same state gives the same numbers.
    """
    redraws = Redraws.of(answers.patients, rng, settings.resamples)
    screens = screens_of(answers)
    return Numbers(
        data=_counts(answers),
        ef=ef_numbers(answers, redraws),
        binary={screen.name: binary_numbers(screen, redraws) for screen in screens},
        reference=reference_rows(answers, redraws),
        folds=fold_numbers(answers, redraws, rng, settings.deals),
        subgroups=subgroup_rows(answers, redraws),
        calibration={screen.name: recalibration(screen, redraws.where(screen.kept)) for screen in screens},
        conformal=conformal_numbers(answers, redraws, settings.coverage),
        operating={
            screen.name: operating_numbers(screen, redraws.where(screen.kept), settings.prevalences)
            for screen in screens
        },
        referral=referral_numbers(answers, settings.points, settings.prevalences),
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
