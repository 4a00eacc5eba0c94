"""Passwords: argon2id hashes, made and checked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from db.errors import EchoDeskError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
HASH_PREFIX: Final = "$argon2id$"


def hash_password(password: str) -> str:
    """The argon2id hash to store, with its own salt and cost in it.

    Raises:
        EchoDeskError: shorter than `MIN_LENGTH`, longer than `MAX_LENGTH`, or of too few different
            characters.
    """
    fault = password_fault(password)
    if fault:
        raise EchoDeskError(fault, "A few unrelated words in a row are long enough and easy to keep.")
    return _hasher().hash(password)


def password_fault(password: str) -> str:
    """Why a password will not do, in one line; empty when it will."""
    if len(password) < MIN_LENGTH:
        return f"a password needs at least {MIN_LENGTH} characters"
    if len(password) > MAX_LENGTH:
        return f"a password has at most {MAX_LENGTH} characters"
    if len(set(password)) < 5:
        return "a password needs at least 5 different characters"
    return ""


def is_right_password(password: str, stored_hash: str | None) -> bool:
    """Whether the password belongs to the hash.

    Without one the work is the same, so that time tells nothing.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > MAX_LENGTH:
        return False  # no stored password is that long, so this tells nothing either
    is_known = stored_hash is not None and stored_hash.startswith(HASH_PREFIX)
    try:
        is_right = _hasher().verify(stored_hash if is_known and stored_hash else _nobodys_hash(), password)
    except (InvalidHashError, VerificationError):
        return False
    return is_right and is_known


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()  # RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes


@cache
def _nobodys_hash() -> str:
    """A hash with the usual cost that no stored password has."""
    import secrets

    return _hasher().hash(secrets.token_urlsafe(32))
