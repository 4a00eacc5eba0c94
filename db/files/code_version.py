"""Which code made something: the release, and a hash of the modules that made it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


@cache
def code_version(*sources: str) -> str:
    """Such as `0.1.0+3f2a9c81d04e`; the second part changes with any path or byte of the modules.

    Args:
        sources: modules, and folders with all their modules, relative to the root of the repository.
    """
    digest = hashlib.sha256()
    places = (_ROOT / source for source in sources)
    files = {file for place in places for file in (place.rglob("*.py") if place.is_dir() else [place])}
    by_name = {file.relative_to(_ROOT).as_posix(): file for file in files}
    for name in sorted(by_name):
        digest.update(name.encode() + b"\0" + by_name[name].read_bytes() + b"\0")
    try:
        release = version("echodesk")
    except PackageNotFoundError:
        release = "0"
    return f"{release}+{digest.hexdigest()[:12]}"
