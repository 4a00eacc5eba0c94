"""Remote readers for tests: of little patience, against the stub server; and a time that passes when it is
told to.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image
from stub_server import GOOD, Fault, StubServer, pictures_in, right_answer

from db.errors import EchoDeskError
from labeling.pages.page import Page
from labeling.readers.base import Reading
from labeling.readers.remote.errors import RemoteError
from labeling.readers.remote.reader import RemoteReader
from labeling.readers.remote.servers import Patience

QUICK = Patience(
    timeout_s=5,
    give_up_s=20,
    start_s=2,
    first_wait_s=0.01,
    longest_wait_s=0.05,
    first_cool_down_s=0.02,
    longest_cool_down_s=0.1,
)
MARKED = "Mr Example of Examplestreet"


Serve = Callable[..., StubServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a stub server; all are stopped after the test."""
    started: list[StubServer] = []

    def begin(**options: Any) -> StubServer:
        started.append(StubServer(**options).start())
        return started[-1]

    yield begin
    for server in started:
        server.end()


def reader_of(*servers: StubServer, patience: Patience = QUICK, **more: Any) -> RemoteReader:
    """A reader of these servers with small pages and little patience."""
    options = {"min_pixels": 784, "max_pixels": 4 * 784, "rng": random.Random(1), "patience": patience} | more
    return RemoteReader([server.url for server in servers], **options)


def page(grey: int, size: tuple[int, int] = (28, 28)) -> list[Page]:
    """A report of one page of one grey."""
    return [Page(1, Image.new("L", size, grey))]


def first_time(fault: Fault) -> Callable[[int, dict[str, Any]], Fault]:
    """Misbehave for the first request only."""
    return lambda number, body: fault if number == 1 else GOOD


def code_of(outcome: Reading | Exception) -> str:
    """The code of a failure, `reading` for a reading."""
    if isinstance(outcome, Reading):
        return "reading"
    assert isinstance(outcome, EchoDeskError), outcome
    return outcome.code if isinstance(outcome, RemoteError) else outcome.message.partition("(")[2].rstrip(")")


def pixel(body: dict[str, Any]) -> int:
    """The grey of the first page."""
    return int(pictures_in(body)[0].convert("L").getpixel((0, 0)))  # type: ignore[arg-type]


class FakeTime:
    """Time that passes only by waiting for it."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now_s

    def wall_clock(self) -> datetime:
        return datetime.fromtimestamp(1_800_000_000 + self.now_s, UTC)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now_s += seconds
        await asyncio.sleep(0)

    def options(self) -> dict[str, Any]:
        """What a reader takes to live in this time."""
        return {"clock": self.clock, "wall_clock": self.wall_clock, "sleep": self.sleep}


FAULTS = {
    "busy": Fault(status=429),
    "busy with a time": Fault(status=429, headers=(("Retry-After", "0"),)),
    "server error": Fault(status=500, text=f'{{"error": "{MARKED}"}}'),
    "unavailable": Fault(status=503),
    "gateway": Fault(status=502),
    "dropped": Fault(drop=True),
    "half a body": Fault(cut_body=True),
    "no json": Fault(raw=b"<html>" + MARKED.encode()),
    "no choices": Fault(raw=b'{"choices": []}'),
    "nothing said": Fault(content="  "),
    "answer cut short": Fault(content=right_answer(1)[:70]),
    "words around the answer": Fault(content=f"Here it is for {MARKED}: " + right_answer(1)),
    "EF out of bounds": Fault(content=right_answer(1).replace('"11"', '"570"')),
    "key too many": Fault(content='{"name":"' + MARKED + '",' + right_answer(1)[1:]),
}
