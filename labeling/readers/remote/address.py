"""Which model servers may be asked: addresses named by the user, and no plain text over a network unless
allowed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from db.errors import EchoDeskError

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
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise EchoDeskError(
            f"the address of the model server {host} holds more than a place",
            "Leave out user names, keys and everything after ? or #; the key goes into ECHODESK_REMOTE_API_KEY.",
        )
    if parts.scheme == "http" and not allow_plain_http and not is_loopback(host):
        raise EchoDeskError(
            f"report pages would go to {host} unencrypted",
            "Use https, or a tunnel to this machine; on a network you trust, allow plain http explicitly.",
        )
    place = f"[{host}]" if ":" in host else host
    path = parts.path.rstrip("/")
    path = path if path.endswith("/v1") else f"{path}/v1"
    return f"{parts.scheme}://{place}{f':{port}' if port is not None else ''}{path}"


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
