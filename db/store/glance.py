"""Whom and what a SQLite database has registered, looked up without opening it: nothing is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from db.files.manifest import sha256_of
from db.workspace import Workspace


def registered(workspace: Workspace) -> tuple[frozenset[str], list[str]]:
    """The keyed hashes of the patients, and the sites in the order they were first seen.

    Nothing of both where there is no database yet, another server has it, or it can't be looked into, as of
    another version. What somebody stores at this moment may be missing.
    """
    keys = _asked(workspace, "SELECT DISTINCT patient_key FROM case_record")
    sites = _asked(workspace, "SELECT site FROM case_record WHERE site != '' GROUP BY site ORDER BY min(id)")
    return frozenset(map(str, keys)), list(map(str, sites))


def patient_of_report(workspace: Workspace, originals: Sequence[str]) -> str | None:
    """The key of the patient whose report these files are, by their SHA-256s in order; None where none is."""
    images = [
        str(image)
        for one in originals
        for image in _asked(
            workspace, "SELECT image_sha256 FROM image_origin WHERE original_sha256 = ? ORDER BY page", one
        )
    ]
    if not images:
        return None
    identity = sha256_of("\n".join(images).encode())
    found = _asked(workspace, "SELECT patient_key FROM case_record WHERE report_sha256 = ?", identity)
    return str(found[0]) if found else None


def _asked(workspace: Workspace, query: str, *values: str) -> list[object]:
    """The first column of what a query finds; nothing where the database can't be looked into."""
    file = workspace.database_file
    if workspace.database_url or not file.is_file():
        return []
    address = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return [row[0] for row in connection.execute(query, values)]
    except sqlite3.Error:
        return []
