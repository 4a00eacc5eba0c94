"""Our headers on whatever comes back: the desk's content policy, and nothing that a browser could do besides.

A page is held back until its inline scripts are hashed, so that exactly those may run.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_INLINE_SCRIPT: Final = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


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
            "manifest-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def security_headers(content_policy: str) -> list[tuple[bytes, bytes]]:
    """What goes with every answer, in this order."""
    return [
        (b"content-security-policy", content_policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        # Not `no-referrer`: a form of ours would then come without its origin. No address of ours says
        # anything.
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ]


async def pass_on(app: AsgiApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run the app and put our headers on its answer; a page is held back until its scripts are hashed."""
    held: list[MutableMapping[str, Any]] = []

    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            policy = _own_policy(message)
            ours = security_headers(policy or desk_content_policy())
            message["headers"] = _replaced(message.get("headers", []), ours)
            if policy is None and _is_html(message):
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
    policy = security_headers(desk_content_policy(html))
    # The page holds who is signed in; a browser must not show it from its cache to the next person.
    held[0]["headers"] = _replaced(held[0]["headers"], [*policy, (b"cache-control", b"no-store")])
    await send(held[0])
    await send({"type": "http.response.body", "body": html})


def _replaced(
    headers: Iterable[tuple[bytes, bytes]], ours: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    names = {name for name, _ in ours}
    return [(name, value) for name, value in headers if name.lower() not in names] + ours


def _own_policy(message: Mapping[str, Any]) -> str | None:
    """The content policy one of our own pages came with; stricter than the desk's."""
    found = [
        value for name, value in message.get("headers", []) if name.lower() == b"content-security-policy"
    ]
    return found[0].decode() if found else None


def _is_html(message: Mapping[str, Any]) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"text/html") for name, value in message["headers"]
    )
