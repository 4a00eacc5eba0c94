"""How much of the work is read twice, read without its draft, practised on, or drawn among clean drafts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session

from db.errors import EchoDeskError
from db.events import append_event, lock_chain
from db.files.whole import whole_file
from db.workspace import SHARES, Workspace


@dataclass(frozen=True)
class DeskShares:
    """The shares of records, 0-1 each; what they mean stands at `Workspace`."""

    second_reading_share: float
    blind_share: float
    vigilance_share: float
    clean_share: float

    def __post_init__(self) -> None:
        """Refuse what is no share. Raises EchoDeskError."""
        if not all(0 <= share <= 1 for share in asdict(self).values()):
            raise EchoDeskError("a share lies between 0 and 100 %", "Nothing was changed.")


def shares_of(workspace: Workspace) -> DeskShares:
    """The shares in force."""
    return DeskShares(**{name: getattr(workspace, name) for name in SHARES})


def store_shares(
    session: Session, workspace: Workspace, shares: DeskShares, *, actor: str, now: datetime
) -> bool:
    """Set the shares of a workspace, with an event; False where they are so already.

    A desk that starts afterwards has them; one that serves takes them over where it is told. The file is
    written last: where that fails, the caller's transaction does not end well either.
    """
    before = shares_of(workspace)
    if before == shares:
        return False
    lock_chain(session)
    changed = {name: share for name, share in asdict(shares).items() if share != getattr(before, name)}
    told = {name: {"from": getattr(before, name), "to": share} for name, share in changed.items()}
    append_event(session, kind="shares_set", actor=actor, subject="desk", payload=told, now=now)
    with whole_file(workspace.desk_file, overwrite=True) as file:
        file.write_text(json.dumps(asdict(shares), indent=2) + "\n", encoding="utf-8")
    return True
