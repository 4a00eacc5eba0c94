"""A desk that is killed while sixteen people decide, and what has to be true of what it leaves."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from persistent_clients import Annotator, Log
from sqlmodel import Session, col, select

from db.access.desk_key import load_or_create_desk_key
from db.events import verify_chain
from db.queue.items import refresh_case
from db.queue.plan import ReadingRules
from db.store.engine import Database, open_database
from db.tables.queue import Lease, QueueItem
from db.tables.reviews import Review
from db.workspace import Workspace
from review_ui.bench.servers import own_process, received, serve_desk
from review_ui.bench.wire import Wire

ANNOTATORS = 16
PATIENCE_S = 240.0
SECOND_SHARE = 0.2
PRACTICE_SHARE = 0.1


class RolledBack(Exception):
    """Ends a transaction that only looked."""


@dataclass
class Desk:
    """A desk that is killed and comes back on the same port, and the people who go on meanwhile."""

    workspace: Workspace
    log: Log = field(default_factory=Log)
    people: list[Annotator] = field(default_factory=list)
    port: int = 0
    _life: ExitStack = field(default_factory=ExitStack)
    _process: BaseProcess | None = None

    def start(self) -> list[str]:
        """Start the server; a link for each person."""
        names = tuple(f"annotator {number}" for number in range(ANNOTATORS))
        work = own_process(serve_desk, self.workspace, names, 0.0, self.port)
        self._process, connection = self._life.enter_context(work)
        links = [str(received(connection, wait_s=PATIENCE_S)) for _ in names]
        port = int(urlsplit(links[0]).port or 0)
        assert self.port in (0, port), "the killed server still held its port"
        self.port = port
        return links

    @property
    def pid(self) -> int:
        """Of the server."""
        return (self._process.pid if self._process else None) or 0

    def kill(self) -> None:
        """Kill -9, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.join(PATIENCE_S)
        assert self._process.exitcode == -9
        self._life.close()

    def stop(self) -> None:
        """End the server."""
        self._life.close()


def wait_for_more(desk: Desk, count: int) -> None:
    """Let the people work until so many more decisions were acknowledged."""
    wanted, until_s = len(desk.log.acknowledged) + count, time.monotonic() + PATIENCE_S
    while len(desk.log.acknowledged) < wanted:
        assert time.monotonic() < until_s, f"{len(desk.log.acknowledged)} of {wanted}; {desk.log.refused}"
        time.sleep(0.01)


@contextmanager
def people_at_work(desk: Desk, links: list[str]) -> Iterator[None]:
    """Sixteen people deciding in a thread of their own until the block ends; each gets their last answer."""
    failures: list[BaseException] = []

    async def work() -> None:
        for number, link in enumerate(links):
            wire = await Wire.open_link(link)
            desk.people.append(Annotator(number, wire, desk.log, random.Random(number)))
        await asyncio.gather(*(person.work() for person in desk.people))

    def run() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:  # noqa: BLE001 - told by the test, not by a thread nobody listens to
            failures.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        for person in desk.people:
            person.is_going_on = False
        thread.join(PATIENCE_S)
    assert not thread.is_alive(), "somebody still waits for an answer"
    assert failures == []


def check(
    workspace: Workspace, acknowledged: set[str], *, derived_at_most: int | None = None
) -> dict[str, Review]:
    """Look at what the killed server left; every review by its request.

    Args:
        derived_at_most: of how many records the queue is derived anew, the last ones; None for all.
    """
    database = open_database(workspace)
    try:
        with database.read() as session:
            reviews = {review.request_id: review for review in session.exec(select(Review))}
            chain = verify_chain(session)  # also: no review without its event, no event without its review
            leased = session.exec(select(Lease.case_id, Lease.annotator_id)).all()
        assert chain.reason == ""
        assert acknowledged - set(reviews) == set()
        cases = sorted({review.case_id for review in reviews.values()})
        derived = cases if derived_at_most is None else cases[-derived_at_most:]
        assert queue_out_of_step(database, workspace, set(derived)) == []
        decided = {(review.case_id, review.annotator_id) for review in reviews.values()}
        assert decided & {(int(case), int(person)) for case, person in leased} == set()
        return reviews
    finally:
        database.close()


def queue_out_of_step(database: Database, workspace: Workspace, cases: set[int]) -> list[Any]:
    """Rows of the queue that deriving them anew would change; nothing is stored."""
    rules = ReadingRules(
        ef_tolerance_points=workspace.ef_tolerance_points,
        second_reading_share=workspace.second_reading_share,
        key=load_or_create_desk_key(workspace),
    )
    differing: list[Any] = []

    def rows(session: Session) -> dict[Any, Any]:
        items = session.exec(select(QueueItem).where(col(QueueItem.case_id).in_(cases)))
        return {item.id: item.model_dump() for item in items}

    with pytest.raises(RolledBack), database.write() as session:
        before = rows(session)
        for case_id in sorted(cases):
            refresh_case(session, case_id=case_id, rules=rules)
        after = rows(session)
        differing += [
            (before.get(key), after.get(key)) for key in before | after if before.get(key) != after.get(key)
        ]
        raise RolledBack
    return differing


def check_the_end(desk: Desk) -> None:
    """Everybody got their answers: each decision is stored once, as it was sent, and nothing else is."""
    log = desk.log
    reviews = check(desk.workspace, log.acknowledged)
    assert set(reviews) <= set(log.sent)
    assert all(reviews[request_id].case_id == log.sent[request_id]["case_id"] for request_id in reviews)
    twice = Counter((review.case_id, review.annotator_id, review.purpose) for review in reviews.values())
    assert [key for key, count in twice.items() if count > 1] == []
    assert log.cut_off >= ANNOTATORS, "nobody noticed a killed server"
    assert log.refused == {}
    assert {review.purpose for review in reviews.values()} == {"first", "second"}


def strict_workspace(root: Path, **options: Any) -> Workspace:
    """Second readings and practice drafts on, hidden drafts of first readings off: those take two
    requests.
    """
    shares = {"second_reading_share": SECOND_SHARE, "vigilance_share": PRACTICE_SHARE, "blind_share": 0.0}
    return Workspace(workspace=root, **{"database_url": "", **shares, **options})
