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
_JOB_BYTES: Final = 16
_SEAL_BYTES: Final = 18


@dataclass(frozen=True)
class Link:
    """A link that is good. `id` is random; nothing about a person stands in it."""

    id: str
    ends_at: float


def made(secret: str, *, random_bytes: bytes, ends_at: float) -> str:
    """The last part of a link's address. `random_bytes`: nine, never used before."""
    content = random_bytes[:_ID_BYTES] + struct.pack(">Q", int(ends_at))
    return _text(content + _seal(secret, content, b"link"))


def opened(secret: str, token: str, *, now: float) -> Link | None:
    """The link of an address; None where it is forged, cut, or over."""
    content = _opened(secret, token, b"link", _ID_BYTES)
    if content is None:
        return None
    ends_at = struct.unpack(">Q", content[_ID_BYTES:])[0]
    return Link(_text(content[:_ID_BYTES]), float(ends_at)) if now < ends_at else None


def heat_made(secret: str, job: str, *, ends_at: float) -> str:
    """The last part of the address of a photo's heat map. `job`: 32 hex digits."""
    content = bytes.fromhex(job) + struct.pack(">Q", int(ends_at))
    return _text(content + _seal(secret, content, b"heat"))


def heat_opened(secret: str, token: str, *, now: float) -> str | None:
    """The photo whose heat map an address shows; None where it is forged, cut, or over."""
    content = _opened(secret, token, b"heat", _JOB_BYTES)
    if content is None or now >= struct.unpack(">Q", content[_JOB_BYTES:])[0]:
        return None
    return content[:_JOB_BYTES].hex()


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


def _opened(secret: str, token: str, kind: bytes, id_bytes: int) -> bytes | None:
    """What a token was made of: an id and when it ends; None where it is not one of ours."""
    if not secret or not _FORM.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    content, seal = raw[:-_SEAL_BYTES], raw[-_SEAL_BYTES:]
    if len(content) != id_bytes + 8 or not hmac.compare_digest(seal, _seal(secret, content, kind)):
        return None
    # The last letter of a token has bits that mean nothing: only one spelling is the link.
    return content if _text(raw) == token else None


def _seal(secret: str, content: bytes, kind: bytes) -> bytes:
    return hmac.new(secret.encode(), kind + content, hashlib.sha256).digest()[:_SEAL_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
