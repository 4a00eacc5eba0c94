"""Probabilities put right out of fold: every fold by a map that was fitted on the others.

Platt's line, Venn-Abers, and isotonic steps where there are enough positives. A shift of the prevalence is
answered by a formula, not by a fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.measures.calibration import ReliabilityBin, reliability
from db.measures.estimate import Estimate
from db.measures.isotonic import VennAbers, fit_isotonic, merged_probability
from db.measures.platt import PlattLine, fit_platt
from db.measures.predicting.logistic import log_odds
from db.measures.predicting.probabilities import Calibration, brier_measures
from db.measures.predicting.redraws import Redraws
from pipeline.evaluation.answers import Bools, Floats, Ints
from pipeline.evaluation.results import NotRun
from pipeline.evaluation.screens import Screen

# Steps fitted on fewer positives follow single patients. Source: Niculescu-Mizil and Caruana 2005,
# doi 10.1145/1102351.1102430, figure 3 (isotonic loses to a line below some hundreds of cases).
ISOTONIC_NEEDS_POSITIVES: Final = 200
# Enough to keep a slope finite. Ten times as much made excellent answers, of which few are in doubt, too
# cautious: mean slope 1.17 instead of about 1 (docs/experiments.md).
_RIDGE: Final = 0.1
_CURVE_POINTS: Final = 41
# Lines and curves are fitted to every resample anew: with many records to fewer of them, so that this many
# weights are enough, but at least so many resamples.
_WEIGHTS_AT_MOST: Final = 2_000_000
_RESAMPLES_AT_LEAST: Final = 200

# How often, at least and at most, outcomes are drawn by the probabilities, to see what ICI is where nothing
# is wrong.
_TRIALS: Final = (100, 200)
_SEED_OF_TRIALS: Final = 8281

# Scores and answers learnt from, scores asked about -> probabilities.
Fit = Callable[[Floats, Bools, Floats], Floats]


@dataclass(frozen=True)
class CurvePoint:
    """What happened, by a smooth curve, where a probability was said."""

    said: float
    happened: float


@dataclass(frozen=True)
class ProbabilityNumbers:
    """How good probabilities are; intervals are 95 % bootstrap ones over patients.

    Attributes:
        measures: `brier`, `brier_skill`, `slope`, `intercept`, `in_the_large`, `mean_gap`, `ici`; see
            `db.measures.predicting.probabilities.Calibration`.
        ece: over the ten bins. bins: of equal width, each with what happened in it.
        curve: the one ICI is measured by, from the 1st to the 99th percentile of what was said.
    """

    n: int
    positives: int
    measures: Mapping[str, Estimate]
    ece: float
    bins: tuple[ReliabilityBin, ...]
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class Recalibration:
    """Probabilities of one question, as said and put right.

    Attributes:
        methods: `as_said` (where the network says one), `platt`, `venn_abers`, `isotonic`: each fold by a map
            fitted on the other folds; a method that is refused says why.
        naive: Platt's line fitted and measured on the same records: what that flatters.
        brier_gain: Brier score as said minus that of each method, paired; above 0 is better. Empty where
            nothing was said.
        venn_abers_width: mean width of the Venn-Abers interval, 0-1: how little the labels know.
    """

    methods: Mapping[str, ProbabilityNumbers | NotRun]
    naive: ProbabilityNumbers | NotRun
    brier_gain: Mapping[str, Estimate]
    venn_abers_width: float


def platt_line(scores: Floats, is_positive: Bools) -> PlattLine:
    """Platt's line; scores are log-odds or EF points, both classes occur."""
    return fit_platt(scores, is_positive.astype(np.float64), ridge=_RIDGE)


def platt(scores: Floats, is_positive: Bools, asked: Floats) -> Floats:
    """Probabilities by Platt's line; see `platt_line`."""
    return platt_line(scores, is_positive).of(asked)


def venn_abers_low(scores: Floats, is_positive: Bools, asked: Floats) -> Floats:
    """Lower ends of the Venn-Abers intervals."""
    known = VennAbers.of(scores.tolist(), is_positive.tolist())
    return np.array([known.end(score, is_right=False) for score in asked.tolist()])


def venn_abers_high(scores: Floats, is_positive: Bools, asked: Floats) -> Floats:
    """Upper ends of the Venn-Abers intervals."""
    known = VennAbers.of(scores.tolist(), is_positive.tolist())
    return np.array([known.end(score, is_right=True) for score in asked.tolist()])


def isotonic(scores: Floats, is_positive: Bools, asked: Floats) -> Floats:
    """Probabilities by isotonic steps."""
    fit = fit_isotonic(scores.tolist(), is_positive.tolist())
    return np.array([fit.value(score) for score in asked.tolist()])


def line_scores(screen: Screen) -> Floats:
    """What a line is put through: log-odds of a probability, an EF as it is."""
    return screen.score if screen.said is None else log_odds(screen.said)


def cross_fitted(scores: Floats, is_positive: Bools, folds: Ints, fit: Fit) -> Floats | None:
    """Each fold's probabilities by a map that was fitted on the other folds, shape (n,).

    None where the other folds of one have but one kind of case.
    """
    said = np.full(len(scores), np.nan)
    for fold in np.unique(folds):
        asked = folds == fold
        others = ~asked
        if not 0 < is_positive[others].sum() < others.sum():
            return None
        said[asked] = fit(scores[others], is_positive[others], scores[asked])
    return said


def platt_out_of_fold(screen: Screen) -> Floats | None:
    """The probabilities that everything else is worked out with: Platt's line, out of fold."""
    return cross_fitted(line_scores(screen), screen.is_positive, screen.folds, platt)


def probability_numbers(probabilities: Floats, is_positive: Bools, redraws: Redraws) -> ProbabilityNumbers:
    """Every measure of some probabilities of the same records as `redraws`."""
    found = Calibration.of(probabilities, is_positive.astype(np.float64))
    bars = reliability(np.clip(probabilities, 0, 1).tolist(), is_positive.tolist())
    low, high = np.quantile(probabilities, [0.01, 0.99]) if len(probabilities) else (0.0, 1.0)
    at = np.linspace(low, high, _CURVE_POINTS)
    happened = found.curve(at)
    measures = redraws.first(_resamples(redraws.n)).estimates(found.measures)
    by_chance = found.ici_by_chance(_trials(redraws.n), np.random.default_rng(_SEED_OF_TRIALS))
    return ProbabilityNumbers(
        n=len(probabilities),
        positives=int(is_positive.sum()),
        measures={**measures, "ici": distance_from_right(measures["ici"], by_chance)},
        ece=bars.ece,
        bins=bars.bins,
        curve=tuple(
            CurvePoint(float(said), float(share))
            for said, share in zip(at, happened, strict=True)
            if np.isfinite(share)
        ),
    )


def distance_from_right(ici: Estimate, by_chance: Floats) -> Estimate:
    """An ICI whose interval begins at 0 where probabilities that are right would come out as far away.

    A distance grows with the noise of a resample, so percentiles alone never reach 0: of 60 cohorts of 300
    with exactly right probabilities none had an interval that held 0 (docs/experiments.md).

    Args:
        by_chance: ICIs where every probability is right; see `Calibration.ici_by_chance`.
    """
    if not ici.has_interval:
        return ici
    known = by_chance[np.isfinite(by_chance)]
    is_sure = len(known) >= 0.95 * len(by_chance) and ici.value > np.quantile(known, 0.975)
    return Estimate(ici.value, min(ici.low, ici.value) if is_sure else 0.0, max(ici.high, ici.value), ici.n)


def _resamples(n: int) -> int:
    return max(_RESAMPLES_AT_LEAST, _WEIGHTS_AT_MOST // max(1, n))


def _trials(n: int) -> int:
    fewest, most = _TRIALS
    return min(most, max(fewest, _WEIGHTS_AT_MOST // max(1, n)))


def recalibration(screen: Screen, redraws: Redraws) -> Recalibration:
    """All methods of one question beside each other.

    Args:
        redraws: of the records of the screen.
    """
    scores, truth = line_scores(screen), screen.is_positive
    said: dict[str, Floats | NotRun] = {} if screen.said is None else {"as_said": screen.said}
    ends = [cross_fitted(scores, truth, screen.folds, fit) for fit in (venn_abers_low, venn_abers_high)]
    merged, width = _merged(*ends)
    few = screen.positives < ISOTONIC_NEEDS_POSITIVES
    for name, found in (
        ("platt", cross_fitted(scores, truth, screen.folds, platt)),
        ("venn_abers", merged),
        ("isotonic", None if few else cross_fitted(scores, truth, screen.folds, isotonic)),
    ):
        is_refused = few and name == "isotonic"
        reason = "few_positives" if is_refused else "one_class_in_a_fold"
        said[name] = NotRun(reason) if found is None else found
    has_both = 0 < screen.positives < screen.n
    return Recalibration(
        methods={
            name: one if isinstance(one, NotRun) else probability_numbers(one, truth, redraws)
            for name, one in said.items()
        },
        naive=probability_numbers(platt(scores, truth, scores), truth, redraws)
        if has_both
        else NotRun("one_class"),
        brier_gain=_gains(screen, said, redraws),
        venn_abers_width=width,
    )


def _gains(screen: Screen, said: Mapping[str, Floats | NotRun], redraws: Redraws) -> dict[str, Estimate]:
    if screen.said is None:
        return {}
    truth = screen.is_positive.astype(np.float64)

    def brier(one: Floats) -> Callable[[Floats], Floats]:
        return lambda weights: brier_measures(one, truth, weights)["brier"]

    before = redraws.draw(brier(screen.said))
    return {
        name: before.minus(redraws.draw(brier(one))).estimate()
        for name, one in said.items()
        if name != "as_said" and not isinstance(one, NotRun)
    }


def _merged(low: Floats | None, high: Floats | None) -> tuple[Floats | None, float]:
    """One probability of each interval, and the mean width."""
    if low is None or high is None:
        return None, float("nan")
    ends = zip(low.tolist(), high.tolist(), strict=True)
    return np.array([merged_probability(*one) for one in ends]), float((high - low).mean())
