"""What the doctor finds, and that it changes nothing."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from db.errors import EchoDeskError
from db.store.engine import open_database
from db.workspace import Workspace
from labeling.rules.expectation import weights
from pipeline.cli import app
from pipeline.diagnosis import Diagnosis, Grade
from pipeline.doctor.examination import examine
from pipeline.doctor.programs import parse_tesseract_version
from pipeline.doctor.surroundings import Surroundings
from pipeline.modeling.precision import resolve_precision

GIGABYTE = 1024**3


def answer_as_tesseract(command: Sequence[str]) -> str | None:
    """A Tesseract 5.3 with English."""
    return {"--version": "tesseract 5.3.0\n leptonica-1.82.0", "--list-langs": "List:\neng\nosd\n"}[
        command[1]
    ]


GOOD = Surroundings(
    python_version=(3, 12, 1),
    sqlite_version=(3, 52, 0),
    system="linux",
    run=answer_as_tesseract,
    which=lambda name: f"bin/{name}",
    is_installed=lambda _: True,
    cpu_flags=lambda: frozenset({"avx2", "avx512_bf16"}),
    free_bytes=lambda _: 100 * GIGABYTE,
)


def found(workspace: Workspace, surroundings: Surroundings, name: str) -> Diagnosis:
    """The one finding of that name."""
    (finding,) = [item for item in examine(workspace, surroundings) if item.name == name]
    return finding


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(workspace=tmp_path / "space")


def test_missing_or_damaged_weights_of_the_rules_are_told(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> dict[str, str]:
        shown = CliRunner().invoke(app, ["doctor", "--json", "-w", str(workspace.root)])
        (finding,) = [one for one in json.loads(shown.stdout) if one["name"] == "What reports usually say"]
        return finding

    whole = weights.FILE.read_bytes()
    assert told()["grade"] == Grade.PASS

    monkeypatch.setattr(weights, "FILE", tmp_path / "weights.npz")
    missing = told()
    (tmp_path / "weights.npz").write_bytes(whole[: len(whole) // 2])
    damaged = told()

    assert missing["grade"] == damaged["grade"] == Grade.FAIL
    assert "is missing" in missing["found"] and "that this version can use" in damaged["found"]
    assert "Install EchoDesk again" in missing["fix"] and "Install EchoDesk again" in damaged["fix"]


def test_what_others_can_look_into_is_told_and_closed_to_them(workspace: Workspace) -> None:
    open_database(workspace).close()
    shelf, picture = workspace.images / "ab", workspace.images / "ab" / "abcd"
    shelf.mkdir()
    picture.write_bytes(b"a page")
    (workspace.root / "elsewhere").symlink_to(workspace.root.parent)
    opened = {workspace.root: 0o755, shelf: 0o755, picture: 0o644, workspace.database_file: 0o664}
    for path, mode in opened.items():
        path.chmod(mode)
    finding = found(workspace, GOOD, "Privacy")
    assert (finding.grade, finding.found) == (Grade.WARN, "others could read 4 files or folders until now")
    assert [path.stat().st_mode & 0o777 for path in opened] == [0o700, 0o700, 0o600, 0o600]
    assert found(workspace, GOOD, "Privacy").grade is Grade.PASS


def test_what_cannot_be_closed_to_others_is_named_with_the_remedy(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: Path, _mode: int) -> None:
        raise PermissionError

    workspace.root.mkdir()
    workspace.root.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refused)
    finding = found(workspace, GOOD, "Privacy")
    assert finding.grade is Grade.FAIL
    assert "chmod -R go-rwx" in finding.fix


def test_a_workspace_that_can_only_be_read_is_examined_all_the_same(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_root: Path) -> list[str]:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    open_database(workspace).close()
    monkeypatch.setattr("db.files.at_work.who_is_at_work", refused)
    assert found(workspace, GOOD, "Leftovers").grade is Grade.WARN
    assert found(workspace, GOOD, "Event log").grade is Grade.PASS


def test_a_good_machine_passes_everything(workspace: Workspace) -> None:
    assert {item.grade for item in examine(workspace, GOOD)} == {Grade.PASS}


def test_looking_makes_no_folder_and_no_database(workspace: Workspace) -> None:
    examine(workspace, GOOD)
    assert not workspace.root.exists()
    elsewhere = workspace.root.parent / "elsewhere.db"
    examine(Workspace(workspace=workspace.root, database_url=f"sqlite:///{elsewhere}"), GOOD)
    assert not elsewhere.exists()


def test_an_old_python_fails(workspace: Workspace) -> None:
    assert found(workspace, replace(GOOD, python_version=(3, 10, 4)), "Python").grade is Grade.FAIL


def test_a_missing_tesseract_fails_and_says_what_to_type(workspace: Workspace) -> None:
    finding = found(workspace, replace(GOOD, run=lambda _: None), "Tesseract")
    assert finding.grade is Grade.FAIL
    assert "apt-get install tesseract-ocr" in finding.fix


def test_a_tesseract_without_english_fails(workspace: Workspace) -> None:
    def only_french(command: Sequence[str]) -> str:
        return "tesseract 5.3.0" if command[1] == "--version" else "List:\nfra\n"

    assert found(workspace, replace(GOOD, run=only_french), "Tesseract's English data").grade is Grade.FAIL


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("tesseract 5.3.0\n leptonica-1.82.0", (5, 3, 0)),
        ("tesseract v5.0.1.20220118\n", (5, 0, 1, 20220118)),
        ("tesseract 4.1.1-rc2-25-g9707\n", (4, 1, 1)),
        ("", ()),
        ("something else", ()),
    ],
)
def test_tesseract_versions_are_read(answer: str, version: tuple[int, ...]) -> None:
    assert parse_tesseract_version(answer) == version


def test_an_old_tesseract_is_a_warning(workspace: Workspace) -> None:
    old = replace(GOOD, run=lambda command: "tesseract 3.5.1" if "--version" in command else "eng")
    assert found(workspace, old, "Tesseract").grade is Grade.WARN


def test_sqlite_says_which_journal_and_why(workspace: Workspace) -> None:
    old = replace(GOOD, sqlite_version=(3, 40, 1))
    assert "rollback journal" in found(workspace, old, "SQLite").found
    assert "write-ahead" in found(workspace, GOOD, "SQLite").found


def test_a_system_that_limits_no_memory_is_told_once(workspace: Workspace) -> None:
    assert "700 MB" in found(workspace, GOOD, "Files from elsewhere").found
    finding = found(workspace, replace(GOOD, system="darwin"), "Files from elsewhere")
    assert (finding.grade, "no limit" in finding.found) == (Grade.WARN, True)
    assert "on Linux" in finding.fix


def test_a_key_file_others_can_read_fails(workspace: Workspace) -> None:
    workspace.root.mkdir()
    workspace.patient_key_file.write_bytes(b"x" * 32)
    workspace.patient_key_file.chmod(0o644)
    finding = found(workspace, GOOD, "Patient key file")
    assert finding.grade is Grade.FAIL
    assert "chmod 600" in finding.fix
    workspace.patient_key_file.chmod(0o600)
    assert found(workspace, GOOD, "Patient key file").grade is Grade.PASS


@pytest.mark.parametrize(("free", "grade"), [(100, Grade.PASS), (1, Grade.WARN), (0, Grade.FAIL)])
def test_a_full_disk_is_noticed(workspace: Workspace, free: int, grade: Grade) -> None:
    assert found(workspace, replace(GOOD, free_bytes=lambda _: free * GIGABYTE), "Disk").grade is grade


def test_a_workspace_that_is_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert found(Workspace(workspace=tmp_path / "file"), GOOD, "Workspace").grade is Grade.FAIL


def test_a_database_passes_with_its_schema_and_chain(workspace: Workspace) -> None:
    open_database(workspace).close()
    before = workspace.database_file.read_bytes()
    assert found(workspace, GOOD, "Database").grade is Grade.PASS
    assert "unbroken" in found(workspace, GOOD, "Event log").found
    assert workspace.database_file.read_bytes() == before


def test_a_file_that_is_no_database_fails_with_a_hint(workspace: Workspace) -> None:
    workspace.root.mkdir()
    workspace.database_file.write_bytes(b"this is not a database" * 100)
    finding = found(workspace, GOOD, "Database")
    assert finding.grade is Grade.FAIL
    assert finding.fix


def test_an_unreachable_server_fails_without_showing_its_password(tmp_path: Path) -> None:
    url = "postgresql://somebody:secret-word@127.0.0.1:1/nowhere"  # noqa: S105 - invented
    finding = found(Workspace(workspace=tmp_path, database_url=url), GOOD, "Database")
    assert finding.grade is Grade.FAIL
    assert "secret-word" not in str(finding)


def test_a_missing_second_reader_or_grammar_is_a_warning_with_what_to_type(workspace: Workspace) -> None:
    present = {"transformers"}
    weak = replace(GOOD, is_installed=lambda module: module in present)
    assert found(workspace, weak, "Second reader").grade is Grade.WARN
    assert "pip install" in found(workspace, weak, "Second reader").fix
    assert found(workspace, weak, "Answer grammar").grade is Grade.WARN
    present.clear()
    assert found(workspace, weak, "Answer grammar").grade is Grade.PASS


def test_missing_extras_name_who_needs_them_and_fail_nothing(workspace: Workspace) -> None:
    bare = replace(GOOD, is_installed=lambda name: name != "transformers")
    finding = found(workspace, bare, "Extra 'vlm'")
    assert finding.grade is Grade.PASS
    assert "Qwen2-VL" in finding.found


def test_a_processor_without_bf16_is_told_what_is_refused(workspace: Workspace) -> None:
    plain = replace(GOOD, cpu_flags=lambda: frozenset({"avx2", "avx512f"}))
    finding = found(workspace, plain, "bf16 on the processor")
    assert finding.grade is Grade.WARN
    assert "training.precision=bf16 is refused" in finding.fix
    assert found(workspace, GOOD, "bf16 on the processor").found == "avx512_bf16"


def test_what_doctor_says_of_bf16_is_what_a_run_does(workspace: Workspace) -> None:
    for flags in (frozenset({"avx2"}), frozenset({"amx_bf16"})):
        grade = found(workspace, replace(GOOD, cpu_flags=lambda of=flags: of), "bf16 on the processor").grade
        if grade is Grade.PASS:
            assert resolve_precision("bf16", "cpu", flags=flags) == "bf16"
        else:
            with pytest.raises(EchoDeskError):
                resolve_precision("bf16", "cpu", flags=flags)


@pytest.mark.parametrize("module", ["accelerate", "cv2", "safetensors", "sklearn", "torch"])
def test_a_part_of_training_that_is_missing_is_named_with_what_to_type(
    workspace: Workspace, module: str
) -> None:
    weak = replace(GOOD, is_installed=lambda name: name != module)
    finding = found(workspace, weak, "Training")
    assert finding.grade is Grade.WARN
    assert f"no {module}" in finding.found
    assert "pip install 'echodesk[train]'" in finding.fix


def test_where_nobody_trains_its_parts_are_not_missed(workspace: Workspace) -> None:
    bare = replace(GOOD, is_installed=lambda name: name not in {"timm", "accelerate", "torch"})
    assert "Training" not in {finding.name for finding in examine(workspace, bare)}
    assert "training" in found(workspace, bare, "Extra 'train'").found


def test_photographs_are_looked_at_one_by_one_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff nothing else")
    small = cv2.cvtColor(np.full((60, 80), 200, np.uint8), cv2.COLOR_GRAY2BGR)
    cv2.imwrite(str(tmp_path / "small.png"), small)
    asked = CliRunner().invoke(app, ["doctor", "--photo", str(tmp_path), "--json"])
    assert asked.exit_code == 1
    cut, tiny = json.loads(asked.stdout)
    assert (cut["name"], cut["grade"], tiny["name"], tiny["grade"]) == (
        "cut.jpg", "FAIL", "small.png", "FAIL",
    )  # fmt: skip
    assert tiny["found"] == "too small"
    assert "Go closer" in tiny["fix"]


def test_a_photograph_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    asked = CliRunner().invoke(app, ["doctor", "--photo", str(tmp_path / "none.jpg")])
    assert asked.exit_code == 2
    empty = CliRunner().invoke(app, ["doctor", "--photo", str(tmp_path)])
    assert empty.exit_code == 2


def test_doctor_prints_json_and_exits_by_what_it_found(tmp_path: Path) -> None:
    args = ["doctor", "--workspace", str(tmp_path), "--json"]
    asked = CliRunner().invoke(app, args, env={"ECHODESK_TESSERACT": "no-such-program"})
    grades = {item["name"]: item["grade"] for item in json.loads(asked.stdout)}
    assert grades["Tesseract"] == "FAIL"
    assert grades["Python"] == "PASS"
    assert asked.exit_code == 1


def test_a_training_that_was_stopped_is_told_and_kept(workspace: Workspace) -> None:
    begun = workspace.runs / ".0123456789ab.partial"
    (begun / "work").mkdir(parents=True)
    (begun / "work" / "fold 0").write_text("where it stands")
    (workspace.snapshots / ".v1.partial").mkdir(parents=True)
    said = found(workspace, GOOD, "Leftovers")
    assert (said.grade, said.fix) == (Grade.PASS, "")
    assert said.found.startswith("1 of killed programs, removed; 1 training begun and not finished, kept")
    assert (begun / "work" / "fold 0").exists()
    assert not (workspace.snapshots / ".v1.partial").exists()
