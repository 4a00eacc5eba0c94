"""Who can reach the desk, and what must be in place before it opens to more than this computer."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError
from db.store.engine import Database
from db.users import has_password_user
from db.workspace import Workspace
from review_ui.door.root import ROOT_PATTERN
from review_ui.text import door

LOCAL_HOSTS: Final = ("127.0.0.1", "localhost", "::1")
MIN_SECRET_LENGTH: Final = 32
_ANY_ADDRESS: Final = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
# Words of examples in guides; a secret with one of them was copied, not made.
_PLACEHOLDERS: Final = (
    "change",
    "secret",
    "password",
    "example",
    "placeholder",
    "your",
    "echodesk",
    "12345",
    "abcdef",
)
_MIN_DIFFERENT: Final = 10
_STANDARD_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Exposure:
    """How the desk is reached.

    Attributes:
        host: the address it listens on.
        tls_cert, tls_key: PEM files with the certificate chain and its key.
        trusted_proxy: address of the one machine in front that does TLS; its X-Forwarded headers are
            believed.
        public_names: how browsers may call the desk, `name` or `name:port`.
        root_path: below which path of a larger site the desk is, such as `/echodesk`.
    """

    host: str = "127.0.0.1"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxy: str = ""
    public_names: tuple[str, ...] = ()
    root_path: str = ""

    @property
    def is_local(self) -> bool:
        """Whether only this computer can reach it, so that a one-time link is enough."""
        asked = self.tls_cert or self.tls_key or self.trusted_proxy or self.public_names
        return self.host in LOCAL_HOSTS and not asked

    @property
    def has_tls(self) -> bool:
        """Whether the desk itself speaks TLS."""
        return self.tls_cert is not None and self.tls_key is not None

    @property
    def scheme(self) -> str:
        """What the browser's address begins with."""
        return "http" if self.is_local else "https"

    def hosts(self, port: int) -> frozenset[str]:
        """The accepted Host headers, lower case."""
        if self.is_local:
            return frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
        accepted = set()
        for name in self.public_names or (_bracketed(self.host),):
            accepted |= _spellings(
                name.lower(), seen_port=_STANDARD_PORTS["https"] if self.trusted_proxy else port
            )
        return frozenset(accepted)

    def address(self, port: int) -> str:
        """What a person types into the browser, without a path."""
        if self.is_local:
            return f"http://{_bracketed(self.host)}:{port}{self.root_path}"
        names = sorted(self.hosts(port), key=lambda name: (len(name), name))
        return f"https://{names[0]}{self.root_path}"


THIS_COMPUTER: Final = Exposure()


def check_exposure(exposure: Exposure, workspace: Workspace, database: Database) -> None:
    """Refuse to open to the network before people, a secret and encryption are in place.

    Raises:
        EchoDeskError: the first thing that is missing, with what to type.
    """
    if not ROOT_PATTERN.fullmatch(exposure.root_path):
        raise EchoDeskError(door.ROOT_UNUSABLE, door.ROOT_HINT)
    if exposure.is_local:
        return
    if (exposure.tls_cert is None) != (exposure.tls_key is None):
        raise EchoDeskError(door.TLS_HALF, door.TLS_HINT)
    if exposure.has_tls == bool(exposure.trusted_proxy):
        raise EchoDeskError(door.TLS_MISSING.format(host=exposure.host), door.TLS_HINT)
    if exposure.trusted_proxy and not _is_address(exposure.trusted_proxy):
        raise EchoDeskError(door.PROXY_NOT_AN_ADDRESS, door.PROXY_HINT)
    if not exposure.public_names and (exposure.trusted_proxy or exposure.host in _ANY_ADDRESS):
        raise EchoDeskError(door.NAME_MISSING, door.NAME_HINT)
    fault = secret_fault(workspace.secret)
    if fault:
        raise EchoDeskError(fault, door.SETTING_HINT)
    with database.read() as session:
        if not has_password_user(session):
            raise EchoDeskError(door.NOBODY_TO_SIGN_IN, door.NOBODY_HINT)
    if exposure.has_tls:
        check_certificate(exposure)


def secret_fault(secret: str) -> str:
    """Why a secret will not do, in one line; empty when it will."""
    if not secret:
        return door.SETTING_MISSING
    if len(secret) < MIN_SECRET_LENGTH:
        return door.SETTING_SHORT.format(length=MIN_SECRET_LENGTH)
    looks_made_up = any(word in secret.lower() for word in _PLACEHOLDERS)
    return door.SETTING_COPIED if looks_made_up or len(set(secret)) < _MIN_DIFFERENT else ""


def check_certificate(exposure: Exposure) -> None:
    """Whether the certificate and its key can be used, before anybody is served.

    Raises:
        EchoDeskError: a file that cannot be read, is not PEM, or whose halves do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # A key with a passphrase would ask for it on the terminal, in the middle of a service.
        context.load_cert_chain(str(exposure.tls_cert), str(exposure.tls_key), password=lambda: "")
    except (OSError, ssl.SSLError, ValueError) as error:
        raise EchoDeskError(door.TLS_UNREADABLE, door.TLS_UNREADABLE_HINT) from error


def _spellings(name: str, *, seen_port: int) -> set[str]:
    """A name as browsers send it: they leave the standard port out."""
    bare, _, port = name.rpartition(":") if not name.endswith("]") else (name, "", "")
    if not bare or not port.isdigit():
        bare, port = name, str(seen_port)
    return {f"{bare}:{port}", bare} if port == "443" else {f"{bare}:{port}"}


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_address(text_address: str) -> bool:
    try:
        ipaddress.ip_address(text_address)
    except ValueError:
        return False
    return True
