"""Practice drafts, and what was answered to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.decisions import (
    SeedKind,
)
from db.tables.columns import NUMBERS_GIVEN_ONCE, one_of, when


class SeededDraft(SQLModel, table=True):
    """A deliberately wrong draft shown to one person once. Append-only; in no view, export or snapshot.

    `shown` is the whole record as it stood on screen, wrong in `field` alone.
    """

    __tablename__ = "seeded_draft"
    __table_args__ = (
        one_of("kind", SeedKind),
        UniqueConstraint("case_id", "annotator_id", name="seeded_once"),
        NUMBERS_GIVEN_ONCE,
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id")
    annotator_id: int = Field(foreign_key="app_user.id", index=True)
    draft_id: int = Field(foreign_key="draft.id")
    field: str
    kind: str
    shown: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = when()


class SeededAnswer(SQLModel, table=True):
    """What a person answered to a deliberately wrong draft. Append-only; never a label."""

    __tablename__ = "seeded_answer"
    __table_args__ = (CheckConstraint("active_s >= 0", name="active_s_not_negative"),)

    seeded_id: int = Field(foreign_key="seeded_draft.id", primary_key=True)
    answered: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    is_caught: bool
    active_s: float = 0.0
    created_at: datetime = when()
