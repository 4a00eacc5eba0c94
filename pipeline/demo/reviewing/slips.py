"""How people answer the cards of the desk, and the mistakes they make: digits, overlooked findings, grades.

A card is one question of the desk: `ef`, `rwma` or `pah`. What cannot be entered there (walls, words) stays
as it is in the record that is changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from db.fields.details import no_ef, with_answers
from db.fields.names import EF_COLUMNS, ByColumn
from db.labels import EF_MAX_PERCENT, EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from pipeline.demo.proportions import pick

# Card -> the columns that are answered on it.
ANSWERED = {
    "ef": tuple(name for name in EF_COLUMNS if name != "lv_function"),
    "rwma": ("rwma", "rwma_severity"),
    "pah": ("pah", "rvsp_mmhg"),
}
# Columns in which an answer is right or wrong; how a number was printed is a detail.
_JUDGED = {
    "ef": ("ef_state", "ef_percent"),
    "rwma": ("rwma", "rwma_severity"),
    "pah": ("pah", "rvsp_mmhg"),
}
# Digits that are taken for each other in print and handwriting.
_LOOKALIKES = {
    "0": "68",
    "1": "7",
    "2": "7",
    "3": "8",
    "4": "9",
    "5": "6",
    "6": "05",
    "7": "1",
    "8": "3",
    "9": "4",
}
_MIN_EF_SLIP = 3.0
_MIN_EF_SEEDED = 8.0
_GRADES = (RwmaSeverity.MILD, RwmaSeverity.MODERATE, RwmaSeverity.SEVERE)
_PAH_SLIPS = {
    Pah.NONE: (Pah.MILD, Pah.NOT_STATED),
    Pah.MILD: (Pah.MODERATE, Pah.NONE),
    Pah.MODERATE: (Pah.MILD, Pah.SEVERE),
    Pah.SEVERE: (Pah.MODERATE,),
    Pah.PRESENT_UNSPECIFIED: (Pah.MILD,),
    Pah.NOT_STATED: (Pah.NONE, Pah.MILD),
    Pah.UNREADABLE: (Pah.NOT_STATED,),
}


@dataclass(frozen=True)
class PageTruth:
    """What is true about one report page, as in the cohort's `truth.jsonl`.

    Attributes:
        findings: the right record for the picture; all unreadable where nobody can read it.
        condition: how it was captured: `clean`, `phone`, `harsh`.
        also_accept: column -> other values that count as right.
    """

    patient_id: str
    findings: Findings
    condition: str = "clean"
    is_legible: bool = True
    also_accept: Mapping[str, Collection[str]] = field(default_factory=dict)

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> PageTruth:
        """One line of `truth.jsonl`."""
        accept = {name: tuple(str(value) for value in values) for name, values in line["also_accept"].items()}
        findings = Findings.model_validate(line["findings"])
        return cls(line["patient_id"], findings, line["condition"], bool(line["is_legible"]), accept)


def card_is_right(page: PageTruth, record: Findings, card: str) -> bool:
    """Whether a record answers a card as the page does, or in another way that counts as right."""
    return all(
        getattr(record, name) == getattr(page.findings, name)
        or str(getattr(record, name)) in page.also_accept.get(name, ())
        for name in _JUDGED[card]
    )


def answered(base: Findings, card: str, answer: Findings | Mapping[str, Any]) -> Findings:
    """A record after one card was answered, by the rules of the desk."""
    given = (
        answer if isinstance(answer, Mapping) else {name: getattr(answer, name) for name in ANSWERED[card]}
    )
    return with_answers(base, given)


def slip(true: Findings, card: str, rng: np.random.Generator) -> Mapping[str, Any]:
    """A mistake a person could make about one card: the columns that are answered, one of them wrong."""
    if card == "ef":
        return _ef_slip(true, rng, least=_MIN_EF_SLIP)
    return _rwma_slip(true, rng) if card == "rwma" else _pah_slip(true, rng)


def seeded_error(true: Findings, card: str, rng: np.random.Generator) -> Mapping[str, Any] | None:
    """A plain mistake about a stated value: an ejection fraction far off, a finding or a grade turned round.

    None where the page states nothing on that card.
    """
    if card == "ef":
        return _ef_slip(true, rng, least=_MIN_EF_SEEDED) if true.ef_state is EfState.STATED else None
    if card == "rwma":
        return _turned_wall(true) if true.rwma in (Rwma.PRESENT, Rwma.ABSENT) else None
    if true.pah in (Pah.NOT_STATED, Pah.UNREADABLE):
        return None
    word = Pah.MODERATE if true.pah is Pah.NONE else Pah.NONE
    return {"pah": word, "rvsp_mmhg": true.rvsp_mmhg}


def _ef_slip(true: Findings, rng: np.random.Generator, *, least: float) -> ByColumn:
    if true.ef_state is EfState.UNREADABLE:
        return no_ef(EfState.NOT_STATED)
    # "good LV function" is taken for a number
    wrong = 60.0 if true.ef_percent is None else pick(rng, _ef_mistakes(float(true.ef_percent), least))
    return ByColumn(
        ef_percent=wrong, ef_low=None, ef_high=None, ef_operator=EfOperator.EQUAL, ef_state=EfState.STATED
    )


def _ef_mistakes(true: float, least: float) -> Sequence[float]:
    """Digits exchanged, taken for another, or off by ten: all that lie far enough away."""
    digits = f"{int(true):02d}"
    tens, ones = digits[0], digits[1]
    typed = [
        ones + tens,
        *(other + ones for other in _LOOKALIKES[tens]),
        *(tens + other for other in _LOOKALIKES[ones]),
    ]
    values = [*(float(text) for text in typed), true - 10, true + 10]
    return sorted({value for value in values if 10 <= value <= EF_MAX_PERCENT and abs(value - true) >= least})


def _rwma_slip(true: Findings, rng: np.random.Generator) -> dict[str, Any]:
    if true.rwma is Rwma.UNREADABLE:
        return {"rwma": Rwma.NOT_STATED, "rwma_severity": RwmaSeverity.NOT_STATED}
    if true.rwma is Rwma.NOT_STATED:  # the commonest mistake of all: not mentioned is not absent
        return {"rwma": Rwma.ABSENT, "rwma_severity": RwmaSeverity.NONE}
    if true.rwma_severity in _GRADES and rng.random() < 0.6:
        place = _GRADES.index(true.rwma_severity)
        near = [_GRADES[other] for other in (place - 1, place + 1) if 0 <= other < len(_GRADES)]
        return {"rwma": true.rwma, "rwma_severity": pick(rng, near)}
    return _turned_wall(true)


def _turned_wall(true: Findings) -> dict[str, Any]:
    if true.rwma is Rwma.PRESENT:
        return {"rwma": Rwma.ABSENT, "rwma_severity": RwmaSeverity.NONE}
    return {"rwma": Rwma.PRESENT, "rwma_severity": RwmaSeverity.MILD}


def _pah_slip(true: Findings, rng: np.random.Generator) -> dict[str, Any]:
    if true.rvsp_mmhg is not None and rng.random() < 0.25:
        return {"pah": true.pah, "rvsp_mmhg": None}
    return {"pah": pick(rng, _PAH_SLIPS[true.pah]), "rvsp_mmhg": true.rvsp_mmhg}
