"""What goes along with an answer: walls, a printed range, words, a pressure, a grade derived from it.

People answer cards; a record has more columns than that. These rules say what becomes of the others, for the
desk and for whoever plays it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from db.fields.names import COLUMNS_OF_CARD, EF_PRINTED, FIELD_OF_CARD, PAH_DERIVED, ByColumn
from db.fields.sameness import differing_cards
from db.labels import EfOperator, EfState, Findings, Rwma

# What a card may say beside its answer; a reader who sees no draft need not enter it. How a number was
# printed goes with the number, and a grade of wall motion is an answer.
_ANSWERED: Final = (*FIELD_OF_CARD.values(), "ef_operator", "ef_state", "rwma_severity")
DETAILS_OF_CARD: Final = {
    card: tuple(name for name in columns if name not in _ANSWERED)
    for card, columns in COLUMNS_OF_CARD.items()
}


def no_ef(state: EfState) -> ByColumn:
    """The columns of an ejection fraction that was not printed as a number, or could not be read."""
    return ByColumn(ef_percent=None, ef_low=None, ef_high=None, ef_operator=None, ef_state=state)


def with_answers(base: Findings, answers: Mapping[str, Any]) -> Findings:
    """A record after some of its columns were answered; details stay only where they still fit."""
    record = {**base.model_dump(), **answers}
    are_walls_kept = base.rwma is Rwma.PRESENT or "rwma_walls" in answers
    if not (are_walls_kept and record["rwma"] == Rwma.PRESENT):
        record["rwma_walls"] = ()
    if record["rvsp_mmhg"] != base.rvsp_mmhg:
        # A grade computed from the old number says nothing about the new one.
        record |= dict.fromkeys(PAH_DERIVED)
    return Findings.model_validate(record)


def with_details_of(drafted: Findings, entered: Findings) -> Findings:
    """What is stored where values were entered before the draft was shown.

    Where a person answered what the draft says, its details (walls, printed range, words) come along. A
    range, a sign, a pressure or walls that they entered themselves stay as they entered them.
    """
    differing = differing_cards(entered, drafted, ef_tolerance_points=0)
    record = entered.model_dump()
    for card, columns in COLUMNS_OF_CARD.items():
        if card not in differing:
            record |= _columns(drafted, columns)
    if entered.ef_low is not None or entered.ef_operator not in (None, EfOperator.EQUAL):
        record |= _columns(entered, EF_PRINTED)
    if entered.rvsp_mmhg not in (None, drafted.rvsp_mmhg):
        record |= _columns(entered, ("rvsp_mmhg", *PAH_DERIVED))
    if entered.rwma_walls:
        record |= _columns(entered, ("rwma_walls",))
    return Findings.model_validate(record)


def with_details_of_others(one: Findings, readings: Sequence[Findings]) -> Findings:
    """A reading with what it leaves out and another one that agrees with it says."""
    record = one.model_dump()
    for other in readings:
        differing = differing_cards(one, other, ef_tolerance_points=0)
        for card, details in DETAILS_OF_CARD.items():
            if card not in differing and not any(record[name] for name in details):
                record |= _columns(other, details)
    return Findings.model_validate(record)


def _columns(record: Findings, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}
