"""Does a shown draft pull the answer towards it? First readings with the draft shown against those with it
hidden.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session, col

from db.decisions import Arm, Purpose
from db.fields.names import CARDS, NUMBER_OF_ANSWER, WORD_OF_ANSWER
from db.label_view import newest_readings
from db.measures.estimate import Estimate
from db.measures.proportions import difference_of_shares, exact_share
from db.quality.corrections import answers_differ
from db.tables.drafts import Draft
from db.tables.reviews import Review


@dataclass(frozen=True)
class Anchoring:
    """How often the answer was the draft's, in each arm.

    Attributes:
        shown, hidden: shares of readings, 0-1; hidden ones by what was entered before the draft was shown.
        effect: shown minus hidden, -1 to 1; above 0 means that the draft pulls.
    """

    field: str
    shown: Estimate
    hidden: Estimate
    effect: Estimate


# Arm -> readings, and those of them whose answer was the draft's, by the order of `CARDS`.
SameAsDraft = Counter[tuple[Arm, int]]


def same_as_draft(session: Session, among: range | None = None) -> SameAsDraft:
    """Counts from the newest first reading of every record; `among` are the cases that are counted."""
    newest = newest_readings(Purpose.FIRST, among)
    counts: SameAsDraft = Counter()
    for arm, is_draft, more in (
        (Arm.SHOWN, _is_draft(Review), ()),
        (Arm.HIDDEN, _is_draft(_entered()), (col(Review.entered).is_not(None),)),
    ):
        row = session.execute(
            select(func.count(), *(func.sum(case((same, 1), else_=0)) for same in is_draft))
            .select_from(newest)
            .join(Review, col(Review.id) == newest.c.review_id)
            .join(Draft, col(Draft.id) == col(Review.draft_id))
            .where(col(Review.arm) == arm.value, *more)
        ).one()
        counts.update({(arm, place): int(number or 0) for place, number in enumerate(row)})
    return counts


def anchoring(counts: SameAsDraft) -> list[Anchoring]:
    """The anchoring effect of each field."""
    return [_effect(field, counts, place) for place, field in enumerate(CARDS, 1)]


def _effect(field: str, counts: SameAsDraft, place: int) -> Anchoring:
    same_shown, n_shown = counts[Arm.SHOWN, place], counts[Arm.SHOWN, 0]
    same_hidden, n_hidden = counts[Arm.HIDDEN, place], counts[Arm.HIDDEN, 0]
    return Anchoring(
        field,
        exact_share(same_shown, n_shown),
        exact_share(same_hidden, n_hidden),
        difference_of_shares(same_shown, n_shown, same_hidden, n_hidden),
    )


def _is_draft(answered: Any) -> list[ColumnElement[bool]]:
    """Conditions in the order of `CARDS` that what was answered is the draft's."""
    differs = answers_differ(answered, Draft)
    return [~differs[card] for card in CARDS]


def _entered() -> SimpleNamespace:
    """What was entered, kept as JSON, with the columns of a record."""
    entered: Any = col(Review.entered)
    words = {name: entered[name].as_string() for name in WORD_OF_ANSWER.values()}
    numbers = {name: entered[name].as_float() for name in NUMBER_OF_ANSWER.values()}
    return SimpleNamespace(**words, **numbers)
