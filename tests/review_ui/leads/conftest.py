"""Databases of the quality pages' tests: an empty one for each, and one made-up project to read only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_halls import copy_empty
from quality_rows import QualityRows
from simulated_reviews import Plan, simulate
from sqlmodel import Session

from db.store.engine import Database, open_database


@pytest.fixture
def database(tmp_path: Path, migrated_file: Path) -> Iterator[Database]:
    """An open, empty database."""
    opened = open_database(copy_empty(migrated_file, tmp_path / "workspace"))
    yield opened
    opened.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One transaction to write in and to count."""
    with database.write() as opened:
        yield opened


@pytest.fixture
def rows(session: Session) -> QualityRows:
    """Adds single rows."""
    return QualityRows(session)


@pytest.fixture(scope="session")
def simulated_database(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Database]:
    """A whole made-up project, to read only."""
    opened = open_database(copy_empty(migrated_file, tmp_path_factory.mktemp("simulated") / "workspace"))
    with opened.write() as writing:
        simulate(writing, Plan(cases=250, labelled=200, audited=40))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def simulated(simulated_database: Database) -> Iterator[Session]:
    """A reading of the made-up project."""
    with simulated_database.read() as reading:
        yield reading
