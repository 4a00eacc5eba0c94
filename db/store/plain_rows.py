"""Asking for columns instead of objects: where the answer is mostly `nothing`, that costs a quarter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult, Row, Table
from sqlmodel import Session, SQLModel


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements over its columns."""
    table: Table = SQLModel.metadata.tables[str(model.__tablename__)]
    return table


def first_row(session: Session, statement: Any, asked: Mapping[str, Any]) -> Row[Any] | None:
    """The first row of a statement over table columns, or None; what the session still holds back is written
    first.

    Args:
        asked: the values of its bound parameters.
    """
    session.flush()
    return session.connection().execute(statement, dict(asked)).first()


def run(session: Session, statement: Any, values: Mapping[str, Any]) -> None:
    """Run a statement over table columns for its effect; what the session holds back is written first."""
    session.flush()
    session.connection().execute(statement, dict(values))


def rows_changed(result: object) -> int:
    """How many rows an UPDATE or DELETE changed."""
    return int(result.rowcount) if isinstance(result, CursorResult) else 0
