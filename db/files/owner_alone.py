"""Files and folders for their owner alone, whoever made them and with whichever umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Final

OTHERS: Final = 0o077


def close_to_others(root: Path, *, but: Container[Path] = ()) -> tuple[int, int]:
    """Take everybody else's access to a folder, and to all in it, away; links are not followed.

    Args:
        but: paths that are left as they are.

    Returns:
        how many files and folders were closed, and how many stay open, because they are another owner's or
        can't be written.
    """
    closed = left = 0
    for path, mode in _open_to_others(root):
        if path in but:
            continue
        try:
            path.chmod(mode & ~OTHERS)
            closed += 1
        except OSError:
            left += 1
    return closed, left


def _open_to_others(root: Path) -> Iterator[tuple[Path, int]]:
    waiting = [root]
    while waiting:
        path = waiting.pop()
        try:
            found = path.lstat()
            if stat.S_ISDIR(found.st_mode):
                waiting += [Path(entry.path) for entry in os.scandir(path)]
        except OSError:  # gone since the folder was read, or shut to us as well
            continue
        mode = stat.S_IMODE(found.st_mode)
        if mode & OTHERS and not stat.S_ISLNK(found.st_mode):
            yield path, mode
