"""Put a snapshot out: into a folder, a zip file, or a place that fsspec knows by its URL (S3, Google Cloud,
...).

Every file's hash is compared with the manifest before and after. The manifest goes last, so that a folder
without one is no snapshot. What cannot be finished is taken away again.
"""

from __future__ import annotations

import hashlib
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial as partial_of
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from db.errors import EchoDeskError, pip_install
from db.files.manifest import MANIFEST_NAME, FileHash, hash_file, hash_folder
from db.files.whole import new_folder, whole_file, write_file
from pipeline.dataset.verifying import verify_folder

_CHUNK_BYTES: Final = 1 << 20
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
# The extra that holds a protocol's package.
_EXTRAS: Final = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}
# What these packages raise besides OSError when a place cannot be reached or says no.
_ERRORS: Final = (
    "botocore.exceptions:BotoCoreError",
    "botocore.exceptions:ClientError",
    "aiohttp:ClientError",
    "google.auth.exceptions:GoogleAuthError",
    "gcsfs.retry:HttpError",
)


class ExportError(EchoDeskError):
    """A snapshot that was not put out. `hint` says what can be done."""


@dataclass(frozen=True)
class Exported:
    """What was put where.

    Attributes:
        place: folder, file or URL, without anything secret.
    """

    name: str
    place: str
    files: int
    bytes: int


def export_snapshot(folder: Path, to: str) -> Exported:
    """Copy a snapshot to `to`: a folder or a URL, below which it appears under its name, or a file ending in
    `.zip`.

    Raises:
        ExportError: the snapshot is damaged, the place is taken or cannot be written, or a package is
            missing.
    """
    verdict = verify_folder(folder)
    if not verdict.is_sound:
        raise ExportError(f"the snapshot is not as it was frozen: {verdict.problems[0]}", "Freeze it anew.")
    name = str(verdict.manifest["name"])
    expected = {**hash_folder(folder), MANIFEST_NAME: hash_file(folder / MANIFEST_NAME)}
    protocol = urlsplit(to).scheme if "://" in to else ""
    if protocol in ("", "file"):
        local = Path(unquote(urlsplit(to).path)) if protocol else Path(to)
        is_zip = local.suffix.lower() == ".zip"
        target = local if is_zip else local / name
        place = str(target)
        with _told_as_one(place, protocol):
            (_to_zip if is_zip else _to_folder)(folder, target, expected)
    else:
        place = f"{_without_secrets(to).rstrip('/')}/{name}"
        if place.lower().endswith(f".zip/{name.lower()}"):
            raise ExportError(
                "a zip file is written to a disk only", "Give a local FILE.zip, or a URL without .zip."
            )
        with _told_as_one(place, protocol):
            _to_url(folder, f"{to.rstrip('/')}/{name}", protocol, expected)
    return Exported(name, place, len(expected), sum(one.bytes for one in expected.values()))


def manifest_last(names: Sequence[str]) -> list[str]:
    """File names in order, the manifest at the end."""
    return sorted(names, key=lambda name: (name == MANIFEST_NAME, name))


def _to_folder(folder: Path, target: Path, expected: dict[str, FileHash]) -> None:
    with new_folder(target) as partial:
        for name in manifest_last(list(expected)):
            write_file(partial / name, (folder / name).read_bytes())
        _compare({name: hash_file(partial / name) for name in expected}, expected)


def _to_zip(folder: Path, target: Path, expected: dict[str, FileHash]) -> None:
    """The same snapshot gives the same bytes (with one version of zlib); only its owner may read the file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as partial:
        _write_zip(partial, folder, manifest_last(list(expected)))
        with zipfile.ZipFile(partial) as archive:
            found = {
                name: _hash_stream(partial_of(archive.open, f"{folder.name}/{name}")) for name in expected
            }
        _compare(found, expected)


def _write_zip(file: Path, folder: Path, names: Sequence[str]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in names:
            entry = zipfile.ZipInfo(f"{folder.name}/{name}", _ZIP_TIME)
            entry.compress_type, entry.create_system, entry.external_attr = (
                zipfile.ZIP_DEFLATED,
                3,
                0o100444 << 16,
            )
            entry.file_size = (folder / name).stat().st_size
            with (folder / name).open("rb") as source, archive.open(entry, "w") as target:
                while chunk := source.read(_CHUNK_BYTES):
                    target.write(chunk)


def _to_url(folder: Path, url: str, protocol: str, expected: dict[str, FileHash]) -> None:
    files, root = _open_place(url, protocol)
    if files.exists(root) or files.find(root):
        raise FileExistsError(root)
    written: list[str] = []
    try:
        for name in manifest_last(list(expected)):
            at = f"{root}/{name}"
            if protocol not in _EXTRAS:  # buckets have no folders, and would be made themselves
                files.makedirs(at.rpartition("/")[0], exist_ok=True)
            written.append(at)
            files.put_file(str(folder / name), at)
            files.invalidate_cache()
            _compare({name: _hash_stream(partial_of(files.open, at, "rb"))}, {name: expected[name]})
    except BaseException:
        _take_away(files, root, written)
        raise


def _open_place(url: str, protocol: str) -> tuple[Any, str]:
    import fsspec.core

    extra = _EXTRAS.get(protocol)
    try:
        # Its own instance: a cached one may hold a listing from before.
        files, root = fsspec.core.url_to_fs(url, skip_instance_cache=True)
    except ImportError:
        what = (
            f"Type: {pip_install(extra)}"
            if extra
            else f"Install the package that fsspec needs for {protocol}://."
        )
        raise ExportError(f"the package for {protocol}:// is not installed", what) from None
    except ValueError:
        raise ExportError(
            f"{protocol}:// is no place that is known", "Such as s3://bucket/folder, or a folder."
        ) from None
    return files, str(root).rstrip("/")


def _take_away(files: Any, root: str, written: Sequence[str]) -> None:
    """Remove what this export wrote, as far as the place lets us; the first error is the one that is told."""
    files.invalidate_cache()
    for at in reversed(written):
        with suppress(*_known_errors()):
            files.rm_file(at)
    with suppress(*_known_errors()):
        if not files.find(root):
            files.rm(root, recursive=True)


def _hash_stream(opened: Callable[[], Any]) -> FileHash:
    digest, size = hashlib.sha256(), 0
    with opened() as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return FileHash(digest.hexdigest(), size)


def _compare(found: dict[str, FileHash], expected: dict[str, FileHash]) -> None:
    for name, one in expected.items():
        if found[name] != one:
            raise ExportError(
                f"{name} did not arrive as it was sent", "Nothing was kept there. Run the command again."
            )


@contextmanager
def _told_as_one(place: str, protocol: str) -> Iterator[None]:
    """Turn what a disk or a store says into one sentence; its own words may hold keys."""
    try:
        yield
    except FileExistsError:
        raise ExportError(
            f"there is already something at {place}", "Nothing is ever replaced: name another place."
        ) from None
    except _known_errors() as error:
        said = getattr(error, "strerror", None) or type(error).__name__
        hint = (
            "Check the address, the credentials and the network, then run the same command again."
            if protocol not in ("", "file")
            else "Check that it may be written to and that the disk has room, then run the same command "
            "again."
        )
        raise ExportError(f"{place} could not be written ({said}); nothing was kept there", hint) from error


def _known_errors() -> tuple[type[Exception], ...]:
    """What can go wrong with a place, of the packages that are loaded."""
    found: list[type[Exception]] = [OSError, zipfile.BadZipFile]
    for listed in _ERRORS:
        module, _, name = listed.partition(":")
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)


def _without_secrets(to: str) -> str:
    """An address without user, password and query."""
    return re.sub(r"//[^/@]*@", "//", to).partition("?")[0] if "://" in to else to
