"""Programs that write one SQLite file come in turn: who is next holds a lock for as long as it waits.

SQLite has no order among those who wait: each looks again some ten times a second. A desk under sixteen
people begins its next writing the moment the last has ended, so a reading of reports beside it found the
file locked for 10 s on end and broke off. A program that waits keeps the others from beginning.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_LOOK_S: Final = 0.002
# Somebody else holds it; any other refusal is of a folder that knows no locks, or can't be written.
_HELD: Final = (errno.EAGAIN, errno.EACCES)


@contextmanager
def next_writer(file: Path, *, patience_s: float) -> Iterator[None]:
    """Be the next to write a database file while this lasts; begin the transaction in it.

    Nobody waits longer than `patience_s` for it: after that, and where there are no locks, the file's own
    lock decides alone.
    """
    held = _waited_for(file.with_name(f"{file.name}-next"), time.monotonic() + patience_s)
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


def _waited_for(place: Path, until: float) -> int | None:
    """The lock, as a number of the open file; None where it is not to be had."""
    if os.name != "posix":
        return None
    import fcntl

    with suppress(OSError):
        held = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return held
            except OSError as error:
                if error.errno not in _HELD or time.monotonic() > until:
                    os.close(held)
                    return None
            time.sleep(_LOOK_S)
    return None
