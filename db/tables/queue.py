"""What waits to be read, by whom it is held, and what is to be read again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.decisions import (
    Purpose,
    QueueState,
)
from db.labels import Light
from db.tables.columns import nullable_json, one_of, when


class Lease(SQLModel, table=True):
    """Who has a case on screen, and until when. One row a case, so two people never get the same record.

    `purpose` and `sample_id` say for which reading; null as in a `first` one. `ahead` is 0 for the record on
    screen, 1 and 2 for the next ones, held so that they can be fetched. `work` is what was answered and not
    stored yet; `entered` the record as entered before a hidden draft was shown.
    """

    __table_args__ = (
        Index("lease_owner", "annotator_id"),
        one_of("purpose", Purpose, null=True),
        CheckConstraint("ahead >= 0", name="ahead_not_negative"),
    )

    case_id: int = Field(foreign_key="case_record.id", primary_key=True)
    annotator_id: int = Field(foreign_key="app_user.id")
    expires_at: datetime = when()
    purpose: str | None = None
    sample_id: int | None = None
    ahead: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    work: dict[str, Any] | None = Field(default=None, sa_column=nullable_json())
    entered: dict[str, Any] | None = Field(default=None, sa_column=nullable_json())


class QueueItem(SQLModel, table=True):
    """One reading that a case needs or has had: the queue, kept in the same transaction as the decisions.

    Derived by `db/queue/items.py` from drafts, reviews and samples, never the other way round.

    `rank` orders the queue, smallest first (the negative of a priority, so that one index serves); `is_clean`
    says every light is green; `shuffle` is uniform in 0-1 and fixed for the case, the order in which clean
    drafts are mixed in. `barred_a`, `barred_b` are people who may not do this reading because an earlier one
    is theirs.
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
    created_at: datetime = when()


class Recheck(SQLModel, table=True):
    """A label sent back to an adjudicator although it was read twice or adjudicated. Append-only.

    `after_review_id` is the newest review of the case at that time: an adjudication after it is the answer.
    """

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id", index=True)
    after_review_id: int
    created_at: datetime = when()
