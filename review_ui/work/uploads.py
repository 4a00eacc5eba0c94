"""Files on their way in: a private folder of the workspace that goes when they are stored, dropped, or at the
next start.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import IO, Final

from db.errors import EchoDeskError
from db.files.held import HeldFile, hold, is_held
from db.files.manifest import hash_file
from review_ui.text import adding as said

MOST_FILES: Final = 20_000
MOST_BYTES: Final = 16 * 1024**3
# What must stay free on the disk beside what comes: the database and the pictures are written there, too.
KEPT_FREE_BYTES: Final = 512 * 1024**2
# Beginnings that nobody finished: of one person no more than this many lie about.
MOST_OF_ONE_PERSON: Final = 4
_DEEPEST: Final = 20
_LONGEST_NAME_BYTES: Final = 240
_LOCK: Final = ".held"


class NameRefused(EchoDeskError):
    """One file cannot be kept under its name; the others can."""


@dataclass
class Upload:
    """What one person has chosen so far.

    Attributes:
        folder: the files, as they were named.
        count, size_bytes: of the files that are there.
    """

    name: str
    owner: int
    folder: Path
    count: int = 0
    size_bytes: int = 0
    lock: Lock = field(default_factory=Lock)

    def files(self) -> Iterator[Path]:
        """Every file that is there, hidden ones left out."""
        for folder, folders, names in os.walk(self.folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith("."):
                    yield Path(folder) / name

    def place_for(self, name: str) -> Path:
        """Where a file of this name goes, its folders made.

        Raises:
            NameRefused: a name that leads elsewhere or that no file can have.
        """
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts or len(parts) > _DEEPEST or not all(map(_is_plain, parts)):
            raise NameRefused(said.NAME_UNUSABLE, said.NAME_REMEDY)
        place = self.folder.joinpath(*parts)
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:  # a file stands where a folder should
            raise NameRefused(said.NAME_UNUSABLE, said.NAME_REMEDY) from error
        return place

    def keep(self, arrived: Path, name: str, *, replaces: bool = False) -> None:
        """Give a file that has arrived whole its name; the same file once more changes nothing.

        Args:
            replaces: a newer version takes the place of the one that is there.

        Raises:
            NameRefused: another file of this name is there.
        """
        place = self.place_for(name)
        with self.lock:
            if place.is_file() and replaces:
                self.size_bytes += arrived.stat().st_size - place.stat().st_size
                arrived.replace(place)
                return
            if place.exists():
                is_same = place.is_file() and hash_file(place).sha256 == hash_file(arrived).sha256
                arrived.unlink()
                if not is_same:
                    raise NameRefused(said.NAME_TAKEN, said.NAME_TAKEN_REMEDY)
                return
            self.size_bytes += arrived.stat().st_size
            self.count += 1
            arrived.rename(place)


@dataclass
class Uploads:
    """The uploads of one desk, each known by a name that cannot be guessed; `root` is shared by all desks."""

    root: Path
    _own: Path | None = None
    _held: HeldFile | None = None
    _kept: dict[str, Upload] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def sweep(self) -> None:
        """Remove what desks that are gone have left behind."""
        if not self.root.is_dir():
            return
        for folder in self.root.iterdir():
            if folder != self._own and not is_held(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)

    def begin(self, owner: int) -> Upload:
        """A new, empty one; the oldest of a person with too many goes."""
        with self._lock:
            own = self._own_folder()
            mine = [one for one in self._kept.values() if one.owner == owner]
            for old in mine[: max(0, len(mine) - MOST_OF_ONE_PERSON + 1)]:
                self._remove(old)
            name = secrets.token_urlsafe(18)
            folder = own / secrets.token_hex(8) / "files"
            folder.mkdir(mode=0o700, parents=True)
            folder.parent.chmod(0o700)
            upload = self._kept[name] = Upload(name, owner, folder)
            return upload

    def find(self, name: str, owner: int) -> Upload:
        """A person's own upload.

        Raises:
            EchoDeskError: there is none of this name, or it is somebody else's.
        """
        upload = self._kept.get(name)
        if upload is None or upload.owner != owner:
            raise EchoDeskError(said.GONE, said.GONE_REMEDY)
        return upload

    def drop(self, upload: Upload) -> None:
        """Remove its files."""
        with self._lock:
            self._remove(upload)

    def arriving(self, upload: Upload, size_bytes: int) -> tuple[Path, IO[bytes]]:
        """A hidden file beside the others to write what comes into.

        Raises:
            EchoDeskError: too many, too much, or no room for it.
        """
        if upload.count >= MOST_FILES or upload.size_bytes + size_bytes > MOST_BYTES:
            raise EchoDeskError(said.TOO_MUCH, said.TOO_MUCH_REMEDY)
        try:
            if shutil.disk_usage(upload.folder).free < size_bytes + KEPT_FREE_BYTES:
                raise EchoDeskError(said.DISK_FULL, said.DISK_FULL_REMEDY)
            path = upload.folder.parent / f"{secrets.token_hex(8)}.partial"
            return path, os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        except FileNotFoundError as error:  # dropped in the middle
            raise EchoDeskError(said.GONE, said.GONE_REMEDY) from error

    def close(self) -> None:
        """Remove everything of this desk."""
        with self._lock:
            self._kept.clear()
            if self._own is not None:
                shutil.rmtree(self._own, ignore_errors=True)
            if self._held is not None:
                self._held.close()
            self._own = self._held = None

    def _own_folder(self) -> Path:
        if self._own is None:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root.chmod(0o700)
            self._own = self.root / secrets.token_hex(8)
            self._own.mkdir(mode=0o700)
            self._held = hold(self._own / _LOCK)
        return self._own

    def _remove(self, upload: Upload) -> None:
        self._kept.pop(upload.name, None)
        with suppress(OSError):
            shutil.rmtree(upload.folder.parent)


def _is_plain(part: str) -> bool:
    return (
        part not in ("", ".", "..", "/")
        and part.isprintable()
        and len(part.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME_BYTES
    )
