"""The inbox by itself: once, in order, on the disk."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest

from pipeline.serving.relay import inbox
from pipeline.serving.relay.store import Store
from pipeline.serving.relay.webhooks import Incoming


def batch(first: int, size: int, people: int) -> list[Incoming]:
    """Messages of many people."""
    return [
        Incoming(f"wamid.{number}", f"IN.{number % people}", "", "text", 1000.0, {"text": "hi"})
        for number in range(first, first + size)
    ]


def fill(folder: Path, messages: int, *, size: int, repeats: float) -> tuple[Store, list[float], int]:
    """Take them all, some batches twice: the store, the seconds each batch took, and how many came again."""
    store, rng, took, again = Store(folder, clock=lambda: 2000.0), random.Random(1), [], 0
    for first in range(0, messages, size):
        for _ in range(1 + (rng.random() < repeats)):
            began = time.perf_counter()
            again += inbox.take(store, "whatsapp", batch(first, size, people=5000)).repeated
            took.append(time.perf_counter() - began)
    return store, sorted(took), again


def held_to(folder: Path, messages: int, size: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Fill, print, and count."""
    store, took, again = fill(folder, messages, size=size, repeats=0.1)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{messages} messages in batches of {size}: {messages / sum(took):,.0f} a second, p99 of a "
            f"batch {1000 * took[int(0.99 * len(took))]:.1f} ms, {again} came again, {store.journal}\n"
        )
    assert store.rows.execute("SELECT count(*) FROM inbox").fetchone()[0] == messages
    assert store.rows.execute("SELECT count(DISTINCT message_id) FROM inbox").fetchone()[0] == messages
    assert store.rows.execute("SELECT count(*) FROM person").fetchone()[0] == min(messages, 5000)
    ids = [row["message_id"] for row in store.rows.execute("SELECT message_id FROM inbox ORDER BY id")]
    assert ids == [f"wamid.{number}" for number in range(messages)]
    store.close()


def test_thousands_of_messages_go_in_once_and_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held_to(tmp_path / "relay", 5000, 50, capsys)


@pytest.mark.slow
@pytest.mark.long
def test_a_million_messages_go_in_once_and_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held_to(tmp_path / "relay", 1_000_000, 200, capsys)


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "relay", clock=lambda: 2000.0)

    def broken() -> object:
        yield from batch(0, 3, people=3)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        inbox.take(store, "whatsapp", broken())  # type: ignore[arg-type]
    assert store.rows.execute("SELECT count(*) FROM inbox").fetchone()[0] == 0
    assert inbox.take(store, "whatsapp", batch(0, 3, people=3)).new == 3
    assert store.rows.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_what_was_taken_is_there_for_the_next_program(tmp_path: Path) -> None:
    first = Store(tmp_path / "relay", clock=lambda: 2000.0)
    inbox.take(first, "whatsapp", batch(0, 3, people=3))
    second = Store(tmp_path / "relay", clock=lambda: 2000.0)
    assert [message.message_id for message in inbox.waiting(second.rows, most=9)] == [
        "wamid.0",
        "wamid.1",
        "wamid.2",
    ]


def test_old_ids_are_forgotten_and_unanswered_messages_are_not(tmp_path: Path) -> None:
    store = Store(tmp_path / "relay", clock=lambda: 2000.0)
    inbox.take(store, "whatsapp", batch(0, 3, people=3))
    first = inbox.waiting(store.rows, most=1)[0]
    inbox.answered(store.rows, first)
    assert inbox.prune(store.rows, before=2001.0) == 1
    assert len(inbox.waiting(store.rows, most=9)) == 2
