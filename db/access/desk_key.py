"""The workspace's secret for draws and for what the page must not be able to guess; made on first use."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from db.errors import EchoDeskError
from db.files.keys import KEY_BYTES, make_key_file
from db.workspace import Workspace


def load_or_create_desk_key(workspace: Workspace) -> bytes:
    """The 32 bytes in `desk.key`, or derived from `ECHODESK_SECRET` where that is set.

    Two machines on one database share `ECHODESK_SECRET`, so that they draw the same records.

    Raises:
        EchoDeskError: when the file cannot be read or written, or is not a key.
    """
    if workspace.secret:
        return hashlib.sha256(workspace.secret.encode()).digest()
    file = workspace.desk_key_file
    try:
        if not file.exists():
            make_key_file(file, f"{secrets.token_hex(KEY_BYTES)}\n".encode())
        key = bytes.fromhex(file.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise EchoDeskError(
            f"{file} cannot be read as a key", "Restore it from a backup, or delete it."
        ) from error
    if len(key) != KEY_BYTES:
        raise EchoDeskError(
            f"{file} is not a key of {KEY_BYTES} bytes", "Restore it from a backup, or delete it."
        )
    return key


def drawn_share(key: bytes, *parts: object) -> float:
    """A number in 0-1, uniform over keys and always the same for the same parts: an unguessable fair draw."""
    digest = hmac.digest(key, "\n".join(map(str, parts)).encode(), "sha256")
    return int.from_bytes(digest[:7], "big") / 2**56


def opaque_mark(key: bytes, *parts: object) -> str:
    """A short text that names the parts to whoever has the key, and nothing to anybody else."""
    return hmac.digest(key, "\n".join(("mark", *map(str, parts))).encode(), "sha256").hex()[:32]
