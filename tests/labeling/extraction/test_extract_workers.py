"""Several extraction workers over one PostgreSQL, killed at random: every report drafted once, none lost or
blamed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from extraction_runs import drafts_per_case, item_states
from extraction_workers import Crew, add_grey_cases, reader_options, stored, wait_for
from PIL import Image
from postgres_server import postgres_server, postgres_url
from sqlmodel import select
from stub_server import Fault, StubServer

from db.errors import EchoDeskError
from db.events import DRAFT_STORED, verify_chain
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tables.drafts import Draft
from db.tables.events import Event
from db.workspace import Workspace
from labeling.extraction.job import extract, new_run_id
from labeling.readers.base import ReaderSpec

__all__ = ["postgres_server", "postgres_url"]

WORKERS = 4


@pytest.fixture
def server() -> Iterator[StubServer]:
    """A model server that takes its time."""
    started = StubServer(fault_of=lambda number, body: Fault(delay_s=0.05)).start()
    yield started
    started.end()


@pytest.fixture
def workspace(tmp_path: Path, postgres_url: str) -> Workspace:
    """A workspace over PostgreSQL."""
    return Workspace(workspace=tmp_path / "workspace", database_url=postgres_url)


@pytest.fixture
def database(workspace: Workspace) -> Iterator[Database]:
    """Its database."""
    opened = open_database(workspace)
    yield opened
    opened.close()


@pytest.fixture
def crew(workspace: Workspace, server: StubServer) -> Iterator[Crew]:
    """Its workers, none of them started."""
    made = Crew(workspace, reader_options([server.url]))
    yield made
    made.end()


def check_all_drafted_once(database: Database, truth: dict[int, int]) -> Counter[str]:
    """Every case has one draft with its own answer, none failed, the log fits; drafts per worker."""
    assert drafts_per_case(database) == dict.fromkeys(truth, 1)
    assert item_states(database) == {"done": len(truth)}
    with database.read() as session:
        drafts = session.exec(select(Draft)).all()
        assert {draft.case_id: draft.ef_percent for draft in drafts} == truth
        events = session.exec(select(Event).where(Event.kind == DRAFT_STORED)).all()
        checked = verify_chain(session)
    assert (checked.bad_id, checked.reason) == (None, "")
    assert Counter(event.subject for event in events) == Counter(f"draft:{draft.id}" for draft in drafts)
    return Counter(event.actor for event in events)


def kill_while_they_work(
    crew: Crew, database: Database, *, total: int, kills: int, seed: int, limit_s: float = 240
) -> None:
    """Let the crew read, and kill one of it `kills` times, each time after a few more drafts."""
    chance = random.Random(seed)
    crew.start(WORKERS)
    for kill in range(kills):
        # The last kills fall before the work is done, the first ones when it has hardly begun.
        wanted = min(total - 1, stored(database) + chance.randint(1, max(1, (total * 4 // 5) // kills)))
        wait_for(lambda: stored(database) >= wanted, limit_s)  # noqa: B023
        assert stored(database) < total, f"too fast to be killed: kill {kill}"
        crew.kill_one(chance)
    assert crew.join(limit_s) == [0] * WORKERS
    assert crew.kills == kills


@pytest.mark.slow
@pytest.mark.postgres
def test_workers_killed_three_times_draft_every_report_once(
    crew: Crew, workspace: Workspace, database: Database
) -> None:
    truth = add_grey_cases(database, ImageStore(workspace.images), 60)
    kill_while_they_work(crew, database, total=60, kills=3, seed=5)
    check_all_drafted_once(database, truth)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.postgres
def test_four_workers_killed_twenty_times_draft_five_hundred_reports_once(
    crew: Crew, workspace: Workspace, database: Database, server: StubServer
) -> None:
    truth = add_grey_cases(database, ImageStore(workspace.images), 500)
    kill_while_they_work(crew, database, total=500, kills=20, seed=20)
    by_worker = check_all_drafted_once(database, truth)
    assert len(by_worker) >= WORKERS + 2, "the work should have been spread over many lives"
    # Read twice was only what was under way at a kill, or waited in the line of a process slower than its
    # lease.
    assert len(server.seen) <= 500 + 20 * 16


@pytest.mark.postgres
def test_a_server_that_goes_away_stops_the_run_and_fails_no_report(
    workspace: Workspace, database: Database, server: StubServer
) -> None:
    truth = add_grey_cases(database, ImageStore(workspace.images), 24)
    options = reader_options([server.url])
    patience = options["patience"]
    options["patience"] = type(patience)(**{**vars(patience), "give_up_s": 0.5, "start_s": 5})

    def fault_of(number: int, body: dict[str, Any]) -> Fault:
        if number > 10:
            server.stop_soon()
            return Fault(drop=True)
        return Fault()

    server.fault_of = fault_of
    spec = ReaderSpec("remote", options)
    with pytest.raises(EchoDeskError, match="could be reached") as caught:
        extract(database, ImageStore(workspace.images), reader_factory=spec)
    assert caught.value.hint
    states = item_states(database)
    assert states["failed"] == states["leased"] == 0 and states["done"] >= 8 and states["pending"] >= 10
    server.fault_of = lambda number, body: Fault()
    server.start()
    assert extract(database, ImageStore(workspace.images), reader_factory=spec).failures == []
    check_all_drafted_once(database, truth)


@pytest.mark.postgres
@pytest.mark.parametrize("spoil", ["no folder", "another folder"])
def test_a_machine_without_the_pictures_stops_and_takes_no_report_down(
    workspace: Workspace, database: Database, server: StubServer, tmp_path: Path, spoil: str
) -> None:
    truth = add_grey_cases(database, ImageStore(workspace.images), 12)
    elsewhere = ImageStore(tmp_path / "elsewhere")
    if spoil == "another folder":
        elsewhere.put(Image.new("L", (9, 9), 3), original_sha256="0" * 64, page=1, lossy=False)
    spec = ReaderSpec("remote", reader_options([server.url]))
    with pytest.raises(EchoDeskError, match="picture|stored page") as caught:
        extract(database, elsewhere, reader_factory=spec)
    assert "workspace/images" in caught.value.hint
    assert item_states(database) == {"pending": 12}
    assert extract(database, ImageStore(workspace.images), reader_factory=spec).failures == []
    check_all_drafted_once(database, truth)


def test_two_runs_never_share_a_name_even_on_machines_that_look_alike() -> None:
    names = {new_run_id() for _ in range(2000)}
    assert len(names) == 2000, "host name and process number are the same for all of these"
