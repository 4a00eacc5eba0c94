"""The body of a request, read whole before anybody works on it: counted as it comes, soon or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Final

from review_ui.door.headers import Receive, Scope

MAX_BODY_BYTES: Final = 64 * 1024
# Files come one a request and go straight to the disk; whoever may not send any is refused before.
MAX_FILE_BYTES: Final = 300_000_000
# A list comes whole: it is looked at in memory, and never lies in the system's temporary folder.
MAX_LIST_BYTES: Final = 20_000_000
LIST_ROUTES: Final = frozenset({"/take-out/list"})
FILE_ROUTES: Final = frozenset({"/add/file"})
# A page of ours sends its few hundred bytes at once.
PATIENCE_S: Final = 30.0

# What our page puts into the body of an event; Gradio would take more, also another event's number.
_EVENT_KEYS: Final = frozenset({"data", "session_hash"})


class BodyRefused(Exception):
    """It must not be worked on; `status` is the HTTP status to answer with."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class BrowserGone(Exception):
    """Nobody waits for an answer any more."""


def declared_bytes(headers: Sequence[tuple[bytes, bytes]], at_most: int = MAX_BODY_BYTES) -> int:
    """How long a body says it is; 0 where none is announced.

    Raises:
        BodyRefused: its length is not one plain number, is too large, or is contradicted by another header.
    """
    lengths = {value for name, value in headers if name.lower() == b"content-length"}
    if any(name.lower() == b"transfer-encoding" for name, _ in headers):
        raise BodyRefused(400 if lengths else 411)  # our pages always say how much comes
    if not lengths:
        return 0
    if len(lengths) > 1 or not (length := lengths.pop()).isdigit():
        raise BodyRefused(400)
    if len(length) > 9 or int(length) > at_most:
        raise BodyRefused(413)
    return int(length)


def most_bytes(method: str, path: str) -> int:
    """How long the body of a request may be."""
    if method != "POST":
        return MAX_BODY_BYTES
    if path in FILE_ROUTES:
        return MAX_FILE_BYTES
    return MAX_LIST_BYTES if path in LIST_ROUTES else MAX_BODY_BYTES


async def read_body(receive: Receive, declared: int, *, patience_s: float = PATIENCE_S) -> bytes:
    """The whole body.

    Raises:
        BodyRefused: more or less came than was announced, or it took too long.
        BrowserGone: the connection ended in the middle.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(patience_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BrowserGone
                body += message.get("body", b"")
                if len(body) > declared:
                    raise BodyRefused(413)
                if not message.get("more_body", False):
                    break
    except TimeoutError:
        raise BodyRefused(408) from None
    if len(body) != declared:
        raise BodyRefused(400)
    return bytes(body)


def counted(receive: Receive, declared: int, *, patience_s: float = PATIENCE_S) -> Receive:
    """What gives a body piece by piece as it comes, and raises `BodyRefused` in whoever reads it.

    Args:
        patience_s: for each piece; a large file may take long in all.
    """
    came = 0

    async def piece() -> Scope:
        nonlocal came
        try:
            async with asyncio.timeout(patience_s):
                message = await receive()
        except TimeoutError:
            raise BodyRefused(408) from None
        came += len(message.get("body", b""))
        if came > declared:
            raise BodyRefused(413)
        is_last = message["type"] == "http.request" and not message.get("more_body", False)
        if is_last and came != declared:
            raise BodyRefused(400)
        return message

    return piece


def replayed(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read already, and then whatever comes after it."""
    is_given = False

    async def again() -> Scope:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def is_event_of_ours(body: bytes) -> bool:
    """Whether it is what our page sends to an event: nothing in it may name another one."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(sent, dict) and _EVENT_KEYS >= sent.keys()
