"""Signing in with a name and a password: one calm answer for everything that is wrong, slower after each."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

from db.access.passwords import is_right_password
from db.access.sign_in_failures import BY_ADDRESS, BY_NAME, failure_key, forgive, take_try
from db.decisions import Role
from db.errors import EchoDeskError
from db.store.engine import Database
from db.tables.people import User
from db.users import tidy_name, user_named
from review_ui.door.sessions import Identity, SessionBook
from review_ui.text import door

MAX_NAME_TYPED: Final = 200


@dataclass(frozen=True)
class SignInOutcome:
    """What came of one try: a session's secret, or a sentence and how long to wait."""

    secret: str | None = None
    sentence: str = ""
    wait_s: int = 0


@dataclass(frozen=True)
class FrontDoor:
    """What signing in works with; `key` keeps what was typed unreadable in the table of wrong tries."""

    database: Database
    book: SessionBook
    key: bytes
    now: Callable[[], datetime]

    def try_password(
        self, *, name: str, password: str, address: str, instead_of: str | None
    ) -> SignInOutcome:
        """Check a name and a password. Takes the same time whether or not anybody has the name."""
        try:
            name = tidy_name(name[:MAX_NAME_TYPED])
        except EchoDeskError:
            name = ""  # nobody's; goes through the same steps
        by_name = failure_key(self.key, "name", name.casefold())
        by_address = failure_key(self.key, "address", address_group(address))
        with self.database.write() as session:
            wait_s = take_try(session, keys={by_name: BY_NAME, by_address: BY_ADDRESS}, now=self.now())
        if wait_s > 0:
            return SignInOutcome(
                sentence=door.SIGN_IN_WAIT.format(wait=wait_words(wait_s)), wait_s=ceil(wait_s)
            )
        with self.database.read() as session:
            user = user_named(session, name=name)
        # Outside any transaction: it takes a quarter of a second on purpose.
        if not is_right_password(password, _usable_hash(user)) or user is None:
            return SignInOutcome(sentence=door.SIGN_IN_WRONG)
        with self.database.write() as session:
            forgive(session, key=by_name, is_all=True, now=self.now())
            forgive(session, key=by_address, is_all=False, now=self.now())
        identity = Identity(int(user.id or 0), user.name, Role(user.role))
        return SignInOutcome(secret=self.book.open(identity, instead_of=instead_of))


def address_group(address: str) -> str:
    """What counts as one address: one household or host has a whole /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def wait_words(wait_s: float) -> str:
    """`2 seconds`, `5 minutes`."""
    seconds = ceil(wait_s)
    if seconds >= 90:
        return door.MINUTES.format(number=ceil(seconds / 60))
    return door.SECOND if seconds == 1 else door.SECONDS.format(number=seconds)


def _usable_hash(user: User | None) -> str | None:
    return user.password_hash if user is not None and user.is_active else None
