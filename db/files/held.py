"""A file that a living program holds: the system lets go of it when the program ends, however it ends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

HeldFile = IO[bytes]


def hold(path: Path) -> HeldFile | None:
    """Make the file, readable by its owner alone, and hold it for as long as it stays open.

    Returns:
        None where another program, or another part of this one, holds it.
    """
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    if os.name == "posix":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
    return file


def is_held(path: Path) -> bool:
    """Whether a living program holds the file; False where there is none."""
    if not path.exists():
        return False
    held = hold(path)
    if held is None:
        return True
    held.close()
    return False


def remove_unheld(path: Path) -> bool:
    """Remove a file that nobody holds; holding it meanwhile, so that nobody takes it for their own.

    Returns:
        whether it was there and held by nobody.
    """
    if not path.exists():
        return False
    held = hold(path)
    if held is None:
        return False
    try:
        path.unlink(missing_ok=True)
    finally:
        held.close()
    return True
