"""Whom a SQLite database has registered, looked up without opening it for work: nothing is written."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from db.workspace import Workspace


def registered(workspace: Workspace) -> tuple[frozenset[str], list[str]]:
    """The keyed hashes of the patients, and the sites in the order they were first seen.

    Nothing of both where there is no database yet, another server has it, or it can't be looked into, as of
    another version. What somebody stores at this moment may be missing.
    """
    file = workspace.database_file
    if workspace.database_url or not file.is_file():
        return frozenset(), []
    address = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            keys = connection.execute("SELECT DISTINCT patient_key FROM case_record").fetchall()
            sites = connection.execute(
                "SELECT site FROM case_record WHERE site != '' GROUP BY site ORDER BY min(id)"
            ).fetchall()
    except sqlite3.Error:
        return frozenset(), []
    return frozenset(str(key) for (key,) in keys), [str(site) for (site,) in sites]
