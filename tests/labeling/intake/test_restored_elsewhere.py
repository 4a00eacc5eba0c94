"""A backup goes back to the patients it was made of: never under another key, missing pictures are told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from intake_state import NOW, take_in
from page_files import saved, sheet

from db.errors import EchoDeskError
from db.store.backup import backup_database, restore_database
from db.store.engine import open_database
from db.store.key_mark import missing_pictures
from db.workspace import Workspace
from pipeline.diagnosis import Grade
from pipeline.doctor.storage import check_database


def test_a_backup_is_refused_where_its_patients_would_get_other_keys(tmp_path: Path) -> None:
    spaces = [Workspace(workspace=tmp_path / name) for name in "abc"]
    saved(sheet(1), tmp_path / "files" / "A1.png")
    for space in spaces[:2]:
        take_in(tmp_path / "files", space.root)
    first, second, bare = spaces
    backup = backup_database(first, now=NOW)
    with pytest.raises(EchoDeskError, match="belongs to another patient key"):
        restore_database(second, backup=backup, now=NOW)
    with pytest.raises(EchoDeskError, match="is missing"):
        restore_database(bare, backup=backup, now=NOW)
    restore_database(first, backup=backup, now=NOW)
    bare.root.mkdir()
    shutil.copy2(first.patient_key_file, bare.patient_key_file)
    restore_database(bare, backup=backup, now=NOW)
    for space, missing in ((first, 0), (bare, 1)):
        database = open_database(space)
        with database.read() as session:
            assert missing_pictures(session, space) == (missing, 1)
        database.close()


def test_the_database_is_no_backup_of_itself(tmp_path: Path) -> None:
    space = Workspace(workspace=tmp_path / "a")
    saved(sheet(1), tmp_path / "files" / "A1.png")
    take_in(tmp_path / "files", space.root)
    (tmp_path / "link.db").symlink_to(space.root / "echodesk.db")
    for file in (space.root / "echodesk.db", tmp_path / "link.db"):
        with pytest.raises(EchoDeskError, match="is the database itself"):
            restore_database(space, backup=file, now=NOW)


def test_doctor_knows_the_key_of_another_workspace(tmp_path: Path) -> None:
    spaces = [Workspace(workspace=tmp_path / name) for name in "ab"]
    saved(sheet(1), tmp_path / "files" / "A1.png")
    for space in spaces:
        take_in(tmp_path / "files", space.root)
    first, second = spaces

    def found() -> list[tuple[Grade, str]]:
        checks = check_database(first)
        return [(check.grade, check.found) for check in checks if check.name == "Patients"]

    assert found() == [(Grade.PASS, "hashed with this workspace's key")]
    shutil.copy2(second.patient_key_file, first.patient_key_file)
    assert found() == [(Grade.FAIL, f"{first.patient_key_file} is not the key they were hashed with")]
    first.patient_key_file.unlink()
    assert found() == [(Grade.FAIL, f"{first.patient_key_file} is missing")]
