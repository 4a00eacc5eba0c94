"""What killed programs left half-written: hidden files and folders that nobody holds any more."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from db.files.held import is_held, remove_unheld

ENDING: Final = ".partial"
LOCK_ENDING: Final = ".lock"


def remove_leftovers_of(folder: Path, beginning: str) -> None:
    """Remove what earlier programs left of the files whose hidden names begin so."""
    if os.name != "posix":  # elsewhere nobody can tell whether one is still being written
        return
    for path in folder.glob(f"{glob.escape(beginning)}*{ENDING}"):
        if path.is_file():
            remove_unheld(path)


def remove_leftovers(folders: Iterable[Path], *, spared: Container[Path] = ()) -> int:
    """Remove every half-written file and folder in these folders and the folders right below them.

    What is still being written is held by its program and stays.

    Args:
        spared: folders in which what was begun is gone on with, and so is kept.

    Returns:
        how many there were.
    """
    if os.name != "posix":
        return 0
    removed = 0
    for path in (path for folder in folders for path in _half_written(folder, spared)):
        if path.is_dir():
            lock = path.with_name(path.name.removesuffix(ENDING) + LOCK_ENDING)
            if is_held(lock):
                continue
            shutil.rmtree(path, ignore_errors=True)
            lock.unlink(missing_ok=True)
        elif not remove_unheld(path):
            continue
        removed += 1
    return removed


def _half_written(folder: Path, spared: Container[Path]) -> Iterator[Path]:
    below: list[Path] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") and entry.name.endswith(ENDING) and not entry.is_symlink():
                yield Path(entry.path)
            elif entry.is_dir(follow_symlinks=False) and Path(entry.path) not in spared:
                below.append(Path(entry.path))
    for one in below:
        with suppress(OSError):
            yield from sorted(one.glob(f".*{ENDING}"))
