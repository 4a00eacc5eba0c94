"""What stands in front of Gradio: nothing passes that `review_ui/door/policy.py` does not list for the
person's role.

Pure ASGI, so that it also sees what Gradio would answer by itself. Order: the trusted proxy, our own host,
our own origin, a session, the person's role, a size limit; then our headers on whatever comes back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from h11 import LocalProtocolError

from review_ui.door.bodies import (
    FILE_ROUTES,
    BodyRefused,
    BrowserGone,
    counted,
    declared_bytes,
    is_event_of_ours,
    most_bytes,
    read_body,
    replayed,
)
from review_ui.door.headers import AsgiApp, Receive, Scope, Send, pass_on, security_headers
from review_ui.door.keys import KeyBook, api_refused
from review_ui.door.plain_pages import (
    PlainPage,
    busy_page,
    going_on,
    not_allowed_page,
    password_page,
    refused_page,
    sign_in_page,
)
from review_ui.door.policy import API_PREFIX, RouteRule, home, is_event, roles_for, rule_for
from review_ui.door.root import as_gradio_sees, under_root, with_root
from review_ui.door.sessions import STALE_S, DeskSession, SessionBook


@dataclass(frozen=True)
class ShellRules:
    """How the shell knows people and our own address.

    Attributes:
        hosts: the only values of the Host header, so that no other name can be pointed at us.
        cookie_name: the session cookie; it carries the port, because browsers share cookies among ports.
        book: the sessions.
        scheme: `http` on this computer, else `https`.
        trusted_proxy: the one peer that may speak for others, and then the only one that is heard.
        keys: opens what programs read; None where nothing is read by programs.
        has_passwords: whether people come in with a password instead of a link.
        root_path: the path of a larger site below which the desk is, such as `/echodesk`; empty for none.
    """

    hosts: frozenset[str]
    cookie_name: str
    book: SessionBook
    scheme: str = "http"
    trusted_proxy: str = ""
    has_passwords: bool = False
    keys: KeyBook | None = None
    root_path: str = ""


class Shell:
    """The guard as ASGI middleware."""

    def __init__(self, app: AsgiApp, rules: ShellRules, close: Callable[[], None] = lambda: None) -> None:
        self.app = app
        self.rules = rules
        self.close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through with our headers on its answer, or answer it plainly."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no web socket is part of the desk
            await send({"type": "websocket.close", "code": 1008})
            return
        root = self.rules.root_path
        send = with_root(send, root)
        if root and scope["path"] == root:  # what stands on the page is told from below the path
            await send_page(going_on("/"), send, with_body=False)
            return
        scope = under_root(scope, root)
        headers = read_headers(scope)
        front = self._front(scope, headers)
        refusal = refused_page(403) if front is None else await self._refusal(scope, headers, front)
        if front is None or refusal is not None:
            await send_page(refusal or refused_page(403), send, with_body=scope["method"] != "HEAD")
            return
        try:
            whole = await self._whole_body(scope, receive)
        except BodyRefused as error:
            await send_page(refused_page(error.status), send, with_body=scope["method"] != "HEAD")
        except BrowserGone:
            return  # nobody is there to be answered
        else:
            await pass_on(self.app, as_gradio_sees(_as_seen(scope, front), root), whole, send)

    @staticmethod
    async def _whole_body(scope: Scope, receive: Receive) -> Receive:
        """The body read and counted, for the app to read once more; a file is counted while it is read."""
        is_file = scope["method"] == "POST" and scope["path"] in FILE_ROUTES
        declared = declared_bytes(scope["headers"], most_bytes(scope["method"], scope["path"]))
        if scope["method"] in ("GET", "HEAD"):
            if declared:
                raise BodyRefused(400)
            return receive
        if is_file:
            return counted(receive, declared)
        body = await read_body(receive, declared)
        if is_event(str(scope["path"])) and not is_event_of_ours(body):
            raise BodyRefused(400)
        return replayed(body, receive)

    def _front(self, scope: Scope, headers: Mapping[str, str]) -> _Front | None:
        """Who asks and for which host; None where it did not come the way it must."""
        peer = str((scope.get("client") or ("", 0))[0])
        host = headers.get("host", "")
        proxy = self.rules.trusted_proxy
        if proxy:
            if not _same_address(peer, proxy) or headers.get("x-forwarded-proto", "").lower() != "https":
                return None
            host = headers.get("x-forwarded-host", host)
            # The last one is what the proxy saw itself; those before it are anybody's words.
            peer = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        host = host.lower()
        names = [value for name, value in scope["headers"] if name.lower() == b"host"]
        if len(names) != 1 or host not in self.rules.hosts:
            return None
        return _Front(peer, self.rules.scheme, host)

    async def _refusal(self, scope: Scope, headers: Mapping[str, str], front: _Front) -> PlainPage | None:
        if not _is_same_origin(scope, headers, front.origin):
            return refused_page(403)
        method, path = str(scope["method"]), str(scope["path"])
        if path.startswith(API_PREFIX):
            return await self._key_refusal(method, path, headers, front)
        rule = rule_for(method, path)
        if rule is None or not rule.is_open:
            session = await self._session(session_secret(headers, self.rules.cookie_name), path)
            refusal = session if isinstance(session, PlainPage) else self._role_refusal(rule, session, path)
            if refusal is not None:
                return refusal
        return None

    def _role_refusal(
        self, rule: RouteRule | None, session: DeskSession | None, path: str
    ) -> PlainPage | None:
        if session is None:
            return password_page() if self.rules.has_passwords else sign_in_page()
        if rule is None:
            return refused_page(403)
        role = session.identity.role
        if role in roles_for(rule, path):
            return None
        return going_on(home(role)) if path == "/" and home(role) != "/" else not_allowed_page()

    async def _key_refusal(
        self, method: str, path: str, headers: Mapping[str, str], front: _Front
    ) -> PlainPage | None:
        """Programs come with a key and nothing else: no cookie opens what they read."""
        from starlette.concurrency import run_in_threadpool

        if self.rules.keys is None:
            return api_refused(404)
        opened = await run_in_threadpool(
            self.rules.keys.open, headers.get("authorization", ""), front.client, method, path
        )
        return opened if isinstance(opened, PlainPage) else None

    async def _session(self, secret: str | None, path: str) -> DeskSession | PlainPage | None:
        """The session of a request; a page where the database cannot say just now.

        Asked away from the event loop: with the database locked everybody would wait for one answer. The
        handler of an event asks for itself before it does anything, in its own turn at the database: asked
        here, too, one decision in ten waited for two turns.
        """
        from sqlalchemy.exc import OperationalError
        from starlette.concurrency import run_in_threadpool

        book = self.rules.book
        remembered = book.remembered(secret, stale_s=STALE_S if is_event(path) else 0.0)
        if remembered is not None or not secret:
            return remembered
        try:
            return await run_in_threadpool(book.find, secret)
        except OperationalError:
            # The handlers ask again for themselves and say calmly that the database is busy.
            return book.remembered(secret, stale_s=STALE_S) or busy_page()


@dataclass(frozen=True)
class _Front:
    """Where a request came from, and the origin its page must have."""

    client: str
    scheme: str
    host: str

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}"


def _as_seen(scope: Scope, front: _Front) -> Scope:
    """The request as it really came, for apps that would believe any header about it."""
    kept = [
        (name, value)
        for name, value in scope["headers"]
        if name.lower() not in (b"host", b"forwarded") and not name.lower().startswith(b"x-forwarded-")
    ]
    headers = [(b"host", front.host.encode("latin-1")), *kept]
    return {**scope, "scheme": front.scheme, "client": (front.client, 0), "headers": headers}


def read_headers(scope: Scope) -> dict[str, str]:
    """Request headers by lower-case name; of a repeated one the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def session_secret(headers: Mapping[str, str], cookie_name: str) -> str | None:
    """The session cookie's value, or None."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(cookie_name)
    except CookieError:
        return None
    return morsel.value if morsel else None


async def send_page(page: PlainPage, send: Send, *, with_body: bool = True) -> None:
    """Answer with one of our plain pages."""
    body = page.html.encode()
    headers = [
        *security_headers(page.content_policy),
        (b"content-type", page.media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *((name.encode(), value.encode()) for name, value in page.headers),
    ]
    # Uvicorn's own parser: after a request that is no HTTP the connection is past answering.
    with contextlib.suppress(LocalProtocolError):
        await send({"type": "http.response.start", "status": page.status, "headers": headers})
        await send({"type": "http.response.body", "body": body if with_body else b""})


def _is_same_origin(scope: Scope, headers: Mapping[str, str], ours: str) -> bool:
    """Whether a request comes from our own page, or from nowhere else that could be told.

    A page of another port counts as the same site to a browser and would get our cookie sent along.
    """
    if scope["method"] not in ("GET", "HEAD"):
        return headers.get("origin", "").lower() == ours
    is_page = headers.get("sec-fetch-mode", "navigate") == "navigate"
    return is_page or headers.get("sec-fetch-site", "same-origin") == "same-origin"


def _same_address(peer: str, proxy: str) -> bool:
    import ipaddress

    try:
        seen = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = seen.ipv4_mapped if isinstance(seen, ipaddress.IPv6Address) else None
    return (mapped or seen) == ipaddress.ip_address(proxy)
