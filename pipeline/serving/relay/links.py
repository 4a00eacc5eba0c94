"""Links for people without the messenger: signed, for a day, for the one browser that takes it up first."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import sqlite3
import struct
from dataclasses import dataclass
from typing import Final

from pipeline.serving.channels.web_link import NAME
from pipeline.serving.relay import people

_FORM: Final = re.compile(r"[A-Za-z0-9_-]{40,80}")
_ID_BYTES: Final = 9
_SEAL_BYTES: Final = 18


@dataclass(frozen=True)
class Link:
    """A link that is good. `id` is random; nothing about a person stands in it."""

    id: str
    ends_at: float


def made(secret: str, *, random_bytes: bytes, ends_at: float) -> str:
    """The last part of a link's address. `random_bytes`: nine, never used before."""
    content = random_bytes[:_ID_BYTES] + struct.pack(">Q", int(ends_at))
    return _text(content + _seal(secret, content))


def opened(secret: str, token: str, *, now: float) -> Link | None:
    """The link of an address; None where it is forged, cut, or over."""
    if not secret or not _FORM.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    content, seal = raw[:-_SEAL_BYTES], raw[-_SEAL_BYTES:]
    if len(content) != _ID_BYTES + 8 or not hmac.compare_digest(seal, _seal(secret, content)):
        return None
    # The last letter of a token has bits that mean nothing: only one spelling is the link.
    if _text(raw) != token:
        return None
    ends_at = struct.unpack(">Q", content[_ID_BYTES:])[0]
    return Link(_text(content[:_ID_BYTES]), float(ends_at)) if now < ends_at else None


def holder(rows: sqlite3.Connection, link: Link) -> str:
    """The hash of the cookie whose browser has the link; empty while nobody has."""
    row = rows.execute("SELECT holder FROM link WHERE id = ?", (link.id,)).fetchone()
    return "" if row is None else str(row["holder"])


def is_held_by(rows: sqlite3.Connection, link: Link, cookie: str) -> bool:
    """Whether this browser has the link."""
    return bool(cookie) and hmac.compare_digest(holder(rows, link), fingerprint(cookie))


def take_up(rows: sqlite3.Connection, link: Link, cookie: str, *, now: float) -> bool:
    """Give the link to a browser. False where another has it."""
    person = people.met(rows, NAME, link.id, "", now=now)
    rows.execute(
        "INSERT OR IGNORE INTO link VALUES (?, ?, ?, ?)", (link.id, fingerprint(cookie), person, link.ends_at)
    )
    return is_held_by(rows, link, cookie)


def fingerprint(cookie: str) -> str:
    """What is stored of a cookie."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def _seal(secret: str, content: bytes) -> bytes:
    return hmac.new(secret.encode(), b"link" + content, hashlib.sha256).digest()[:_SEAL_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
