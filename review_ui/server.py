"""The review server: link, session, page images and assets in FastAPI, Gradio behind a default-deny shell."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Callable, Sequence
from datetime import datetime
from http.cookies import Morsel
from pathlib import Path
from threading import Event
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, Response

from db.cases import case_images
from db.engine import Database, utc_now
from db.errors import EchoDeskError
from db.images import ImageStore
from db.labels import EF_MAX_PERCENT, EF_MIN_PERCENT, RVSP_MAX_MMHG, RVSP_MIN_MMHG
from db.models import ImageRole, Role
from db.users import ensure_local_user
from db.workspace import Workspace
from review_ui import queue, text
from review_ui.desk import Desk
from review_ui.handlers import EVENTS
from review_ui.plain_pages import Page, link_used_page, opening_page, refused_page
from review_ui.sessions import Identity, SessionBook
from review_ui.shell import Shell, ShellRules

LOCAL_HOSTS: Final = ("127.0.0.1", "localhost", "::1")
PORTS_TO_TRY: Final = 20

_ASSET_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
# Two files that a browser asks for by itself, at the places where it looks for them.
_WELL_KNOWN: Final = {"/favicon.ico": "favicon.svg", "/manifest.json": "manifest.json"}
_OPEN_PATHS: Final = (re.compile(r"/link/[A-Za-z0-9_-]{16,128}"),)
_OWN_PATHS: Final = (
    re.compile(r"/desk/[a-z_]+\.(?:js|css|html|json)"),
    re.compile(r"/favicon\.ico|/manifest\.json"),
    re.compile(r"/case/[0-9]{1,9}/page/[0-9]{1,4}"),
)


def serve(
    workspace: Workspace,
    database: Database,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    on_ready: Callable[[str], None],
    stop_event: Event | None = None,
    annotators: Sequence[str] = ("local",),
    on_new_link: Callable[[str], None] | None = None,
    now: Callable[[], datetime] = utc_now,
    min_view_s: float = 1.0,
) -> None:
    """Serve the review desk on this computer until Ctrl-C or `stop_event`.

    Args:
        port: 0 for any free one; where it is taken, one of the next is used.
        on_ready: gets the address with a one-time link, once for each annotator, when the desk answers.
        on_new_link: gets a fresh address when a used link is opened again; without it the page says how to
            start again.
        min_view_s: a record on screen for less than this cannot be accepted.

    Raises:
        EchoDeskError: for a host that is not this computer, or no free port.
    """
    listener = open_listener(host, port)
    port = int(listener.getsockname()[1])
    shown_host = f"[{host}]" if ":" in host else host
    book = SessionBook(database, now=now, idle_s=workspace.session_idle_s, max_age_s=workspace.session_max_s)
    desk = Desk(database, book, now=now, lease_s=workspace.lease_s, min_view_s=min_view_s)

    def address(identity: Identity) -> str:
        return f"http://{shown_host}:{port}/link/{book.issue_link(identity)}"

    def renew_link(identity: Identity) -> bool:
        if on_new_link is None:
            return False
        if not book.has_unused_link(identity):
            on_new_link(address(identity))
        return True

    shell = build_shell(
        desk,
        ImageStore(workspace.images),
        hosts=_host_names(port),
        cookie_name=f"echodesk_{port}",  # browsers share cookies among the ports of a host
        renew_link=renew_link,
    )
    with database.write() as session:
        users = [ensure_local_user(session, name=name, now=now()) for name in annotators]
        identities = [Identity(int(user.id or 0), user.name, Role(user.role)) for user in users]

    def ready() -> None:
        for identity in identities:
            on_ready(address(identity))

    # Paths carry one-time links, so nothing logs them.
    config = uvicorn.Config(
        shell,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=2,
    )
    with contextlib.closing(listener), contextlib.suppress(KeyboardInterrupt):
        _Server(config, on_started=ready, stop_event=stop_event).run(sockets=[listener])


def build_shell(
    desk: Desk,
    store: ImageStore,
    *,
    hosts: frozenset[str],
    cookie_name: str = "echodesk",
    renew_link: Callable[[Identity], bool] = lambda _identity: False,
) -> Shell:
    """The whole application behind its guard.

    Args:
        hosts: the accepted Host headers.
        cookie_name: of the session cookie.
        renew_link: writes a new link for a person somewhere only they can see; False where it cannot.
    """
    from review_ui.app import build_blocks, mount_blocks

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    # With a CORS policy of its own the parent app keeps Gradio from reflecting origins.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    _add_link_route(app, desk.sessions, cookie_name, renew_link)
    _add_image_route(app, desk, store, cookie_name)
    _add_asset_routes(app, desk)
    mount_blocks(app, build_blocks(desk, cookie_name))
    rules = ShellRules(
        hosts=hosts,
        cookie_name=cookie_name,
        is_signed_in=lambda secret: desk.sessions.find(secret) is not None,
        events=frozenset(EVENTS),
        own_paths=_OWN_PATHS,
        open_paths=_OPEN_PATHS,
    )
    return Shell(app, rules)


def open_listener(host: str, port: int) -> socket.socket:
    """A listening socket on this computer, on the port asked for or one of the next.

    Raises:
        EchoDeskError: for a host that is not this computer, or no free port.
    """
    if host not in LOCAL_HOSTS:
        raise EchoDeskError(text.LOCALHOST_ONLY.format(host=host), text.LOCALHOST_ONLY_HINT)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last = min(port + PORTS_TO_TRY - 1, 65_535) if port else 0
    for candidate in range(port, last + 1):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(128)
            return listener
        except OSError:
            listener.close()
    raise EchoDeskError(text.PORT_TAKEN.format(first=port, last=last), text.PORT_TAKEN_HINT)


class _Server(uvicorn.Server):
    """Uvicorn that says when it answers, and stops when asked by an event."""

    def __init__(self, config: uvicorn.Config, *, on_started: Callable[[], None], stop_event: Event | None) -> None:
        super().__init__(config)
        self._on_started = on_started
        self._stop_event = stop_event

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def on_tick(self, counter: int) -> bool:
        if self._stop_event is not None and self._stop_event.is_set():
            self.should_exit = True
        return await super().on_tick(counter)


def _host_names(port: int) -> frozenset[str]:
    return frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))


def _add_link_route(app: FastAPI, book: SessionBook, cookie_name: str, renew_link: Callable[[Identity], bool]) -> None:
    @app.get("/link/{secret}")
    def open_link(secret: str) -> Response:
        session_id = book.redeem(secret)
        if session_id is not None:
            return _plain(opening_page(_session_cookie(cookie_name, session_id)))
        identity = book.issued_to(secret)
        return _plain(link_used_page(new_link_written=identity is not None and renew_link(identity)))


def _add_image_route(app: FastAPI, desk: Desk, store: ImageStore, cookie_name: str) -> None:
    @app.get("/case/{case_id}/page/{number}")
    def page_image(case_id: int, number: int, request: Request) -> Response:
        """One page of a report, only while the person holds the case."""
        session = desk.sessions.find(request.cookies.get(cookie_name))
        if session is None:
            return _plain(refused_page(401))
        annotator_id = session.identity.annotator_id
        with desk.database.read() as database:
            if not queue.is_on_screen(database, case_id=case_id, annotator_id=annotator_id, now=desk.now()):
                return _plain(refused_page(403))
            images = case_images(database, case_id=case_id, role=ImageRole.REPORT)
        if not 1 <= number <= len(images):
            return _plain(refused_page(404))
        image = images[number - 1]
        path = store.path(image.sha256)
        if not path.is_file():
            return _plain(refused_page(404))
        return FileResponse(path, media_type=image.media_type, headers={"Cache-Control": "no-store"})


def _add_asset_routes(app: FastAPI, desk: Desk) -> None:
    assets = {
        entry.name: (entry.read_bytes(), _ASSET_TYPES[entry.suffix])
        for entry in (Path(__file__).parent / "assets").iterdir()
        if entry.suffix in _ASSET_TYPES
    }
    settings = json.dumps(page_settings(desk)).encode()
    assets["settings.json"] = (settings, "application/json")

    @app.get("/favicon.ico")
    @app.get("/manifest.json")
    def well_known(request: Request) -> Response:
        return asset(_WELL_KNOWN[request.url.path])

    @app.get("/desk/{name}")
    def asset(name: str) -> Response:
        if name not in assets:
            return _plain(refused_page(404))
        content, media_type = assets[name]
        return Response(content, media_type=media_type, headers={"Cache-Control": "no-cache"})


def page_settings(desk: Desk) -> dict[str, Any]:
    """What the page's script needs to know: sentences, words, limits and times. Nothing of any record."""
    return {
        "text": text.DESK,
        "words": text.ANSWER_WORDS,
        "titles": text.FIELD_TITLES,
        "limits": {
            "ef": [EF_MIN_PERCENT, EF_MAX_PERCENT],
            "rvsp": [RVSP_MIN_MMHG, RVSP_MAX_MMHG],
        },
        "lease_s": desk.lease_s,
        "min_view_s": desk.min_view_s,
    }


def _session_cookie(name: str, session_id: str) -> str:
    morsel: Morsel[str] = Morsel()
    morsel.set(name, session_id, session_id)
    morsel["path"] = "/"
    morsel["httponly"] = True
    morsel["samesite"] = "Strict"
    return morsel.OutputString()


def _plain(page: Page) -> Response:
    return Response(page.html, page.status, dict(page.headers), media_type="text/html")
