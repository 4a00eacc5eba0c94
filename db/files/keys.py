"""Secret keys of a workspace: made once, whole or not at all, for their owner alone."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from db.files.whole import whole_file

KEY_BYTES: Final = 32


def make_key_file(path: Path, written: bytes) -> None:
    """Write a key file with mode 0600 where there is none.

    Of two programs that start together one makes it and both use that one: an existing key is never replaced.

    Args:
        written: the content, in the form that the key's owner reads it back.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), whole_file(path) as temporary:
        temporary.write_bytes(written)
