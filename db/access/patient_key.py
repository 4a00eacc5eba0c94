"""Patient ids -> keyed hashes, with a secret that stays in the workspace.

Whoever has a label table but not the key file can't find out whose row is whose, even by trying all ids.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import unicodedata
from pathlib import Path

from db.errors import EchoDeskError
from db.files.keys import KEY_BYTES, make_key_file


def normal_patient_id(patient_id: str) -> str:
    """The one spelling of an id that is hashed: no spaces, one case, full-width letters made plain."""
    folded = unicodedata.normalize("NFKC", patient_id).casefold()
    return "".join(letter for letter in folded if not letter.isspace() and letter.isprintable())


def patient_key(patient_id: str, secret: bytes) -> str:
    """HMAC-SHA256 of the normalised id, 64 hex digits. Raises `EchoDeskError` for an empty id."""
    normal = normal_patient_id(patient_id)
    if not normal:
        raise EchoDeskError("the patient id is empty", "Give every report a patient id.")
    return hmac.new(secret, normal.encode(), hashlib.sha256).hexdigest()


def load_secret(path: Path) -> bytes:
    """The 32 secret bytes of an existing key file.

    Raises:
        EchoDeskError: the file is missing, others than its owner have any access to it, or it isn't 32 bytes.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise EchoDeskError(
            f"the patient key file {path} is missing",
            "Put it back from your backup: without it the patients already registered can't be matched.",
        ) from None
    if os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077:
        raise EchoDeskError(
            f"the patient key file {path} can be read by other users of this machine",
            f"Run `chmod 600 {path}`, and consider who may have read it.",
        )
    if not stat.S_ISREG(status.st_mode) or status.st_size != KEY_BYTES:
        raise EchoDeskError(
            f"the patient key file {path} is not {KEY_BYTES} bytes long",
            "Put the original file back from your backup.",
        )
    return path.read_bytes()


def load_or_create_secret(path: Path) -> bytes:
    """The secret of a workspace, made on first use with mode 0600.

    The file appears whole or not at all; of two processes that start together one makes it and both use it.
    """
    if not path.exists():
        make_key_file(path, secrets.token_bytes(KEY_BYTES))
    return load_secret(path)
