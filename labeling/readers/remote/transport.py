"""Where a page may be sent, and one exchange: an answer of a model server, or one of a few named troubles.

Addresses are named by the user; no page travels over a network in plain text unless that is allowed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from db.errors import EchoDeskError

if TYPE_CHECKING:
    import httpx

# An answer is a few kilobytes, with probabilities a few hundred; more than this is no answer.
_LONGEST_REPLY_BYTES: Final = 16 * 1024 * 1024
# Of a refusal only the beginning is looked at, for the name of what was refused.
_REFUSAL_BYTES: Final = 4096


class Trouble(Exception):
    """An exchange that gave no answer.

    Attributes:
        kind: `gone` (never connected), `dropped`, `timeout`, `busy`, `server_error`, `refused`,
            `certificate`.
        status: HTTP status, 0 where there was none.
        rest_s: how long the server asked to be left alone, seconds; null when it did not.
        refusal: beginning of a refusal in lower case, to look for what was refused. May quote the request: it
            is never shown, logged or stored.
    """

    def __init__(self, kind: str, status: int = 0, rest_s: float | None = None, refusal: str = "") -> None:
        super().__init__(kind, status)
        self.kind = kind
        self.status = status
        self.rest_s = rest_s
        self.refusal = refusal


def open_client(*, api_key: str, connect_timeout_s: float, timeout_s: float) -> httpx.AsyncClient:
    """A client for the named servers only: no proxy, no redirects, no passwords from other files."""
    import httpx

    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    return httpx.AsyncClient(
        headers=headers,
        timeout=httpx.Timeout(timeout_s, connect=connect_timeout_s, pool=None),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
        trust_env=False,
        follow_redirects=False,
        verify=_trusted_authorities(),
    )


@cache
def _trusted_authorities() -> ssl.SSLContext:
    """The system's own list, or the one in SSL_CERT_FILE, so that a hospital's own authority can be named."""
    return ssl.create_default_context()


async def exchange(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    timeout_s: float,
    json: Mapping[str, Any] | None = None,
    wall_clock: Callable[[], datetime],
) -> bytes:
    """Send one request and give the body of a good answer.

    Args:
        timeout_s: for the whole exchange, however slowly it drips.
        wall_clock: to understand a Retry-After that is a date.

    Raises:
        Trouble: anything else.
    """
    import httpx

    try:
        async with asyncio.timeout(timeout_s), client.stream(method, url, json=json) as response:
            if response.status_code == 200:
                return await _bounded(response, _LONGEST_REPLY_BYTES)
            refusal = await _beginning(response, _REFUSAL_BYTES)
            raise _trouble_of(response.status_code, response.headers.get("retry-after"), refusal, wall_clock)
    except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout):
        raise Trouble("timeout") from None
    except httpx.ConnectError as error:
        raise Trouble("certificate" if _is_certificate(error) else "gone") from None
    except httpx.ConnectTimeout:
        raise Trouble("gone") from None
    except httpx.HTTPError:
        raise Trouble("dropped") from None


async def _bounded(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > limit:
            raise Trouble("server_error", response.status_code)
    return bytes(body)


async def _beginning(response: httpx.Response, limit: int) -> str:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) >= limit:
            break
    return bytes(body[:limit]).decode("utf-8", "replace").lower()


def _trouble_of(
    status: int, retry_after: str | None, refusal: str, wall_clock: Callable[[], datetime]
) -> Trouble:
    rest_s = rest_asked_s(retry_after, wall_clock())
    if status == 429:
        return Trouble("busy", status, rest_s)
    if status in (408, 425) or status >= 500:
        return Trouble("server_error", status, rest_s)
    return Trouble("refused", status, None, refusal)


def rest_asked_s(retry_after: str | None, now: datetime) -> float | None:
    """A Retry-After header, in seconds or as a date, as seconds from now; null when there is none to
    understand.
    """
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


def _is_certificate(error: BaseException) -> bool:
    """Whether waiting can't help: the certificate is there and not trusted."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ssl.SSLCertVerificationError):
        seen = seen.__cause__ or seen.__context__
    return seen is not None or "certificate_verify_failed" in str(error).lower()


_HINT = "Name it like http://127.0.0.1:8000/v1 or https://gpu-1.hospital.example/v1."


def checked_addresses(urls: Sequence[str], *, allow_plain_http: bool = False) -> list[str]:
    """The base addresses, each ending in `/v1`, in the order given, none twice.

    Report pages are sent to these servers, so nothing is guessed: an address has a scheme and a host, carries
    no password or key (it would end up in logs), and plain http is for this machine's loopback alone unless
    allowed.

    Args:
        urls: `scheme://host[:port][/path]`; a missing `/v1` at the end is added.
        allow_plain_http: the network between here and the server is trusted.

    Raises:
        EchoDeskError: there is none, or one can't be used; names its host at most.
    """
    if isinstance(urls, str):
        urls = [urls]
    if not urls:
        raise EchoDeskError("no model server is named", f"Give at least one address. {_HINT}")
    return list(dict.fromkeys(_checked(url, allow_plain_http=allow_plain_http) for url in urls))


def _checked(url: str, *, allow_plain_http: bool) -> str:
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise EchoDeskError("the address of a model server can't be understood", _HINT) from None
    if parts.scheme not in ("http", "https") or not host:
        raise EchoDeskError("the address of a model server needs http:// or https:// and a host", _HINT)
    has_secret = parts.username is not None or parts.password is not None
    if has_secret or parts.query or parts.fragment:
        raise EchoDeskError(
            f"the address of the model server {host} holds more than a place",
            "Leave out user names, keys and everything after ? or #; the key goes into "
            "ECHODESK_REMOTE_API_KEY.",
        )
    if parts.scheme == "http" and not allow_plain_http and not is_loopback(host):
        raise EchoDeskError(
            f"report pages would go to {host} unencrypted",
            "Use https, or a tunnel to this machine; on a network you trust, allow plain http explicitly.",
        )
    return _base_address(parts.scheme, host, port, parts.path.rstrip("/"))


def _base_address(scheme: str, host: str, port: int | None, path: str) -> str:
    """`scheme://host[:port]/.../v1`; a numeric IPv6 host in brackets."""
    place = f"[{host}]" if ":" in host else host
    numbered = place if port is None else f"{place}:{port}"
    return f"{scheme}://{numbered}{path if path.endswith('/v1') else f'{path}/v1'}"


def is_loopback(host: str) -> bool:
    """Whether a host name or number is this machine's own loopback."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_key(key: str) -> str:
    """An API key that fits into a header. Raises EchoDeskError, without the key, when it does not."""
    if any(not 33 <= ord(character) <= 126 for character in key):
        raise EchoDeskError(
            "the API key of the model server holds a blank, a line break or a letter outside ASCII",
            "Copy it again into ECHODESK_REMOTE_API_KEY.",
        )
    return key
