"""Which code made a draft: the release and a hash of the reading code itself."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def code_version() -> str:
    """Such as `0.1.0+3f2a9c81d04e`; the second part changes with any change to `labeling` or the vocabulary."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    sources = [*(root / "labeling").rglob("*.py"), root / "db" / "labels.py"]
    for source in sorted(sources, key=lambda path: path.relative_to(root).as_posix()):
        digest.update(source.relative_to(root).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    try:
        release = version("echodesk")
    except PackageNotFoundError:
        release = "0"
    return f"{release}+{digest.hexdigest()[:12]}"
