"""Relay and model host as processes of their own, killed at random moments while people go on writing."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path

import graph_stub
import httpx
import uvicorn
from graph_stub import Faults, GraphStub, Human, buttons_of
from loopback import free_port
from relay_scene import LINK_KEY, METRICS_KEY, WORKER_KEY
from scripted_screening import photo, screen

from pipeline.serving.relay.server import serve
from pipeline.serving.relay.settings import relay_settings, worker_settings
from pipeline.serving.worker import Worker, connection

# Programs are forked from one that has read its modules already: being killed is what is looked at here.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["killed_relay"])


def warm_up() -> None:
    """Start the one that they are forked from; it looks for modules where this program does."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(str(Path(place).resolve()) for place in sys.path)
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def be(name: str, environment: dict[str, str]) -> None:
    """Be the relay or the model host, until killed."""
    os.environ.update(environment)
    if name == "relay":
        serve(relay_settings(), on_ready=lambda address: None)
        return
    settings = worker_settings()
    with connection(settings) as http:
        Worker(settings, screen, http).run(threading.Event())


@dataclass
class Tally:
    """What came of it.

    Attributes:
        lost: photos without an answer.
        repeated: photos answered more than once.
        acknowledged_s: how long each webhook took until its 200.
    """

    messages: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    repeated: int = 0
    replies: int = 0
    webhooks_twice: int = 0
    acknowledged_s: list[float] = field(default_factory=list)
    elapsed_s: float = 0.0

    def percentile_ms(self, share: float) -> float:
        """Of the acknowledgement times, milliseconds."""
        ordered = sorted(self.acknowledged_s)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def said(self) -> str:
        """One line."""
        return (
            f"{self.messages} messages, kills {dict(self.kills)}, lost {self.lost}, repeated answers "
            f"{self.repeated}, {self.replies} replies, acknowledged p50 {self.percentile_ms(0.5):.1f} ms, "
            f"p99 {self.percentile_ms(0.99):.1f} ms, {self.elapsed_s:.0f} s"
        )


class Street:
    """People, the messenger and the two programs."""

    def __init__(self, folder: Path, *, faults: Faults, seed: int) -> None:
        self.rng = random.Random(seed)
        self.stub = GraphStub(clock=time.time, faults=faults, seed=seed)
        self.stub.react = self._react
        self.stub_port, self.relay_port = free_port(), free_port()
        self.stub.base = f"http://127.0.0.1:{self.stub_port}/{graph_stub.VERSION}"
        self.lock = threading.RLock()
        self.tally = Tally()
        self.photos: dict[str, str] = {}
        self.languages: dict[int, str] = {}
        self.programs: dict[str, BaseProcess] = {}
        self.environment = self._environment(folder)
        config = uvicorn.Config(self.stub.app, port=self.stub_port, log_level="error", access_log=False)
        self.server = uvicorn.Server(config)
        threading.Thread(target=self.server.run, daemon=True).start()
        self.http = httpx.Client(timeout=20)

    def _environment(self, folder: Path) -> dict[str, str]:
        relay = {
            "STATE": str(folder), "PORT": str(self.relay_port), "WORKER_SECRET": WORKER_KEY,
            "LINK_SECRET": LINK_KEY, "METRICS_TOKEN": METRICS_KEY, "VERIFY_TOKEN": graph_stub.VERIFY,
            "APP_SECRET": graph_stub.APP_SECRET, "ACCESS_TOKEN": graph_stub.TOKEN,
            "PHONE_NUMBER_ID": graph_stub.NUMBER, "GRAPH_URL": f"http://127.0.0.1:{self.stub_port}",
            "GRAPH_VERSION": graph_stub.VERSION, "MEDIA_HOSTS": "127.0.0.1", "LEASE_S": "2",
            "RETRY_S": "0.05", "SETTLE_S": "1.5", "MAX_TRIES": "50",
        }  # fmt: skip
        worker = {"RELAY_URL": f"http://127.0.0.1:{self.relay_port}", "SECRET": WORKER_KEY, "RETRY_S": "0.1"}
        return {
            **{f"ECHODESK_RELAY_{name}": value for name, value in relay.items()},
            **{f"ECHODESK_WORKER_{name}": value for name, value in worker.items()},
        }

    # --- programs ---

    def start(self, name: str) -> None:
        """Start the relay or the model host."""
        program = PROCESSES.Process(target=be, args=(name, self.environment), daemon=True)
        program.start()
        self.programs[name] = program

    def kill(self, *names: str) -> None:
        """`kill -9`, and start again at once."""
        for name in names:
            self.programs[name].kill()
        for name in names:
            self.programs[name].join()
            self.start(name)
        self.tally.kills["+".join(names)] += 1

    # --- people ---

    def _react(self, human: Human, message: dict[str, object]) -> None:
        """Whoever is asked answers: the language, then yes."""
        meanings = buttons_of(message)
        language = f"language:{self.languages[id(human)]}"
        with self.lock:
            if language in meanings:
                self.stub.press(human, language)
                self.tally.messages += 1
            elif "yes" in meanings:
                self.stub.press(human, "yes")
                self.tally.messages += 1

    def arrive(self, number: int, *, photos: int) -> None:
        """Somebody new sends photos, every third without a phone number."""
        with self.lock:
            human = self.stub.human(f"IN.{number}", "" if number % 3 == 0 else f"9199{number:08d}")
            self.languages[id(human)] = ("en", "kn", "hi")[number % 3]
            for index in range(photos):
                message = self.stub.photograph(human, photo(1000 * number + index))
                self.photos[message] = human.user_id
                self.tally.messages += 1

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """A webhook over the wire."""
        began = time.perf_counter()
        try:
            answer = self.http.post(
                f"http://127.0.0.1:{self.relay_port}/webhook", content=body, headers=headers
            )
        except httpx.HTTPError:
            return 0
        if answer.status_code == 200:
            self.tally.acknowledged_s.append(time.perf_counter() - began)
        return answer.status_code

    def deliver(self) -> int:
        """The messenger posts what waits."""
        with self.lock:
            waiting, self.stub.queue = self.stub.queue, []
        if not waiting:
            return 0
        mine = GraphStub.deliver
        with self.lock:
            self.stub.queue, later = waiting, self.stub.queue
        through = mine(self.stub, self.post)
        with self.lock:
            self.stub.queue += later
        return through

    def answered(self) -> Counter[str]:
        """Photo -> how many answers it has."""
        return Counter(
            message["context"]["message_id"]
            for human in set(self.stub.humans.values())
            for message in human.got
            if message["type"] == "text" and "EF" in message["text"]["body"]
        )

    def close(self) -> None:
        """End everything that was started."""
        for program in self.programs.values():
            program.kill()
            program.join()
        self.server.should_exit = True
        self.http.close()


def run(folder: Path, *, people: int, photos: int, kills: int, seed: int, most_s: float) -> Tally:
    """People come, programs are killed in between, and everything is waited for at the end."""
    warm_up()
    faults = Faults(twice=0.05, shuffled=True, outage=0.02, too_fast=0.02)
    street = Street(folder, faults=faults, seed=seed)
    began = time.monotonic()
    try:
        for name in ("relay", "worker"):
            street.start(name)
        _let_them_come(street, people, photos, kills, began + most_s)
        while time.monotonic() < began + most_s and len(street.answered()) < len(street.photos):
            if not street.deliver():
                time.sleep(0.02)
        answered = street.answered()
        tally = street.tally
        tally.lost = sum(message not in answered for message in street.photos)
        tally.repeated = sum(times - 1 for times in answered.values())
        tally.replies = sum(len(human.got) for human in street.stub.humans.values())
        tally.elapsed_s = time.monotonic() - began
        return tally
    finally:
        street.close()


def _let_them_come(street: Street, people: int, photos: int, kills: int, until: float) -> None:
    """Spread people and kills over each other; after a kill wait until the relay listens again."""
    order = [("person", number) for number in range(people)]
    for _ in range(kills):
        order.insert(street.rng.randrange(len(order) + 1), ("kill", 0))
    _until_ready(street, until)
    for what, number in order:
        if what == "person":
            street.arrive(number, photos=photos)
        else:
            time.sleep(street.rng.random() * 0.15)
            victims = street.rng.choice((("relay",), ("relay",), ("worker",), ("relay", "worker")))
            street.kill(*victims)
            if "relay" in victims:
                _until_ready(street, until)
        street.deliver()


def _until_ready(street: Street, until: float) -> None:
    address = f"http://127.0.0.1:{street.relay_port}/health"
    while time.monotonic() < until:
        try:
            street.http.get(address)
            return
        except httpx.HTTPError:
            time.sleep(0.03)
