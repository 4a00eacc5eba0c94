"""Human decisions, and the rows that undo and redo them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from db.decisions import (
    Arm,
    CorrectionReason,
    Decision,
    Purpose,
    UndoKind,
)
from db.tables.columns import NUMBERS_GIVEN_ONCE, findings_checks, nullable_json, one_of, when
from db.tables.findings import FindingsColumns


class Review(FindingsColumns, table=True):
    """One human decision on a case. Append-only; see the view `label` for which one is true now.

    `purpose` is null in reviews older than second readings: they are first ones. `entered` is what was
    entered while the draft was hidden; `sample_id` the audit sample the reading belongs to.
    """

    __table_args__ = (
        *findings_checks(),
        one_of("decision", Decision),
        one_of("purpose", Purpose, null=True),
        one_of("arm", Arm, null=True),
        one_of("reason", CorrectionReason, null=True),
        CheckConstraint("active_s >= 0", name="active_s_not_negative"),
        CheckConstraint("length(note) <= 2000", name="note_length"),
        CheckConstraint("length(request_id) BETWEEN 1 AND 64", name="request_id_length"),
        Index("review_latest", "case_id", "decision", "id"),
        NUMBERS_GIVEN_ONCE,
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id")
    draft_id: int | None = Field(default=None, foreign_key="draft.id")
    annotator_id: int = Field(foreign_key="app_user.id", index=True)
    decision: str
    note: str = ""
    active_s: float = 0.0
    request_id: str = Field(unique=True)
    codebook_version: str
    created_at: datetime = when()
    purpose: str | None = None
    arm: str | None = None
    reason: str | None = None
    entered: dict[str, Any] | None = Field(default=None, sa_column=nullable_json())
    sample_id: int | None = None


class Withdrawal(SQLModel, table=True):
    """One undo or redo of one decision. Append-only; the newest of a review says whether it is in force.

    `after_review_id` is the person's newest decision at that moment: a redo is offered until they decide
    anew. `request_id` is made by the page, so that one key press counts once.
    """

    __table_args__ = (
        one_of("kind", UndoKind),
        CheckConstraint("length(request_id) BETWEEN 1 AND 64", name="request_id_length"),
        NUMBERS_GIVEN_ONCE,
    )

    id: int | None = Field(default=None, primary_key=True)
    review_id: int = Field(foreign_key="review.id", index=True)
    kind: str
    annotator_id: int = Field(foreign_key="app_user.id", index=True)
    after_review_id: int
    request_id: str = Field(unique=True)
    created_at: datetime = when()
