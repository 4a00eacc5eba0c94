"""Whether the reported records are answered better than those that only stopped a model."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.measures.discrimination import auroc
from db.measures.means import difference_of_means
from db.measures.reported import auroc_error
from pipeline.evaluation.leaks.columns import Columns, answered
from pipeline.evaluation.leaks.evidence import Evidence
from pipeline.evaluation.leaks.finding import CLEAN, Answer, caught, undecided

Floats = NDArray[np.float64]

# Standard errors: once in two thousand by chance; in a fold once in thirty thousand, for there are many.
_APART_IN_ALL: Final = 3.3
_APART_IN_A_FOLD: Final = 4.0
# Of pairs, whose differences have longer tails: once in two thousand, too.
_APART_IN_PAIRS: Final = 3.6
# Fewer patients than this say nothing in pairs.
_FEWEST: Final = 20


def better_than_held_back(evidence: Evidence) -> Answer:
    """Reported records are answered much better than those that stopped the model, which it never learnt.

    Most records are both, of two models that learnt from equally many: the same people, paired, tell most.
    """
    if not evidence.validation:
        return undecided("not_recorded")
    paired = _paired(evidence)
    if paired > _APART_IN_PAIRS:
        return caught(what="ef, rwma", folds="all", standard_errors=paired)
    for fold in (None, *sorted(evidence.held_out)):
        reported, held_back = (
            answered([row for row in rows if fold is None or row["fold"] == fold])
            for rows in (evidence.predictions, evidence.validation)
        )
        found = {
            "ef": _apart(_ef_errors(held_back), _ef_errors(reported)),
            "rwma": max(
                _apart(_rwma_errors(held_back), _rwma_errors(reported)), _areas_apart(held_back, reported)
            ),
        }
        what = max(found, key=lambda name: found[name])
        if found[what] > (_APART_IN_ALL if fold is None else _APART_IN_A_FOLD):
            return caught(what=what, folds="all" if fold is None else str(fold), standard_errors=found[what])
    return CLEAN


def _paired(evidence: Evidence) -> float:
    """By how many standard errors patients are answered worse where they stopped a model, both heads as one.

    What makes a record hard is in both of its answers, and falls out of their difference.
    """
    reported = {row["row_id"]: row for row in evidence.predictions}
    twice = [row for row in evidence.validation if row["row_id"] in reported]
    held_back, judged = answered(twice), answered([reported[row["row_id"]] for row in twice])
    by_head = (
        np.abs(held_back.ef_said - held_back.ef) - np.abs(judged.ef_said - judged.ef),
        _squared(held_back) - _squared(judged),
    )
    patients, place = np.unique([row["patient_id"] for row in twice], return_inverse=True)
    if len(patients) < _FEWEST:
        return 0.0
    each = np.bincount(place, sum(_in_spreads(one) for one in by_head)) / np.bincount(place)
    error = float(each.std(ddof=1)) / len(each) ** 0.5
    return float(each.mean()) / error if error > 0 else 0.0


def _in_spreads(apart: Floats) -> Floats:
    """Differences over their standard deviation; 0 where one is not known."""
    known = np.isfinite(apart)
    spread = float(apart[known].std()) if known.any() else 0.0
    return np.where(known, apart, 0.0) / (spread or 1.0)


def _squared(columns: Columns) -> Floats:
    """Squared errors of the probability of wall motion; NaN where there is no label."""
    return np.where(columns.rwma >= 0, (columns.probability - columns.rwma) ** 2, np.nan)


def _ef_errors(columns: Columns) -> Floats:
    wrong = np.abs(columns.ef_said - columns.ef)
    return wrong[np.isfinite(wrong)]


def _rwma_errors(columns: Columns) -> Floats:
    return _squared(columns)[columns.rwma >= 0]


def _apart(held_back: Floats, reported: Floats) -> float:
    """By how many standard errors the held-back records are answered worse."""
    found = difference_of_means([(one, 1) for one in held_back], [(one, 1) for one in reported])
    if not found.has_interval or found.high <= found.value:
        return 0.0
    return 1.96 * found.value / (found.high - found.value)


def _areas_apart(held_back: Columns, reported: Columns) -> float:
    """By how many standard errors the AUROC of wall motion is lower on the held-back records."""
    areas, variances = [], []
    for of in (held_back, reported):
        known = of.rwma >= 0
        positives = int((of.rwma[known] == 1).sum())
        negatives = int(known.sum()) - positives
        if min(positives, negatives) < 10:
            return 0.0
        areas.append(auroc(of.probability[known], of.rwma[known] == 1))
        variances.append(auroc_error(areas[-1], positives, negatives) ** 2)
    spread = sum(variances) ** 0.5
    return (areas[1] - areas[0]) / spread if spread > 0 else 0.0
