"""Does a shown draft pull the answer towards it? First readings with the draft shown against those with it
hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session, col

from db.decisions import Arm, Purpose
from db.measures.estimate import Estimate
from db.measures.proportions import difference_of_shares, exact_share
from db.quality.readings import newest_readings
from db.tables.drafts import Draft
from db.tables.reviews import Review

FIELDS: Final = ("ef", "rwma", "pah")


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


def anchoring(session: Session) -> list[Anchoring]:
    """The anchoring effect of each field, from the newest first reading of every record."""
    newest = newest_readings(Purpose.FIRST)
    counts = {
        arm: session.execute(
            select(func.count(), *(func.sum(case((same, 1), else_=0)) for same in same_as_draft))
            .select_from(newest)
            .join(Review, col(Review.id) == newest.c.review_id)
            .join(Draft, col(Draft.id) == col(Review.draft_id))
            .where(col(Review.arm) == arm.value, *more)
        ).one()
        for arm, same_as_draft, more in (
            (Arm.SHOWN, _stored_is_draft(), ()),
            (Arm.HIDDEN, _entered_is_draft(), (col(Review.entered).is_not(None),)),
        )
    }
    return [
        _effect(field, counts[Arm.SHOWN], counts[Arm.HIDDEN], place) for place, field in enumerate(FIELDS, 1)
    ]


def _effect(field: str, shown: Any, hidden: Any, place: int) -> Anchoring:
    same_shown, n_shown = int(shown[place] or 0), int(shown[0])
    same_hidden, n_hidden = int(hidden[place] or 0), int(hidden[0])
    return Anchoring(
        field,
        exact_share(same_shown, n_shown),
        exact_share(same_hidden, n_hidden),
        difference_of_shares(same_shown, n_shown, same_hidden, n_hidden),
    )


def _stored_is_draft() -> list[ColumnElement[bool]]:
    return _is_draft(
        ef_percent=col(Review.ef_percent),
        ef_state=col(Review.ef_state),
        rwma=col(Review.rwma),
        pah=col(Review.pah),
    )


def _entered_is_draft() -> list[ColumnElement[bool]]:
    entered: Any = col(Review.entered)
    return _is_draft(
        ef_percent=entered["ef_percent"].as_float(),
        ef_state=entered["ef_state"].as_string(),
        rwma=entered["rwma"].as_string(),
        pah=entered["pah"].as_string(),
    )


def _is_draft(**answer: Any) -> list[ColumnElement[bool]]:
    """Conditions in the order of `FIELDS`."""
    same_number = func.coalesce(answer["ef_percent"], -1.0) == func.coalesce(col(Draft.ef_percent), -1.0)
    return [
        same_number & (answer["ef_state"] == col(Draft.ef_state)),
        answer["rwma"] == col(Draft.rwma),
        answer["pah"] == col(Draft.pah),
    ]
