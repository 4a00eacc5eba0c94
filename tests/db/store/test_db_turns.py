"""Turns at the database: in order, readers together, writers alone, and never for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from db.store.turns import Turns

PATIENT_S = 30.0


def wait_for(condition: Callable[[], bool]) -> None:
    """Look until something has come true."""
    for _ in range(int(PATIENT_S * 100)):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came true")


class Stage:
    """People in threads of their own, who keep a turn until told to leave."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.entered: list[str] = []
        self._leave: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def ask(self, name: str, *, writes: bool) -> None:
        """Let somebody ask for a turn, and wait until they stand in the queue or have it."""
        asked = len(self.entered) + self.turns.waiting
        self._leave[name] = threading.Event()
        self._threads.append(threading.Thread(target=self._take, args=(name, writes), daemon=True))
        self._threads[-1].start()
        wait_for(lambda: len(self.entered) + self.turns.waiting > asked)

    def leave(self, name: str) -> None:
        """Let somebody end their turn."""
        self._leave[name].set()

    def finish(self) -> None:
        """Let everybody end."""
        for event in self._leave.values():
            event.set()
        for thread in self._threads:
            thread.join(PATIENT_S)
            assert not thread.is_alive()

    def _take(self, name: str, writes: bool) -> None:
        with self.turns.writing() if writes else self.turns.reading():
            self.entered.append(name)
            assert self._leave[name].wait(PATIENT_S)


@pytest.fixture
def stage() -> Iterator[Stage]:
    built = Stage(Turns("delete", patience_s=PATIENT_S))
    yield built
    built.finish()


def test_writers_go_one_by_one_in_the_order_they_came(stage: Stage) -> None:
    for name in ("first", "second", "third"):
        stage.ask(name, writes=True)
    assert stage.entered == ["first"]
    stage.leave("first")
    wait_for(lambda: stage.entered == ["first", "second"])
    stage.leave("second")
    wait_for(lambda: stage.entered == ["first", "second", "third"])


def test_readers_go_together_and_a_writer_waits_for_all_of_them(stage: Stage) -> None:
    stage.ask("one", writes=False)
    stage.ask("two", writes=False)
    stage.ask("writer", writes=True)
    assert sorted(stage.entered) == ["one", "two"]
    stage.leave("one")
    assert stage.turns.waiting == 1
    stage.leave("two")
    wait_for(lambda: stage.entered[2:] == ["writer"])


def test_a_reader_does_not_push_past_a_waiting_writer(stage: Stage) -> None:
    stage.ask("reader", writes=False)
    stage.ask("writer", writes=True)
    stage.ask("late reader", writes=False)
    assert stage.entered == ["reader"]
    stage.leave("reader")
    wait_for(lambda: stage.entered == ["reader", "writer"])
    stage.leave("writer")
    wait_for(lambda: stage.entered == ["reader", "writer", "late reader"])


def test_reading_inside_writing_does_not_wait_for_itself() -> None:
    turns = Turns("delete", patience_s=PATIENT_S)
    with turns.writing():
        with turns.reading():
            assert turns.waiting == 0
        assert turns.waiting == 0
    with turns.writing():
        assert turns.waiting == 0


def test_a_turn_ends_with_an_error_too() -> None:
    turns = Turns("delete", patience_s=PATIENT_S)
    with pytest.raises(ValueError, match="broken"), turns.writing():
        raise ValueError("broken")
    with turns.writing():
        assert turns.waiting == 0


def test_who_waited_long_enough_goes_on_and_leaves_the_order_whole() -> None:
    hasty = Stage(Turns("delete", patience_s=0.05))
    hasty.ask("holder", writes=True)
    hasty.ask("impatient", writes=True)
    wait_for(lambda: hasty.entered == ["holder", "impatient"])
    hasty.leave("impatient")
    hasty.leave("holder")
    hasty.finish()
    hasty.ask("next", writes=True)
    wait_for(lambda: hasty.entered[2:] == ["next"])
    hasty.finish()


@pytest.mark.parametrize(("journal", "reader_waits"), [("delete", True), ("wal", False), ("", False)])
def test_readers_wait_for_a_writer_only_with_the_rollback_journal(journal: str, reader_waits: bool) -> None:
    stage = Stage(Turns(journal, patience_s=PATIENT_S))
    stage.ask("writer", writes=True)
    stage.ask("reader", writes=False)
    assert (stage.entered == ["writer"]) is reader_waits
    stage.leave("writer")
    wait_for(lambda: stage.entered == ["writer", "reader"])
    stage.finish()
