"""The table of frozen snapshots: what was made from the labels, when, and how to know it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from db.tables.columns import UtcDateTime, sha256_check


class Snapshot(SQLModel, table=True):
    """One frozen dataset version. Append-only; the folder itself is write-once.

    `content_sha256` names the data, `manifest_sha256` the manifest's bytes, `reviews_sha256` the decisions it
    was made of, `event_head` the newest event of the labels when it was made. `arguments` is what was asked
    for.
    """

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name_length"),
        CheckConstraint("row_count >= 1", name="row_count_positive"),
        sha256_check("content_sha256"),
        sha256_check("manifest_sha256"),
        sha256_check("reviews_sha256"),
        sha256_check("event_head"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    content_sha256: str = Field(min_length=64, max_length=64)
    manifest_sha256: str = Field(min_length=64, max_length=64)
    reviews_sha256: str = Field(min_length=64, max_length=64)
    event_head: str = Field(min_length=64, max_length=64)
    row_count: int
    codebook_version: str
    code_version: str
    arguments: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_by: str
    created_at: datetime = Field(sa_type=UtcDateTime)
