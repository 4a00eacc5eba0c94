"""Whom the database's list has and the file beside the key lacks: it was lost, or another machine did it.

A restored database would let them in again, so they are noted before it comes.
"""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from db.consent.noted import note_withdrawal, noted_withdrawals
from db.consent.patients import withdrawn_in
from db.store.engine import database_url, sqlite_engine
from db.workspace import Workspace


def not_noted(session: Session, workspace: Workspace) -> dict[str, datetime]:
    """Keyed hash -> since when, of those on the database's list alone. Raises EchoDeskError of a bad file."""
    noted = noted_withdrawals(workspace.withdrawn_file)
    return {key: at for key, at in withdrawn_in(session).items() if key not in noted}


def complete_the_list(session: Session, workspace: Workspace) -> int:
    """Note them in the file; how many there were. Raises EchoDeskError where it can't be written."""
    missing = not_noted(session, workspace)
    for key, at in missing.items():
        note_withdrawal(workspace.withdrawn_file, key, now=at)
    return len(missing)


def complete_before_restore(workspace: Workspace) -> int:
    """The same from a SQLite file that is about to be replaced, as it is: nothing of it is migrated.

    One that is not there, damaged, or too old for a list has nothing to tell.
    """
    url = database_url(workspace)
    if url.get_backend_name() != "sqlite" or not Path(str(url.database)).exists():
        return 0
    engine = sqlite_engine(url, begin="BEGIN", query_only=True)
    try:
        with suppress(SQLAlchemyError), closing(Session(engine)) as session:
            return complete_the_list(session, workspace)
    finally:
        engine.dispose()
    return 0
