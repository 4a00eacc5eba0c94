"""How good out-of-fold answers are, each number with its interval over patients.

Patients are redrawn, not records: two photographs of one heart are not two hearts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.measures.bootstrap import redrawn
from db.measures.discrimination import auroc
from db.measures.estimate import Estimate
from db.measures.paired import correlation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Truth:
    """What the labels say about n records.

    Attributes:
        ef_percent: shape [n], NaN where it is not known.
        rwma: shape [n], 1 significant, 0 not, -1 where it is not known.
        patients: shape [n].
    """

    ef_percent: Floats
    rwma: Ints
    patients: Sequence[str]


@dataclass(frozen=True, eq=False)
class Answers:
    """What one method says about the same records; NaN where it says nothing.

    Attributes:
        ef_percent: shape [n].
        rwma_score: shape [n], the higher the likelier; a probability or not.
    """

    ef_percent: Floats
    rwma_score: Floats


def scores(truth: Truth, answers: Answers, *, seed: int) -> dict[str, Estimate]:
    """Mean absolute error of EF (points, lower is better), its correlation and the AUROC of wall motion."""
    has_ef = np.isfinite(truth.ef_percent) & np.isfinite(answers.ef_percent)
    has_rwma = (truth.rwma >= 0) & np.isfinite(answers.rwma_score)
    ef, said = truth.ef_percent[has_ef], answers.ef_percent[has_ef]
    positive, score = truth.rwma[has_rwma] == 1, answers.rwma_score[has_rwma]
    patients = np.asarray(truth.patients)
    return {
        "ef_mae_points": redrawn(lambda at: np.abs(ef[at] - said[at]).mean(), patients[has_ef], seed=seed),
        "ef_r": redrawn(lambda at: correlation(ef[at], said[at]), patients[has_ef], seed=seed),
        "rwma_auroc": redrawn(lambda at: auroc(score[at], positive[at]), patients[has_rwma], seed=seed),
    }


def mae_gain(truth: Truth, answers: Answers, baseline: Answers, *, seed: int) -> Estimate:
    """Baseline's EF error minus this one's on the same records, points; above 0 means better."""
    has = np.isfinite(truth.ef_percent) & np.isfinite(answers.ef_percent) & np.isfinite(baseline.ef_percent)
    errors = [np.abs(truth.ef_percent - one.ef_percent)[has] for one in (baseline, answers)]
    gain = errors[0] - errors[1]
    return redrawn(lambda at: gain[at].mean(), np.asarray(truth.patients)[has], seed=seed)
