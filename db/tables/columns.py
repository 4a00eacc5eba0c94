"""Column types and CHECK constraints the tables are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from db.labels import EfOperator, EfState, Pah, Rwma, RwmaSeverity

# PostgreSQL and Alembic need every constraint to have a name that says whose it is.
NAMING_CONVENTION = {
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}
SQLModel.metadata.naming_convention = NAMING_CONVENTION

# Where rows may be deleted, SQLite must not give their numbers again: they stand in the log, in datasets and
# on open pages.
NUMBERS_GIVEN_ONCE = {"sqlite_autoincrement": True}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, aware on the way in and on the way out; SQLite itself would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time; convert to UTC.

        Raises:
            ValueError: when the time carries no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def one_of(column: str, values: type[StrEnum], *, null: bool = False) -> CheckConstraint:
    """CHECK that a column holds one of an enum's values."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    clause = f"{column} IN ({listed})"
    return CheckConstraint(f"{column} IS NULL OR {clause}" if null else clause, name=f"{column}_known")


def sha256_check(column: str) -> CheckConstraint:
    """CHECK that a column holds 64 characters, as a SHA-256 in hex does; SQLite ignores declared lengths."""
    return CheckConstraint(f"length({column}) = 64", name=f"{column}_length")


def findings_checks() -> tuple[CheckConstraint, ...]:
    """The CHECK constraints of every table with findings columns; the same rules as `labels.Findings`."""
    return (
        CheckConstraint("ef_percent BETWEEN 5 AND 90", name="ef_percent_range"),
        CheckConstraint("ef_low BETWEEN 0 AND 100", name="ef_low_range"),
        CheckConstraint("ef_high BETWEEN 0 AND 100 AND ef_low <= ef_high", name="ef_high_range"),
        CheckConstraint("(ef_low IS NULL) = (ef_high IS NULL)", name="ef_bounds_together"),
        CheckConstraint("(ef_operator IS NULL) = (ef_percent IS NULL)", name="ef_operator_agrees"),
        CheckConstraint("rvsp_mmhg BETWEEN 5 AND 200", name="rvsp_mmhg_range"),
        CheckConstraint("(ef_state = 'stated') = (ef_percent IS NOT NULL)", name="ef_state_agrees"),
        CheckConstraint("(rwma = 'absent') = (rwma_severity = 'none')", name="rwma_severity_agrees"),
        CheckConstraint("rwma = 'present' OR CAST(rwma_walls AS TEXT) = '[]'", name="rwma_walls_agree"),
        CheckConstraint("(pah_derived IS NULL) = (pah_derived_table IS NULL)", name="pah_derived_agrees"),
        one_of("ef_operator", EfOperator, null=True),
        one_of("ef_state", EfState),
        one_of("rwma", Rwma),
        one_of("rwma_severity", RwmaSeverity),
        one_of("pah", Pah),
        one_of("pah_derived", Pah, null=True),
    )


def when(**options: Any) -> Any:
    """A column that holds a moment in UTC."""
    return Field(sa_type=UtcDateTime, **options)


def nullable_json() -> Any:
    """A column of JSON in which nothing is NULL and not the word null."""
    return Column(JSON(none_as_null=True), nullable=True)
