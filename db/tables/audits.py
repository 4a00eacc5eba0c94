"""Audit samples and their items."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from db.tables.columns import when


class AuditSample(SQLModel, table=True):
    """One simple random sample of labels for blind re-reading. Append-only.

    `population` is how many labels it was drawn from, `size` how many were drawn, `seed` what the draw is
    repeated with.
    """

    __tablename__ = "audit_sample"
    __table_args__ = (
        CheckConstraint("size BETWEEN 1 AND population", name="size_within"),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name_length"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    population: int
    size: int
    seed: int
    is_random: bool = True
    is_blind: bool = True
    drawn_by: str
    created_at: datetime = when()


class AuditItem(SQLModel, table=True):
    """One drawn label: which review was true when the sample was drawn. Append-only."""

    __tablename__ = "audit_item"

    sample_id: int = Field(foreign_key="audit_sample.id", primary_key=True)
    case_id: int = Field(foreign_key="case_record.id", primary_key=True)
    review_id: int = Field(foreign_key="review.id")
