"""The messenger, the relay and the model host in one process, moved by hand: no port, an own clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import graph_stub
import httpx
import scripted_screening
from graph_stub import Faults, GraphStub, Human

from pipeline.serving.channels.web_link import WebLink
from pipeline.serving.channels.whatsapp import WhatsApp
from pipeline.serving.relay.running import Relay, most_bytes
from pipeline.serving.relay.server import application
from pipeline.serving.relay.settings import RelaySettings, WorkerSettings
from pipeline.serving.relay.store import Store
from pipeline.serving.relay.vault import Vault
from pipeline.serving.worker import Worker

WORKER_KEY = "b0a1c2d3e4f5968778695a4b"
LINK_KEY = "7e6f5a4b3c2d1e0f9a8b7c6d"
METRICS_KEY = "m9n8b7v6c5x4z3l2k1j0h"


def settings_for(folder: Path, **more: Any) -> RelaySettings:
    """Settings of a relay whose messenger is the stub."""
    given = {
        "state": folder,
        "worker_secret": WORKER_KEY,
        "link_secret": LINK_KEY,
        "metrics_token": METRICS_KEY,
        "verify_token": graph_stub.VERIFY,
        "app_secret": graph_stub.APP_SECRET,
        "access_token": graph_stub.TOKEN,
        "phone_number_id": graph_stub.NUMBER,
        "graph_url": "http://127.0.0.1",
        "graph_version": graph_stub.VERSION,
        "media_hosts": "127.0.0.1",
        **more,
    }
    return RelaySettings(**given)


@dataclass
class Clock:
    """Time that passes when it is told to."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Bridge(httpx.BaseTransport):
    """Requests of a plain client to an application in this process."""

    def __init__(self, app: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.inner, self.loop = httpx.ASGITransport(app), loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def pass_on() -> httpx.Response:
            answer = await self.inner.handle_async_request(request)
            body = await answer.aread()
            return httpx.Response(answer.status_code, headers=answer.headers, content=body)

        return self.loop.run_until_complete(pass_on())


@dataclass
class Scene:
    """Everybody at once."""

    folder: Path
    faults: Faults = field(default_factory=Faults)
    clock: Clock = field(default_factory=Clock)
    seed: int = 1
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.stub = GraphStub(clock=self.clock, faults=self.faults, seed=self.seed)
        self.settings = settings_for(self.folder, **self.more)
        self._nonces = 0
        self.open()

    def open(self) -> None:
        """Start the relay, as after a crash: what it has is on the disk."""
        messenger = WhatsApp(
            base=self.stub.base, phone_number_id=graph_stub.NUMBER, token=graph_stub.TOKEN,
            media_hosts=("127.0.0.1",), most_bytes=most_bytes(self.settings),
            transport=httpx.ASGITransport(self.stub.app),
        )  # fmt: skip
        store = Store(self.folder, clock=self.clock)
        self.relay = Relay(
            self.settings, store, Vault(self.folder), {"whatsapp": messenger, "web": WebLink()}
        )
        self.app = application(self.relay)
        self.http = httpx.Client(transport=Bridge(self.app, self.loop), base_url="http://relay")
        self.relay.start()
        self.worker = Worker(
            WorkerSettings(relay_url="http://relay", secret=WORKER_KEY, wait_s=0),
            scripted_screening.screen, self.http, clock=self.clock, nonce=self.nonce,
        )  # fmt: skip

    def close(self) -> None:
        """Let go of the files."""
        self.loop.run_until_complete(self.relay.close())
        self.loop.close()

    def nonce(self) -> str:
        """A new one."""
        self._nonces += 1
        return f"{self._nonces:020d}"

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """A webhook."""
        return self.http.post("/webhook", content=body, headers=headers).status_code

    def step(self) -> int:
        """The relay does what it can."""
        return self.loop.run_until_complete(self.relay.step())

    def settle(self, *, rounds: int = 60) -> None:
        """Everybody goes on until nothing is left to do at this moment."""
        for _ in range(rounds):
            done = self.stub.deliver(self.post) + self.step() + self.worker.round() + self.step()
            if not done and not self.stub.queue:
                return
        raise AssertionError("it never comes to rest")

    def agreed(self, user_id: str = "IN.1001", wa_id: str = "", language: str = "en", **more: Any) -> Human:
        """Somebody who has chosen a language and agreed, and has read everything so far."""
        human = self.stub.human(user_id, wa_id, **more)
        for move in (self.stub.say, self.stub.press, self.stub.press):
            move(human, {0: "hi", 1: f"language:{language}", 2: "yes"}[len(human.got)])
            self.settle()
        human.got.clear()
        return human

    def counts(self, *tables: str) -> list[int]:
        """How many rows there are in each."""
        return [self.one(f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608 - names of ours

    def one(self, question: str, *values: Any) -> Any:
        """The first value of the first row."""
        row = self.relay.store.rows.execute(question, values).fetchone()
        return None if row is None else row[0]
