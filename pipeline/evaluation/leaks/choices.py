"""Checks of what was chosen on what: views, thresholds, calibration, and the number that is quoted.

A statement is checked against the numbers where these tell: a threshold that is one of the reported scores
and best there, or probabilities that fit the reported labels to the last digit, were fitted to them, whatever
is said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.measures.discrimination import auroc
from pipeline.evaluation.leaks.columns import Columns, answered
from pipeline.evaluation.leaks.evidence import Evidence, Row
from pipeline.evaluation.leaks.finding import CLEAN, Answer, caught, undecided
from pipeline.training.run_folder import rows_sha256

Floats = NDArray[np.float64]

# Where a choice may come from: known beforehand, records held back from training, folds within folds.
FREE: Final = (None, "settings", "paper", "validation", "nested")
_FEWEST: Final = 20
_EXACT: Final = 1e-6
# Numbers are quoted with two decimals.
_ROUNDED: Final = 0.0051


def views_chosen_on_test(evidence: Evidence) -> Answer:
    """Which shifted views are averaged was tried out on the records that are reported."""
    return _stated(evidence, "test_time_views")


def threshold_chosen_on_reported(evidence: Evidence) -> Answer:
    """A threshold taken where it looks best on the reported records, and reported as if it were not."""
    stated = _stated(evidence, "threshold")
    choice = _choices(evidence).get("threshold") or {}
    if stated.outcome is not CLEAN.outcome or choice.get("value") is None:
        return stated
    value = float(choice["value"])
    reported, held_back = answered(evidence.predictions), answered(evidence.validation)
    if _is_best(value, reported) and not _is_best(value, held_back):
        return caught(said=choice.get("chosen_on") or "settings", threshold=value)
    return stated


def calibration_fitted_on_test(evidence: Evidence) -> Answer:
    """Probabilities, or EFs, that fit the labels of the reported records to the last digit."""
    for fold in (None, *evidence.held_out):
        rows = [row for row in evidence.predictions if fold is None or row["fold"] == fold]
        columns = answered(rows)
        for what, is_fitted in (("rwma", _rwma_is_fitted(columns)), ("ef", _ef_is_fitted(columns))):
            if is_fitted:
                return caught(what=what, folds="all" if fold is None else str(fold))
    return _stated(evidence, "calibration")


def best_fold_quoted(evidence: Evidence) -> Answer:
    """The number that is quoted is that of one fold, and not of all records or the mean over folds."""
    quoted = _quoted(evidence)
    if not quoted:
        return undecided("not_recorded")
    for name, value in quoted.items():
        pooled, folds = measured(evidence, name)
        if not _is_any(value, [pooled, float(np.nanmean(list(folds.values())))]):
            match = [fold for fold, one in folds.items() if _is_any(value, [one])]
            if match:
                return caught(measure=name, quoted=value, fold=match[0], pooled=pooled)
    return CLEAN


def quoted_number_not_from_answers(evidence: Evidence) -> Answer:
    """A number is quoted that the predictions of the run do not give."""
    quoted = _quoted(evidence)
    if not quoted:
        return undecided("not_recorded")
    for name, value in quoted.items():
        pooled, folds = measured(evidence, name)
        known = [pooled, float(np.nanmean(list(folds.values()))), *folds.values()]
        if not _is_any(value, known):
            return caught(measure=name, quoted=value, pooled=pooled)
    return CLEAN


def _choices(evidence: Evidence) -> Mapping[str, Row]:
    return {**(evidence.provenance.get("choices") or {}), **evidence.choices}


def _stated(evidence: Evidence, name: str) -> Answer:
    """Judged by what is said of a choice alone."""
    choice = _choices(evidence).get(name)
    if choice is None or "chosen_on" not in choice:
        return undecided("not_stated")
    source = choice["chosen_on"]
    if source in FREE or source in _held_back(evidence):
        return CLEAN
    return caught(chosen_on=evidence.known_sets.get(source, source))


def _held_back(evidence: Evidence) -> set[str]:
    """Hashes of sets that a choice may be made on: those that stopped the models."""
    return {rows_sha256(rows) for rows in evidence.stopped_by.values()}


def _is_best(threshold: float, columns: Columns) -> bool:
    """Whether it is one of these records' scores, or half-way between two, and reaches the highest Youden
    index or F1 of all thresholds that part them.
    """
    known = columns.rwma >= 0
    positive, scores = columns.rwma[known] == 1, columns.probability[known]
    if not 0 < positive.sum() < len(positive):
        return False
    levels = np.unique(scores)
    parting = np.concatenate([levels[1:], (levels[1:] + levels[:-1]) / 2])
    if not np.isclose(threshold, parting, rtol=0, atol=1e-9).any():
        return False
    found = np.array([_youden_and_f1(one, scores, positive) for one in levels[1:]])
    own = np.array(_youden_and_f1(threshold, scores, positive))
    return bool((own >= found.max(axis=0) - 1e-12).any())


def _youden_and_f1(threshold: float, scores: Floats, positive: NDArray[np.bool_]) -> tuple[float, float]:
    said = scores >= threshold
    hits = float((said & positive).sum())
    negatives = len(positive) - float(positive.sum())
    false = float(said.sum()) - hits
    youden = hits / float(positive.sum()) - false / negatives
    return youden, 2 * hits / (float(said.sum()) + float(positive.sum()))


def _rwma_is_fitted(columns: Columns) -> bool:
    """Whether the score equations of a logistic line hold exactly, or each step of an isotonic one does."""
    known = (columns.rwma >= 0) & np.isfinite(columns.probability)
    said, truth = columns.probability[known], (columns.rwma[known] == 1).astype(np.float64)
    if len(said) < _FEWEST or said.min() <= 0 or said.max() >= 1 or said.std() < _EXACT:
        return _is_stepwise(said, truth)
    wrong = said - truth
    moments = [wrong.mean(), (wrong * np.log(said / (1 - said))).mean()]
    return max(map(abs, moments)) < _EXACT or _is_stepwise(said, truth)


def _is_stepwise(said: Floats, truth: Floats) -> bool:
    levels, places = np.unique(said, return_inverse=True)
    if len(said) < _FEWEST or not 2 < len(levels) <= len(said) / 4:
        return False
    means = np.bincount(places, weights=truth) / np.bincount(places)
    return bool(np.abs(means - levels).max() < _EXACT)


def _ef_is_fitted(columns: Columns) -> bool:
    known = np.isfinite(columns.ef) & np.isfinite(columns.ef_said)
    said, truth = columns.ef_said[known], columns.ef[known]
    if len(said) < _FEWEST or said.std() < _EXACT:
        return False
    wrong = said - truth
    moments = [float(wrong.mean()), float((wrong * (said - said.mean())).mean())]
    return max(map(abs, moments)) < _EXACT


def _quoted(evidence: Evidence) -> dict[str, float]:
    """Name -> value: what the evaluation quotes, else what the run says of itself."""
    own = (evidence.reference or {}).get("network") or {}
    found = {name: (own.get(name) or {}).get("value") for name in _MEASURES}
    both = {**found, **evidence.headline}
    # A correlation of labels that are all alike is no number, so nobody can have quoted it.
    return {name: value for name, value in both.items() if value is not None and math.isfinite(value)}


def measured(evidence: Evidence, name: str) -> tuple[float, dict[int, float]]:
    """A measure over all records, and fold -> the same."""
    measure = _MEASURES[name]
    folds = {
        fold: measure(answered([row for row in evidence.predictions if row["fold"] == fold]))
        for fold in sorted(evidence.held_out)
    }
    return measure(answered(evidence.predictions)), folds


def _is_any(value: float, known: Sequence[float]) -> bool:
    return any(abs(value - one) < _ROUNDED for one in known)


def _auroc(columns: Columns) -> float:
    known = columns.rwma >= 0
    return auroc(columns.probability[known], columns.rwma[known] == 1)


def _r(columns: Columns) -> float:
    known = np.isfinite(columns.ef)
    if known.sum() < 2 or min(columns.ef[known].std(), columns.ef_said[known].std()) < _EXACT:
        return float("nan")
    return float(np.corrcoef(columns.ef[known], columns.ef_said[known])[0, 1])


def _mae(columns: Columns) -> float:
    return float(np.nanmean(np.abs(columns.ef - columns.ef_said)))


_MEASURES: Final = {"rwma_auroc": _auroc, "ef_r": _r, "ef_mae_points": _mae}
