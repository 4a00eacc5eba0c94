"""A hospital's own patient ids, kept for one workspace on one machine: encrypted, beside the key files.

Only where intake was asked to. They lie in a file of their own and not in the database, so that no backup,
snapshot or server of the database holds them. Who has the file without its key has nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from db.access.patient_key import load_secret, normal_patient_id, patient_key
from db.errors import EchoDeskError
from db.files.keys import KEY_BYTES, make_key_file
from db.workspace import Workspace

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES: Final = 12
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS own_id "
    "(patient_key TEXT PRIMARY KEY, lookup TEXT NOT NULL, sealed BLOB NOT NULL)"
)
_AT_ONCE: Final = 500


class OwnIds:
    """The ids of one workspace; without a file there are none."""

    def __init__(self, workspace: Workspace) -> None:
        self._file = workspace.own_ids_file
        self._key_file = workspace.own_ids_key_file
        self._hash_key_file = workspace.patient_key_file

    def is_kept(self) -> bool:
        """Whether any were ever kept here."""
        return self._file.exists()

    def keep(self, patient_key: str, written: str) -> None:
        """Keep an id as it was written; of two spellings the last.

        Raises:
            EchoDeskError: the files cannot be read or written.
        """
        key = self._key(is_new=True)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + _cipher(key).encrypt(nonce, written.encode(), patient_key.encode())
        lookup = _lookup(key, written)
        with self._opened() as connection:
            connection.execute(_TABLE)
            connection.execute(
                "INSERT OR REPLACE INTO own_id VALUES (?, ?, ?)", (patient_key, lookup, sealed)
            )

    def forget(self, patient_key: str) -> bool:
        """Delete the id of a patient, and what its row leaves in the file; whether it was kept.

        Raises:
            EchoDeskError: the file can't be written.
        """
        if not self.is_kept():
            return False
        with self._opened() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute(_TABLE)
            gone = connection.execute("DELETE FROM own_id WHERE patient_key = ?", (patient_key,)).rowcount
        with self._opened() as connection:
            connection.execute("VACUUM")
        return bool(gone)

    def of(self, patient_keys: Sequence[str]) -> dict[str, str]:
        """Keyed hash -> the id, of those patients whose id is kept."""
        if not self.is_kept() or not patient_keys:
            return {}
        cipher = _cipher(self._key(is_new=False))
        found: dict[str, str] = {}
        with self._opened() as connection:
            for start in range(0, len(patient_keys), _AT_ONCE):
                some = patient_keys[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                wanted = f"patient_key IN ({marks})"  # question marks alone; the values are bound
                asked = f"SELECT patient_key, sealed FROM own_id WHERE {wanted}"  # noqa: S608 - see above
                for patient, sealed in connection.execute(asked, list(some)):
                    found[patient] = self._opened_id(cipher, patient, sealed)
        return found

    def can_find(self) -> bool:
        """Whether an id can be looked for: ids are kept here, or the key they are hashed with is."""
        return self.is_kept() or self._hash_key_file.exists()

    def patient_of(self, written: str) -> str | None:
        """The keyed hash of a patient with exactly this id, however it is spaced or cased.

        It need not be anybody's. None where no id was written, or the key of the hashes is not here.

        Raises:
            EchoDeskError: a key file cannot be read, or is not its owner's alone.
        """
        if not normal_patient_id(written):
            return None
        kept = self._kept_patient(written) if self.is_kept() else None
        if kept is not None or not self._hash_key_file.exists():
            return kept
        # Whoever took the reports in need not have kept the ids: the hash of an id is found all the same.
        return patient_key(written, load_secret(self._hash_key_file))

    def _kept_patient(self, written: str) -> str | None:
        lookup = _lookup(self._key(is_new=False), written)
        with self._opened() as connection:
            row = connection.execute("SELECT patient_key FROM own_id WHERE lookup = ?", (lookup,)).fetchone()
        return None if row is None else str(row[0])

    def _key(self, *, is_new: bool) -> bytes:
        try:
            if is_new and not self.is_kept() and not self._key_file.exists():
                make_key_file(self._key_file, secrets.token_bytes(KEY_BYTES))
            key = self._key_file.read_bytes()
        except OSError as error:
            raise EchoDeskError(
                f"{self._key_file} can't be read ({error.strerror})",
                f"Put it back, or remove {self._file.name} and take the reports in again with --keep-ids.",
            ) from None
        if len(key) != KEY_BYTES:
            raise EchoDeskError(
                f"{self._key_file} is not a key of {KEY_BYTES} bytes", "Put the original back."
            )
        return key

    def _opened_id(self, cipher: AESGCM, patient: str, sealed: bytes) -> str:
        from cryptography.exceptions import InvalidTag

        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, rest, patient.encode()).decode()
        except InvalidTag:
            raise EchoDeskError(
                f"{self._file} was not written with {self._key_file.name}",
                "Put the key that belongs to it back.",
            ) from None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.touch(mode=0o600)
            with closing(sqlite3.connect(self._file, timeout=10)) as connection, connection:
                yield connection
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise EchoDeskError(
                f"{self._file} can't be used ({reason})", "Check the folder and its room."
            ) from None


def _cipher(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _lookup(key: bytes, written: str) -> str:
    """What an id is found by: a hash that nobody can work out without the key."""
    return hmac.new(key, b"lookup\n" + normal_patient_id(written).encode(), hashlib.sha256).hexdigest()
