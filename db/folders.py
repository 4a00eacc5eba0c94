"""Folders that appear whole or not at all, and the manifest that names every file in them by its hash."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

MANIFEST_NAME: Final = "manifest.json"

# The manifest's own hash stands in it under this name; it is taken over everything else.
OWN_HASH: Final = "manifest_sha256"

Write = Callable[[Path, bytes], None]


@dataclass(frozen=True)
class FileHash:
    """One file as the manifest knows it."""

    sha256: str
    bytes: int


def canonical_json(value: Any) -> bytes:
    """One spelling for one value: sorted keys, two spaces, UTF-8, no NaN, a newline at the end."""
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def sha256_of(data: bytes) -> str:
    """The hash of some bytes, hex."""
    return hashlib.sha256(data).hexdigest()


def hash_file(path: Path) -> FileHash:
    """The hash and the size of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileHash(digest.hexdigest(), file.tell())


def hash_folder(folder: Path) -> dict[str, FileHash]:
    """Every file below a folder by its path with forward slashes, sorted; the manifest itself is left out."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    return {name: hash_file(found[name]) for name in sorted(found) if name != MANIFEST_NAME}


def content_sha256(files: Mapping[str, FileHash]) -> str:
    """One hash for a set of files: their names and hashes, in order."""
    return sha256_of("\n".join(f"{files[name].sha256}  {name}" for name in sorted(files)).encode())


def manifest_bytes(values: Mapping[str, Any], files: Mapping[str, FileHash]) -> bytes:
    """A manifest: what it says, every file's hash, and its own."""
    said = {**values, "files": {name: asdict(files[name]) for name in sorted(files)}}
    return canonical_json({**said, OWN_HASH: sha256_of(canonical_json(said))})


def read_manifest(data: bytes) -> dict[str, Any]:
    """A manifest's values.

    Raises:
        ValueError: where a byte of it is not as it was written; says what is wrong.
    """
    try:
        values = json.loads(data)
    except ValueError:
        raise ValueError("the manifest is not JSON any more") from None
    if not isinstance(values, dict) or canonical_json(values) != data:
        raise ValueError("the manifest is not spelt as it was written")
    own = values.pop(OWN_HASH, None)
    if own != sha256_of(canonical_json(values)):
        raise ValueError("the manifest does not have the hash it carries")
    return values


def code_version(*sources: Path) -> str:
    """Such as `0.1.0+3f2a9c81d04e`: the release, and a hash of these modules (folders with all their
    modules).
    """
    digest = hashlib.sha256()
    for source in sources:
        for file in sorted(source.rglob("*.py")) if source.is_dir() else [source]:
            digest.update(
                file.relative_to(source.parent).as_posix().encode() + b"\0" + file.read_bytes() + b"\0"
            )
    try:
        release = version("echodesk")
    except PackageNotFoundError:
        release = "0"
    return f"{release}+{digest.hexdigest()[:12]}"


def write_file(path: Path, data: bytes) -> None:
    """Write one file and make sure that it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def new_folder(
    target: Path, *, publish: Callable[[Callable[[], None]], None] | None = None
) -> Iterator[Path]:
    """A hidden sibling to write into; on a clean exit it becomes `target`, read-only, otherwise nothing is
    left.

    What a killed program left behind is cleared by the next one that writes the same name.

    Args:
        publish: called with the renaming itself, to do it inside a transaction. Default: rename at once.

    Raises:
        FileExistsError: there is a `target`, or another program is writing it.
        OSError: it cannot be written; a full disk for example.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(target):
        raise FileExistsError(target)
    partial = target.with_name(f".{target.name}.partial")
    is_visible = False

    def rename() -> None:
        nonlocal is_visible
        _rename(partial, target)
        is_visible = True

    with _alone(target.with_name(f".{target.name}.lock")):
        _remove(partial)
        partial.mkdir(mode=0o700)
        try:
            yield partial
            _make_read_only(partial)
            (publish or (lambda now: now()))(rename)
        except BaseException:
            if is_visible:  # the transaction around it failed
                target.rename(partial)
            raise
        finally:
            _remove(partial)


def _rename(partial: Path, target: Path) -> None:
    if os.path.lexists(target):  # a rename would replace an empty folder
        raise FileExistsError(target)
    partial.rename(target)
    _sync_folder(target.parent)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock that the system lets go of when the program dies."""
    with lock.open("a") as file:
        if os.name == "posix":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise FileExistsError(lock) from None
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _make_read_only(folder: Path) -> None:
    """Files nobody may write, folders that only their owner may look after; everything on the disk."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            _sync_folder(path)
        else:
            path.chmod(0o444)
    _sync_folder(folder)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # other systems cannot open a folder
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
