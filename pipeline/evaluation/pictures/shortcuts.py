"""Verdicts: does a model read something other than the waveform, and do its answers hardly leave the mean?

The seed paper's two failure modes. A swap is a fault where answers surely follow the look of another
patient's page, or surely lose what they told; it is a warning where answers merely move more than they may.
Source: seed paper, "Two failure modes".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.measures.bootstrap import redrawn
from db.measures.estimate import Estimate
from db.measures.means import mean_of
from db.measures.paired import correlation
from pipeline.evaluation.pictures.attributions import Attributions
from pipeline.evaluation.pictures.counterfactuals import Counterfactuals, Moved, Swap, Told
from pipeline.evaluation.results import Severity, Verdict

Floats = NDArray[np.float64]

SHORTCUT: Final = "shortcut"
# What answers may change when header, paper or light do: AUROC, and the median move in each head's unit.
AUROC_MAY_CHANGE: Final = 0.01
MAY_MOVE: Final = {"rwma": 0.02, "ef": 1.0}
# How many pages with another waveform must be answered like that waveform's own.
MUST_FOLLOW: Final = 0.95
# Three measures are asked whether an erased page still tells something. By chance alone one of their 95 %
# intervals lies above in 7 of 100 evaluations; an interval as much wider as one of 99 % does in 1 or 2.
_SURE: Final = 2.576 / 1.960
# Heat maps more alike than this after all weights were scrambled do not show what was learnt.
_SAME_MAP: Final = 0.8
_LOW_EF_PERCENT: Final = 40.0


def shortcut_verdicts(found: Counterfactuals) -> list[Verdict]:
    """What the counterfactuals say; nothing where all is well.

    A page without a waveform that is told is a fault where a 99 % interval would say so, too, else a warning;
    a warning also where masks are estimated: an erased page then still shows what the estimate missed.
    """
    verdicts = [*_erased(found), *_swapped(found.swaps, found.masks)]
    if not verdicts and not _tells(found.own):
        return [_verdict("nothing_told", Severity.NOTE, found.masks, own=found.own)]
    return verdicts + list(_followed(found))


def _verdict(name: str, severity: Severity, masks: str, **values: Any) -> Verdict:
    return Verdict(name, SHORTCUT, severity, {"masks": masks, **values})


def _tells(told: Told) -> bool:
    return told.rwma_auroc.low > 0.5 or told.low_ef_auroc.low > 0.5 or told.ef_r.low > 0


def _erased(found: Counterfactuals) -> Iterator[Verdict]:
    """Pages without a waveform that are still told apart."""
    for name, one, chance in (
        ("rwma_auroc", found.erased.rwma_auroc, 0.5),
        ("low_ef_auroc", found.erased.low_ef_auroc, 0.5),
        ("ef_r", found.erased.ef_r, 0.0),
    ):
        if one.low > chance:
            is_sure = one.value - _SURE * (one.value - one.low) > chance
            severity = Severity.FAULT if is_sure and found.masks == "exact" else Severity.WARNING
            yield _verdict("erased_still_told", severity, found.masks, measure=name, erased=one)
        elif one.high < chance:
            yield _verdict("erased_told_backwards", Severity.WARNING, found.masks, measure=name, erased=one)


def _swapped(swaps: Sequence[Swap], masks: str) -> Iterator[Verdict]:
    for swap in swaps:
        for head, moved in (("rwma", swap.rwma), ("ef", swap.ef)):
            severity = _severity_of(moved, MAY_MOVE[head])
            if severity is not None:
                yield _verdict(
                    f"moves_with_{swap.name}",
                    severity,
                    masks,
                    head=head,
                    auroc_change=moved.auroc_change,
                    median_move=moved.median_move,
                    towards=moved.towards,
                )


def _severity_of(moved: Moved, may_move: float) -> Severity | None:
    is_surely_less = moved.auroc_change.high < -AUROC_MAY_CHANGE
    if is_surely_less or moved.towards.low > may_move:
        return Severity.FAULT
    is_over = moved.median_move.value > may_move or abs(moved.auroc_change.value) > AUROC_MAY_CHANGE
    return Severity.WARNING if is_over else None


def _followed(found: Counterfactuals) -> Iterator[Verdict]:
    for head, follows in (("rwma", found.rwma_follows), ("ef", found.ef_follows)):
        if follows.value < MUST_FOLLOW:
            severity = Severity.FAULT if follows.high < 0.5 else Severity.WARNING
            yield _verdict("waveform_not_followed", severity, found.masks, head=head, follows=follows)


def attribution_verdicts(found: Attributions) -> list[Verdict]:
    """Maps that do not depend on the weights, or lie on text and margins more than these are wide."""
    verdicts = []
    for one in found.randomised:
        last = one.steps[-1].similarity
        if last > _SAME_MAP:
            values = {"head": one.head, "method": one.method, "similarity": last}
            verdicts.append(Verdict("map_ignores_weights", SHORTCUT, Severity.WARNING, values))
    for look in found.looks:
        if look.beside_share.low > look.beside_area.value:
            values = {
                "head": look.head,
                "method": look.method,
                "share": look.beside_share,
                "area": look.beside_area,
            }
            verdicts.append(Verdict("looks_beside_the_page", SHORTCUT, Severity.WARNING, values))
    return verdicts


@dataclass(frozen=True)
class Spread:
    """How far EF predictions spread beside the truth, out of fold.

    Attributes:
        ratio: their standard deviation over that of the truth; the best predictor of correlation r has r.
        slope: of the predictions on the truth; 1 keeps every difference, 0 says the same of everybody.
        correlation: r of the two.
        low_bias_points: predicted minus true where the EF is below 40; above 0 is too high.
        low_found: share of these that are predicted below 40.
    """

    ratio: Estimate
    slope: Estimate
    correlation: Estimate
    low_bias_points: Estimate
    low_found: Estimate


def prediction_spread(
    rows: Sequence[Mapping[str, Any]], *, seed: int, resamples: int = 1000
) -> Spread | None:
    """From a run's predictions; None where no EF is known."""
    known = [row for row in rows if row["ef_percent"] is not None]
    if not known:
        return None
    truth, said = (
        np.array([row[name] for row in known], dtype=np.float64)
        for name in ("ef_percent", "ef_percent_predicted")
    )
    patients = np.array([row["patient_id"] for row in known])
    is_low = truth < _LOW_EF_PERCENT

    def over(measure: Any) -> Estimate:
        return redrawn(measure, patients, seed=seed, resamples=resamples)

    return Spread(
        ratio=over(lambda at: _ratio(said[at].std(), truth[at].std())),
        slope=over(lambda at: correlation(truth[at], said[at]) * _ratio(said[at].std(), truth[at].std())),
        correlation=over(lambda at: correlation(truth[at], said[at])),
        low_bias_points=mean_of((said - truth)[is_low].tolist()),
        low_found=mean_of((said[is_low] < _LOW_EF_PERCENT).astype(float).tolist()),
    )


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")
