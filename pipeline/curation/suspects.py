"""Which labels may be wrong: one score for every labelled field, the most suspicious first, each with its
reason.

The signals' weights of evidence are added to the log-odds that a label is wrong to begin with. Nothing is
fitted: `docs/label-noise.md` says where the constants come from and what was measured with them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from pipeline.curation.predictions import model_signal
from pipeline.curation.records import NOTHING, LabelledRecord, NoiseScore, Prediction, Signal, Weighed
from pipeline.curation.signals import haste_signal, rarity_signal, reader_signal, text_signal

SIGNALS: Final = ("readers", "text", "rarity", "time", "model")
# The share of wrong labels assumed before looking: it moves every score alike and no place in the ranking.
USUAL_ERRORS: Final = 0.02
NOTHING_AGAINST: Final = "Nothing speaks against it."
NOBODY_VOUCHES: Final = "Nothing speaks against it, but no other reader could read it either."


def score_labels(
    records: Sequence[LabelledRecord],
    predictions: Mapping[int, Prediction] | None = None,
    *,
    signals: Sequence[str] = SIGNALS,
) -> list[NoiseScore]:
    """A score for every field of every label, the most suspicious first; ties by case and field.

    Args:
        predictions: by case, for cases the model was not trained on.
        signals: of `SIGNALS`, those that count.
    """
    heard = _heard(records, predictions or {}, signals)
    prior = math.log(USUAL_ERRORS / (1 - USUAL_ERRORS))
    scores = []
    for record in records:
        for field in record.fields:
            said = {name: signal.get((record.case_id, field), NOTHING) for name, signal in heard.items()}
            scores.append(_score(record, field, said, prior))
    return sorted(scores, key=lambda one: (one.score, one.case_id, one.field))


def worst_fields(scores: Iterable[NoiseScore]) -> list[NoiseScore]:
    """The lowest score of every case, the most suspicious case first."""
    worst: dict[int, NoiseScore] = {}
    for one in scores:
        if one.case_id not in worst or one.score < worst[one.case_id].score:
            worst[one.case_id] = one
    return sorted(worst.values(), key=lambda one: (one.score, one.case_id))


def _heard(
    records: Sequence[LabelledRecord], predictions: Mapping[int, Prediction], signals: Sequence[str]
) -> dict[str, Signal]:
    makers: dict[str, Callable[[], Signal]] = {
        "readers": lambda: reader_signal(records),
        "text": lambda: text_signal(records, is_beside_readers="readers" in signals),
        "rarity": lambda: rarity_signal(records),
        "time": lambda: haste_signal(records),
        "model": lambda: model_signal(records, predictions),
    }
    return {name: makers[name]() for name in signals}


def _score(record: LabelledRecord, field: str, said: Mapping[str, Weighed], prior: float) -> NoiseScore:
    log_odds = prior + sum(one.weight for one in said.values())
    score = round(1 / (1 + math.exp(max(-500.0, min(500.0, log_odds)))), 6)
    against = [(name, one) for name, one in said.items() if one.weight > 0 and one.reason]
    if against:
        name, loudest = max(against, key=lambda named: named[1].weight)
        reason = loudest.reason
    else:
        name = min(said, key=lambda one: said[one].weight) if said else ""
        is_vouched = "readers" not in said or said["readers"].weight < 0
        reason = NOTHING_AGAINST if is_vouched else NOBODY_VOUCHES
    weights = {name: round(one.weight, 4) for name, one in said.items()}
    return NoiseScore(record.case_id, field, name, score, score < 0.5, reason, weights)
