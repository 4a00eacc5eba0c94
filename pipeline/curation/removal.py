"""Deleting a snapshot's folder, with its pictures, while the register keeps its name and hashes."""

from __future__ import annotations

import secrets
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import EchoDeskError
from db.files.leftovers import ENDING
from pipeline.dataset.own_table.row_list import row_list_of

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.tables.snapshots import Snapshot
    from db.workspace import Workspace


def remove_snapshot(
    database: Database, workspace: Workspace, name: str, *, actor: str, now: datetime
) -> Snapshot:
    """Delete a snapshot's folder and its list of rows; its line in the register and its event stay.

    The log is told first: killed in between, the same again ends it, and `doctor` deletes what is hidden.

    Returns:
        its line in the register.

    Raises:
        EchoDeskError: the register has no such snapshot, or its folder can't be deleted.
    """
    from db.snapshots import find_snapshot, note_removed

    with database.write() as session:
        snapshot = find_snapshot(session, name=name)
        if snapshot is None:
            raise EchoDeskError(f"there is no snapshot {name}", "Name one of: echodesk snapshot list")
        note_removed(session, snapshot=snapshot, actor=actor, now=now)
    folder = workspace.snapshots / name
    try:
        row_list_of(workspace.snapshots, name).unlink(missing_ok=True)
        if folder.is_dir():
            shutil.rmtree(_hidden(folder))
    except OSError as error:
        raise EchoDeskError(
            f"{folder} can't be deleted ({error.strerror or type(error).__name__})",
            "Check the permissions, then run the same again.",
        ) from None
    return snapshot


def _hidden(folder: Path) -> Path:
    """The folder under a hidden name, so that nobody sees half of it."""
    hidden = folder.with_name(f".{folder.name[:40]}.{secrets.token_hex(4)}{ENDING}")
    folder.rename(hidden)
    return hidden
