"""Photos and letters, sealed with AES-256-GCM under a key of the relay's own; a photo is a file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.errors import EchoDeskError
from db.files.keys import KEY_BYTES, make_key_file
from db.files.whole import whole_file

_NONCE_BYTES: Final = 12
_NAME: Final = re.compile(r"[0-9a-f]{32}")
LOST_KEY: Final = "Put the file back from its copy, or begin with a new folder."
# First bytes of what is worth reading: (offset, bytes).
_PICTURES: Final = (
    (0, b"\xff\xd8\xff"), (0, b"\x89PNG\r\n\x1a\n"), (0, b"%PDF-"), (8, b"WEBP"), (4, b"ftyp"),
    (0, b"II*\x00"), (0, b"MM\x00*"),
)  # fmt: skip


def is_picture(photo: bytes) -> bool:
    """Whether the first bytes are those of a photo or a PDF; the model host looks closer."""
    return any(photo[offset : offset + len(mark)] == mark for offset, mark in _PICTURES)


def key_file(folder: Path) -> Path:
    """Where a relay's key lies."""
    return folder / "relay.key"


class Vault:
    """Seals bytes under names, and keeps photos. A seal opens under its own name alone."""

    def __init__(self, folder: Path) -> None:
        """Open a relay's key and photos, making both where there are none.

        Raises:
            EchoDeskError: the key can't be read or is none.
        """
        self.photos = folder / "photos"
        file = key_file(folder)
        try:
            self.photos.mkdir(parents=True, exist_ok=True, mode=0o700)
            make_key_file(file, os.urandom(KEY_BYTES))
            key = file.read_bytes()
        except OSError as error:
            raise EchoDeskError(
                f"{file} can't be read or made", "See that this user may write to the relay's folder."
            ) from error
        if len(key) != KEY_BYTES:
            raise EchoDeskError(
                f"{file} is not a key", "Put the right file back, or begin with a new folder."
            )
        self._cipher = AESGCM(key)

    def seal(self, content: bytes, name: str) -> bytes:
        """Encrypt and authenticate."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, name.encode())

    def opened(self, sealed: bytes, name: str) -> bytes:
        """What was sealed under this name.

        Raises:
            EchoDeskError: it was sealed with another key or under another name, or has been changed.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError) as error:
            raise EchoDeskError(
                "a sealed photo or letter of the relay can't be opened",
                "Is relay.key the one it was sealed with?",
            ) from error

    def _file(self, job: str) -> Path:
        if not _NAME.fullmatch(job):
            raise EchoDeskError("a photo's name is not one the relay gave")
        return self.photos / f"{job}.sealed"

    def keep_photo(self, job: str, photo: bytes) -> None:
        """Put a photo on the disk, sealed and whole."""
        with whole_file(self._file(job), overwrite=True) as temporary:
            temporary.write_bytes(self.seal(photo, job))

    def photo(self, job: str) -> bytes | None:
        """A photo, or None where it is gone.

        Raises:
            EchoDeskError: it can't be opened.
        """
        try:
            return self.opened(self._file(job).read_bytes(), job)
        except FileNotFoundError:
            return None

    def keep_heat(self, job: str, heat: bytes) -> None:
        """Put the heat map of a photo beside it, sealed under a name of its own."""
        with whole_file(self._heat_file(job), overwrite=True) as temporary:
            temporary.write_bytes(self.seal(heat, f"{job}.heat"))

    def heat(self, job: str) -> bytes | None:
        """The heat map of a photo, or None where there is none (any more).

        Raises:
            EchoDeskError: it can't be opened.
        """
        try:
            return self.opened(self._heat_file(job).read_bytes(), f"{job}.heat")
        except FileNotFoundError:
            return None

    def _heat_file(self, job: str) -> Path:
        return self._file(job).with_suffix(".heat")

    def drop_photo(self, job: str) -> None:
        """Delete a photo and its heat map, as far as they are there."""
        # A photo that is left after a crash is found and dropped; a heat map alone would not be.
        self._heat_file(job).unlink(missing_ok=True)
        self._file(job).unlink(missing_ok=True)

    def kept(self) -> dict[str, float]:
        """The photos on the disk: job -> when it was written."""
        return {
            path.name.removesuffix(".sealed"): path.stat().st_mtime
            for path in self.photos.iterdir()
            if path.suffix == ".sealed" and _NAME.fullmatch(path.stem)
        }
