"""Both kinds of database count the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgres_server import postgres_server, postgres_url
from quality_rows import NOW
from simulated_reviews import Plan, simulate

from db.decisions import Role
from db.store.engine import open_database
from db.workspace import Workspace
from review_ui.door.sessions import Identity
from review_ui.leads.pages import PAGES

__all__ = ["postgres_server", "postgres_url"]


def pages_of(workspace: Workspace) -> dict[str, str]:
    """Every page of a made-up project in this workspace's database."""
    database = open_database(workspace)
    with database.write() as writing:
        simulate(writing, Plan(cases=120, labelled=90, audited=30))
    lena = Identity(1, "Lena", Role.ADMIN)
    pages = {path: page.render(database.read, lena, {}, NOW) for path, page in PAGES.items()}
    database.close()
    return pages


@pytest.mark.postgres
def test_every_page_is_the_same_from_sqlite_and_postgresql(tmp_path: Path, postgres_url: str) -> None:
    on_sqlite = pages_of(Workspace(workspace=tmp_path / "one"))
    on_postgresql = pages_of(Workspace(workspace=tmp_path / "other", database_url=postgres_url))
    assert list(on_sqlite) == list(on_postgresql)
    for path, html in on_sqlite.items():
        assert html == on_postgresql[path], path
