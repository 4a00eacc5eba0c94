"""Annotators as HTTP clients in a process of their own, each deciding as fast as the server answers."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Final
from urllib.parse import urlsplit

from db.errors import EchoDeskError
from review_ui.bench.figures import Load, latency
from review_ui.bench.servers import own_process, received
from review_ui.bench.wire import BARE_EVENT, Wire

# Every card is confirmed, so that a red one stands in nobody's way.
_CARDS = ("ef", "rwma", "pah")

# Both servers load code with their first answers.
WARM_UP_S: Final = 2.0


@dataclass
class _Tally:
    times_s: list[float] = field(default_factory=list)
    failed: int = 0


def decision(record: dict[str, Any], *, request_id: str, active_s: float = 3.0) -> dict[str, Any]:
    """What the page sends when a person keeps a record as it is drafted."""
    again = record.get("again")
    sent = {
        "case_id": record["case_id"],
        "draft_id": record["draft_id"],
        "seen_review_id": record["seen_review_id"],
        "base_review_id": again["review_id"] if again else None,
        "request_id": request_id,
        "decision": "store",
        "answers": {},
        "confirmed": list(_CARDS),
        "note": "",
        "active_s": active_s,
    }
    return {**sent, "screen": record["screen"]} if "screen" in record else sent


@dataclass(frozen=True)
class Pace:
    """How people work.

    Attributes:
        per_s: decisions a second of all together; 0 for as fast as the answers come. A decision that has to
            wait for its person's answer before is counted from when it was due, so that a slow answer hides
            nothing.
        whole_page: also ask for what the page fetches for each record: the next ones and the page picture.
    """

    per_s: float = 0.0
    whole_page: bool = False


def measure_desk(links: Sequence[str], *, seconds: float, pace: Pace) -> Load:
    """Let a person for each link decide records for some time."""
    return _measured(_desk_clients, (tuple(links), seconds, pace), annotators=len(links), seconds=seconds)


def measure_bare(address: str, *, annotators: int, seconds: float) -> Load:
    """The same load on the one event of the bare page."""
    return _measured(_bare_clients, (address, annotators, seconds), annotators=annotators, seconds=seconds)


def _measured(
    work: Callable[..., None], arguments: tuple[Any, ...], *, annotators: int, seconds: float
) -> Load:
    with own_process(work, *arguments) as (_, connection):
        times_s, failed, elapsed_s = received(connection, wait_s=seconds + WARM_UP_S + 120)
    if not times_s:
        raise EchoDeskError(
            "all invented records were decided before everything was measured",
            "Ask for more records (--records) or a shorter time (--seconds).",
        )
    return Load(annotators, latency(times_s), round(len(times_s) / elapsed_s, 1), failed)


def _desk_clients(connection: Connection, links: tuple[str, ...], seconds: float, pace: Pace) -> None:
    tally = _Tally()

    async def work() -> float:
        wires = [await Wire.open_link(link) for link in links]
        shown = [await wire.event("open_next", {}) for wire in wires]

        async def decide_until(until_s: float) -> None:
            going = (
                _annotate(wire, shown[place], tally, until_s, pace, share=(place, len(wires)))
                for place, wire in enumerate(wires)
            )
            shown[:] = await asyncio.gather(*going)

        return await _warmed_up(decide_until, tally, seconds)

    elapsed_s = asyncio.run(work())
    connection.send((tally.times_s, tally.failed, elapsed_s))


async def _warmed_up(run_until: Callable[[float], Awaitable[None]], tally: _Tally, seconds: float) -> float:
    """Run a little first, which counts for nothing, then as long as wanted; how long that took, seconds."""
    await run_until(time.perf_counter() + min(WARM_UP_S, seconds))
    tally.times_s.clear()
    tally.failed = 0
    started_s = time.perf_counter()
    await run_until(started_s + seconds)
    return time.perf_counter() - started_s


async def _annotate(
    wire: Wire, shown: dict[str, Any], tally: _Tally, until_s: float, pace: Pace, *, share: tuple[int, int]
) -> Any:
    """Decide until the time is up; the record on screen then. `share` is which of how many people this is."""
    every_s = share[1] / pace.per_s if pace.per_s else 0.0
    due_s = time.perf_counter() + every_s * share[0] / share[1]  # not all at once
    while shown["state"] in ("record", "practice") and max(time.perf_counter(), due_s) < until_s:
        record = shown["record"]
        if pace.whole_page:
            await wire.get(record["pages"][0]["url"])
            await wire.event("prefetch", {"case_id": record["case_id"]})
        sent = decision(record, request_id=uuid.uuid4().hex)
        if every_s:
            await asyncio.sleep(max(due_s - time.perf_counter(), 0))
        asked_s = due_s if every_s else time.perf_counter()
        answered = await wire.event("decide", sent)
        tally.times_s.append(time.perf_counter() - asked_s)
        if answered["state"] not in ("record", "empty", "practice"):
            tally.failed += 1
            answered = await wire.event("open_next", {})
        shown = answered
        due_s += every_s
    return shown


def _bare_clients(connection: Connection, address: str, annotators: int, seconds: float) -> None:
    tally = _Tally()
    parts = urlsplit(address)
    payload = decision({"case_id": 1, "draft_id": 1, "seen_review_id": 0}, request_id=uuid.uuid4().hex)

    wires = [Wire(str(parts.hostname), int(parts.port or 80)) for _ in range(annotators)]

    async def one(wire: Wire, until_s: float) -> None:
        while time.perf_counter() < until_s:
            asked_s = time.perf_counter()
            await wire.event(BARE_EVENT, payload)
            tally.times_s.append(time.perf_counter() - asked_s)

    async def ask_until(until_s: float) -> None:
        await asyncio.gather(*(one(wire, until_s) for wire in wires))

    elapsed_s = asyncio.run(_warmed_up(ask_until, tally, seconds))
    connection.send((tally.times_s, tally.failed, elapsed_s))
