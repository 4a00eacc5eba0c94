"""Connections over which nothing comes end by themselves, and one address cannot hold all of them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from db.requests.connections import PATIENCE_S, patient_http
from review_ui.door.exposure import THIS_COMPUTER, Exposure
from review_ui.server import _config

PATIENCE = 0.3
MOST = 4


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Takes the whole body, then says so."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        http = patient_http(patience_s=PATIENCE, most_per_address=MOST)
        config = uvicorn.Config(
            application, http=http, log_config=None, lifespan="off", timeout_keep_alive=60
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


def said_until_closed(port: int, sent: bytes) -> bytes:
    """What comes back on a connection over which this and nothing more is sent, until the server ends it."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(sent)
        said = b""
        while more := client.recv(4096):
            said += more
        return said


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_a_connection_that_has_gone_quiet_is_ended(port: int, sent: bytes) -> None:
    assert b"200 OK" not in said_until_closed(port, sent)


def test_half_a_second_request_is_not_waited_for_either(port: int) -> None:
    said = said_until_closed(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost:")
    assert said.count(b"200 OK") == 1


def test_headers_that_come_in_drops_are_ended(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        until = time.monotonic() + 20
        with pytest.raises(OSError):
            while time.monotonic() < until:
                client.sendall(b"X")
                time.sleep(PATIENCE / 6)
        assert time.monotonic() < until


def test_one_address_holds_so_many_and_no_more_and_gets_its_places_back(port: int) -> None:
    clients = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(MOST)]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as one_more:
        with pytest.raises(ConnectionError):
            one_more.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            if one_more.recv(100) == b"":
                raise ConnectionResetError
    for client in clients:
        client.close()
    until = time.monotonic() + 20
    said = b""
    while b"200 OK" not in said and time.monotonic() < until:
        try:
            said = said_until_closed(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        except ConnectionError:
            time.sleep(0.02)
    assert b"200 OK" in said


def test_the_desk_is_served_so_and_without_the_bound_behind_a_proxy() -> None:
    for exposure in (THIS_COMPUTER, Exposure("127.0.0.1", None, None, "127.0.0.1", ("desk.example.org",))):
        http: Any = _config(application, exposure).http  # type: ignore[arg-type]
        assert http.__name__ == "PatientHttp"
        cells = dict(zip(http._look.__code__.co_freevars, http._look.__closure__, strict=True))
        assert cells["patience_s"].cell_contents == PATIENCE_S
