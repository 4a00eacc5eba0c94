"""A folder that appears whole or not at all, its manifest written last."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError

MANIFEST: Final = "manifest.json"


def refuse_existing(target: Path) -> None:
    """Raise `EchoDeskError` when there is something at `target` already."""
    if target.exists() or target.is_symlink():
        raise EchoDeskError(
            f"{target} exists already", "Nothing is overwritten: name a new folder with --out."
        )


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A temporary sibling to write into; on a clean exit it gets its manifest and becomes `target`.

    Raises:
        EchoDeskError: there is a `target`, which may have come into being meanwhile, or the disk refuses.
    """
    refuse_existing(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(
            tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".partial")
        )
    except OSError as error:
        raise _not_written(target, error) from error
    try:
        yield temporary
        _write_manifest(temporary)
        refuse_existing(target)
        temporary.rename(target)
        _to_disk(target.parent)
    except OSError as error:
        raise _not_written(target, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_manifest(folder: Path) -> None:
    """Name, size and hash of every file, and all of it on the disk before the manifest is."""
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        _to_disk(path)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        files[path.relative_to(folder).as_posix()] = {"sha256": sha256, "bytes": path.stat().st_size}
    manifest = folder / MANIFEST
    manifest.write_text(json.dumps({"files": files}, indent=2) + "\n", encoding="utf-8")
    _to_disk(manifest)
    _to_disk(folder)


def changed_files(folder: Path) -> list[str]:
    """Files that are not as the manifest has them; empty when all is well.

    Raises:
        EchoDeskError: there is no readable manifest.
    """
    try:
        listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        expected = {str(name): str(entry["sha256"]) for name, entry in listed.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise EchoDeskError(f"{folder} has no readable {MANIFEST}", "Copy the whole folder again.") from None
    return [name for name, sha256 in expected.items() if _sha256_or_none(folder / name) != sha256]


def _sha256_or_none(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _to_disk(path: Path) -> None:
    if os.name != "posix" and path.is_dir():
        return  # other systems can't open a folder
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _not_written(target: Path, error: OSError) -> EchoDeskError:
    reason = error.strerror or type(error).__name__
    return EchoDeskError(f"{target} can't be written ({reason})", "Check the folder and its room.")
