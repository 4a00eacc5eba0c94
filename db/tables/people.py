"""Who reviews, who is signed in, and whose sign-in failed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from db.decisions import (
    Role,
)
from db.tables.columns import one_of, sha256_check, when


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
    created_at: datetime = when()


class DeskSignIn(SQLModel, table=True):
    """One open session of the desk, by the hash of its secret.

    `ended_at` is set by signing out or revoking.
    """

    __tablename__ = "desk_sign_in"
    __table_args__ = (sha256_check("secret_sha256"),)

    secret_sha256: str = Field(primary_key=True, min_length=64, max_length=64)
    annotator_id: int = Field(foreign_key="app_user.id", index=True)
    opened_at: datetime = when()
    seen_at: datetime = when()
    expires_at: datetime = when()
    ended_at: datetime | None = when(default=None, nullable=True)


class ApiKey(SQLModel, table=True):
    """One key with which a person's programs read, by the hash of its secret.

    `ended_at` is set by revoking.
    """

    __tablename__ = "api_key"
    __table_args__ = (sha256_check("secret_sha256"),)

    secret_sha256: str = Field(primary_key=True, min_length=64, max_length=64)
    annotator_id: int = Field(foreign_key="app_user.id", index=True)
    made_at: datetime = when()
    ended_at: datetime | None = when(default=None, nullable=True)


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
    blocked_until: datetime | None = when(default=None, nullable=True)
    updated_at: datetime = when()
