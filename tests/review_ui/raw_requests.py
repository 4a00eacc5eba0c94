"""Requests to the desk's shell as they come off the wire: no client tidies up a path or a header."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from review_ui.door.forms import FORM_TYPE
from review_ui.door.shell import Shell

HOST = "127.0.0.1:7860"
ORIGIN = f"http://{HOST}"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class RawBrowser:
    """Sends raw requests, so that nothing tidies up a path or a header on the way.

    Attributes:
        thread: where the server runs; None for a new one each time.
    """

    shell: Shell
    cookie: str | None = None
    host: str = HOST
    origin: str = ORIGIN
    cookie_name: str = "echodesk"
    client: str = "127.0.0.1"
    thread: ThreadPoolExecutor | None = None

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Reply:
        """One request; header names with `_` for `-`."""
        sent = {"host": self.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookie:
            sent.setdefault("cookie", f"{self.cookie_name}={self.cookie}")
        # In a thread of its own: the browser tests leave a running event loop in this one.
        with nullcontext(self.thread) if self.thread else ThreadPoolExecutor(1) as thread:
            return thread.submit(
                lambda: asyncio.run(_ask(self.shell, method, path, sent, body, self.client))
            ).result()

    def get(self, path: str, **headers: str) -> Reply:
        """Fetch an address."""
        return self.send("GET", path, headers)

    def post(self, path: str, payload: Any = None, **headers: str) -> Reply:
        """A request of the page's own script."""
        return self.send_raw(
            path, json.dumps({"data": [payload if payload is not None else {}]}).encode(), **headers
        )

    def send_raw(self, path: str, body: bytes, **headers: str) -> Reply:
        """A request of the page's own script with any body."""
        sent = {"origin": self.origin, "content_type": "application/json", "content_length": str(len(body))}
        return self.send("POST", path, {**sent, **headers}, body)

    def submit(self, path: str, fields: dict[str, str], **headers: str) -> Reply:
        """Send a plain HTML form."""
        return self.send_raw(path, urlencode(fields).encode(), **{"content_type": FORM_TYPE, **headers})


async def _ask(
    shell: Shell, method: str, path: str, headers: dict[str, str], body: bytes, client: str
) -> Reply:
    plain, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(plain),
        "raw_path": plain.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value],
        "client": (client, 50000),
        "server": ("127.0.0.1", 7860),
    }
    answered: list[Any] = []

    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        await asyncio.sleep(3600)  # the browser stays on the line
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answered.append(message)

    await shell(scope, receive, send)
    start = next(message for message in answered if message["type"] == "http.response.start")
    replied = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    content = b"".join(
        message.get("body", b"") for message in answered if message["type"] == "http.response.body"
    )
    return Reply(start["status"], replied, content)
