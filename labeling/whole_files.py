"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A temporary sibling to write to, readable by its owner alone; on a clean exit it becomes `target`.

    Raises:
        FileExistsError: there is a `target` and it may not be overwritten; it may have come into being
            meanwhile.
        OSError: the folder can't be written to.
    """
    if target.exists() and not overwrite:
        raise FileExistsError(target)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".partial")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        if overwrite:
            temporary.replace(target)
        else:
            place_new(temporary, target)
        _remember_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def place_new(temporary: Path, target: Path) -> None:
    """Rename, but never over another file. Raises FileExistsError."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links (a memory stick, some network shares): a small race is left.
        if target.exists():
            raise FileExistsError(target) from None
        temporary.rename(target)
    else:
        temporary.unlink()


def _remember_folder(folder: Path) -> None:
    """Make sure the new name itself is on the disk."""
    if os.name != "posix":
        return  # other systems can't open a folder
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
