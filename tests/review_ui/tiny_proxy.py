"""A proxy that does TLS and serves the desk below a path of a larger site; the rest of it is not found."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

_OF_THE_LINE = ("connection", "transfer-encoding", "content-length", "host")


@dataclass
class TinyProxy:
    """Where it listens, and what it was asked for that is not the desk's.

    Attributes:
        desk_port: where the desk is; told once it has started.
        strips: whether the path is left out of what the desk is asked for.
    """

    root: str
    strips: bool
    port: int = 0
    desk_port: int = 0
    strange: list[str] = field(default_factory=list)

    def passed_on(self, line: BaseHTTPRequestHandler) -> None:
        """Ask the desk and answer with what it says."""
        if line.path != self.root and not line.path.startswith(f"{self.root}/"):
            self.strange.append(line.path)
            line.send_error(404)
            return
        if self.strips and line.path == self.root:  # as nginx does
            line.send_response(301)
            line.send_header("Location", f"{self.root}/")
            line.send_header("Content-Length", "0")
            line.end_headers()
            return
        path = line.path.removeprefix(self.root) if self.strips else line.path
        body = line.rfile.read(int(line.headers.get("content-length") or 0))
        sent = {name: value for name, value in line.headers.items() if name.lower() not in _OF_THE_LINE}
        sent |= {"X-Forwarded-Proto": "https", "X-Forwarded-For": line.client_address[0]}
        sent["X-Forwarded-Host"] = line.headers["host"]
        if body or line.command == "POST":
            sent["Content-Length"] = str(len(body))
        desk = HTTPConnection("127.0.0.1", self.desk_port, timeout=60)
        desk.request(line.command, path or "/", body or None, sent)
        reply = desk.getresponse()
        content = reply.read()
        line.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in _OF_THE_LINE:
                line.send_header(name, value)
        line.send_header("Content-Length", str(len(content)))
        line.end_headers()
        line.wfile.write(content)
        desk.close()


@contextmanager
def tiny_proxy(root: str, certificate: tuple[Path, Path], *, strips: bool) -> Iterator[TinyProxy]:
    """One that runs until the end of the block."""
    proxy = TinyProxy(root, strips)

    class Line(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            proxy.passed_on(self)

        def do_POST(self) -> None:
            proxy.passed_on(self)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    # The handshake in the thread of its own connection: a browser opens some that it never uses.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    proxy.port = int(server.server_address[1])
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield proxy
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)
