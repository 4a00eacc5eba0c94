"""A zip among the chosen files: what is in it takes its place, counted while it is unpacked."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError
from review_ui.text import adding as said
from review_ui.work.hooks import RefusedFile
from review_ui.work.uploads import MOST_FILES, NameRefused, Upload, Uploads

ZIP_ENDING: Final = ".zip"
_CHUNK_BYTES: Final = 1024 * 1024
# Names and sizes of that many files; a catalogue that is longer is not one of photos.
_MOST_CATALOGUE_BYTES: Final = 64 * 1024**2
_SKIPPED: Final = ("__MACOSX/", ".DS_Store")


def unpack(
    uploads: Uploads, upload: Upload, arrived: Path, folder: str, *, most_file_bytes: int
) -> list[RefusedFile]:
    """Keep the files of an archive that has arrived under their own names; the archive itself goes.

    Archives within it stay packed: the preview names them. What an archive says of its sizes is not believed.

    Args:
        folder: the folder the archive was chosen from, empty where it lay by itself.

    Returns:
        the files whose names cannot be kept.

    Raises:
        EchoDeskError: it is no archive, is locked with a password, or holds too much.
    """
    try:
        _check_catalogue(arrived)
        with zipfile.ZipFile(arrived) as archive:
            entries = [entry for entry in archive.infolist() if _is_file(entry)]
            if upload.count + len(entries) > MOST_FILES:
                raise EchoDeskError(said.TOO_MUCH, said.TOO_MUCH_REMEDY)
            refused: list[RefusedFile] = []
            for entry in entries:
                name = f"{folder}/{entry.filename}" if folder else entry.filename
                try:
                    _unpack_one(uploads, upload, archive, entry, name, most_file_bytes)
                except NameRefused as error:
                    refused.append(RefusedFile(name, error.message, error.hint))
            return refused
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, ValueError) as error:
        raise EchoDeskError(said.ZIP_BROKEN, said.ZIP_BROKEN_REMEDY) from error
    except RuntimeError as error:  # what zipfile says of a password
        raise EchoDeskError(said.ZIP_LOCKED, said.ZIP_LOCKED_REMEDY) from error
    finally:
        arrived.unlink(missing_ok=True)


def _check_catalogue(arrived: Path) -> None:
    """The catalogue is read whole: refuse one that alone would fill the memory."""
    with arrived.open("rb") as file:
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") > _MOST_CATALOGUE_BYTES < size:
        raise EchoDeskError(said.TOO_MUCH, said.TOO_MUCH_REMEDY)


def _is_file(entry: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    is_plain = kind in (0, stat.S_IFREG)  # a link could lead out of the folder
    return is_plain and not entry.is_dir() and not any(part in entry.filename for part in _SKIPPED)


def _unpack_one(
    uploads: Uploads,
    upload: Upload,
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    name: str,
    most_bytes: int,
) -> None:
    upload.place_for(name)  # refuse a name before unpacking anything under it
    partial, file = uploads.arriving(upload, min(entry.file_size, most_bytes))
    try:
        with file, archive.open(entry) as packed:
            written = 0
            while chunk := packed.read(_CHUNK_BYTES):
                written += len(chunk)
                if written > most_bytes:
                    raise EchoDeskError(said.FILE_TOO_LARGE, said.FILE_TOO_LARGE_REMEDY)
                file.write(chunk)
        upload.keep(partial, name)
    finally:
        partial.unlink(missing_ok=True)
