"""What a killed program left half-written is recognised and removed; what is being written stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from db.files.leftovers import remove_leftovers
from db.files.whole import new_folder, whole_file
from db.workspace import Workspace
from pipeline.doctor.storage import check_leftovers

WRITER = """
import sys, time
from pathlib import Path
from db.files.whole import new_folder, whole_file

target = Path(sys.argv[2])
with {"file": whole_file, "folder": new_folder}[sys.argv[1]](target) as partial:
    (partial if sys.argv[1] == "file" else partial / "page").write_text("half a page of a patient")
    print("half", flush=True)
    time.sleep(600)
"""


def half_written(kind: str, target: Path, *, killed: bool = True) -> subprocess.Popen[str]:
    """Another program in the middle of writing, or killed there."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, kind, target],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "half\n"
    if killed:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    return writer


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_next_run_removes_what_the_killed_one_left_of_the_same_file(tmp_path: Path) -> None:
    target = tmp_path / "labels [1].csv"
    half_written("file", target)
    (left,) = names(tmp_path)
    assert left.startswith(".labels [1].csv.")
    with whole_file(target) as temporary:
        temporary.write_text("whole")
    assert names(tmp_path) == {"labels [1].csv"}


def test_the_doctor_removes_half_written_files_and_folders_of_a_workspace(tmp_path: Path) -> None:
    workspace = Workspace(workspace=tmp_path)
    (workspace.images / "ab").mkdir(parents=True)
    workspace.snapshots.mkdir()
    half_written("file", workspace.images / "ab" / "picture")
    half_written("folder", workspace.snapshots / "first")
    assert names(workspace.snapshots) == {".first.partial", ".first.lock"}
    assert check_leftovers(workspace).found == "2 of killed programs, removed"
    assert names(workspace.snapshots) == names(workspace.images / "ab") == set()
    assert check_leftovers(workspace).found == "none"


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_being_written_stays(tmp_path: Path, kind: str) -> None:
    with half_written(kind, tmp_path / "target", killed=False) as writer:
        before = names(tmp_path)
        assert remove_leftovers([tmp_path]) == 0
        if kind == "file":
            with whole_file(tmp_path / "target") as temporary:
                temporary.write_text("whole")
            assert before <= names(tmp_path)
        else:
            with pytest.raises(FileExistsError), new_folder(tmp_path / "target"):
                pass
        writer.kill()
    assert remove_leftovers([tmp_path]) == 1
