"""The database as it is, also where patients are in it who withdrew their consent: to take them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.commands.options import existing_database, has_database

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace


def database_of_all(space: Workspace) -> Database:
    """An existing database, whoever is in it. Raises WrongUse where there is none."""
    from db.store.engine import PROGRAM_PATIENCE_S, open_database

    if not has_database(space):
        return existing_database(space)  # says what to do first
    return open_database(space, patience_s=PROGRAM_PATIENCE_S)
