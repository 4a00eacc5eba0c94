"""Choose, check, divide and write: from labels read out of the database to a write-once folder."""

from __future__ import annotations

from pipeline.dataset.frozen import Describe


def descriptions() -> list[tuple[str, Describe]]:
    """The files that describe a snapshot, in the order they are written: path and what makes its bytes.

    Each is called with the `Frozen` snapshot after `data/` and `images/` are written.
    """
    return []
