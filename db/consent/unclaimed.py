"""Pictures in the image store that no record shows: a killed intake leaves them, and whose they are nobody
can tell.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sqlmodel import Session, select

from db.events import lock_chain
from db.store.engine import Database
from db.store.images import ImageStore
from db.tables.cases import Image
from db.workspace import Workspace

_NAME: Final = re.compile(r"([0-9a-f]{64})(?:\.words)?")


def unclaimed_pictures(session: Session, workspace: Workspace) -> list[str]:
    """Their names, sorted. Those of a restored older database are among them."""
    present = {match[1] for path in _files(workspace.images) if (match := _NAME.fullmatch(path.name))}
    known: set[str] = set(session.exec(select(Image.sha256)))
    return sorted(present - known)


def delete_unclaimed(database: Database, workspace: Workspace) -> int:
    """Delete them; how many there were. An intake at work stores again what it still needs."""
    store = ImageStore(workspace.images)
    with database.write() as session:
        lock_chain(session)
        names = unclaimed_pictures(session, workspace)
        for name in names:
            store.remove(name)
    return len(names)


def _files(folder: Path) -> list[Path]:
    return list(folder.glob("[0-9a-f][0-9a-f]/*"))
