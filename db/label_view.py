"""What a case's label is now: the view `label`, and its rule where the view cannot be asked.

A label is the newest accepted or corrected review in force, made for a first reading or an adjudication. The
view works that out for all cases at once; `newest_labels` does for some, or for a moment that is past.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    column,
    func,
    or_,
    table,
)  # fmt: skip
from sqlmodel import Session, col, select

from db.decisions import DECIDING, LABELLING, Arm, CorrectionReason, Decision, Purpose
from db.fields.names import COLUMNS
from db.labels import Findings
from db.store.plain_rows import table_of
from db.tables.cases import Case
from db.tables.columns import UtcDateTime
from db.tables.reviews import Review
from db.withdrawals import is_in_force


@dataclass(frozen=True)
class CurrentLabel:
    """What is true of one case now: its latest accepted or corrected review.

    Attributes:
        decided_at: UTC.
        codebook_version: of the vocabulary the person decided by.
        purpose: `first`, or `adjudication` where readers differed.
    """

    case_id: int
    patient_key: str
    site: str
    is_synthetic: bool
    report_date: date | None
    ecg_date: date | None
    review_id: int
    draft_id: int | None
    annotator_id: int
    decision: Decision
    findings: Findings
    note: str
    codebook_version: str
    decided_at: datetime
    purpose: Purpose = Purpose.FIRST
    arm: Arm | None = None
    reason: CorrectionReason | None = None


# The view made by the migrations.
LABEL = table(
    "label",
    column("case_id", Integer),
    column("review_id", Integer),
    column("draft_id", Integer),
    column("annotator_id", Integer),
    column("decision", String),
    *(column(name, table_of(Review).c[name].type) for name in COLUMNS),
    column("note", String),
    column("codebook_version", String),
    column("created_at", UtcDateTime),
    column("purpose", String),
    column("arm", String),
    column("reason", String),
)


def current_label(session: Session, *, case_id: int) -> int | None:
    """The number of the review that is a case's label now, or None."""
    # Not by the view, which works out the labels of all before any can be picked.
    found = session.execute(select(newest_labels([case_id]).c.review_id)).scalar()
    return None if found is None else int(found)


def current_labels(session: Session, *, after: int = 0, limit: int | None = None) -> list[CurrentLabel]:
    """The label of every case that has one, by case; a later flag or skip does not undo a label.

    Args:
        after, limit: only so many, of the cases with a higher number.
    """
    rows = session.execute(
        sqlalchemy.select(
            LABEL,
            col(Case.patient_key),
            col(Case.site),
            col(Case.is_synthetic),
            col(Case.report_date),
            col(Case.ecg_date),
        )
        .join(Case, col(Case.id) == LABEL.c.case_id)
        .where(LABEL.c.case_id > after)
        .order_by(LABEL.c.case_id)
        .limit(limit)
    ).mappings()
    return [
        CurrentLabel(
            case_id=row["case_id"],
            patient_key=row["patient_key"],
            site=row["site"],
            is_synthetic=row["is_synthetic"],
            report_date=row["report_date"],
            ecg_date=row["ecg_date"],
            review_id=row["review_id"],
            draft_id=row["draft_id"],
            annotator_id=row["annotator_id"],
            decision=Decision(row["decision"]),
            findings=Findings.model_validate({name: row[name] for name in Findings.model_fields}),
            note=row["note"],
            codebook_version=row["codebook_version"],
            decided_at=row["created_at"],
            purpose=Purpose(row["purpose"] or Purpose.FIRST),
            arm=Arm(row["arm"]) if row["arm"] else None,
            reason=CorrectionReason(row["reason"]) if row["reason"] else None,
        )
        for row in rows
    ]


def has_purpose(purpose: Purpose, review: Any = Review) -> ColumnElement[bool]:
    """The condition that a review was made for a purpose; those without one are first readings."""
    is_named: ColumnElement[bool] = col(review.purpose) == purpose.value
    return or_(is_named, col(review.purpose).is_(None)) if purpose is Purpose.FIRST else is_named


def newest_readings(purpose: Purpose, among: range | None = None) -> Subquery:
    """The newest reading with an answer, in force, of every case: columns `case_id`, `review_id`."""
    of_cases = [] if among is None else [is_of_cases(among)]
    return _newest(has_purpose(purpose), is_in_force(), *of_cases)


def is_of_cases(among: Select[Any] | Sequence[int] | range) -> ColumnElement[bool]:
    """The condition on `Review` that its case is one of these; of a span, one of those within."""
    if isinstance(among, range):
        return col(Review.case_id).between(among.start, among.stop - 1)
    return col(Review.case_id).in_(among)


def newest_labels(
    among: Select[Any] | Sequence[int] | range | None = None,
    *,
    until_review: int | None = None,
    until_withdrawal: int | None = None,
) -> Subquery:
    """The label's review of every case: columns `case_id`, `review_id`. The rule of the view `label`.

    Args:
        among: case numbers, a column of them or a span; the view works out the labels of all before any can
            be picked.
        until_review, until_withdrawal: only what had been stored when these were the newest rows.
    """
    conditions = [or_(*map(has_purpose, LABELLING)), is_in_force(until=until_withdrawal)]
    if among is not None:
        conditions.append(is_of_cases(among))
    if until_review is not None:
        conditions.append(col(Review.id) <= until_review)
    return _newest(*conditions)


def _newest(*conditions: ColumnElement[bool]) -> Subquery:
    return (
        select(col(Review.case_id), func.max(Review.id).label("review_id"))
        .where(col(Review.decision).in_(DECIDING), *conditions)
        .group_by(col(Review.case_id))
        .subquery()
    )
