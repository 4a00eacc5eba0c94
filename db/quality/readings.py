"""Which readings count: in force, deciding, the newest of each purpose. SQL conditions only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, or_
from sqlmodel import col, select

from db.decisions import DECIDING, Purpose
from db.tables.reviews import Review
from db.withdrawals import is_in_force


def has_purpose(purpose: Purpose, review: Any = Review) -> ColumnElement[bool]:
    """The condition that a review was made for a purpose; those without one are first readings."""
    is_named: ColumnElement[bool] = col(review.purpose) == purpose.value
    return or_(is_named, col(review.purpose).is_(None)) if purpose is Purpose.FIRST else is_named


def newest_readings(purpose: Purpose) -> Subquery:
    """The newest reading with an answer, in force, of every case: columns `case_id`, `review_id`."""
    return (
        select(col(Review.case_id), func.max(Review.id).label("review_id"))
        .where(col(Review.decision).in_(DECIDING), has_purpose(purpose), is_in_force())
        .group_by(col(Review.case_id))
        .subquery()
    )


def newest_labels(among: Select[Any]) -> Subquery:
    """The label's review of every case of a selection: columns `case_id`, `review_id`.

    The same rule as the view `label`, which works out the labels of all cases before any can be picked.

    Args:
        among: one column of case numbers.
    """
    makes_label = or_(has_purpose(Purpose.FIRST), has_purpose(Purpose.ADJUDICATION))
    return (
        select(col(Review.case_id), func.max(Review.id).label("review_id"))
        .where(col(Review.case_id).in_(among), col(Review.decision).in_(DECIDING), makes_label, is_in_force())
        .group_by(col(Review.case_id))
        .subquery()
    )
