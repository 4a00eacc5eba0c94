"""A keep-alive HTTP connection with as little of its own work as possible, so that the server is what is
measured.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from review_ui.door.policy import event_path

# The event of the bare page: it answers with what it gets.
BARE_EVENT: Final = "echo"


@dataclass(frozen=True)
class WireReply:
    """What came back; header names in lower case, of a repeated one the last."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """One browser's connection to the desk: the cookie and the origin go with every request."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._page = secrets.token_hex(8)
        self.cookie = ""

    @classmethod
    async def open_link(cls, link: str) -> Wire:
        """Sign in with a one-time link.

        Raises:
            ConnectionError: the link opened no session.
        """
        parts = urlsplit(link)
        wire = cls(str(parts.hostname), int(parts.port or 80))
        reply = await wire.get(parts.path)
        wire.cookie = reply.headers.get("set-cookie", "").partition(";")[0]
        if reply.status != 200 or not wire.cookie:
            raise ConnectionError(f"the link was answered with {reply.status}")
        return wire

    def beside(self) -> Wire:
        """Another connection of the same browser."""
        wire = Wire(self._host, self._port)
        wire.cookie, wire._page = self.cookie, self._page
        return wire

    async def get(self, path: str) -> WireReply:
        """Fetch an address."""
        return await self._send("GET", path, b"")

    async def event(self, name: str, *payload: Any) -> Any:
        """Call one event as the page does; its answer.

        Raises:
            ConnectionError: the server went away, or did not answer with 200.
        """
        body = json.dumps({"data": payload, "session_hash": self._page}).encode()
        reply = await self._send("POST", event_path(name), body)
        if reply.status != 200:
            raise ConnectionError(f"{name} was answered with {reply.status}")
        return json.loads(reply.body)["data"][0]

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _send(self, method: str, path: str, body: bytes) -> WireReply:
        if self._streams is not None and self._streams[0].at_eof():
            self.close()  # the server ends a connection over which nothing came for some seconds
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        try:
            writer.write(self._head(method, path, len(body)) + body)
            return await _read_reply(reader)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            raise ConnectionError("the server went away") from error

    def _head(self, method: str, path: str, length: int) -> bytes:
        host = f"{self._host}:{self._port}"
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if method == "POST":
            lines += [f"Origin: http://{host}", "Content-Type: application/json", f"Content-Length: {length}"]
        return "\r\n".join((*lines, "", "")).encode()


async def _read_reply(reader: asyncio.StreamReader) -> WireReply:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return WireReply(int(first.split(" ", 2)[1]), headers, body)
