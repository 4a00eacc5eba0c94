"""Labels that the out-of-fold answers speak against: candidates for another reading, never for a change.

`echodesk suspects` weighs them together with readers, text and rarity; here they stand alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from db.measures.label_errors import Suspicion, class_suspicion, number_suspicion
from pipeline.evaluation.answers import Answers, Bools

# Share of labels that are wrong before anything is said; moves all scores alike and no place in the order.
USUAL_ERRORS: Final = 0.02


@dataclass(frozen=True)
class Suspected:
    """A label that may be wrong.

    Attributes:
        row_id: the record in its snapshot; a workspace that has the snapshot's key knows the case.
        field: `ef_percent` or `rwma`: the one that speaks louder.
        score: 0-1, low is suspicious, as in `suspects.csv`.
        is_issue: more likely wrong than right.
        expected, label: of that field: percent, or probability of the label held and 1.
    """

    row_id: str
    field: str
    score: float
    is_issue: bool
    expected: float
    label: float


def suspected(answers: Answers, *, top_share: float = 0.1) -> list[Suspected]:
    """The most suspicious records, one row each, worst first.

    Args:
        top_share: of all records, at most 1.
    """
    found: dict[str, Suspected] = {}
    for field, kept, said, labels in _weighed(answers):
        for place, row in enumerate(np.flatnonzero(kept).tolist()):
            one = _suspected(answers.row_ids[row], field, said, place, float(labels[place]))
            known = found.get(one.row_id)
            if known is None or one.score < known.score:
                found[one.row_id] = one
    ranked = sorted(found.values(), key=lambda one: (one.score, one.row_id))
    return ranked[: max(1, round(top_share * answers.n))] if ranked else []


def _weighed(answers: Answers) -> list[tuple[str, Bools, Suspicion, np.ndarray]]:
    kept, known = answers.has_ef, answers.has_rwma
    ef = number_suspicion(answers.ef_percent[kept], answers.ef_said[kept])
    rwma = class_suspicion((answers.rwma[known] == 1).astype(np.float64), answers.rwma_said[known])
    both = (
        ("ef_percent", kept, ef, answers.ef_percent[kept]),
        ("rwma", known, rwma, np.ones(int(known.sum()))),
    )
    return [(field, of, said, labels) for field, of, said, labels in both if said is not None]


def _suspected(row_id: str, field: str, said: Suspicion, place: int, label: float) -> Suspected:
    odds = np.log(USUAL_ERRORS / (1 - USUAL_ERRORS)) + said.weights[place]
    score = float(1 / (1 + np.exp(odds)))
    return Suspected(row_id, field, round(score, 6), score < 0.5, float(said.expected[place]), label)
