"""Who is at work in a workspace: locks that end with the program that holds them, however it ends."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from db.errors import EchoDeskError

_FOLDER: Final = "at-work"
_GATE: Final = "gate"
# Some network folders know no locks; nobody is kept out there.
_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)


@contextmanager
def at_work(root: Path, what: str, now: datetime) -> Iterator[list[str]]:
    """Say that a program works here for as long as it does; gives who else does, in words.

    Args:
        root: the workspace.
        what: who it is, as a sentence names it: `the review desk`.

    Raises:
        EchoDeskError: a backup is being put in the database's place just now.
        OSError: the workspace can't be written.
    """
    folder = root / _FOLDER
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    with (folder / _GATE).open("a") as gate:
        if not _lock(gate, is_shared=True):
            raise EchoDeskError(
                "a backup is being put in the place of this workspace's database",
                "Wait until `echodesk restore` has ended, then try again.",
            )
        others = who_is_at_work(root)
        handle, name = tempfile.mkstemp(dir=folder, prefix="program-", suffix=".lock")
        with os.fdopen(handle, "w", encoding="utf-8") as marker:
            _lock(marker, is_shared=False)
            marker.write(f"{what} (since {now.astimezone(UTC):%H:%M} UTC)")
            marker.flush()
            try:
                yield others
            finally:
                Path(name).unlink(missing_ok=True)


@contextmanager
def alone_at_work(root: Path, *, is_forced: bool = False) -> Iterator[list[str]]:
    """Keep everybody out for as long as this lasts; gives who is at work all the same, where it is forced.

    Raises:
        BusyError: somebody is at work.
        OSError: the workspace can't be written.
    """
    folder = root / _FOLDER
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    with (folder / _GATE).open("a") as gate:
        is_alone = _lock(gate, is_shared=False)
        others = [] if is_alone else who_is_at_work(root) or ["another EchoDesk program"]
        if others and not is_forced:
            raise BusyError(others)
        yield others


class BusyError(Exception):
    """Somebody is at work; `who` names them."""

    def __init__(self, who: list[str]) -> None:
        super().__init__(", ".join(who))
        self.who = who


def who_is_at_work(root: Path) -> list[str]:
    """Everybody at work in a workspace, in words; what killed programs left of themselves is removed."""
    found = []
    for marker in sorted((root / _FOLDER).glob("program-*.lock")):
        try:
            with marker.open("r+", encoding="utf-8") as file:
                if _lock(file, is_shared=False):
                    marker.unlink(missing_ok=True)
                else:
                    found.append(file.read() or "another EchoDesk program")
        except FileNotFoundError:
            continue  # it has just ended
    return found


def _lock(file: IO[Any], *, is_shared: bool) -> bool:
    """Whether the lock was to be had; it lasts until the file is closed or its program ends."""
    if os.name != "posix":
        return True
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _NO_LOCKS
    return True
