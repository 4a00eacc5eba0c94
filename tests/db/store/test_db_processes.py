"""Several programs at once, and programs that are killed: nothing acknowledged is lost, nothing is half
done.
"""

from __future__ import annotations

import multiprocessing
import random
from contextlib import suppress
from datetime import datetime
from multiprocessing.context import ForkServerContext

import pytest
from db_rows import World
from db_workers import decide_for_ever, write_events
from sqlmodel import col, func, select

from db.events import verify_chain
from db.store.engine import Database
from db.tables.events import Event
from db.tables.queue import Lease
from db.tables.reviews import Review
from db.workspace import Workspace

PROCESSES = 8
WRITES = 12
KILLS = 5


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """Starts processes that share nothing with this one, in milliseconds."""
    context = multiprocessing.get_context("forkserver")
    # Installed packages only: the server that forks does not know the tests' folder.
    context.set_forkserver_preload(
        ["db.store.engine", "db.reviews", "sqlalchemy.dialects.postgresql.psycopg"]
    )
    return context


def test_eight_processes_writing_at_once_lose_nothing(
    processes: ForkServerContext, database: Database, workspace: Workspace, now: datetime
) -> None:
    writers = [
        processes.Process(target=write_events, args=(workspace, number, WRITES, now))
        for number in range(PROCESSES)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert [writer.exitcode for writer in writers] == [0] * PROCESSES
    with database.read() as session:
        counts = session.exec(select(Event.actor, func.count()).group_by(Event.actor)).all()
        found = verify_chain(session)
    assert dict(counts) == {f"w{number}": WRITES for number in range(PROCESSES)}
    assert (found.events, found.bad_id) == (PROCESSES * WRITES, None)


@pytest.mark.slow
def test_a_killed_writer_loses_no_decision_and_leaves_none_half_done(
    processes: ForkServerContext, world: World, database: Database, workspace: Workspace, now: datetime
) -> None:
    ana = world.user()
    world.cases(80)
    rng = random.Random(11)
    acknowledged: set[str] = set()
    for _ in range(KILLS):
        ours, theirs = processes.Pipe(duplex=False)
        writer = processes.Process(target=decide_for_ever, args=(workspace, ana, theirs, now))
        writer.start()
        theirs.close()
        acknowledged |= {ours.recv() for _ in range(rng.randint(2, 15))}
        writer.kill()
        with suppress(EOFError):
            while True:
                acknowledged.add(ours.recv())
        writer.join()
        assert writer.exitcode == -9
        with database.read() as session:
            stored = set(session.exec(select(Review.request_id)))
            settled_and_leased = session.exec(
                select(func.count()).select_from(Lease).where(col(Lease.case_id).in_(select(Review.case_id)))
            ).one()
            found = verify_chain(session)
        assert acknowledged <= stored
        assert len(stored - acknowledged) <= KILLS  # stored, and killed before it could say so
        assert settled_and_leased == 0
        assert found.reason == ""
    assert len(acknowledged) >= 2 * KILLS
