"""The network beside simpler methods on the same records: every number with a paired difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from db.measures.estimate import Estimate, unknown
from db.measures.predicting.ranking import Ranking
from db.measures.predicting.redraws import Draws, Redraws
from pipeline.evaluation.answers import Answers, Bools, Floats, Method
from pipeline.evaluation.ef_numbers import ef_measures

MEAN: Final = "constant mean"
MEDIAN: Final = "constant median"
NETWORK: Final = "network"
_LOW_EF_PERCENT: Final = 40
_EF_MEASURES: Final = ("mae", "rmse", "r", "within_10")
# Where less is better, a gain is the method's number minus the network's.
_LESS_IS_BETTER: Final = ("ef_mae", "ef_rmse")
# A constant that differs from fold to fold leans away from that fold's own patients: its ranks say nothing.
_NO_RANKS: Final = ("ef_r", "ef_below_40_auroc")


@dataclass(frozen=True)
class ReferenceRow:
    """One method.

    Attributes:
        measures: `ef_mae`, `ef_rmse` (points), `ef_r`, `ef_within_10`, `rwma_auroc`, `ef_below_40_auroc`.
        network_gain: how much better the network is in each, paired over the records both answer; above 0
            means that the network is better. Empty for the network itself.
    """

    method: str
    measures: Mapping[str, Estimate]
    network_gain: Mapping[str, Estimate]


def reference_rows(answers: Answers, redraws: Redraws) -> tuple[ReferenceRow, ...]:
    """The network, constants, and whatever else the run kept answers of.

    Args:
        redraws: of all records.
    """
    network = Method(answers.ef_said, answers.rwma_said)
    rows = [ReferenceRow(NETWORK, _estimates(NETWORK, _draws(answers, network, network, redraws)[0]), {})]
    for name, method in with_constants(answers).items():
        if name != NETWORK:
            rows.append(reference_row(answers, name, method, redraws))
    return tuple(rows)


def reference_row(answers: Answers, name: str, method: Method, redraws: Redraws) -> ReferenceRow:
    """One method beside the network, on the records that both answer.

    Args:
        redraws: of all records.
    """
    own, theirs = _draws(answers, method, Method(answers.ef_said, answers.rwma_said), redraws)
    gains = {
        key: (one.minus(theirs[key]) if key in _LESS_IS_BETTER else theirs[key].minus(one)).estimate()
        for key, one in own.items()
        if key not in _unknown_of(name)
    }
    return ReferenceRow(name, _estimates(name, own), gains)


def _unknown_of(name: str) -> tuple[str, ...]:
    return _NO_RANKS if name in (MEAN, MEDIAN) else ()


def _estimates(name: str, draws: Mapping[str, Draws]) -> dict[str, Estimate]:
    return {key: unknown(one.n) if key in _unknown_of(name) else one.estimate() for key, one in draws.items()}


def with_constants(answers: Answers) -> dict[str, Method]:
    """The methods of the run, with the mean and the median of the other folds where it has none."""
    found = dict(answers.methods)
    wanted: tuple[tuple[str, Callable[[Floats], Any]], ...] = ((MEAN, np.mean), (MEDIAN, np.median))
    for name, middle in wanted:
        if name not in found:
            found[name] = Method(_constant(answers, middle), np.zeros(answers.n))
    return found


def _constant(answers: Answers, middle: Callable[[Floats], Any]) -> Floats:
    said = np.full(answers.n, np.nan)
    for fold in np.unique(answers.folds):
        asked = answers.folds == fold
        known = answers.ef_percent[~asked & np.isfinite(answers.ef_percent)]
        said[asked] = float(middle(known)) if len(known) else np.nan
    return said


def _draws(
    answers: Answers, method: Method, network: Method, redraws: Redraws
) -> tuple[dict[str, Draws], dict[str, Draws]]:
    """The measures of a method and of the network on the records that both answer."""
    has_ef = answers.has_ef & np.isfinite(method.ef_percent)
    has_rwma = answers.has_rwma & np.isfinite(method.rwma_score)
    return (
        _measured(answers, method, has_ef, has_rwma, redraws),
        _measured(answers, network, has_ef, has_rwma, redraws),
    )


def _measured(
    answers: Answers, method: Method, has_ef: Bools, has_rwma: Bools, redraws: Redraws
) -> dict[str, Draws]:
    truth, said = answers.ef_percent[has_ef], method.ef_percent[has_ef]
    low = Ranking.of(-said, np.less(truth, _LOW_EF_PERCENT))
    rwma = Ranking.of(method.rwma_score[has_rwma], answers.rwma[has_rwma] == 1)

    def ef(weights: Floats) -> dict[str, Floats]:
        found = ef_measures(truth, said, weights)
        return {
            **{f"ef_{name}": found[name] for name in _EF_MEASURES},
            "ef_below_40_auroc": low.auroc(weights),
        }

    return {
        **redraws.where(has_ef).draws(ef),
        "rwma_auroc": redraws.where(has_rwma).draw(rwma.auroc),
    }


# The plainest rival is the median of the very labels that are judged: with hindsight no single answer has a
# smaller error, so a model that beats it beats every constant.
@dataclass(frozen=True)
class ConstantNumbers:
    """The constant beside the model.

    Attributes:
        median_percent: the median of the labels.
        mae: its mean absolute error, points. within_10: its share within ten points.
        mae_gain: its error minus the model's, points; above 0 the model is better, paired.
        within_10_gain: the model's share within ten points minus its own, paired.
    """

    median_percent: float
    mae: Estimate
    within_10: Estimate
    mae_gain: Estimate
    within_10_gain: Estimate


def constant_numbers(answers: Answers, redraws: Redraws) -> ConstantNumbers:
    """The constant beside the model, on the records whose EF is known and was answered.

    Args:
        redraws: of all records of `answers`.
    """
    kept = answers.has_ef
    truth, said, own = answers.ef_percent[kept], answers.ef_said[kept], redraws.where(kept)
    median = float(np.median(truth)) if len(truth) else float("nan")
    draws, alone = (
        own.draws(lambda weights, values=values: ef_measures(truth, values, weights))  # type: ignore[misc]
        for values in (said, np.full(len(truth), median))
    )
    return ConstantNumbers(
        median_percent=median,
        mae=alone["mae"].estimate(),
        within_10=alone["within_10"].estimate(),
        mae_gain=alone["mae"].minus(draws["mae"]).estimate(),
        within_10_gain=draws["within_10"].minus(alone["within_10"]).estimate(),
    )
