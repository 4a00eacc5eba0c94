"""The tables of the review desk's work: what waits to be read, undone decisions, audits, practice drafts, sign-ins.

What people did is append-only, as in `db/models.py`; `queue_item` is derived from it and can be built anew.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.columns import UtcDateTime, one_of, sha256_check
from db.labels import Light
from db.models import Purpose


class QueueState(StrEnum):
    """Where one reading of one case stands."""

    WAITING = "waiting"
    DONE = "done"


class UndoKind(StrEnum):
    """Taking a decision back, or putting it in force again."""

    UNDO = "undo"
    REDO = "redo"


class SeedKind(StrEnum):
    """How a deliberately wrong draft was made."""

    OTHER_BAND = "other_band"
    OTHER_PATIENT = "other_patient"
    FLIPPED = "flipped"


def _when(**options: Any) -> Any:
    return Field(sa_type=UtcDateTime, **options)


class QueueItem(SQLModel, table=True):
    """One reading that a case needs or has had: the queue, kept in the same transaction as the decisions.

    Derived by `db/queue_items.py` from drafts, reviews and samples, never the other way round.

    `rank` orders the queue, smallest first (the negative of a priority, so that one index serves); `is_clean` says
    every light is green; `shuffle` is uniform in 0-1 and fixed for the case, the order in which clean drafts are
    mixed in. `barred_a`, `barred_b` are people who may not do this reading because an earlier one is theirs.
    """

    __tablename__ = "queue_item"
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("state", QueueState),
        one_of("light", Light),
        CheckConstraint("shuffle BETWEEN 0 AND 1", name="shuffle_share"),
        UniqueConstraint("case_id", "purpose", "sample_key", name="queue_identity"),
        Index("queue_by_rank", "state", "rank", "case_id"),
        Index("queue_clean", "state", "is_clean", "shuffle"),
        Index("queue_counts", "purpose", "state", "light", "site", "assigned_to"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id", index=True)
    purpose: str = Purpose.FIRST.value
    sample_key: int = 0  # the audit sample's number; 0 for none, because null never equals null
    state: str = QueueState.WAITING.value
    rank: float = 0.0
    light: str = Light.GREEN.value
    is_clean: bool = False
    shuffle: float = 0.0
    site: str = ""
    assigned_to: int | None = Field(default=None, foreign_key="app_user.id")
    barred_a: int | None = Field(default=None, foreign_key="app_user.id")
    barred_b: int | None = Field(default=None, foreign_key="app_user.id")


class SecondReading(SQLModel, table=True):
    """A case that is to be read twice, and whether by the set share or from a list. Append-only."""

    __tablename__ = "second_reading"

    case_id: int = Field(foreign_key="case_record.id", primary_key=True)
    chosen_by: str
    created_at: datetime = _when()


class Recheck(SQLModel, table=True):
    """A label sent back to an adjudicator although it was read twice or adjudicated. Append-only.

    `after_review_id` is the newest review of the case at that time: an adjudication after it is the answer.
    """

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id", index=True)
    after_review_id: int
    created_at: datetime = _when()


class Withdrawal(SQLModel, table=True):
    """One undo or redo of one decision. Append-only; the newest of a review says whether it is in force.

    `after_review_id` is the person's newest decision at that moment: a redo is offered until they decide anew.
    `request_id` is made by the page, so that one key press counts once.
    """

    __table_args__ = (
        one_of("kind", UndoKind),
        CheckConstraint("length(request_id) BETWEEN 1 AND 64", name="request_id_length"),
    )

    id: int | None = Field(default=None, primary_key=True)
    review_id: int = Field(foreign_key="review.id", index=True)
    kind: str
    annotator_id: int = Field(foreign_key="app_user.id", index=True)
    after_review_id: int
    request_id: str = Field(unique=True)
    created_at: datetime = _when()


class AuditSample(SQLModel, table=True):
    """One simple random sample of labels for blind re-reading. Append-only.

    `population` is how many labels it was drawn from, `size` how many were drawn, `seed` what the draw is repeated
    with.
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
    created_at: datetime = _when()


class AuditItem(SQLModel, table=True):
    """One drawn label: which review was true when the sample was drawn. Append-only."""

    __tablename__ = "audit_item"

    sample_id: int = Field(foreign_key="audit_sample.id", primary_key=True)
    case_id: int = Field(foreign_key="case_record.id", primary_key=True)
    review_id: int = Field(foreign_key="review.id")


class SeededDraft(SQLModel, table=True):
    """A deliberately wrong draft shown to one person once. Append-only; in no view, export or snapshot.

    `shown` is the whole record as it stood on screen, wrong in `field` alone.
    """

    __tablename__ = "seeded_draft"
    __table_args__ = (
        one_of("kind", SeedKind),
        UniqueConstraint("case_id", "annotator_id", name="seeded_once"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id")
    annotator_id: int = Field(foreign_key="app_user.id", index=True)
    draft_id: int = Field(foreign_key="draft.id")
    field: str
    kind: str
    shown: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = _when()


class SeededAnswer(SQLModel, table=True):
    """What a person answered to a deliberately wrong draft. Append-only; never a label."""

    __tablename__ = "seeded_answer"
    __table_args__ = (CheckConstraint("active_s >= 0", name="active_s_not_negative"),)

    seeded_id: int = Field(foreign_key="seeded_draft.id", primary_key=True)
    answered: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    is_caught: bool
    active_s: float = 0.0
    created_at: datetime = _when()


class DeskSignIn(SQLModel, table=True):
    """One open session of the desk, by the hash of its secret. `ended_at` is set by signing out or revoking."""

    __tablename__ = "desk_sign_in"
    __table_args__ = (sha256_check("secret_sha256"),)

    secret_sha256: str = Field(primary_key=True, min_length=64, max_length=64)
    annotator_id: int = Field(foreign_key="app_user.id", index=True)
    opened_at: datetime = _when()
    seen_at: datetime = _when()
    expires_at: datetime = _when()
    ended_at: datetime | None = _when(default=None, nullable=True)


class SignInFailure(SQLModel, table=True):
    """How often a name or an address gave a wrong password in a row, and until when it must wait.

    `key_sha256` is a hash, so that a mistyped name (often a password) is not kept.
    """

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        sha256_check("key_sha256"),
        CheckConstraint("failures >= 0", name="failures_not_negative"),
    )

    key_sha256: str = Field(primary_key=True, min_length=64, max_length=64)
    failures: int = 0
    blocked_until: datetime | None = _when(default=None, nullable=True)
    updated_at: datetime = _when()
