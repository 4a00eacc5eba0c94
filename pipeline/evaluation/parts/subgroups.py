"""Whether it works for everybody: each group of a column beside all the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.measures.estimate import CONFIDENCE, Estimate
from db.measures.predicting.ranking import Ranking
from db.measures.predicting.redraws import Draws, Redraws
from db.measures.predicting.regression import error_measures
from pipeline.evaluation.answers import AGE_BANDS, Answers, Bools, age_band
from pipeline.evaluation.photographs import LIGHT, SHARPNESS

# Fewer records than this say nothing about a group.
NEEDS_RECORDS: Final = 20
# Values that have an order of their own; others stand in that of the alphabet, before these.
_ORDER: Final = tuple(
    dict.fromkeys([*(age_band(years) for years in (0, *AGE_BANDS)), *SHARPNESS[:1], *LIGHT, *SHARPNESS[1:]])
)


@dataclass(frozen=True)
class SubgroupRow:
    """One group.

    Attributes:
        measures: `ef_mae`, `ef_bias` (points), `ef_r`, `rwma_auroc`; 95 % bootstrap intervals over patients.
            Empty where the group is smaller than 20 records.
        against_rest: the group's number minus that of all others.
        differs: the measures whose difference keeps its sign at 95 % for all groups and measures together
            (Bonferroni): one of many groups always looks odd by itself.
    """

    column: str
    value: str
    n: int
    patients: int
    rwma_positives: int
    measures: Mapping[str, Estimate]
    against_rest: Mapping[str, Estimate]
    differs: tuple[str, ...]


def subgroup_rows(answers: Answers, redraws: Redraws) -> tuple[SubgroupRow, ...]:
    """Every group of every column, in the order of the columns.

    Args:
        redraws: of all records.
    """
    groups = [
        (column, value, np.array([one == value for one in held]))
        for column, held in answers.groups.items()
        for value in sorted(set(held), key=_place)
    ]
    measured = [
        (_draws(answers, inside, redraws), _draws(answers, ~inside, redraws))
        if inside.sum() >= NEEDS_RECORDS
        else ({}, {})
        for _, _, inside in groups
    ]
    comparisons = sum(len(own) for own, _ in measured)
    return tuple(
        _row(answers, group, pair, comparisons) for group, pair in zip(groups, measured, strict=True)
    )


def _place(value: str) -> tuple[int, str]:
    """Where a value stands among those of its column."""
    return (_ORDER.index(value) if value in _ORDER else -1), value


def _row(
    answers: Answers,
    group: tuple[str, str, Bools],
    pair: tuple[Mapping[str, Draws], Mapping[str, Draws]],
    comparisons: int,
) -> SubgroupRow:
    (column, value, inside), (own, rest) = group, pair
    apart = {name: draws.minus(rest[name]) for name, draws in own.items()}
    sure = 1 - (1 - CONFIDENCE) / max(1, comparisons)
    ends = {name: one.estimate(sure) for name, one in apart.items()}
    return SubgroupRow(
        column=column,
        value=value,
        n=int(inside.sum()),
        patients=len(set(answers.patients[inside].tolist())),
        rwma_positives=int(np.sum(answers.rwma[inside] == 1)),
        measures={name: one.estimate() for name, one in own.items()},
        against_rest={name: one.estimate() for name, one in apart.items()},
        differs=tuple(name for name, one in ends.items() if one.low > 0 or one.high < 0),
    )


def _draws(answers: Answers, inside: Bools, redraws: Redraws) -> dict[str, Draws]:
    has_ef, has_rwma = answers.has_ef & inside, answers.has_rwma & inside
    truth, said = answers.ef_percent[has_ef], answers.ef_said[has_ef]
    rwma = Ranking.of(answers.rwma_said[has_rwma], answers.rwma[has_rwma] == 1)
    errors = redraws.where(has_ef).draws(lambda weights: error_measures(truth, said, weights))
    return {
        **{f"ef_{name}": errors[name] for name in ("mae", "bias", "r")},
        "rwma_auroc": redraws.where(has_rwma).draw(rwma.auroc),
    }
