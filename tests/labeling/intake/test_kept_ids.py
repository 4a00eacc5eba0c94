"""Ids that intake was asked to keep are shown to leads, and lie nowhere in the clear."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from db.access.own_ids import OwnIds
from db.access.patient_key import load_secret, patient_key
from db.exports.interchange import Form, parts_of
from db.exports.tables import Table, export_table
from db.store.backup import backup_database
from db.store.engine import open_database
from db.tabular import FileFormat
from db.workspace import Workspace
from labeling.intake.register import intake

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
ID = "UHIDSECRET77"


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_kept_id_is_found_with_the_key_and_nowhere_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files, space = tmp_path / "files", Workspace(workspace=tmp_path / "w")
    files.mkdir()
    Image.new("L", (300, 200), 200).save(files / f"{ID}_report.png")
    database = open_database(space)
    caplog.set_level(logging.DEBUG)
    try:
        for keep_ids in (False, True):  # asked for afterwards, it is kept of what is registered already
            report = intake(
                [files], workspace=space, database=database, now=NOW, site="North", keep_ids=keep_ids
            )
            assert report.registered + report.duplicates == 1
            assert OwnIds(space).is_kept() is keep_ids
        backup_database(space, now=NOW)
        for file_format in FileFormat:
            export_table(database, Table.LABELS, space.root / f"l.{file_format}", file_format=file_format)
        named = tmp_path / "named.csv"
        export_table(
            database, Table.DRAFTS, tmp_path / "none.csv", file_format=FileFormat.CSV, own_ids=OwnIds(space)
        )
        export_table(database, Table.LABELS, named, file_format=FileFormat.CSV, own_ids=OwnIds(space))
        forms = [parts_of(database, space, form) for form in Form]
    finally:
        database.close()
    key = patient_key(ID, load_secret(space.patient_key_file))
    assert OwnIds(space).of([key]) == {key: ID}
    assert named.read_text(encoding="utf-8").startswith("case_id,own_id,patient_key,")
    assert len(list(space.backups.iterdir())) == 1
    for name, data in all_bytes(space.root).items():
        assert ID.encode() not in data.upper(), name
        assert ID.encode() not in name.upper().encode()
    for parts in forms:
        assert ID.encode() not in b"".join([parts.main, *parts.beside.values()]).upper()
    assert ID not in caplog.text.upper()
