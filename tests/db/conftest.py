"""Every database test runs on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from db_rows import World
from postgres_server import PostgresServer, postgres_server, postgres_url

from db.store.engine import Database, open_database
from db.workspace import Workspace

__all__ = ["postgres_server", "postgres_url"]

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture
def now() -> datetime:
    """The frozen clock."""
    return datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)


@pytest.fixture
def sqlite_workspace(tmp_path: Path, migrated_file: Path) -> Workspace:
    """A workspace with an empty, migrated SQLite database."""
    workspace = Workspace(workspace=tmp_path / "workspace")
    workspace.root.mkdir()
    shutil.copyfile(migrated_file, workspace.database_file)
    return workspace


@pytest.fixture
def postgres_workspace(tmp_path: Path, postgres_url: str) -> Workspace:
    """A workspace with an empty, migrated PostgreSQL database."""
    return Workspace(workspace=tmp_path / "workspace", database_url=postgres_url)


@pytest.fixture(params=BOTH)
def workspace(request: pytest.FixtureRequest) -> Workspace:
    """A workspace on each kind of database in turn."""
    name = "sqlite_workspace" if request.param == "sqlite" else "postgres_workspace"
    made: Workspace = request.getfixturevalue(name)
    return made


@pytest.fixture
def database(workspace: Workspace) -> Iterator[Database]:
    """An open, empty database of each kind in turn."""
    opened = open_database(workspace)
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=BOTH)
def shared_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """One database for a whole module whose tests keep nothing."""
    folder = tmp_path_factory.mktemp("shared") / "workspace"
    name = f"shared_{folder.parent.name}"
    url = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create(name, template="migrated")
    opened = open_database(Workspace(workspace=folder, database_url=url))
    yield opened
    opened.close()
    if url:
        server.drop(name)


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    """Makes users, cases and drafts with one call each."""
    return World(database, now)


@pytest.fixture
def empty_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a PostgreSQL database without any table."""
    yield postgres_server.create("empty_one")
    postgres_server.drop("empty_one")
