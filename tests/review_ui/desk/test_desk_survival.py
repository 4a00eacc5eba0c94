"""The desk under kill -9: nothing acknowledged is lost, nothing is half written, nothing is stored twice."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from killed_desk import Desk, check, check_the_end, people_at_work, strict_workspace, wait_for_more
from postgres_server import postgres_server, postgres_url
from sqlmodel import select

from db.store.engine import open_database
from db.tables.practice import SeededAnswer
from db.workspace import Workspace
from review_ui.bench.invented import invent_workspace

__all__ = ["postgres_server", "postgres_url"]


def survive(workspace: Workspace, *, kills: int, records: int) -> Desk:
    """Kill the server some times while sixteen people decide, and look at the database after every kill."""
    invent_workspace(workspace, records)
    rng = random.Random(20)
    desk = Desk(workspace)
    with people_at_work(desk, desk.start()):
        for _ in range(kills):
            wait_for_more(desk, rng.randint(8, 40))
            time.sleep(rng.uniform(0, 0.05))
            desk.kill()
            check(workspace, set(desk.log.acknowledged))
            desk.start()
        wait_for_more(desk, 8)
    desk.stop()
    return desk


@pytest.mark.slow
def test_a_desk_killed_twice_under_sixteen_people_loses_and_doubles_nothing(tmp_path: Path) -> None:
    desk = survive(strict_workspace(tmp_path / "workspace"), kills=2, records=400)
    check_the_end(desk)
    database = open_database(desk.workspace)
    with database.read() as session:
        assert session.exec(select(SeededAnswer)).first() is not None
    database.close()


@pytest.mark.slow
@pytest.mark.long
def test_a_desk_killed_twenty_times_under_sixteen_people_loses_and_doubles_nothing(tmp_path: Path) -> None:
    check_the_end(survive(strict_workspace(tmp_path / "workspace"), kills=20, records=2000))


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.postgres
def test_a_desk_over_postgresql_killed_under_sixteen_people_loses_and_doubles_nothing(
    tmp_path: Path, postgres_url: str
) -> None:
    workspace = strict_workspace(tmp_path / "workspace", database_url=postgres_url)
    check_the_end(survive(workspace, kills=5, records=600))
