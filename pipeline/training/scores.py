"""How good out-of-fold answers are, each number with its interval over patients.

Patients are redrawn, not records: two photographs of one heart are not two hearts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.measures.bootstrap import redrawn_groups
from db.measures.discrimination import auroc
from db.measures.estimate import CONFIDENCE, Estimate, unknown

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RESAMPLES = 1000


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


def redrawn(
    measure: Callable[[Ints], float],
    patients: NDArray[np.str_],
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> Estimate:
    """A measure with its 95 % percentile interval over patients redrawn with replacement.

    The interval is NaN where more than one resample in twenty can't be measured.

    Args:
        measure: places of records, some more than once -> value, or NaN.
        patients: of each record, shape [n].
    """
    n = len(patients)
    if not n:
        return unknown()
    value = float(measure(np.arange(n)))
    _, people = np.unique(patients, return_inverse=True)
    if people.max() < 1 or np.isnan(value):
        return Estimate(value, float("nan"), float("nan"), n)
    draws = redrawn_groups(people, generator=np.random.default_rng(seed), resamples=resamples)
    found = np.array([measure(at) for at in draws])
    known = found[np.isfinite(found)]
    if len(known) < 0.95 * resamples:
        return Estimate(value, float("nan"), float("nan"), n)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return Estimate(value, float(low), float(high), n)


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's r, -1 to 1; NaN where one of the two does not vary."""
    # What rounding leaves of the spread of a constant is no spread.
    if len(one) < 2 or min(one.std(), other.std()) < 1e-9:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])
