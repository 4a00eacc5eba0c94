"""A hand-written chat server on loopback that misbehaves on demand, for the tests of the remote reader.

It answers from the grey of a page's first pixel (`ef_of_grey`), so that a mixed-up answer shows. Run as a
program it is a process of its own, to be killed: `python stub_server.py PORT [DELAY_S]`.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from db.labels import EfOperator, EfState, Findings, Pah, Rwma
from labeling.readers.parse import answer_text

Body = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One way to answer a chat request badly; without any of these it is answered well.

    Attributes:
        status: HTTP status to refuse with; headers, text: sent with it.
        delay_s, until: wait first, so long or until this is true.
        drop: close the connection without a word. cut_body: send half the bytes promised.
        content: the model's answer instead of the right one; ends_early: cut off at the length limit.
        raw: the HTTP body instead of a completion. trickle_s: send one byte of it at a time, this far apart.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    text: str = "{}"
    delay_s: float = 0.0
    until: Callable[[], bool] = lambda: True
    drop: bool = False
    cut_body: bool = False
    content: str | None = None
    ends_early: bool = False
    raw: bytes | None = None
    trickle_s: float = 0.0


GOOD = Fault()


def ef_of_grey(grey: int) -> int:
    """The EF the server reads from a page of this grey: 10-89."""
    return 10 + grey % 80


def right_answer(grey: int) -> str:
    """What a perfect model prints for a page of this grey."""
    findings = Findings(
        ef_percent=ef_of_grey(grey),
        ef_operator=EfOperator.EQUAL,
        ef_state=EfState.STATED,
        rwma=Rwma.ABSENT,
        rwma_severity="none",
        pah=Pah.NOT_STATED,
    )
    return answer_text(findings, {"ef_percent": f"EF {ef_of_grey(grey)} %", "rwma": "No RWMA"})


def field_asked(body: Body) -> str:
    """The key of a question about one field; empty for a whole report."""
    keys = list(
        body.get("response_format", {}).get("json_schema", {}).get("schema", {}).get("properties", {})
    )
    return keys[0] if len(keys) == 1 else ""


def greys_in(body: Body) -> list[int]:
    """The grey of every picture of a request, in order."""
    return [picture.convert("L").getpixel((0, 0)) for picture in pictures_in(body)]


def pictures_in(body: Body) -> list[Image.Image]:
    """Every picture of a request, decoded."""
    parts = [
        part
        for message in body["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
    ]
    addresses = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))) for address in addresses]


@dataclass
class StubServer:
    """A server in a thread of its own.

    Attributes:
        fault_of: (number of this chat request from 1, its body) -> how to answer it.
        models: what `/v1/models` lists; null for a server without that page.
        seen: the body of every chat request; heads: request lines and headers of all requests.
        most_at_once: most chat requests that were under way together.
    """

    fault_of: Callable[[int, Body], Fault] = lambda number, body: GOOD
    models: list[dict[str, Any]] | None = field(default_factory=lambda: [{"id": "tiny", "root": "org/tiny"}])
    models_status: int = 200
    port: int = 0
    key: str = ""
    with_logprobs: bool = True
    seen: list[Body] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self._under_way = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._thread.start()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> StubServer:
        """Listen; on the same port as before when it was started before."""
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        """Stop listening and drop every connection at once, as a killed process would."""

        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (self._close(), done.set()))
        done.wait(timeout=10)

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    def stop_soon(self) -> None:
        """The same from within an answer."""
        self._loop.call_soon(self._close)

    def end(self) -> None:
        """Stop for good."""
        self.stop()

        async def cancel() -> None:
            rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        self._run(cancel())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def greys(self) -> list[int]:
        """The grey of the first page of every request, in order of arrival."""
        return [greys_in(body)[0] for body in self.seen]

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._one_request(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _one_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n"))
        }
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            return await _send(writer, 401, b'{"error": "no"}')
        if head.startswith("GET /v1/models "):
            listed = json.dumps({"object": "list", "data": self.models}).encode()
            return await _send(writer, 404 if self.models is None else self.models_status, listed)
        body = json.loads(content)
        self.seen.append(body)
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            return await self._answer(writer, body, self.fault_of(len(self.seen), body))
        finally:
            self._under_way -= 1

    async def _answer(self, writer: asyncio.StreamWriter, body: Body, fault: Fault) -> bool:
        await asyncio.sleep(fault.delay_s)
        while not fault.until():
            await asyncio.sleep(0.005)
        if fault.drop:
            writer.transport.abort()
            return False
        if fault.status != 200:
            return await _send(writer, fault.status, fault.text.encode(), fault.headers)
        grey, key = greys_in(body)[0], field_asked(body)
        content = json.dumps({key: json.loads(right_answer(grey))[key]}) if key else right_answer(grey)
        content = content if fault.content is None else fault.content
        reply = completion(body, content, ends_early=fault.ends_early, with_logprobs=self.with_logprobs)
        data = reply if fault.raw is None else fault.raw
        return await _send(writer, 200, data, cut=fault.cut_body, trickle_s=fault.trickle_s)


def completion(body: Body, content: str, *, ends_early: bool = False, with_logprobs: bool = True) -> bytes:
    """A chat completion; a token a character, 0.9 for digits and 1 for the rest."""
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": content},
        "finish_reason": "length" if ends_early else "stop",
    }
    if body.get("logprobs") and with_logprobs:
        choice["logprobs"] = {
            "content": [
                {
                    "token": sign,
                    "logprob": -0.105360515 if sign.isdigit() else 0.0,
                    "bytes": list(sign.encode()),
                }
                for sign in content
            ]
        }
    usage = {"prompt_tokens": 300, "completion_tokens": len(content)}
    return json.dumps({"model": body.get("model"), "choices": [choice], "usage": usage}).encode()


async def _send(
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    cut: bool = False,
    trickle_s: float = 0.0,
) -> bool:
    lines = [f"HTTP/1.1 {status} X", "content-type: application/json", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    if trickle_s:
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(trickle_s)
    else:
        writer.write(body[: len(body) // 2] if cut else body)
    await writer.drain()
    return not cut


def main() -> None:
    """Serve until killed."""
    port, delay_s = int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    server = StubServer(fault_of=lambda number, body: Fault(delay_s=delay_s), port=port).start()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
