"""The session cookie: out of reach of scripts, other sites and, where there is TLS, of other names and plain
HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import Morsel
from typing import Final


@dataclass(frozen=True)
class SessionCookie:
    """How the session's secret travels."""

    name: str = "echodesk"
    is_secure: bool = False

    def given(self, secret: str) -> str:
        """The header that gives a browser its session. It lasts as long as the browser's window at most."""
        return self._header(secret)

    def taken_away(self) -> str:
        """The header that takes it away."""
        return self._header("", max_age_s=0)

    def _header(self, value: str, *, max_age_s: int | None = None) -> str:
        morsel: Morsel[str] = Morsel()
        morsel.set(self.name, value, value)
        morsel["path"] = "/"
        morsel["httponly"] = True
        morsel["samesite"] = "Strict"
        if self.is_secure:
            morsel["secure"] = True
        if max_age_s is not None:
            morsel["max-age"] = str(max_age_s)
        return morsel.OutputString()


PLAIN_COOKIE: Final = SessionCookie()


def session_cookie(port: int, *, is_secure: bool) -> SessionCookie:
    """The cookie of the desk on a port: browsers share cookies among the ports of a host.

    Under TLS the name makes browsers refuse it from any other host, path or plain HTTP.
    """
    return SessionCookie(f"{'__Host-' if is_secure else ''}echodesk_{port}", is_secure)
