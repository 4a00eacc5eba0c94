"""The review server: checks what must be in place, listens, and puts Gradio behind a default-deny shell."""

from __future__ import annotations

import contextlib
import errno
import gc
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Final

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from db.access.desk_key import load_or_create_desk_key
from db.access.sign_in_failures import forget_old
from db.decisions import Role
from db.errors import EchoDeskError
from db.queue.leases import shorten_leases
from db.requests.connections import MOST_PER_ADDRESS, patient_http
from db.store.engine import Database, utc_now
from db.store.images import ImageStore
from db.users import ensure_local_user
from db.workspace import Workspace
from review_ui.desk.context import Desk, Examine, RegionReader, desk_of
from review_ui.desk.datasets import Datasets
from review_ui.desk.files import add_asset_routes, add_image_route
from review_ui.door.cookies import PLAIN_COOKIE, SessionCookie, session_cookie
from review_ui.door.doorway import Doorway, add_doorway
from review_ui.door.exposure import THIS_COMPUTER, Exposure, check_exposure
from review_ui.door.keys import KeyBook
from review_ui.door.sessions import Identity, SessionBook
from review_ui.door.shell import Shell, ShellRules
from review_ui.door.sign_in import FrontDoor
from review_ui.events import Events, add_direct_events
from review_ui.leads.routes import add_lead_pages, pages_for
from review_ui.leads.take_out_files import add_take_out
from review_ui.rest.routes import add_api
from review_ui.text import door
from review_ui.work.hooks import WorkHooks
from review_ui.work.routes import add_work_pages

PORTS_TO_TRY: Final = 20


def serve(
    workspace: Workspace,
    database: Database,
    *,
    port: int = 7860,
    on_ready: Callable[[str], None],
    exposure: Exposure = THIS_COMPUTER,
    stop_event: Event | None = None,
    annotators: Sequence[str] = ("local",),
    leads: Sequence[str] = (),
    on_new_link: Callable[[str], None] | None = None,
    on_other_port: Callable[[int], None] = lambda _taken: None,
    reread: RegionReader | None = None,
    datasets: Datasets | None = None,
    examine: Examine | None = None,
    work: WorkHooks | None = None,
    now: Callable[[], datetime] = utc_now,
    min_view_s: float = 1.0,
) -> None:
    """Serve the review desk until Ctrl-C or `stop_event`.

    Args:
        port: 0 for any free one; where it is taken, one of the next is used.
        on_ready: gets the address when the desk answers: on this computer with a one-time link, once for each
            lead and annotator; open to others, once without a link.
        annotators, leads: who is made on first use, with that role; people who are there keep theirs.
        on_new_link: gets a fresh address when a used link is opened again; without it the page says how to
            start again.
        on_other_port: told the port that was asked for, where it is taken.
        reread: reads one region of a page again; None where nothing can.
        datasets: freezes labels and reads what is frozen; None where nothing can.
        examine: looks at this machine for the set-up page; None where nothing can.
        work: adds reports and has them read; None where neither can be done from the browser.
        min_view_s: a record on screen for less than this cannot be accepted.

    Raises:
        EchoDeskError: for what is missing before the desk opens to others, or no free port.
    """
    check_exposure(exposure, workspace, database)
    now = database.shared_clock(now)
    book = SessionBook(database, now=now, idle_s=workspace.session_idle_s, max_age_s=workspace.session_max_s)
    desk = desk_of(
        workspace,
        database,
        book,
        now=now,
        min_view_s=min_view_s,
        reread=reread,
        examine=examine,
        datasets=datasets,
        work=work,
    )
    with database.write() as session:
        shorten_leases(session, now=now(), lease_s=desk.lease_s)
    identities = local_people(database, annotators, leads, now()) if exposure.is_local else []
    listener = open_listener(exposure.host, port)
    asked, port = port, int(listener.getsockname()[1])
    if asked not in (0, port):
        on_other_port(asked)
    base = exposure.address(port)

    links = _Links(book, base, on_new_link)
    door = None if exposure.is_local else FrontDoor(database, book, load_or_create_desk_key(workspace), now)
    shell = build_shell(
        desk,
        ImageStore(workspace.images),
        hosts=exposure.hosts(port),
        cookie=session_cookie(port, is_secure=not exposure.is_local),
        scheme=exposure.scheme,
        trusted_proxy=exposure.trusted_proxy,
        front_door=door,
        renew_link=links.renew,
        root_path=exposure.root_path,
    )

    def ready() -> None:
        if stop_event is None:  # nothing else goes on in this process, or comes after
            _leave_out_of_collections()
        for known in [links.address(identity) for identity in identities] or [base]:
            on_ready(known)

    server = _Server(_config(shell, exposure), on_started=ready, stop_event=stop_event, on_ended=shell.close)
    with contextlib.closing(listener), contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _leave_out_of_collections() -> None:
    """Keep what was made until now out of garbage collections: it lives as long as the process.

    Looking through all of it again and again was measured to keep everybody waiting for 0.2 s and more.
    """
    gc.collect()
    gc.freeze()


def build_shell(
    desk: Desk,
    store: ImageStore,
    *,
    hosts: frozenset[str],
    cookie: SessionCookie = PLAIN_COOKIE,
    scheme: str = "http",
    trusted_proxy: str = "",
    front_door: FrontDoor | None = None,
    renew_link: Callable[[Identity], bool] = lambda _identity: False,
    root_path: str = "",
) -> Shell:
    """The whole application behind its guard.

    Args:
        hosts: the accepted Host headers, lower case.
        cookie: the session cookie.
        front_door: checks passwords; None where people come in by link alone.
        renew_link: writes a new link for a person somewhere only they can see; False where it cannot.
        root_path: below which path of a larger site it is.
    """
    from review_ui.app import build_blocks, mount_blocks

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    # With a CORS policy of its own the parent app keeps Gradio from reflecting origins.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    add_doorway(app, Doorway(desk.sessions, cookie, renew_link, front_door))
    add_image_route(app, desk, store, cookie.name)
    add_asset_routes(app, desk, cookie.name, pages_for)
    add_lead_pages(app, desk, cookie.name)
    add_take_out(app, desk, cookie.name)
    keys = KeyBook(desk.database, desk.now, desk.rules.key)
    add_api(app, desk.database, keys)
    end_work = add_work_pages(app, desk, cookie.name)
    events = Events(desk)
    add_direct_events(app, events, cookie.name)
    mount_blocks(app, build_blocks(events, cookie.name))
    rules = ShellRules(
        hosts=hosts,
        cookie_name=cookie.name,
        book=desk.sessions,
        scheme=scheme,
        trusted_proxy=trusted_proxy,
        has_passwords=front_door is not None,
        keys=keys,
        root_path=root_path,
    )
    return Shell(app, rules, end_work)


def local_people(
    database: Database, annotators: Sequence[str], leads: Sequence[str], now: datetime
) -> list[Identity]:
    """Whoever gets a link, made on first use; leads first.

    Raises:
        EchoDeskError: somebody who may not come in any more.
    """
    wanted = {
        **dict.fromkeys(leads, Role.LEAD),
        **{name: Role.ANNOTATOR for name in annotators if name not in leads},
    }
    with database.write() as session:
        forget_old(session, now=now)
        users = [ensure_local_user(session, name=name, role=role, now=now) for name, role in wanted.items()]
    for user in users:
        if not user.is_active:
            raise EchoDeskError(door.PERSON_DISABLED.format(name=user.name), door.PERSON_DISABLED_HINT)
    return [Identity(int(user.id or 0), user.name, Role(user.role)) for user in users]


def open_listener(host: str, port: int) -> socket.socket:
    """A listening socket on the port asked for or one of the next.

    Raises:
        EchoDeskError: for an address that is not this computer's, or no free port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last = min(port + PORTS_TO_TRY - 1, 65_535) if port else 0
    for candidate in range(port, last + 1):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise EchoDeskError(door.HOST_UNUSABLE.format(host=host), door.HOST_UNUSABLE_HINT) from error
    raise EchoDeskError(door.PORT_TAKEN.format(first=port, last=last), door.PORT_TAKEN_HINT)


@dataclass(frozen=True)
class _Links:
    """One-time links to a desk, and where a new one is written when a used one is opened again."""

    book: SessionBook
    base: str
    on_new_link: Callable[[str], None] | None

    def address(self, identity: Identity) -> str:
        """A fresh link for a person."""
        return self._at(self.book.issue_link(identity))

    def _at(self, secret: str) -> str:
        return f"{self.base}/link/{secret}"

    def renew(self, identity: Identity) -> bool:
        """See that a person has an unused link; False where there is nowhere to write one."""
        if self.on_new_link is None:
            return False
        # However often a used link is opened, one new link waits at most.
        secret = self.book.issue_if_none_waits(identity)
        if secret is not None:
            self.on_new_link(self._at(secret))
        return True


class _Server(uvicorn.Server):
    """Uvicorn that says when it answers, and stops when asked by an event."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        on_started: Callable[[], None],
        stop_event: Event | None,
        on_ended: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._on_ended = on_ended
        self._on_started = on_started
        self._stop_event = stop_event

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        # Here and not after `run`: a signal that ended the server is raised again before that returns.
        self._on_ended()

    async def on_tick(self, counter: int) -> bool:
        if self._stop_event is not None and self._stop_event.is_set():
            self.should_exit = True
        return await super().on_tick(counter)


def _config(shell: Shell, exposure: Exposure) -> uvicorn.Config:
    """Paths carry one-time links, so nothing logs them; forwarded headers are the shell's business alone."""
    return uvicorn.Config(
        shell,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        ws="none",
        # Behind a proxy all connections are the proxy's; there it is the one to bound them.
        http=patient_http(most_per_address=None if exposure.trusted_proxy else MOST_PER_ADDRESS),
        timeout_graceful_shutdown=2,
        ssl_certfile=str(exposure.tls_cert) if exposure.has_tls else None,
        ssl_keyfile=str(exposure.tls_key) if exposure.has_tls else None,
    )
