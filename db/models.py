"""The tables. Ranges and closed lists are CHECK constraints, so no code path can store what the vocabulary forbids.

Drafts, reviews, extraction attempts and events are append-only: triggers in the migrations refuse UPDATE and
DELETE. The current label of a case is never stored; it is the view `label` (see `db/reviews.py`).
Times are UTC. Row models only: input is validated by `db/labels.py` before it gets here.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, DateTime, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.labels import EfOperator, EfState, Pah, Rwma, RwmaSeverity


class Role(StrEnum):
    """What a person may do."""

    ANNOTATOR = "annotator"
    ADJUDICATOR = "adjudicator"
    LEAD = "lead"
    RESEARCHER = "researcher"
    ADMIN = "admin"


class ImageRole(StrEnum):
    """What a picture of a case shows."""

    REPORT = "report"
    ECG = "ecg"


class Decision(StrEnum):
    """What a person decided about a case. `accept` and `correct` decide the label; the others do not."""

    ACCEPT = "accept"
    CORRECT = "correct"
    FLAG = "flag"
    SKIP = "skip"


class ItemState(StrEnum):
    """Where one case stands in one extraction."""

    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"


def one_of(column: str, values: type[StrEnum], *, null: bool = False) -> CheckConstraint:
    """CHECK that a column holds one of an enum's values."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    clause = f"{column} IN ({listed})"
    return CheckConstraint(f"{column} IS NULL OR {clause}" if null else clause, name=f"{column}_known")


def findings_checks() -> tuple[CheckConstraint, ...]:
    """The CHECK constraints every table with findings columns carries; the same rules as `labels.Findings`."""
    return (
        CheckConstraint("ef_percent BETWEEN 5 AND 90", name="ef_percent_range"),
        CheckConstraint("ef_low BETWEEN 0 AND 100", name="ef_low_range"),
        CheckConstraint("ef_high BETWEEN 0 AND 100 AND ef_low <= ef_high", name="ef_high_range"),
        CheckConstraint("rvsp_mmhg BETWEEN 5 AND 200", name="rvsp_mmhg_range"),
        CheckConstraint("(ef_state = 'stated') = (ef_percent IS NOT NULL)", name="ef_state_agrees"),
        CheckConstraint("(rwma = 'absent') = (rwma_severity = 'none')", name="rwma_severity_agrees"),
        one_of("ef_operator", EfOperator, null=True),
        one_of("ef_state", EfState),
        one_of("rwma", Rwma),
        one_of("rwma_severity", RwmaSeverity),
        one_of("pah", Pah),
        one_of("pah_derived", Pah, null=True),
    )


class FindingsColumns(SQLModel):
    """The label record as columns; see `labels.Findings` for meaning and units."""

    ef_percent: float | None = None
    ef_low: float | None = None
    ef_high: float | None = None
    ef_operator: str | None = None
    ef_state: str = EfState.NOT_STATED.value
    lv_function: str | None = None
    rwma: str = Rwma.NOT_STATED.value
    rwma_severity: str = RwmaSeverity.NOT_STATED.value
    rwma_walls: list[str] = Field(default_factory=list, sa_type=JSON)
    pah: str = Pah.NOT_STATED.value
    rvsp_mmhg: float | None = None
    pah_derived: str | None = None
    pah_derived_table: str | None = None


def _when(**options: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **options)  # type: ignore[call-overload]


class User(SQLModel, table=True):
    """A person who reviews. `password_hash` is null for the local one-time-link user."""

    __tablename__ = "app_user"
    __table_args__ = (one_of("role", Role),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=80)
    role: str = Role.ANNOTATOR.value
    password_hash: str | None = None
    is_active: bool = True
    created_at: datetime = _when()


class Image(SQLModel, table=True):
    """One stored picture, by the hash of its upright, metadata-free bytes.

    `sha256` names the stored file; `original_sha256` is the hash of the bytes the user gave, plus the page
    within them, so the same original is recognised before it is decoded again.
    """

    __table_args__ = (
        CheckConstraint("width_px > 0 AND height_px > 0", name="size_positive"),
        CheckConstraint("page >= 1", name="page_one_based"),
        Index("image_original", "original_sha256", "page"),
    )

    sha256: str = Field(primary_key=True, min_length=64, max_length=64)
    original_sha256: str = Field(min_length=64, max_length=64)
    page: int = 1
    width_px: int
    height_px: int
    byte_count: int
    media_type: str
    perceptual_hash: str = Field(index=True, min_length=16, max_length=16)
    created_at: datetime = _when()


class Case(SQLModel, table=True):
    """One patient's report image(s) and ECG photo(s)."""

    __tablename__ = "case_record"
    __table_args__ = (
        CheckConstraint("priority >= 0", name="priority_not_negative"),
        Index("case_queue", "priority", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    patient_key: str = Field(index=True, min_length=64, max_length=64)
    report_sha256: str = Field(unique=True, min_length=64, max_length=64)
    site: str = ""
    is_synthetic: bool = False
    report_date: date | None = None
    ecg_date: date | None = None
    priority: float = 0.0
    created_at: datetime = _when()


class CaseImage(SQLModel, table=True):
    """Which pictures belong to a case, in page order."""

    __tablename__ = "case_image"
    __table_args__ = (
        one_of("role", ImageRole),
        UniqueConstraint("case_id", "role", "position"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id", index=True)
    image_sha256: str = Field(foreign_key="image.sha256", index=True)
    role: str
    position: int = 1


class NearDuplicate(SQLModel, table=True):
    """Two different pictures that look alike; for a person to judge, nothing is dropped."""

    __tablename__ = "near_duplicate"
    __table_args__ = (CheckConstraint("image_a < image_b", name="ordered_pair"),)

    image_a: str = Field(foreign_key="image.sha256", primary_key=True)
    image_b: str = Field(foreign_key="image.sha256", primary_key=True)
    distance_bits: int


class Draft(FindingsColumns, table=True):
    """One machine reading of one case's report. Append-only."""

    __table_args__ = (
        *findings_checks(),
        UniqueConstraint("case_id", "reader", "reader_version", name="draft_identity"),
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
    elapsed_s: float = 0.0
    created_at: datetime = _when()


class ExtractionItem(SQLModel, table=True):
    """One case waiting for, in, or through one reader at one version."""

    __tablename__ = "extraction_item"
    __table_args__ = (
        one_of("state", ItemState),
        UniqueConstraint("case_id", "reader", "reader_version", name="item_identity"),
        Index("item_next", "reader", "reader_version", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id")
    reader: str
    reader_version: str
    state: str = ItemState.PENDING.value
    attempts: int = 0
    worker: str = ""
    lease_until: datetime | None = _when(default=None, nullable=True)


class ExtractionAttempt(SQLModel, table=True):
    """One failed try, kept. Append-only; the reason is a code or our own sentence, never report text."""

    __tablename__ = "extraction_attempt"

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="extraction_item.id", index=True)
    attempt: int
    error: str
    created_at: datetime = _when()


class Lease(SQLModel, table=True):
    """Who has a case on screen, and until when. One row a case, so two people never get the same record."""

    __table_args__ = (Index("lease_owner", "annotator_id"),)

    case_id: int = Field(foreign_key="case_record.id", primary_key=True)
    annotator_id: int = Field(foreign_key="app_user.id")
    expires_at: datetime = _when()


class Review(FindingsColumns, table=True):
    """One human decision on a case. Append-only; the latest deciding one is the label."""

    __table_args__ = (
        *findings_checks(),
        one_of("decision", Decision),
        CheckConstraint("active_s >= 0", name="active_s_not_negative"),
        Index("review_latest", "case_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id")
    draft_id: int | None = Field(default=None, foreign_key="draft.id")
    annotator_id: int = Field(foreign_key="app_user.id", index=True)
    decision: str
    note: str = Field(default="", max_length=2000)
    active_s: float = 0.0
    request_id: str = Field(unique=True, max_length=64)
    codebook_version: str
    created_at: datetime = _when()


class Event(SQLModel, table=True):
    """One line of the hash-chained log: what happened, to what, by whom. Append-only."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    actor: str
    subject: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = _when()
    previous_hash: str = Field(min_length=64, max_length=64)
    hash: str = Field(unique=True, min_length=64, max_length=64)
