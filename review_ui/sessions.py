"""Who is at the desk: one-time links and the sessions they open; in memory, secrets kept only as hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

SESSION_MAX_AGE_S: Final = 12 * 3600.0
_SECRET_BYTES = 32

Found = TypeVar("Found")


@dataclass(frozen=True)
class Identity:
    """A person known to the database: their number and the name shown on the desk."""

    annotator_id: int
    name: str


@dataclass
class DeskSession:
    """One signed-in browser.

    Attributes:
        opened_at_s: case number -> when it was last put on screen, on the book's clock.
    """

    identity: Identity
    expires_at_s: float
    opened_at_s: dict[int, float] = field(default_factory=dict)


@dataclass
class _Link:
    identity: Identity
    used: bool = False


class SessionBook:
    """Issues links, turns each into a session once, and finds sessions by their secret.

    Args:
        clock: seconds that only go forward.
        new_secret: a fresh unguessable text that can stand in an address.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        new_secret: Callable[[], str] = lambda: secrets.token_urlsafe(_SECRET_BYTES),
        max_age_s: float = SESSION_MAX_AGE_S,
    ) -> None:
        self.clock = clock
        self._new_secret = new_secret
        self._max_age_s = max_age_s
        self._links: dict[bytes, _Link] = {}
        self._sessions: dict[bytes, DeskSession] = {}
        self._lock = threading.Lock()

    def issue_link(self, identity: Identity) -> str:
        """A secret that opens one session for this person."""
        secret = self._new_secret()
        with self._lock:
            self._links[_digest(secret)] = _Link(identity)
        return secret

    def redeem(self, secret: str) -> str | None:
        """Open a session with a link and spend the link; None for a spent or unknown one."""
        with self._lock:
            link = _find(self._links, secret)
            if link is None or link.used:
                return None
            link.used = True
            session_id = self._new_secret()
            expires_at_s = self.clock() + self._max_age_s
            self._sessions[_digest(session_id)] = DeskSession(link.identity, expires_at_s)
            return session_id

    def issued_to(self, secret: str) -> Identity | None:
        """Whose link this is or was; None when we never issued it."""
        with self._lock:
            link = _find(self._links, secret)
            return link.identity if link else None

    def has_unused_link(self, identity: Identity) -> bool:
        """Whether a link for this person still waits to be opened."""
        with self._lock:
            return any(link.identity == identity and not link.used for link in self._links.values())

    def find(self, session_id: str | None) -> DeskSession | None:
        """The live session with this secret, or None."""
        if not session_id:
            return None
        with self._lock:
            session = _find(self._sessions, session_id)
            if session is None or session.expires_at_s <= self.clock():
                return None
            return session


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def _find(book: dict[bytes, Found], secret: str) -> Found | None:
    """Look at every entry in constant time each, so that timing tells nothing about a near miss."""
    wanted = _digest(secret)
    found = None
    for known, entry in book.items():
        if hmac.compare_digest(known, wanted):
            found = entry
    return found
