"""How long a name or an address has to wait after wrong passwords; kept in the database, so a restart
forgives nothing.

A try is counted before the password is looked at and given back when it was right, so that many tries at once
count as many. Libraries that limit rates keep their counts in memory or in a server of their own, and know no
try that is given back.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import Session, col

from db.events import lock_chain
from db.tables.people import SignInFailure


@dataclass(frozen=True)
class BackOff:
    """How the waiting time grows.

    Attributes:
        free_tries: so many wrong tries in a row cost nothing.
        cap_s: the longest wait; a stranger must not be able to lock somebody out for long.
        forget_s: after so long without a try everything is forgiven.
    """

    free_tries: int
    first_s: float = 2.0
    cap_s: float = 300.0
    forget_s: float = 24 * 3600.0

    def wait_s(self, failures: int) -> float:
        """Seconds to wait after so many wrong tries in a row: doubling, up to the cap."""
        over = failures - self.free_tries
        return 0.0 if over < 0 else min(self.cap_s, self.first_s * 2.0 ** min(over, 32))


BY_NAME: Final = BackOff(free_tries=4)
# A whole hospital can stand behind one address.
BY_ADDRESS: Final = BackOff(free_tries=20, forget_s=3600.0)


def failure_key(desk_key: bytes, kind: str, value: str) -> str:
    """What a name or an address is kept as: a keyed hash, because a mistyped name is often a password."""
    return hmac.new(desk_key, f"{kind}\n{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def take_try(session: Session, *, keys: Mapping[str, BackOff], now: datetime) -> float:
    """Count one try against every key.

    Returns:
        Seconds still to wait; 0 when the try may go on. A try that has to wait is not counted.
    """
    lock_chain(session)
    rows = {key: _row(session, key, rule, now) for key, rule in keys.items()}
    waits = [
        (row.blocked_until - now).total_seconds() for row in rows.values() if row.blocked_until is not None
    ]
    wait_s = max(waits, default=0.0)
    if wait_s > 0:
        return wait_s
    for key, row in rows.items():
        row.failures += 1
        pause_s = keys[key].wait_s(row.failures)
        row.blocked_until = now + timedelta(seconds=pause_s) if pause_s else None
        row.updated_at = now
        session.add(row)
    session.flush()
    return 0.0


def forgive(session: Session, *, key: str, is_all: bool, now: datetime) -> None:
    """After a right password: forget a name's wrong tries, or give an address back this one alone.

    Somebody with an account of their own could otherwise wash their address clean between guesses.
    """
    lock_chain(session)
    row = session.get(SignInFailure, key)
    if row is None:
        return
    row.failures = 0 if is_all else max(0, row.failures - 1)
    row.blocked_until = None
    row.updated_at = now
    session.add(row)
    session.flush()


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop what nobody has to wait for any more."""
    oldest = now - timedelta(seconds=max(BY_NAME.forget_s, BY_ADDRESS.forget_s))
    session.execute(delete(SignInFailure).where(col(SignInFailure.updated_at) < oldest))


def _row(session: Session, key: str, rule: BackOff, now: datetime) -> SignInFailure:
    row = session.get(SignInFailure, key)
    if row is None:
        return SignInFailure(key_sha256=key, failures=0, blocked_until=None, updated_at=now)
    if (now - row.updated_at).total_seconds() > rule.forget_s:
        row.failures, row.blocked_until = 0, None
    elif row.updated_at > now:  # the clock was put back: what is left to wait begins again, from here
        pause_s = rule.wait_s(row.failures)
        row.blocked_until = now + timedelta(seconds=pause_s) if pause_s else None
        row.updated_at = now
    return row
