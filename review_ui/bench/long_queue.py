"""How long the queue, its filters and its counts take when very many records wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.decisions import Purpose
from db.labels import Light
from db.progress import first_readings
from db.queue.items import queue_counts, waiting_items
from db.queue.leases import release_lease
from db.queue.next_reading import Wish, lease_next
from db.store.engine import Database, open_database
from db.users import ensure_local_user
from review_ui.bench.figures import Latency, latency
from review_ui.bench.invented import SITES, measured_workspace
from review_ui.bench.servers import served_desk
from review_ui.bench.wire import Wire

if TYPE_CHECKING:
    from sqlmodel import Session

PERSON: Final = "measured"


def measure_long_queue(root: Path, *, rounds: int) -> dict[str, Latency]:
    """Ask everything of the queue some rounds, without a server; what was asked -> how long it took."""
    database = open_database(measured_workspace(root))
    try:
        return {name: _timed(work, rounds) for name, work in _questions(database).items()}
    finally:
        database.close()


def measure_next_record(root: Path, *, rounds: int) -> Latency:
    """Ask the desk for the next record through its server, one request at a time."""
    return latency(asyncio.run(_next_by_http(root, rounds)))


def _questions(database: Database) -> dict[str, Callable[[int], Any]]:
    with database.write() as session:
        annotator_id = int(ensure_local_user(session, name=PERSON, now=datetime.now(UTC)).id or 0)

    def reading(question: Callable[[Session, int], Any]) -> Callable[[int], Any]:
        def ask(turn: int) -> Any:
            with database.read() as session:
                return question(session, turn)

        return ask

    def following(turn: int, *, clean_first: bool) -> None:
        now = datetime.now(UTC)
        with database.write() as session:
            wish = Wish(clean_first=clean_first, site=SITES[turn % len(SITES)] if turn % 2 else None)
            task = lease_next(session, annotator_id=annotator_id, now=now, lease_s=180.0, wish=wish)
            if task is not None:
                release_lease(session, case_id=int(task.case.id or 0), annotator_id=annotator_id)

    lights, sites = tuple(Light), SITES
    return {
        "queue: next": lambda turn: following(turn, clean_first=False),
        "queue: next clean draft": lambda turn: following(turn, clean_first=True),
        "queue: first hundred": reading(lambda session, _: waiting_items(session)),
        "filter: light": reading(
            lambda session, turn: waiting_items(session, light=lights[turn % len(lights)])
        ),
        "filter: site": reading(lambda session, turn: waiting_items(session, site=sites[turn % len(sites)])),
        "filter: site, light, purpose": reading(
            lambda session, turn: waiting_items(
                session,
                purpose=Purpose.FIRST,
                site=sites[turn % len(sites)],
                light=lights[turn % len(lights)],
                assigned_to=0,
            )
        ),
        "filter: one person's": reading(lambda session, _: waiting_items(session, assigned_to=annotator_id)),
        "counts: desk": reading(lambda session, _: first_readings(session)),
        "counts: by light, site, person": reading(lambda session, _: queue_counts(session)),
    }


def _timed(work: Callable[[int], Any], rounds: int) -> Latency:
    times_s = []
    for turn in range(rounds):
        asked_s = time.perf_counter()
        work(turn)
        times_s.append(time.perf_counter() - asked_s)
    return latency(times_s)


async def _next_by_http(root: Path, rounds: int) -> list[float]:
    with served_desk(root, [PERSON]) as (_, links):
        wire = await Wire.open_link(links[0])
        shown = await wire.event("open_next", {})
        times_s = []
        for _ in range(rounds):
            # Left as it is and given out again: the whole way from the queue to the record on screen.
            asked_s = time.perf_counter()
            shown = await wire.event("open_next", {"leave": shown["record"]["case_id"]})
            times_s.append(time.perf_counter() - asked_s)
        wire.close()
    return times_s
