"""Own ids are found again with their key, and nothing of them lies about without it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from db.access.own_ids import OwnIds
from db.errors import EchoDeskError
from db.workspace import Workspace

KEY_A, KEY_B = "a" * 64, "b" * 64


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(workspace=tmp_path)


def test_an_id_comes_back_as_it_was_written(workspace: Workspace) -> None:
    ids = OwnIds(workspace)
    ids.keep(KEY_A, "UHID / 00 77")
    ids.keep(KEY_B, "ज़77")
    again = OwnIds(workspace)
    assert again.of([KEY_A, KEY_B, "c" * 64]) == {KEY_A: "UHID / 00 77", KEY_B: "ज़77"}
    assert again.patient_of(" uhid/0077 ") == KEY_A
    assert again.patient_of("uhid/077") is None
    assert again.patient_of("") is None


def test_the_last_spelling_counts(workspace: Workspace) -> None:
    ids = OwnIds(workspace)
    ids.keep(KEY_A, "a 1")
    ids.keep(KEY_A, "A1")
    assert ids.of([KEY_A]) == {KEY_A: "A1"}


def test_nothing_is_made_by_asking(workspace: Workspace) -> None:
    ids = OwnIds(workspace)
    assert (ids.is_kept(), ids.of([KEY_A]), ids.patient_of("A1")) == (False, {}, None)
    assert list(workspace.root.iterdir()) == []


def test_the_files_are_the_owners_alone_and_hold_no_id(workspace: Workspace) -> None:
    OwnIds(workspace).keep(KEY_A, "UHID-SECRET-77")
    files = sorted(workspace.root.iterdir())
    assert files == sorted([workspace.own_ids_file, workspace.own_ids_key_file])
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"SECRET" not in file.read_bytes().upper()


@pytest.mark.parametrize("key", [b"x" * 32, b"short", None])
def test_without_its_key_it_is_refused(workspace: Workspace, key: bytes | None) -> None:
    ids = OwnIds(workspace)
    ids.keep(KEY_A, "A1")
    workspace.own_ids_key_file.unlink()
    if key is not None:
        workspace.own_ids_key_file.write_bytes(key)
    with pytest.raises(EchoDeskError):
        ids.of([KEY_A])
    if key != b"x" * 32:
        with pytest.raises(EchoDeskError):
            ids.keep(KEY_B, "B2")


def test_a_damaged_file_is_named(workspace: Workspace) -> None:
    ids = OwnIds(workspace)
    ids.keep(KEY_A, "A1")
    workspace.own_ids_file.write_bytes(b"no database" * 100)
    with pytest.raises(EchoDeskError, match=r"own_ids\.sealed can't be used"):
        ids.of([KEY_A])
