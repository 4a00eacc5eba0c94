"""How weak a leak or a shortcut the evaluation would still catch: the detection limit of an assay.

Faults are planted at rising strength in a copy of what is recorded about a run; the checks are asked again.
Nothing is trained, and the run's files stay as they are. What is caught at strength 0 is a false alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.measures.discrimination import auroc
from db.measures.distributions import beta_cdf
from db.measures.estimate import Estimate
from db.measures.predicting.logistic import log_odds
from db.measures.proportions import exact_share
from pipeline.evaluation.leaks.audit import CHECKS
from pipeline.evaluation.leaks.columns import Columns, answered
from pipeline.evaluation.leaks.evidence import Evidence
from pipeline.evaluation.leaks.finding import Outcome
from pipeline.evaluation.leaks.planting import (
    answers_lean,
    best_fold,
    hard_ones_dropped,
    labels_leak,
    patients_split,
    pictures_copied,
    site_codes_label,
)

Plant = Callable[[Evidence, float, np.random.Generator], Evidence]

REPEATS: Final = 20
SHARES: Final = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
NUMBERS: Final = (0.0, 1.0, 2.0, 5.0)
_SITE_P: Final = 0.001
SITE: Final = "answers_follow_site"
# How often a strength must be caught to be called caught.
_SURELY: Final = 0.95


@dataclass(frozen=True)
class Attack:
    """A fault that can be planted in any strength.

    Attributes:
        plant: a copy with the fault. strengths: rising, the first 0.
        checks: of the audit, those that are asked; or `SITE`.
        is_drawn: chance decides where it is planted; else it is planted once.
    """

    plant: Plant
    strengths: Sequence[float]
    checks: Sequence[str]
    is_drawn: bool = True


@dataclass(frozen=True)
class Strength:
    """One strength, planted several times by chance.

    Attributes:
        caught: share of the times that any check caught it; by: check -> times.
        auroc_gain, mae_gain: what the fault makes of the AUROC of wall motion and of the EF's error, points;
            mean over the times; above 0 flatters.
    """

    strength: float
    caught: Estimate
    by: Mapping[str, int]
    auroc_gain: float
    mae_gain: float


@dataclass(frozen=True)
class Limit:
    """The detection limit of one fault.

    Attributes:
        weakest: the weakest strength from which on it is caught in 19 of 20 times; None where none is.
        missed_auroc_gain, missed_mae_gain: what the strongest fault that slips through is worth.
    """

    steps: tuple[Strength, ...]
    weakest: float | None
    missed_auroc_gain: float
    missed_mae_gain: float


def adversary(
    evidence: Evidence, *, seed: int, repeats: int = REPEATS, attacks: Mapping[str, Attack] | None = None
) -> dict[str, Limit]:
    """Attack -> its detection limit on these data.

    Args:
        evidence: of a run that passes the audit: what is caught before anything is planted can't be measured.
    """
    chosen = ATTACKS if attacks is None else attacks
    before = answered(evidence.predictions)
    found = {}
    for number, (name, attack) in enumerate(chosen.items()):
        times = repeats if attack.is_drawn else 1
        found[name] = _limit([
            _strength(evidence, before, attack, strength, [seed, number, place], times)
            for place, strength in enumerate(attack.strengths)
        ])  # fmt: skip
    return found


def answers_follow_site(evidence: Evidence) -> float:
    """P that answers differ between sites only by chance, among records with the same label; 1 with one site.

    A model that reads the heart says the same of the same heart at every site. Differing pictures can break
    that without any fault, so a small p asks for a look at the pictures, and proves nothing.

    Source: analysis of variance of log-odds, less their mean by label.
    """
    columns = answered(evidence.predictions)
    sites = np.array([str(evidence.label_of[row["row_id"]]["site"]) for row in evidence.predictions])
    known = (columns.rwma >= 0) & np.isfinite(columns.probability)
    names, place = np.unique(sites[known], return_inverse=True)
    label = columns.rwma[known]
    labels = np.unique(label)
    between_df, within_df = len(names) - 1, len(label) - len(names) - len(labels) + 1
    if between_df < 1 or within_df < 1:
        return 1.0
    score = log_odds(columns.probability[known])
    for one in labels:
        score[label == one] -= score[label == one].mean()
    sums, counts = np.bincount(place, score), np.bincount(place)
    between = float((sums**2 / counts).sum())
    within = max(1e-12, float((score**2).sum()) - between)
    ratio = between / between_df / (within / within_df)
    return beta_cdf(within_df / (within_df + between_df * ratio), within_df / 2, between_df / 2)


def _strength(
    evidence: Evidence, before: Columns, attack: Attack, strength: float, seed: list[int], repeats: int
) -> Strength:
    by = dict.fromkeys(attack.checks, 0)
    caught, gains = 0, []
    for time in range(repeats):
        rng = np.random.default_rng([*seed, time])
        planted = attack.plant(evidence, strength, rng)
        found = [name for name in attack.checks if _is_caught(name, planted)]
        for name in found:
            by[name] += 1
        caught += bool(found)
        gains.append(_gains(before, answered(planted.predictions)))
    auroc_gain, mae_gain = (float(np.nanmean([gain[place] for gain in gains])) for place in (0, 1))
    return Strength(strength, exact_share(caught, repeats), by, auroc_gain, mae_gain)


def _is_caught(check: str, evidence: Evidence) -> bool:
    if check == SITE:
        return answers_follow_site(evidence) <= _SITE_P
    return CHECKS[check](evidence).outcome is Outcome.CAUGHT


def _gains(before: Columns, after: Columns) -> tuple[float, float]:
    first, second = (_numbers(one) for one in (before, after))
    return second[0] - first[0], first[1] - second[1]


def _numbers(of: Columns) -> tuple[float, float]:
    known = of.rwma >= 0
    return auroc(of.probability[known], of.rwma[known] == 1), float(np.nanmean(np.abs(of.ef - of.ef_said)))


def _limit(steps: Sequence[Strength]) -> Limit:
    weakest = None
    for step in reversed([one for one in steps if one.strength > 0]):
        if step.caught.value < _SURELY:
            break
        weakest = step.strength
    missed = [step for step in steps if weakest is None or step.strength < weakest]
    return Limit(
        tuple(steps), weakest,
        max((one.auroc_gain for one in missed), default=0.0),
        max((one.mae_gain for one in missed), default=0.0),
    )  # fmt: skip


_OF_ANSWERS: Final = ("answers_are_the_labels", "better_than_held_back", "calibration_fitted_on_test")
_OF_QUOTES: Final = ("best_fold_quoted", "quoted_number_not_from_answers")

ATTACKS: Final[Mapping[str, Attack]] = {
    "labels_leak": Attack(labels_leak, SHARES, _OF_ANSWERS),
    "answers_lean": Attack(answers_lean, SHARES, _OF_ANSWERS, is_drawn=False),
    "site_codes_label": Attack(site_codes_label, SHARES, (*_OF_ANSWERS, SITE)),
    "patients_split": Attack(patients_split, NUMBERS, ("patient_in_two_folds",)),
    "pictures_copied": Attack(pictures_copied, NUMBERS, ("picture_in_two_folds",)),
    "hard_ones_dropped": Attack(hard_ones_dropped, NUMBERS, ("records_left_unanswered",), is_drawn=False),
    "best_fold": Attack(best_fold, SHARES, _OF_QUOTES, is_drawn=False),
}
