"""Who is speaking: the messenger's signature on its webhooks, and the model host's on its requests."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# How far the clocks of relay and model host may lie apart, seconds.
MOST_SKEW_S: Final = 120.0
_PREFIX: Final = "sha256="
_HEX: Final = 64


def challenge(params: Mapping[str, str], verify_token: str) -> str | None:
    """What to echo to the messenger when it checks the address; None where it isn't the messenger."""
    given = params.get("hub.verify_token", "").encode()
    is_right = hmac.compare_digest(given, verify_token.encode()) and bool(verify_token)
    asked = params.get("hub.challenge", "")
    if not is_right or params.get("hub.mode") != "subscribe" or not asked.isascii() or len(asked) > 200:
        return None
    return asked


def is_from_messenger(app_secret: str, body: bytes, header: str) -> bool:
    """Whether `X-Hub-Signature-256` is the HMAC of the raw body; compared in constant time."""
    if not app_secret or not header.startswith(_PREFIX) or len(header) != len(_PREFIX) + _HEX:
        return False
    wanted = hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(header[len(_PREFIX) :].encode("utf-8", "replace"), wanted.encode())


@dataclass(frozen=True)
class Signed:
    """The three headers of a request of the model host: when, a number used once, and the HMAC of it all."""

    timestamp: str
    nonce: str
    signature: str

    def headers(self) -> dict[str, str]:
        """As HTTP headers."""
        return {
            "X-EchoDesk-Timestamp": self.timestamp,
            "X-EchoDesk-Nonce": self.nonce,
            "X-EchoDesk-Signature": self.signature,
        }

    @staticmethod
    def of(headers: Mapping[str, str]) -> Signed:
        """As sent; empty where a header is missing."""
        return Signed(
            headers.get("x-echodesk-timestamp", ""),
            headers.get("x-echodesk-nonce", ""),
            headers.get("x-echodesk-signature", ""),
        )


def signed(secret: str, method: str, path: str, body: bytes, *, now: float, nonce: str) -> Signed:
    """Sign one request. The nonce must never be used twice."""
    timestamp = f"{now:.3f}"
    return Signed(timestamp, nonce, _of_request(secret, method, path, body, timestamp, nonce))


def is_signed(secret: str, method: str, path: str, body: bytes, given: Signed, *, now: float) -> bool:
    """Whether a request was signed with the secret a moment ago; the nonce has to be looked up besides."""
    try:
        skew = abs(float(given.timestamp) - now)
    except ValueError:
        return False
    # Not a number compares false, and is refused with what is too old.
    is_now = skew <= MOST_SKEW_S and 16 <= len(given.nonce) <= 64 and given.nonce.isascii()
    wanted = _of_request(secret, method, path, body, given.timestamp, given.nonce)
    is_right = hmac.compare_digest(given.signature.encode("utf-8", "replace"), wanted.encode())
    return bool(secret) and is_now and is_right


def _of_request(secret: str, method: str, path: str, body: bytes, timestamp: str, nonce: str) -> str:
    content = hashlib.sha256(body).hexdigest()
    text = "\n".join([method, path, timestamp, nonce, content])
    return hmac.new(secret.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
