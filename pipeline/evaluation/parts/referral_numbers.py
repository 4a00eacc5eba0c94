"""What the referral matrix does to the patients of a run, and the rule that clears only where it is safe."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.measures.estimate import Estimate
from db.measures.predicting.thresholds import safe_clearing
from db.measures.proportions import exact_share
from pipeline.evaluation.answers import Answers, Bools, Floats, Spread
from pipeline.evaluation.binary_numbers import CutNumbers, cut_numbers
from pipeline.evaluation.parts.chosen_points import ChosenPoints, chosen_by, chosen_points
from pipeline.referral import Answer, Cell, ClearingRule, OperatingPoints, agreement, recommended

NPV: Final = 0.97
NPV_CONFIDENCE: Final = 0.95
_ILL_BELOW_PERCENT: Final = 50
_SEVERE_BELOW_PERCENT: Final = 40


@dataclass(frozen=True)
class CellNumbers:
    """One cell of the matrix; intervals are exact.

    Attributes:
        share: of all records. ill: share of the cell with EF below 50 or significant wall motion; in the
            cleared cell these are the missed. severe: with EF below 40. missed: how many are ill.
    """

    n: int
    share: Estimate
    ill: Estimate
    severe: Estimate
    missed: int


@dataclass(frozen=True)
class SafeClearing:
    """The rule that clears only where an NPV is sure enough.

    Attributes:
        npv, confidence: what must hold.
        rule: by all records; None where nobody may be cleared. npv_low: the bound it passed with.
        share_cleared: by that rule, of these records.
        nested: who is not cleared, each fold by a rule of the others: its `npv` is what such rules keep.
    """

    npv: float
    confidence: float
    rule: ClearingRule | None
    npv_low: float
    share_cleared: float
    nested: CutNumbers


@dataclass(frozen=True)
class ReferralNumbers:
    """Outcomes of the matrix on records of which both labels are known.

    Attributes:
        spread_over: what agreement is taken from here: seeds of one fold's model, or shifted views. In use it
            is the five fold models, which cannot be had out of fold: four of them learnt from the patient.
        cells: by name. npv_of_cleared: share of the cleared that is well.
        referred: everybody in `refer` and `priority` counted as flagged.
        not_cleared: everybody but the cleared counted as flagged.
        chosen: points by these answers instead, which a bundle takes.
    """

    n: int
    ill: int
    spread_over: Spread
    points: OperatingPoints
    cells: Mapping[str, CellNumbers]
    npv_of_cleared: Estimate
    referred: CutNumbers
    not_cleared: CutNumbers
    safe: SafeClearing
    chosen: ChosenPoints


def referral_numbers(
    answers: Answers, points: OperatingPoints, prevalences: tuple[float, ...] = ()
) -> ReferralNumbers:
    """The matrix on every record that has both answers and both labels."""
    known = answers.where(answers.has_ef & answers.has_rwma)
    ill = is_ill(known)
    cells = np.array([str(cell) for cell in cells_of(known, points)], dtype=np.str_)
    severe = np.less(known.ef_percent, _SEVERE_BELOW_PERCENT)
    cleared = cells == Cell.CLEARED.value
    return ReferralNumbers(
        n=known.n,
        ill=int(ill.sum()),
        spread_over=known.spread_over,
        points=points,
        cells={cell.value: _cell(cells == cell.value, ill, severe) for cell in Cell},
        npv_of_cleared=exact_share(int((cleared & ~ill).sum()), int(cleared.sum())),
        referred=cut_numbers(ill, np.isin(cells, [Cell.REFER.value, Cell.PRIORITY.value]), prevalences),
        not_cleared=cut_numbers(ill, ~cleared, prevalences),
        safe=safe_clearing_numbers(known, ill, prevalences),
        chosen=chosen_points(known, ill, _nested_cells(known, points), points),
    )


def _nested_cells(answers: Answers, beside: OperatingPoints) -> NDArray[np.str_]:
    """The cell of every record, its fold cut by points that the other folds chose, shape (n,)."""
    cells = np.array([str(Cell.CORRELATE)] * answers.n, dtype=f"<U{max(map(len, Cell))}")
    for fold in np.unique(answers.folds):
        asked = answers.folds == fold
        points = chosen_by(answers.where(~asked), beside)
        cells[asked] = np.array([cell.value for cell in cells_of(answers, points)], dtype=np.str_)[asked]
    return cells


def is_ill(answers: Answers) -> Bools:
    """EF below 50 or significant wall motion: what nobody with it should be cleared, shape (n,)."""
    return np.asarray(np.less(answers.ef_percent, _ILL_BELOW_PERCENT) | (answers.rwma == 1))


def cells_of(answers: Answers, points: OperatingPoints) -> list[Cell]:
    """The cell of every record; agreement by the out-of-fold spreads of the same records."""
    known = [
        sorted(spread[np.isfinite(spread)].tolist()) for spread in (answers.ef_spread, answers.rwma_spread)
    ]
    agreed = [
        [agreement(one, of) if math.isfinite(one) else 0.0 for one in spread.tolist()]
        for spread, of in zip((answers.ef_spread, answers.rwma_spread), known, strict=True)
    ]
    columns = answers.ef_said.tolist(), answers.rwma_said.tolist(), *agreed
    return [recommended(Answer(*values), points) for values in zip(*columns, strict=True)]


def _cell(inside: Bools, ill: Bools, severe: Bools) -> CellNumbers:
    n, missed = int(inside.sum()), int((inside & ill).sum())
    return CellNumbers(
        n=n,
        share=exact_share(n, len(inside)),
        ill=exact_share(missed, n),
        severe=exact_share(int((inside & severe).sum()), n),
        missed=missed,
    )


def safe_clearing_numbers(answers: Answers, ill: Bools, prevalences: tuple[float, ...] = ()) -> SafeClearing:
    """The rule by all records, and by the other folds for each fold."""
    flagged = np.ones(answers.n, dtype=bool)
    for fold in np.unique(answers.folds):
        asked = answers.folds == fold
        rule, _, _ = clearing_rule(answers.ef_said[~asked], answers.rwma_said[~asked], ill[~asked])
        if rule is not None:
            flagged[asked] = ~cleared_by(rule, answers.ef_said[asked], answers.rwma_said[asked])
    rule, npv_low, share = clearing_rule(answers.ef_said, answers.rwma_said, ill)
    return SafeClearing(NPV, NPV_CONFIDENCE, rule, npv_low, share, cut_numbers(ill, flagged, prevalences))


def clearing_rule(
    ef_said: Floats, rwma_said: Floats, ill: Bools, *, npv: float = NPV, confidence: float = NPV_CONFIDENCE
) -> tuple[ClearingRule | None, float, float]:
    """The widest rule whose NPV is sure, its bound, and the share it clears; None where there is none.

    EF and wall motion are cut at the same rank, so that there is one thing to choose.
    """
    n = len(ill)
    by_ef, by_rwma = np.sort(ef_said)[::-1], np.sort(rwma_said)
    # How many known records look healthier, in the worse of the two respects.
    healthier_ef = n - np.searchsorted(by_ef[::-1], ef_said, side="right")
    risk = np.maximum(healthier_ef, np.searchsorted(by_rwma, rwma_said, side="left")).astype(np.float64)
    found = safe_clearing(risk, ill, npv=npv, confidence=confidence)
    if not found.cleared:
        return None, math.nan, 0.0
    place = n - 1 if math.isinf(found.below) else min(n, max(1, math.ceil(found.below))) - 1
    rule = ClearingRule(float(by_ef[place]), float(np.nextafter(by_rwma[place], np.inf)))
    return rule, found.npv_low, found.share


def cleared_by(rule: ClearingRule, ef_said: Floats, rwma_said: Floats) -> Bools:
    """Whom a rule clears, shape (n,)."""
    pairs = zip(ef_said.tolist(), rwma_said.tolist(), strict=True)
    return np.array([rule.clears(ef, rwma) for ef, rwma in pairs], dtype=bool)
