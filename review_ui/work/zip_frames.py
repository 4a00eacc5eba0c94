"""A zip as a decoding process unpacks it: the name of each file, then what is in it, piece by piece."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from db.apart.frames import Frame
from db.apart.worker import Arguments, Operation
from db.errors import EchoDeskError
from review_ui.text import adding as said

_CHUNK_BYTES: Final = 1024 * 1024
# Names and sizes of that many files; a catalogue that is longer is not one of photos.
_MOST_CATALOGUE_BYTES: Final = 64 * 1024**2
_SKIPPED: Final = ("__MACOSX/", ".DS_Store")


def _files(arguments: Arguments, _payload: bytes) -> Iterator[Frame]:
    arrived = Path(arguments["path"])
    try:
        _check_catalogue(arrived)
        with zipfile.ZipFile(arrived) as archive:
            entries = [entry for entry in archive.infolist() if _is_file(entry)]
            if len(entries) > int(arguments["most_files"]):
                raise EchoDeskError(said.TOO_MUCH, said.TOO_MUCH_REMEDY)
            for entry in entries:
                yield Frame({"name": entry.filename, "size": entry.file_size})
                yield from _content(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, ValueError) as error:
        raise EchoDeskError(said.ZIP_BROKEN, said.ZIP_BROKEN_REMEDY) from error
    except RuntimeError as error:  # what zipfile says of a password
        raise EchoDeskError(said.ZIP_LOCKED, said.ZIP_LOCKED_REMEDY) from error


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[Frame]:
    with archive.open(entry) as packed:
        while chunk := packed.read(_CHUNK_BYTES):
            yield Frame({}, len(chunk), (chunk,))


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


OPERATIONS: Final[dict[str, Operation]] = {"files": _files}
