"""Who is at the desk: one-time links in memory, the sessions they open in the database, secrets kept only as
hashes.

Ours, because the sessions of the web framework live whole in a signed cookie: nobody can end one from here.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from db.access.sign_ins import (
    CLOCKS_APART_S,
    SEEN_EVERY_S,
    end_sign_in,
    find_sign_in,
    note_seen,
    open_sign_in,
)
from db.decisions import Role
from db.store.engine import Database, utc_now

SESSION_IDLE_S: Final = 15 * 60.0
SESSION_MAX_AGE_S: Final = 12 * 3600.0
# A session that was just found live is believed for so long without asking the database again: every request
# asks more than once, and a reader in the way of a writer costs both. A revoked session ends after this at
# most.
RECHECK_S: Final = 1.0
# With the database locked, a browser known so recently may still hear from the handlers that it is busy.
STALE_S: Final = 60.0
_SECRET_BYTES = 32
_SECRET_LENGTH: Final = range(16, 129)
_KNOWN_AT_MOST: Final = 2000


@dataclass(frozen=True)
class Identity:
    """A person known to the database: their number, the name shown on the desk and what they may do."""

    annotator_id: int
    name: str
    role: Role = Role.ANNOTATOR


@dataclass
class DeskSession:
    """One signed-in browser.

    Attributes:
        opened_at_s: case number -> when it was last put on screen, on the book's clock. In memory: after a
            restart the desk has no record on screen either.
        seen_at: the last sign of life that was stored.
    """

    identity: Identity
    expires_at: datetime
    seen_at: datetime
    checked_at_s: float = 0.0
    opened_at_s: dict[int, float] = field(default_factory=dict)


@dataclass
class _Link:
    identity: Identity
    used: bool = False


class SessionBook:
    """Issues links, opens sessions, finds them by their secret and ends them.

    Args:
        clock: seconds that only go forward.
        now: the wall clock, UTC.
        idle_s: a session without a sign of life for so long ends.
        max_age_s: a session ends after so long whatever is done.
        recheck_s: how long a session found live is believed before the database is asked again.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        idle_s: float = SESSION_IDLE_S,
        max_age_s: float = SESSION_MAX_AGE_S,
        recheck_s: float = RECHECK_S,
    ) -> None:
        self.clock = clock
        self.now = now
        self._database = database
        self._idle_s = idle_s
        self._max_age_s = max_age_s
        self._recheck_s = recheck_s
        self._links: dict[bytes, _Link] = {}
        self._known: dict[bytes, DeskSession] = {}
        self._lock = threading.Lock()

    # ---- links

    def issue_link(self, identity: Identity) -> str:
        """A secret that opens one session for this person."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        with self._lock:
            self._links[_digest(secret)] = _Link(identity)
        return secret

    def redeem(self, secret: str) -> str | None:
        """Open a session with a link and spend the link; None for a spent or unknown one."""
        with self._lock:
            link = self._link(secret)
            if link is None or link.used:
                return None
            link.used = True
        return self.open(link.identity)

    def issued_to(self, secret: str) -> Identity | None:
        """Whose link this is or was; None when we never issued it."""
        with self._lock:
            link = self._link(secret)
            return link.identity if link else None

    def issue_if_none_waits(self, identity: Identity) -> str | None:
        """The secret of a new link, unless one for this person still waits to be opened.

        Looked at and made in one step: of several who ask at once, one gets it.
        """
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        with self._lock:
            if any(link.identity == identity and not link.used for link in self._links.values()):
                return None
            self._links[_digest(secret)] = _Link(identity)
        return secret

    def _link(self, secret: str) -> _Link | None:
        """Look at every link in constant time each, so that timing tells nothing about a near miss."""
        wanted = _digest(secret)
        found = None
        for known, link in self._links.items():
            if hmac.compare_digest(known, wanted):
                found = link
        return found

    # ---- sessions

    def open(self, identity: Identity, *, instead_of: str | None = None) -> str:
        """Open a session with a secret of its own; the browser's session before it, if any, ends.

        The secret is always new, so that one planted in a browser beforehand opens nothing.
        """
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        now = self.now()
        with self._database.write() as database:
            if instead_of:
                end_sign_in(database, secret=instead_of, now=now)
            open_sign_in(
                database,
                secret=secret,
                annotator_id=identity.annotator_id,
                max_age_s=self._max_age_s,
                now=now,
            )
        if instead_of:
            self._forget(instead_of)
        return secret

    def remembered(self, secret: str | None, *, stale_s: float = 0.0) -> DeskSession | None:
        """The session with this secret where it was found live a moment ago; asks nobody.

        Args:
            stale_s: how much older than usual the last look may be.
        """
        session = self._known.get(_digest(secret)) if secret else None
        if session is None or self.clock() - session.checked_at_s >= self._recheck_s + stale_s:
            return None
        now = self.now()
        unseen_s = (now - session.seen_at).total_seconds()
        is_live = session.expires_at > now and -CLOCKS_APART_S <= unseen_s < self._idle_s
        return session if is_live else None

    def find(self, secret: str | None) -> DeskSession | None:
        """The live session with this secret, or None. May ask the database."""
        if not secret or len(secret) not in _SECRET_LENGTH:
            return None
        remembered = self.remembered(secret)
        if remembered is not None:
            return remembered
        checked_at_s = self.clock()
        with self._database.read() as database:
            found = find_sign_in(database, secret=secret, idle_s=self._idle_s, now=self.now())
        if found is None:
            self._forget(secret)
            return None
        identity = Identity(found.annotator_id, found.name, found.role)
        with self._lock:
            if len(self._known) > _KNOWN_AT_MOST:
                self._known.clear()
            session = self._known.setdefault(
                _digest(secret), DeskSession(identity, found.expires_at, found.seen_at)
            )
            session.identity, session.checked_at_s = identity, checked_at_s
            session.seen_at = max(session.seen_at, found.seen_at)
        return session

    def note_activity(self, secret: str | None) -> None:
        """Write a sign of life down, now and then; a locked database is no reason to fail."""
        from sqlalchemy.exc import OperationalError

        now = self.now()
        try:
            session = self.find(secret)
            if secret is None or session is None or (now - session.seen_at).total_seconds() < SEEN_EVERY_S:
                return
            with self._database.write() as database:
                note_seen(database, secret=secret, now=now)
        except OperationalError:
            return
        session.seen_at = now

    def end(self, secret: str | None) -> None:
        """Sign one browser out, for good."""
        if not secret:
            return
        with self._database.write() as database:
            end_sign_in(database, secret=secret, now=self.now())
        self._forget(secret)

    def _forget(self, secret: str) -> None:
        with self._lock:
            self._known.pop(_digest(secret), None)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
