"""Freeze the labels into datasets that never change, and open them again.

    from pipeline.dataset import open_snapshot

    snapshot = open_snapshot("v1")
    train, validation, test = snapshot.parts()

Opening needs files alone: neither the workspace nor its database (docs/datasets.md, docs/snapshot.ipynb).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.dataset.opened import OpenedSnapshot


def open_snapshot(folder: str | Path) -> OpenedSnapshot:
    """Open a snapshot folder after looking it over byte by byte.

    Raises:
        EchoDeskError: it is no snapshot, or not what was frozen; names the first file that differs.
    """
    from pathlib import Path

    from pipeline.dataset import opened

    return opened.open_snapshot(Path(folder))
