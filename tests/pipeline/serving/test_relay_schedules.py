"""Relay, model host and messenger in any order of events, crashes and troubles: promises hold."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from graph_stub import Faults, Human, buttons_of
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from relay_scene import Scene
from scripted_screening import photo

MOST_PHOTOS = 12


class Schedule(RuleBasedStateMachine):
    """Two people send photos; each photo is answered once, or told why not, or forgotten on demand."""

    def __init__(self) -> None:
        super().__init__()
        memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
        self.folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        self.photos: dict[str, Human] = {}
        self.ids = 0

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.scene = Scene(
            Path(self.folder.name) / "relay", faults=Faults(twice=0.2, shuffled=True), seed=seed
        )
        self.scene.stub.react = self.react
        self.people = [self.scene.stub.human("IN.1", "919900000001"), self.scene.stub.human("IN.2")]

    def react(self, human: Human, message: dict[str, object]) -> None:
        meanings = buttons_of(message)
        if "language:en" in meanings:
            self.scene.stub.press(human, "language:en")
        elif "yes" in meanings:
            self.scene.stub.press(human, "yes")

    @precondition(lambda self: len(self.photos) < MOST_PHOTOS)
    @rule(who=st.integers(0, 1))
    def photograph(self, who: int) -> None:
        human = self.people[who]
        self.photos[self.scene.stub.photograph(human, photo(len(self.photos)))] = human

    @rule(who=st.integers(0, 1), form=st.sampled_from(["user_changed_user_id", "user_id_update"]))
    def change_id(self, who: int, form: str) -> None:
        self.ids += 1
        human = self.people[who]
        self.scene.stub.change_id(human, f"IN.{who + 1}.{self.ids}", form=form, wa_id=human.wa_id)

    @rule()
    def deliver(self) -> None:
        self.scene.stub.deliver(self.scene.post)

    @rule()
    def relay_steps(self) -> None:
        self.scene.step()

    @rule()
    def host_asks(self) -> None:
        self.scene.worker.round()

    @rule()
    def host_dies_with_photos(self) -> None:
        self.scene.worker.ask("/host/poll", {"wait_s": 0, "most": 2})

    @rule()
    def relay_dies(self) -> None:
        self.scene.clock.pass_by(0.5)
        self.scene.loop.run_until_complete(self.scene.relay.close())
        self.scene.open()

    @rule(trouble=st.sampled_from([(503, 0), (429, 0), (400, 130429), (400, 131056), (401, 190)]))
    def trouble(self, trouble: tuple[int, int]) -> None:
        if len(self.scene.faults.next_errors) < 3:
            self.scene.faults.next_errors.append(trouble)

    @rule(seconds=st.sampled_from([1.0, 30.0, 130.0]))
    def pass_by(self, seconds: float) -> None:
        self.scene.clock.pass_by(seconds)

    @rule()
    def sweep(self) -> None:
        self.scene.relay.sweep()

    def teardown(self) -> None:
        try:
            if hasattr(self, "scene"):
                self.come_to_rest()
                self.check()
                self.scene.close()
        finally:
            self.folder.cleanup()

    def come_to_rest(self) -> None:
        self.scene.faults.next_errors.clear()
        for _ in range(8):
            self.scene.settle()
            self.scene.clock.pass_by(150)

    def check(self) -> None:
        told = Counter(
            message["context"]["message_id"]
            for human in self.people
            for message in human.got
            if "context" in message and "longer than usual" not in str(message)
        )
        assert told == Counter(dict.fromkeys(self.photos, 1))
        assert all(
            message.get("context", {}).get("message_id", "") in ("", *self.photos)
            and self.photos.get(message.get("context", {}).get("message_id", ""), human) is human
            for human in self.people
            for message in human.got
        )
        assert self.scene.one("SELECT count(*) FROM person") <= len(self.people)
        assert self.scene.one("SELECT count(*) FROM inbox WHERE done = 0") == 0


def schedules(number: int) -> None:
    """Try so many."""
    run_state_machine_as_test(
        Schedule,
        settings=settings(
            max_examples=number, stateful_step_count=25, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate], report_multiple_bugs=False,
        ),
    )  # fmt: skip


@pytest.mark.slow
def test_any_schedule_keeps_what_is_promised() -> None:
    schedules(100)


@pytest.mark.slow
@pytest.mark.long
def test_a_thousand_schedules_keep_what_is_promised() -> None:
    schedules(1000)
