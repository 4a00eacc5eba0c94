"""What stands in front of Gradio: nothing passes that is not on the list, nothing at all without a session.

Pure ASGI, so that it also sees what Gradio would answer by itself. Order: our own host, our own origin, a
session, the list, a size limit; then our headers on whatever comes back.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

from review_ui.plain_pages import Page, refused_page, sign_in_page

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY_BYTES: Final = 64 * 1024

# What Gradio's page needs to start, found by watching it; everything else of Gradio is closed.
GRADIO_FILES: Final = (
    re.compile(r"/assets/[A-Za-z0-9_.-]+"),
    re.compile(r"/static/(?:fonts|js|img)/[A-Za-z0-9_./-]+"),
    re.compile(r"/theme\.css"),
    re.compile(r"/"),
)
EVENT_PREFIX: Final = "/gradio_api/run/"

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True)
class ShellRules:
    """What the shell lets through.

    Attributes:
        hosts: the only values of the Host header, so that no other name can be pointed at us.
        cookie_name: the session cookie; it carries the port, because browsers share cookies among ports.
        is_signed_in: whether a session secret is live.
        events: names of the events that may be called.
        own_paths: patterns of our own GET routes behind the session.
        open_paths: patterns of our own GET routes before it (the link page).
    """

    hosts: frozenset[str]
    cookie_name: str
    is_signed_in: Callable[[str | None], bool]
    events: frozenset[str]
    own_paths: tuple[re.Pattern[str], ...]
    open_paths: tuple[re.Pattern[str], ...]


class Shell:
    """The guard as ASGI middleware."""

    def __init__(self, app: AsgiApp, rules: ShellRules) -> None:
        self.app = app
        self.rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through with our headers on its answer, or answer it plainly."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no web socket is part of the desk
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await send_page(refusal, send, with_body=scope["method"] != "HEAD")
            return
        await _pass_on(self.app, scope, receive, send)

    def _refusal(self, scope: Scope) -> Page | None:
        headers = read_headers(scope)
        rules = self.rules
        path = str(scope["path"])
        if headers.get("host", "").lower() not in rules.hosts or not _is_same_origin(scope, headers):
            return refused_page(403)
        reads = scope["method"] in ("GET", "HEAD")
        if reads and _matches(rules.open_paths, path):
            return None
        if not rules.is_signed_in(session_secret(headers, rules.cookie_name)):
            return sign_in_page()
        if reads:
            return None if _matches((*rules.own_paths, *GRADIO_FILES), path) else refused_page(403)
        is_event = path.startswith(EVENT_PREFIX) and path.removeprefix(EVENT_PREFIX) in rules.events
        if scope["method"] != "POST" or not is_event:
            return refused_page(403)
        return None if _has_small_body(headers) else refused_page(413)


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


async def send_page(page: Page, send: Send, *, with_body: bool = True) -> None:
    """Answer with one of our plain pages."""
    body = page.html.encode()
    headers = [
        *_security_headers(page.content_policy),
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *((name.encode(), value.encode()) for name, value in page.headers),
    ]
    await send({"type": "http.response.start", "status": page.status, "headers": headers})
    await send({"type": "http.response.body", "body": body if with_body else b""})


def desk_content_policy(html: bytes = b"") -> str:
    """The content policy of the desk: our own files, and exactly the inline scripts this page came with.

    Gradio writes style elements, so styles cannot be hashed; scripts are, and nothing may be evaluated.
    """
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(html)
    ]
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' blob: data:",
            "font-src 'self'",
            "connect-src 'self'",
            "base-uri 'self'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _is_same_origin(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether a request comes from our own page, or from nowhere else that could be told.

    A page of another port counts as the same site to a browser and would get our cookie sent along.
    """
    if scope["method"] not in ("GET", "HEAD"):
        ours = f"{scope.get('scheme', 'http')}://{headers['host']}"
        return headers.get("origin", "").lower() == ours.lower()
    is_page = headers.get("sec-fetch-mode", "navigate") == "navigate"
    return is_page or headers.get("sec-fetch-site", "same-origin") == "same-origin"


def _has_small_body(headers: Mapping[str, str]) -> bool:
    length = headers.get("content-length", "")
    return length.isascii() and length.isdigit() and int(length) <= MAX_BODY_BYTES


def _matches(patterns: Iterable[re.Pattern[str]], path: str) -> bool:
    return ".." not in path and any(pattern.fullmatch(path) for pattern in patterns)


def _security_headers(content_policy: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-security-policy", content_policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ]


async def _pass_on(app: AsgiApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run the app and put our headers on its answer; a page is held back until its scripts are hashed."""
    held: list[MutableMapping[str, Any]] = []

    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = _replaced(message.get("headers", []), _security_headers(desk_content_policy()))
            if _is_html(message):
                held.append(message)
                return
        elif held:
            held.append(message)
            if not message.get("more_body"):
                await _send_held(held, send)
            return
        await send(message)

    # A compressed page could not be hashed, and on this computer compression only costs time.
    plain = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
    await app({**scope, "headers": plain}, receive, guarded)


async def _send_held(held: list[MutableMapping[str, Any]], send: Send) -> None:
    html = b"".join(message.get("body", b"") for message in held[1:])
    policy = _security_headers(desk_content_policy(html))
    # The page holds who is signed in; a browser must not show it from its cache to the next person.
    held[0]["headers"] = _replaced(held[0]["headers"], [*policy, (b"cache-control", b"no-store")])
    await send(held[0])
    await send({"type": "http.response.body", "body": html})


def _replaced(headers: Iterable[tuple[bytes, bytes]], ours: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = {name for name, _ in ours}
    return [(name, value) for name, value in headers if name.lower() not in names] + ours


def _is_html(message: Mapping[str, Any]) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in message["headers"])
