"""The tables. Ranges and closed lists are CHECK constraints: no code can store what the vocabulary forbids.

Drafts, reviews, extraction attempts and events are append-only: triggers in the migrations refuse UPDATE and
DELETE. The current label of a case is never stored; it is the view `label` (see `db/reviews.py`).
Times are UTC. Row models only: input is validated by `db/labels.py` before it gets here.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.columns import NAMING_CONVENTION, UtcDateTime, findings_checks, one_of, sha256_check
from db.labels import EfState, Findings, Pah, Rwma, RwmaSeverity

SQLModel.metadata.naming_convention = NAMING_CONVENTION


class Role(StrEnum):
    """What a person may do."""

    ANNOTATOR = "annotator"
    ADJUDICATOR = "adjudicator"
    LEAD = "lead"
    RESEARCHER = "researcher"
    ADMIN = "admin"


# Who may decide where readers differ.
ADJUDICATING = (Role.ADJUDICATOR, Role.LEAD, Role.ADMIN)


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


class Purpose(StrEnum):
    """Why a record is read. Only `first` and `adjudication` make the label; see `docs/review.md`."""

    FIRST = "first"
    SECOND = "second"
    ADJUDICATION = "adjudication"
    AUDIT = "audit"


class Arm(StrEnum):
    """Whether the draft stood beside the page from the start, or only after a value was entered."""

    SHOWN = "shown"
    HIDDEN = "hidden"


class CorrectionReason(StrEnum):
    """Why a draft was wrong, in the annotator's eyes. At most eight: one key each."""

    MISREAD = "misread"
    WRONG_PLACE = "wrong_place"
    MISSED = "missed"
    NOT_IN_REPORT = "not_in_report"
    NEGATION = "negation"
    GRADE = "grade"
    UNCLEAR_REPORT = "unclear_report"
    OTHER = "other"


class ItemState(StrEnum):
    """Where one case stands in one extraction."""

    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"


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

    def to_findings(self) -> Findings:
        """The same record as the validated value object."""
        return Findings.model_validate({name: getattr(self, name) for name in Findings.model_fields})


def findings_columns(findings: Findings) -> dict[str, Any]:
    """Column name -> value for a table with `FindingsColumns`, enums as their strings."""
    return findings.model_dump(mode="json")


def _when(**options: Any) -> Any:
    return Field(sa_type=UtcDateTime, **options)


def _nullable_json() -> Any:
    return Column(JSON(none_as_null=True), nullable=True)


class User(SQLModel, table=True):
    """A person who reviews. `password_hash` is null for the local one-time-link user."""

    __tablename__ = "app_user"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name_length"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    role: str = Role.ANNOTATOR.value
    password_hash: str | None = None
    is_active: bool = True
    created_at: datetime = _when()


class Image(SQLModel, table=True):
    """One stored picture, by the hash of its upright, metadata-free bytes.

    `sha256` names the stored file; `original_sha256` is the hash of the bytes it was first made from, and
    `page` the 1-based page within them. See `ImageOrigin` for every original that gave this picture.
    """

    __table_args__ = (
        CheckConstraint("width_px > 0 AND height_px > 0", name="size_positive"),
        CheckConstraint("byte_count > 0", name="byte_count_positive"),
        CheckConstraint("length(perceptual_hash) >= 16", name="perceptual_hash_length"),
        CheckConstraint("page >= 1", name="page_one_based"),
        sha256_check("sha256"),
        sha256_check("original_sha256"),
    )

    sha256: str = Field(primary_key=True, min_length=64, max_length=64)
    original_sha256: str = Field(min_length=64, max_length=64)
    page: int = 1
    width_px: int
    height_px: int
    byte_count: int
    media_type: str
    perceptual_hash: str
    created_at: datetime = _when()


class ImageOrigin(SQLModel, table=True):
    """Which stored picture one page of one original became, so that an original is not decoded twice.

    Two originals may give the same picture (a copy with other metadata), and so may two pages of one original
    (blank pages).
    """

    __tablename__ = "image_origin"
    __table_args__ = (
        CheckConstraint("page >= 1", name="page_one_based"),
        sha256_check("original_sha256"),
    )

    original_sha256: str = Field(primary_key=True, min_length=64, max_length=64)
    page: int = Field(primary_key=True)
    image_sha256: str = Field(foreign_key="image.sha256", index=True)


class Case(SQLModel, table=True):
    """One patient's report image(s) and ECG photo(s). `layout` names the report form where the manifest does."""

    __tablename__ = "case_record"
    __table_args__ = (
        CheckConstraint("priority >= 0", name="priority_not_negative"),
        sha256_check("patient_key"),
        sha256_check("report_sha256"),
        Index("case_queue", "priority", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    patient_key: str = Field(index=True, min_length=64, max_length=64)
    report_sha256: str = Field(unique=True, min_length=64, max_length=64)
    site: str = ""
    is_synthetic: bool = False
    report_date: date | None = None
    ecg_date: date | None = None
    layout: str = Field(default="", sa_column_kwargs={"server_default": ""})
    priority: float = 0.0
    created_at: datetime = _when()


class CaseImage(SQLModel, table=True):
    """Which pictures belong to a case, in page order."""

    __tablename__ = "case_image"
    __table_args__ = (
        one_of("role", ImageRole),
        CheckConstraint("position >= 1", name="position_one_based"),
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
    __table_args__ = (
        CheckConstraint("image_a < image_b", name="ordered_pair"),
        CheckConstraint("distance_bits >= 0", name="distance_not_negative"),
    )

    image_a: str = Field(foreign_key="image.sha256", primary_key=True)
    image_b: str = Field(foreign_key="image.sha256", primary_key=True)
    distance_bits: int


class Draft(FindingsColumns, table=True):
    """One machine reading of one case's report. Append-only.

    `reasons` says per field why its light is what it is; `opinions` what other readers made of the same report;
    `grounding` whether quotes stand on the page; `generation` how a language model came to it (its `raw_text` is
    report text). Null in drafts older than these columns.
    """

    __table_args__ = (
        *findings_checks(),
        CheckConstraint("elapsed_s >= 0", name="elapsed_s_not_negative"),
        sha256_check("report_sha256"),
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
    reasons: dict[str, Any] | None = Field(default=None, sa_column=_nullable_json())
    opinions: list[dict[str, Any]] | None = Field(default=None, sa_column=_nullable_json())
    grounding: dict[str, Any] | None = Field(default=None, sa_column=_nullable_json())
    generation: dict[str, Any] | None = Field(default=None, sa_column=_nullable_json())
    elapsed_s: float = 0.0
    created_at: datetime = _when()


class ExtractionItem(SQLModel, table=True):
    """One case waiting for, in, or through one reader at one version."""

    __tablename__ = "extraction_item"
    __table_args__ = (
        one_of("state", ItemState),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        CheckConstraint("(state = 'leased') = (lease_until IS NOT NULL)", name="lease_agrees"),
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
    __table_args__ = (CheckConstraint("attempt >= 0", name="attempt_not_negative"),)

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="extraction_item.id", index=True)
    attempt: int
    error: str
    created_at: datetime = _when()


class Lease(SQLModel, table=True):
    """Who has a case on screen, and until when. One row a case, so two people never get the same record.

    `purpose` and `sample_id` say for which reading; null as in a `first` one. `ahead` is 0 for the record on screen,
    1 and 2 for the next ones, held so that they can be fetched. `work` is what was answered and not stored yet;
    `entered` the record as entered before a hidden draft was shown.
    """

    __table_args__ = (
        Index("lease_owner", "annotator_id"),
        one_of("purpose", Purpose, null=True),
        CheckConstraint("ahead >= 0", name="ahead_not_negative"),
    )

    case_id: int = Field(foreign_key="case_record.id", primary_key=True)
    annotator_id: int = Field(foreign_key="app_user.id")
    expires_at: datetime = _when()
    purpose: str | None = None
    sample_id: int | None = None
    ahead: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    work: dict[str, Any] | None = Field(default=None, sa_column=_nullable_json())
    entered: dict[str, Any] | None = Field(default=None, sa_column=_nullable_json())


class Review(FindingsColumns, table=True):
    """One human decision on a case. Append-only; see the view `label` for which one is true now.

    `purpose` is null in reviews older than second readings: they are first ones. `entered` is what was entered
    while the draft was hidden; `sample_id` the audit sample the reading belongs to.
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
    created_at: datetime = _when()
    purpose: str | None = None
    arm: str | None = None
    reason: str | None = None
    entered: dict[str, Any] | None = Field(default=None, sa_column=_nullable_json())
    sample_id: int | None = None


class Event(SQLModel, table=True):
    """One line of the hash-chained log: what happened, to what, by whom. Append-only."""

    __table_args__ = (sha256_check("previous_hash"), sha256_check("hash"))

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    actor: str
    subject: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = _when()
    previous_hash: str = Field(min_length=64, max_length=64)
    hash: str = Field(unique=True, min_length=64, max_length=64)
