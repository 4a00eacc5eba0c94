"""The desk below a path of a larger site: `/echodesk` in front of every address, put on and taken off here.

The desk itself knows nothing of it. A proxy may pass the path on or leave it out; both are understood.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

from review_ui.door.headers import Scope, Send

ROOT_PATTERN: Final = re.compile(r"(?:/[A-Za-z0-9_-]{1,40}){0,4}")
# What a page leads to, within its tags alone; the words of its text and of its scripts stay as they are.
_SCRIPT_OR_TAG: Final = re.compile(rb"(<script\b[^>]*>)(.*?)(?=</script>)|<[a-z][^>]*>", re.DOTALL)
_ADDRESS: Final = re.compile(rb'( (?:href|src|action|formaction)=")/(?!/)')
_GOES_TO: Final = re.compile(rb'( content="[0-9]+;url=)/(?!/)')


def under_root(scope: Scope, root: str) -> Scope:
    """A request as the desk knows it, without the path of the site."""
    path = str(scope["path"])
    if not root or not path.startswith(f"{root}/"):
        return scope
    bare = path.removeprefix(root)
    return {**scope, "path": bare, "raw_path": bare.encode("latin-1", "replace")}


def as_gradio_sees(scope: Scope, root: str) -> Scope:
    """Gradio writes where it is into its page, so it is told for that page alone."""
    if not root or scope["path"] != "/":
        return scope
    return {**scope, "path": f"{root}/", "raw_path": f"{root}/".encode(), "root_path": root}


def with_root(send: Send, root: str) -> Send:
    """Answers that lead to addresses below the path."""
    return _Rooted(send, root.encode()) if root else send


@dataclass
class _Rooted:
    """One answer on its way out; a page is held back until it is whole."""

    send: Send
    root: bytes
    held: list[MutableMapping[str, Any]] = field(default_factory=list)

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [self._header(*header) for header in message["headers"]]}
            if _is_page(message["headers"]):
                self.held.append(message)
                return
        elif self.held:
            self.held.append(message)
            if message.get("more_body"):
                return
            start, *parts = self.held
            page = self._page(b"".join(part.get("body", b"") for part in parts))
            if page:
                start["headers"] = [
                    (name, str(len(page)).encode() if name == b"content-length" else value)
                    for name, value in start["headers"]
                ]
            await self.send(start)
            message = {"type": "http.response.body", "body": page}
        await self.send(message)

    def _header(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        is_ours = name.lower() == b"location" and value.startswith(b"/") and not value.startswith(b"//")
        return name, self.root + value if is_ours else value

    def _page(self, html: bytes) -> bytes:
        def led(found: re.Match[bytes]) -> bytes:
            tag, script = (found[1], found[2]) if found[1] else (found[0], b"")
            tag = _ADDRESS.sub(rb"\1" + self.root + b"/", tag)
            return _GOES_TO.sub(rb"\1" + self.root + b"/", tag) + script

        return _SCRIPT_OR_TAG.sub(led, html)


def _is_page(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)
