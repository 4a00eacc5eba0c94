"""Snapshots and runs changed by hand and signed anew, so that nothing but the change can be found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from db.files.manifest import MANIFEST_NAME, content_sha256, hash_folder, manifest_bytes, read_manifest

Row = dict[str, Any]


@contextmanager
def changed_labels(snapshot: Path, table: str = "labels") -> Iterator[list[Row]]:
    """The rows of a snapshot's table, to be changed in place; the folder is signed anew afterwards."""
    file = snapshot / f"data/{table}.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    yield rows
    file.chmod(0o644)
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    sign_snapshot(snapshot)


def sign_snapshot(snapshot: Path) -> str:
    """Give a changed snapshot a manifest that fits; returns its new content hash."""
    manifest = read_manifest((snapshot / MANIFEST_NAME).read_bytes())
    files = hash_folder(snapshot)
    content = {name: one for name, one in files.items() if name.startswith(("data/", "images/"))}
    manifest.pop("files")
    manifest["content_sha256"] = content_sha256(content)
    _overwrite(snapshot / MANIFEST_NAME, manifest_bytes(manifest, files))
    return str(manifest["content_sha256"])


def changed_run(run: Path, change: Callable[[Path], object], **manifest_values: Any) -> Path:
    """A copy of a run beside it, changed and sealed anew, so that nothing but the change can be found."""
    copy = run.with_name(f"{run.name}-{sum(1 for _ in run.parent.iterdir())}")
    shutil.copytree(run, copy)
    for path in copy.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    change(copy)
    seal_again(copy, **manifest_values)
    return copy


def seal_again(run: Path, **values: Any) -> None:
    """Give a changed run a manifest that fits."""
    manifest = read_manifest((run / MANIFEST_NAME).read_bytes())
    manifest.pop("files")
    _overwrite(run / MANIFEST_NAME, manifest_bytes(manifest | values, hash_folder(run)))


def _overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)
