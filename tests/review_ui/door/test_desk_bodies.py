"""What a request carries is counted as it comes, waited for only so long, and says nothing twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
from own_thread import in_own_thread

from review_ui.door.bodies import (
    MAX_BODY_BYTES,
    BodyRefused,
    BrowserGone,
    counted,
    declared_bytes,
    is_event_of_ours,
    read_body,
    replayed,
)

Message = MutableMapping[str, Any]


def line(*messages: Message, wait_s: float = 0.0) -> Callable[[], Any]:
    """A connection on which these messages come."""
    waiting = list(messages)

    async def receive() -> Message:
        await asyncio.sleep(wait_s)
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    return receive


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def run(work: Any) -> Any:
    return in_own_thread(asyncio.run, work)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"content-length", b"5"), (b"transfer-encoding", b"chunked")], 400),
        ([(b"Transfer-Encoding", b"chunked")], 411),
        ([(b"content-length", b"5"), (b"content-length", b"6")], 400),
        ([(b"content-length", b"-5")], 400),
        ([(b"content-length", b"5, 5")], 400),
        ([(b"content-length", b"0x10")], 400),
        ([(b"content-length", str(MAX_BODY_BYTES + 1).encode())], 413),
        ([(b"content-length", b"9" * 5000)], 413),
    ],
)
def test_a_length_that_is_none_is_refused(headers: list[tuple[bytes, bytes]], status: int) -> None:
    with pytest.raises(BodyRefused) as refusal:
        declared_bytes(headers)
    assert refusal.value.status == status


def test_a_body_is_read_in_parts_and_given_once() -> None:
    async def read() -> list[Message]:
        receive = line(part(b"ab", more=True), part(b"c"))
        again = replayed(await read_body(receive, 3), receive)
        return [await again(), await again()]

    assert run(read()) == [part(b"abc"), {"type": "http.disconnect"}]


@pytest.mark.parametrize(
    ("messages", "declared", "status"),
    [
        ([part(b"x" * 1000, more=True), part(b"x" * 1000, more=True)], 1500, 413),
        ([part(b"abc")], 5, 400),
        ([part(b"abc")], 0, 413),
    ],
)
def test_another_length_than_was_said_is_refused_as_soon_as_it_shows(
    messages: list[Message], declared: int, status: int
) -> None:
    with pytest.raises(BodyRefused) as refusal:
        run(read_body(line(*messages), declared))
    assert refusal.value.status == status


def test_who_sends_half_and_waits_is_not_waited_for() -> None:
    with pytest.raises(BodyRefused) as refusal:
        run(read_body(line(part(b"ab", more=True), part(b"c"), wait_s=0.2), 3, patience_s=0.3))
    assert refusal.value.status == 408


def test_who_leaves_in_the_middle_is_not_answered() -> None:
    with pytest.raises(BrowserGone):
        run(read_body(line(part(b"ab", more=True)), 5))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'"data"', b"[" * 100_000, b'{"data": [], "fn_index": 3}',
        b'{"data": [], "api_name": "undo"}', b'{"data": [], "trigger_id": 1}',
    ],
)  # fmt: skip
def test_a_body_that_could_name_another_event_is_not_ours(body: bytes) -> None:
    assert not is_event_of_ours(body)


def test_what_our_page_sends_is_ours() -> None:
    assert is_event_of_ours(json.dumps({"data": [{"leave": None}], "session_hash": "abc"}).encode())


@pytest.mark.parametrize(
    ("messages", "declared", "status"),
    [
        ([part(b"x" * 1000, more=True), part(b"x" * 1000, more=True)], 1500, 413),
        ([part(b"abc", more=True), part(b"")], 5, 400),
        ([], 5, 408),
    ],
)
def test_a_file_is_counted_while_it_comes(messages: list[Message], declared: int, status: int) -> None:
    async def read() -> None:
        receive = counted(line(*messages, wait_s=0 if messages else 60), declared, patience_s=0.05)
        while (await receive()).get("more_body"):
            pass

    with pytest.raises(BodyRefused) as refusal:
        run(read())
    assert refusal.value.status == status


def test_a_file_comes_through_piece_by_piece() -> None:
    async def read() -> list[Message]:
        receive = counted(line(part(b"ab", more=True), part(b"c")), 3)
        return [await receive(), await receive(), await receive()]

    assert run(read()) == [part(b"ab", more=True), part(b"c"), {"type": "http.disconnect"}]
