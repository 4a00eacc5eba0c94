"""How a program comes in: with a person's key (`Authorization: Bearer KEY`), and never with a cookie."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

from db.access.api_keys import PREFIX, find_key
from db.access.sign_in_failures import BY_ADDRESS, failure_key, take_try
from db.store.engine import Database
from review_ui.door.plain_pages import PlainPage
from review_ui.door.policy import ROUTES, roles_for, rule_for
from review_ui.door.sessions import Identity
from review_ui.door.sign_in import address_group

_LONGEST_KEY: Final = 128
_WORDS: Final = {
    401: "A key is needed: Authorization: Bearer KEY. A lead makes one with: echodesk users key NAME",
    403: "The role of the person whose key this is may not read this.",
    404: "There is nothing at this address.",
    405: "This is read only.",
    429: "Too many keys that open nothing came from this address. Please wait.",
    503: "The database is busy. Please ask again.",
}


@dataclass(frozen=True)
class KeyBook:
    """Opens what a key may read. `secret` keeps addresses unreadable in the table of wrong tries."""

    database: Database
    now: Callable[[], datetime]
    secret: bytes

    def open(self, authorization: str, address: str, method: str, path: str) -> Identity | PlainPage:
        """The person whose key came, who may read this; else what to answer.

        A key has too many possible values to be guessed; the wait keeps trying from costing us anything.
        """
        from sqlalchemy.exc import OperationalError

        try:
            identity = self._person(authorization)
            if identity is None:
                return self._unknown(address) if authorization else _keyless()
        except OperationalError:
            return api_refused(503, ("retry-after", "5"))
        rule = rule_for(method, path)
        if rule is None:
            is_known = any(one.pattern.fullmatch(path) for one in ROUTES)
            return api_refused(405, ("allow", "GET, HEAD")) if is_known else api_refused(404)
        return identity if identity.role in roles_for(rule, path) else api_refused(403)

    def _person(self, authorization: str) -> Identity | None:
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or not key.startswith(PREFIX) or len(key) > _LONGEST_KEY:
            return None
        with self.database.read() as session:
            found = find_key(session, secret=key)
        return None if found is None else Identity(*found)

    def _unknown(self, address: str) -> PlainPage:
        kept = failure_key(self.secret, "api-address", address_group(address))
        with self.database.write() as session:
            wait_s = take_try(session, keys={kept: BY_ADDRESS}, now=self.now())
        if wait_s > 0:
            return api_refused(429, ("retry-after", str(ceil(wait_s))))
        return _keyless()


def _keyless() -> PlainPage:
    return api_refused(401, ("www-authenticate", 'Bearer realm="EchoDesk"'))


def api_refused(status: int, *headers: tuple[str, str], detail: str = "") -> PlainPage:
    """A refusal that a program can read."""
    body = json.dumps({"error": detail or _WORDS[status]})
    return PlainPage(
        status, body, headers=(("cache-control", "no-store"), *headers), media_type="application/json"
    )
