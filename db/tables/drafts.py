"""Machine readings, and the items and attempts of the extraction that makes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.decisions import (
    ItemState,
)
from db.tables.columns import NUMBERS_GIVEN_ONCE, findings_checks, nullable_json, one_of, sha256_check, when
from db.tables.findings import FindingsColumns


class Draft(FindingsColumns, table=True):
    """One machine reading of one case's report. Append-only.

    `reasons` says per field why its light is what it is; `opinions` what other readers made of the same
    report; `grounding` whether quotes stand on the page; `generation` how a language model came to it (its
    `raw_text` is report text). Null in drafts older than these columns.
    """

    __table_args__ = (
        *findings_checks(),
        CheckConstraint("elapsed_s >= 0", name="elapsed_s_not_negative"),
        sha256_check("report_sha256"),
        UniqueConstraint("case_id", "reader", "reader_version", name="draft_identity"),
        NUMBERS_GIVEN_ONCE,
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id", index=True)
    report_sha256: str = Field(min_length=64, max_length=64)
    reader: str
    reader_version: str
    weights_revision: str = ""
    prompt_version: str = ""
    code_version: str
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    confidence: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    light: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    checks: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    legibility: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    unreadable_reason: str = ""
    warnings: list[str] = Field(default_factory=list, sa_type=JSON)
    reasons: dict[str, Any] | None = Field(default=None, sa_column=nullable_json())
    opinions: list[dict[str, Any]] | None = Field(default=None, sa_column=nullable_json())
    grounding: dict[str, Any] | None = Field(default=None, sa_column=nullable_json())
    generation: dict[str, Any] | None = Field(default=None, sa_column=nullable_json())
    elapsed_s: float = 0.0
    created_at: datetime = when()


class ExtractionItem(SQLModel, table=True):
    """One case waiting for, in, or through one reader at one version."""

    __tablename__ = "extraction_item"
    __table_args__ = (
        one_of("state", ItemState),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        CheckConstraint("(state = 'leased') = (lease_until IS NOT NULL)", name="lease_agrees"),
        UniqueConstraint("case_id", "reader", "reader_version", name="item_identity"),
        Index("item_next", "reader", "reader_version", "state", "id"),
        NUMBERS_GIVEN_ONCE,
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id")
    reader: str
    reader_version: str
    state: str = ItemState.PENDING.value
    attempts: int = 0
    worker: str = ""
    lease_until: datetime | None = when(default=None, nullable=True)


class ExtractionAttempt(SQLModel, table=True):
    """One failed try, kept. Append-only; the reason is a code or our own sentence, never report text."""

    __tablename__ = "extraction_attempt"
    __table_args__ = (CheckConstraint("attempt >= 0", name="attempt_not_negative"),)

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="extraction_item.id", index=True)
    attempt: int
    error: str
    created_at: datetime = when()
