"""The manifest that names every file of a folder by its hash, and the hashes themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

MANIFEST_NAME: Final = "manifest.json"

# The manifest's own hash stands in it under this name; it is taken over everything else.
OWN_HASH: Final = "manifest_sha256"


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
