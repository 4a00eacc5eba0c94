"""Operating points of the referral matrix chosen on a run's own answers, and what points so chosen keep.

The seed paper's cuts were made for another model. Here the cut of each head is the one that misses a stated
share of the ill on average; a bundle takes them over. What they keep is counted on each fold, cut by the
others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.measures.estimate import Estimate
from db.measures.predicting.thresholds import risk_controlled_threshold
from db.measures.proportions import exact_share
from pipeline.evaluation.answers import Answers, Bools, Floats
from pipeline.evaluation.binary_numbers import CutNumbers, cut_numbers
from pipeline.evaluation.parts.operating_points import MISS_RATE
from pipeline.referral import Cell, OperatingPoints

_ILL_BELOW_PERCENT: Final = 50
_CUTS: Final = ("ef_abnormal_percent", "rwma_abnormal", "ef_priority_percent", "rwma_priority")


@dataclass(frozen=True)
class ChosenPoints:
    """Cuts by these answers, for a bundle.

    Attributes:
        points: by all records.
        changed: which of them were chosen here; the others are those they were chosen beside.
        miss_rate: the share of the ill, of each head, that the abnormal cut was chosen to miss on average.
        cells: how many records each cell holds, each fold cut by the other folds. missed: ill ones among the
            cleared. npv_of_cleared: share of the cleared that is well, exact interval.
        referred: everybody in `refer` and `priority` counted as flagged, each fold cut by the others.
    """

    points: OperatingPoints
    changed: tuple[str, ...]
    miss_rate: float
    cells: Mapping[str, int]
    missed: int
    npv_of_cleared: Estimate
    referred: CutNumbers


def chosen_by(answers: Answers, beside: OperatingPoints) -> OperatingPoints:
    """The cuts that miss a tenth of the ill on average; those `beside` where too few are ill to choose.

    Priority is never less extreme than abnormal.
    """
    low_ef = np.less(answers.ef_percent, _ILL_BELOW_PERCENT)
    ef = _cut(-answers.ef_said, low_ef)
    rwma = _cut(answers.rwma_said, answers.rwma == 1)
    # At the cut itself a record is flagged; EF below the point is abnormal.
    ef_abnormal = beside.ef_abnormal_percent if ef is None else float(np.nextafter(-ef, np.inf))
    rwma_abnormal = beside.rwma_abnormal if rwma is None else rwma
    return replace(
        beside,
        ef_abnormal_percent=ef_abnormal,
        rwma_abnormal=rwma_abnormal,
        ef_priority_percent=min(beside.ef_priority_percent, ef_abnormal),
        rwma_priority=max(beside.rwma_priority, rwma_abnormal),
    )


def _cut(scores: Floats, ill: Bools) -> float | None:
    """At or above it is flagged; None where nothing but flagging everybody keeps the miss rate."""
    found = risk_controlled_threshold(scores[ill], MISS_RATE)
    return found if math.isfinite(found) else None


def chosen_points(
    answers: Answers, ill: Bools, nested: NDArray[np.str_], beside: OperatingPoints
) -> ChosenPoints:
    """What the chosen points are, and what points chosen on the other folds did.

    Args:
        ill: shape (n,). nested: the cell of each record, its fold cut by the other folds, shape (n,).
    """
    points = chosen_by(answers, beside)
    cleared = nested == Cell.CLEARED.value
    return ChosenPoints(
        points=points,
        changed=tuple(name for name in _CUTS if getattr(points, name) != getattr(beside, name)),
        miss_rate=MISS_RATE,
        cells={cell.value: int((nested == cell.value).sum()) for cell in Cell},
        missed=int((cleared & ill).sum()),
        npv_of_cleared=exact_share(int((cleared & ~ill).sum()), int(cleared.sum())),
        referred=cut_numbers(ill, np.isin(nested, [Cell.REFER.value, Cell.PRIORITY.value])),
    )
