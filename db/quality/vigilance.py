"""How many deliberately wrong drafts were noticed: one's own rate, and that of all people together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from db.label_view import newest_labels
from db.measures.estimate import Estimate
from db.measures.proportions import exact_share
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.reviews import Review


@dataclass(frozen=True)
class Practice:
    """One answered practice record.

    Attributes:
        shown, truth: the wrong value that was shown and the one of the label, as stored; truth is None
            without one.
        has_label: whether the record has one yet.
        is_void: the wrong value turned out to be right, so there was nothing to notice.
    """

    case_id: int
    field: str
    shown: Any
    truth: Any
    has_label: bool
    is_caught: bool
    is_void: bool
    answered_at: datetime


@dataclass(frozen=True)
class CatchRate:
    """Practice records that were noticed.

    Attributes:
        rate: share of those that count, 0-1, with an exact interval; higher is better.
        by_field: the same for each field.
        void: how many were left out.
    """

    rate: Estimate
    by_field: Mapping[str, Estimate]
    void: int


def practice_records(session: Session, *, annotator_id: int | None = None) -> list[Practice]:
    """Every answered practice record, oldest first; of one person, or of all where None (for pooling)."""
    cases = select(col(SeededDraft.case_id))
    if annotator_id is not None:
        cases = cases.where(col(SeededDraft.annotator_id) == annotator_id)
    newest = newest_labels(cases)
    wanted = (
        select(
            col(SeededDraft.case_id),
            col(SeededDraft.field),
            col(SeededDraft.shown),
            col(SeededAnswer.is_caught),
            col(SeededAnswer.created_at),
            newest.c.review_id,
            col(Review.ef_percent),
            col(Review.rwma),
            col(Review.pah),
        )
        .join(SeededAnswer, col(SeededAnswer.seeded_id) == col(SeededDraft.id))
        .outerjoin(newest, newest.c.case_id == col(SeededDraft.case_id))
        .outerjoin(Review, col(Review.id) == newest.c.review_id)
        .order_by(col(SeededAnswer.seeded_id))
    )
    if annotator_id is not None:
        wanted = wanted.where(col(SeededDraft.annotator_id) == annotator_id)
    found = []
    for row in session.execute(wanted).mappings():
        shown = row["shown"].get(row["field"])
        has_label = row["review_id"] is not None
        truth = row[row["field"]] if has_label else None
        found.append(
            Practice(
                case_id=row["case_id"],
                field=row["field"],
                shown=shown,
                truth=truth,
                has_label=has_label,
                is_caught=row["is_caught"],
                is_void=has_label and shown == truth,
                answered_at=row["created_at"],
            )
        )
    return found


def catch_rate(records: list[Practice]) -> CatchRate:
    """Pool practice records; void ones are left out."""
    counting = [record for record in records if not record.is_void]
    fields = sorted({record.field for record in counting})
    return CatchRate(
        _rate(counting),
        {field: _rate([record for record in counting if record.field == field]) for field in fields},
        len(records) - len(counting),
    )


def _rate(records: list[Practice]) -> Estimate:
    return exact_share(sum(record.is_caught for record in records), len(records))
