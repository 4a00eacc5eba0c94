"""Where to cut, chosen naively and nested; what each cut costs; decision curves.

Naive: the threshold is chosen on the very records it is counted on. Nested: each fold is cut where the other
folds said. The difference is what choosing flatters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.measures.estimate import Estimate
from db.measures.predicting.net_benefit import worth
from db.measures.predicting.redraws import Draws, Redraws, ratio
from db.measures.predicting.regression import share_of
from db.measures.predicting.thresholds import (
    confident_threshold,
    risk_controlled_threshold,
    sensitivity_threshold,
)
from pipeline.evaluation.answers import Bools, Floats
from pipeline.evaluation.binary_numbers import CutNumbers, cut_numbers
from pipeline.evaluation.calibration import platt_out_of_fold
from pipeline.evaluation.screens import EF_LIMITS_PERCENT, RWMA, Screen, ef_screen_name

DEPLOYED: Final = "deployed"
# Source: seed paper, "the RWMA decision threshold is set at 0.40".
DEPLOYED_RWMA: Final = 0.40
SENSITIVITIES: Final = (0.8, 0.9, 0.95)
MISS_RATE: Final = 0.1
CONFIDENCE: Final = 0.9
_DECISIONS: Final = tuple(round(0.05 * step, 2) for step in range(1, 15))

# Scores and answers that are known -> a threshold; at or above it is flagged.
Choice = Callable[[Floats, Bools], float]


@dataclass(frozen=True)
class OperatingPoint:
    """One rule for a threshold.

    Attributes:
        threshold: by all records: what would be deployed. In the unit of the answer: a probability, or the EF
            in percent at or below which a person is flagged. None flags everybody.
        fold_thresholds: of each fold, by the other folds; empty where nothing is chosen.
        naive, nested: what it does, chosen on the same records and on the other folds.
        flattery: sensitivity naive minus nested, paired; unknown where nothing is chosen.
    """

    threshold: float | None
    fold_thresholds: tuple[float | None, ...]
    naive: CutNumbers
    nested: CutNumbers
    flattery: Estimate | None


@dataclass(frozen=True)
class Decision:
    """Net benefit for each person at one threshold probability; flagging nobody has 0.

    Attributes:
        model: by the recalibrated probability, out of fold. as_said: by the network's own; None for EF.
        everybody: flagging all. gain: the model minus the better of everybody and nobody.
    """

    threshold: float
    model: Estimate
    as_said: Estimate | None
    everybody: Estimate
    gain: Estimate


@dataclass(frozen=True)
class OperatingNumbers:
    """Operating points of one question, by name, and its decision curve.

    Attributes:
        points: `deployed` (0.40, or the EF limit itself), `sensitivity_80` to `_95` (right for the known
            positives), `youden` (sensitivity plus specificity at its largest), `risk_controlled` (misses 10 %
            on average) and `confident` (at most 10 % in nine of ten data sets as large as a fold).
    """

    points: Mapping[str, OperatingPoint]
    decisions: tuple[Decision, ...]


def operating_numbers(
    screen: Screen, redraws: Redraws, prevalences: tuple[float, ...] = ()
) -> OperatingNumbers:
    """Every operating point of a question.

    Args:
        redraws: of the records of the screen.
    """
    fixed = deployed_threshold(screen)
    deployed = cut_numbers(screen.is_positive, screen.score >= fixed, prevalences)
    points = {DEPLOYED: OperatingPoint(in_unit(screen, fixed), (), deployed, deployed, None)}
    for name, choice in choices(screen).items():
        points[name] = _chosen(screen, choice, redraws, prevalences)
    return OperatingNumbers(points, decision_curve(screen, redraws))


def deployed_threshold(screen: Screen) -> float:
    """The score at which the paper's rule flags: a probability of 0.40, or an EF below the limit itself."""
    if screen.name == RWMA:
        return DEPLOYED_RWMA
    limit = next(one for one in EF_LIMITS_PERCENT if ef_screen_name(one) == screen.name)
    return float(np.nextafter(-limit, np.inf))


def in_unit(screen: Screen, threshold: float) -> float | None:
    """A threshold in the unit of the answer; None where everybody is flagged."""
    if math.isinf(threshold):
        return None
    return threshold if screen.said is not None else -threshold


def choices(screen: Screen) -> dict[str, Choice]:
    """Rules that choose a threshold by records they know."""
    largest = max((int(np.sum(screen.folds == fold)) for fold in np.unique(screen.folds)), default=0)
    share = screen.positives / max(1, screen.n)
    upcoming = max(1, round(largest * share))

    def sensitive(target: float) -> Choice:
        return lambda scores, truth: sensitivity_threshold(scores[truth], target)

    return {
        **{f"sensitivity_{100 * target:g}": sensitive(target) for target in SENSITIVITIES},
        "youden": youden_threshold,
        "risk_controlled": lambda scores, truth: risk_controlled_threshold(scores[truth], MISS_RATE),
        "confident": lambda scores, truth: confident_threshold(
            scores[truth], MISS_RATE, confidence=CONFIDENCE, upcoming=upcoming
        ),
    }


def youden_threshold(scores: Floats, truth: Bools) -> float:
    """The threshold with the largest sum of sensitivity and specificity, the lowest of several.

    Source: Youden 1950, doi 10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3.
    """
    if not 0 < truth.sum() < len(truth):
        return -math.inf
    candidates = np.unique(scores)
    ill, well = np.sort(scores[truth]), np.sort(scores[~truth])
    missed = np.searchsorted(ill, candidates, side="left") / len(ill)
    passed = np.searchsorted(well, candidates, side="left") / len(well)
    return float(candidates[np.argmax(passed - missed)])


def nested_flags(screen: Screen, choice: Choice) -> tuple[Bools, tuple[float, ...]]:
    """Who is flagged when each fold is cut where the other folds say, and those thresholds."""
    flags, thresholds = np.zeros(screen.n, dtype=bool), []
    for fold in np.unique(screen.folds):
        asked = screen.folds == fold
        threshold = choice(screen.score[~asked], screen.is_positive[~asked])
        flags[asked] = screen.score[asked] >= threshold
        thresholds.append(threshold)
    return flags, tuple(thresholds)


def _chosen(
    screen: Screen, choice: Choice, redraws: Redraws, prevalences: tuple[float, ...]
) -> OperatingPoint:
    threshold = choice(screen.score, screen.is_positive)
    naive = screen.score >= threshold
    nested, thresholds = nested_flags(screen, choice)
    ill = screen.is_positive

    def sensitivity(flags: Bools) -> Draws:
        return redraws.where(ill).draw(lambda weights: share_of(flags[ill], weights))

    # `where` is asked twice for the same resamples, so that the difference is paired.
    return OperatingPoint(
        threshold=in_unit(screen, threshold),
        fold_thresholds=tuple(in_unit(screen, one) for one in thresholds),
        naive=cut_numbers(ill, naive, prevalences),
        nested=cut_numbers(ill, nested, prevalences),
        flattery=sensitivity(naive).minus(sensitivity(nested)).estimate(),
    )


def decision_curve(screen: Screen, redraws: Redraws) -> tuple[Decision, ...]:
    """Net benefit at thresholds from 0.05 to 0.70; empty where there are no recalibrated probabilities."""
    right = platt_out_of_fold(screen)
    if right is None:
        return ()
    everybody = np.ones(screen.n, dtype=bool)
    columns: dict[str, Floats] = {}
    for at in _DECISIONS:
        flags = {"model": right >= at, "everybody": everybody}
        if screen.said is not None:
            flags["as_said"] = screen.said >= at
        for name, flagged in flags.items():
            columns[f"{name} {at}"] = worth(flagged, screen.is_positive, at)
    table = np.column_stack(list(columns.values()))

    def benefits(weights: Floats) -> dict[str, Floats]:
        found = ratio(weights @ table, weights.sum(axis=1, keepdims=True))
        return dict(zip(columns, found.T, strict=True))

    draws = redraws.draws(benefits)
    return tuple(_decision(at, draws) for at in _DECISIONS)


def _decision(threshold: float, draws: Mapping[str, Draws]) -> Decision:
    model, everybody = draws[f"model {threshold}"], draws[f"everybody {threshold}"]
    as_said = draws.get(f"as_said {threshold}")
    best = Draws(max(0.0, everybody.value), np.maximum(0.0, everybody.values), everybody.n)
    return Decision(
        threshold=threshold,
        model=model.estimate(),
        as_said=None if as_said is None else as_said.estimate(),
        everybody=everybody.estimate(),
        gain=model.minus(best).estimate(),
    )
