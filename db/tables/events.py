"""The hash-chained log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from db.tables.columns import sha256_check, when


class Event(SQLModel, table=True):
    """One line of the hash-chained log: what happened, to what, by whom. Append-only."""

    __table_args__ = (sha256_check("previous_hash"), sha256_check("hash"))

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    actor: str
    subject: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = when()
    previous_hash: str = Field(min_length=64, max_length=64)
    hash: str = Field(unique=True, min_length=64, max_length=64)
