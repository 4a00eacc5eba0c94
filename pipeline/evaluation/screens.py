"""The yes-or-no questions a run is held to: significant wall motion, and EF below a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.evaluation.answers import Answers, Bools, Floats, Ints

RWMA: Final = "rwma"
EF_LIMITS_PERCENT: Final = (30, 40, 50)


@dataclass(frozen=True, eq=False)
class Screen:
    """One question, on the records that have an answer and a label.

    Attributes:
        name: `rwma`, `ef_below_40`, ...
        kept: which of all records these m are, shape (n,).
        is_positive: shape (m,).
        score: the higher the likelier, shape (m,): the probability, or the EF with its sign turned.
        one_view: the same without shifted views.
        said: the probability as the network said it, shape (m,); None for EF, which says none.
        folds: shape (m,).
    """

    name: str
    kept: Bools
    is_positive: Bools
    score: Floats
    one_view: Floats
    said: Floats | None
    folds: Ints

    @property
    def n(self) -> int:
        """Records."""
        return len(self.is_positive)

    @property
    def positives(self) -> int:
        """Records that are positive."""
        return int(self.is_positive.sum())


def ef_screen_name(limit_percent: float) -> str:
    """Such as `ef_below_40`."""
    return f"ef_below_{limit_percent:g}"


def rwma_screen(answers: Answers) -> Screen:
    """Significant wall motion by its probability."""
    kept = answers.has_rwma
    said = answers.rwma_said[kept]
    return Screen(
        RWMA, kept, answers.rwma[kept] == 1, said, answers.rwma_one_view[kept], said, answers.folds[kept]
    )


def ef_screen(answers: Answers, limit_percent: float) -> Screen:
    """EF below a limit, by the predicted EF: the lower, the likelier."""
    kept = answers.has_ef
    return Screen(
        ef_screen_name(limit_percent),
        kept,
        np.less(answers.ef_percent[kept], limit_percent),
        -answers.ef_said[kept],
        -answers.ef_one_view[kept],
        None,
        answers.folds[kept],
    )


def screens_of(answers: Answers) -> tuple[Screen, ...]:
    """Every question, wall motion first."""
    return (rwma_screen(answers), *(ef_screen(answers, limit) for limit in EF_LIMITS_PERCENT))
