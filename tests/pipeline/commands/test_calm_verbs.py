"""A workspace that can't be written is told in a sentence by every verb, and nothing is left half."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from bulk_labels import fill_workspace
from calm_program import TROUBLES, VERBS
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from db.errors import EchoDeskError
from db.files.keys import KEY_BYTES
from db.files.trouble import disk_trouble
from db.store.backup import backup_database
from db.store.engine import open_database, utc_now
from db.workspace import Workspace
from pipeline.cli import EchoDeskGroup


def at(number: int, file: str | None = "/disk/file") -> OSError:
    """What the system says."""
    return OSError(number, os.strerror(number), file)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EROFS, "/disk/file can't be written: it can only be read"),
        (errno.ENOSPC, "/disk/file can't be written: there is no room left on the disk"),
        (errno.EDQUOT, "/disk/file can't be written: there is no room left on the disk"),
        (errno.EFBIG, "/disk/file can't be written: the disk takes no file of that size"),
        (errno.EIO, "/disk/file can't be written: it is gone or can't be reached"),
        (errno.ESTALE, "/disk/file can't be written: it is gone or can't be reached"),
        (errno.ENOENT, "/disk/file can't be written: it is gone or can't be reached"),
        (errno.EACCES, "/disk/file can't be written: you may not write there"),
    ],
)
def test_what_a_disk_refuses_is_a_sentence(number: int, said: str) -> None:
    told = disk_trouble(at(number))
    assert told is not None
    assert told.message == said
    assert told.hint.endswith("then run the same again.")


def test_a_database_that_cannot_be_written_is_one_too(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "a.db").executescript("CREATE TABLE a (b); PRAGMA user_version = 1;")
    connection = sqlite3.connect(f"file:{tmp_path}/a.db?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("INSERT INTO a VALUES (1)")
    told = disk_trouble(OperationalError("INSERT", {}, caught.value))
    assert told is not None and told.message == "the database can't be written: it can only be read"


def test_a_database_that_another_program_keeps_is_one_too(tmp_path: Path) -> None:
    workspace = Workspace(workspace=tmp_path, database_url="")
    open_database(workspace).close()
    keeper = sqlite3.connect(workspace.database_file, isolation_level=None)
    keeper.execute("BEGIN EXCLUSIVE")
    with pytest.raises(EchoDeskError, match="another program has kept it for too long"):
        open_database(workspace, patience_s=0.05)
    keeper.execute("ROLLBACK")
    patient = open_database(workspace, patience_s=0.05)
    keeper.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError) as caught, patient.write():
        pass
    told = disk_trouble(caught.value)
    assert told is not None and told.hint.startswith("What was stored is kept; run the same again")
    keeper.close()
    patient.close()


def test_a_fault_of_our_own_stays_one(tmp_path: Path) -> None:
    assert disk_trouble(ValueError("x")) is None
    assert disk_trouble(at(errno.ENOENT, str(tmp_path / "missing"))) is None
    assert disk_trouble(at(errno.ECHILD)) is None


@pytest.mark.parametrize(("error", "code"), [(at(errno.ENOSPC), 1), (KeyError("x"), None)])
def test_the_command_ends_with_the_sentence_and_not_with_a_traceback(
    error: Exception, code: int | None
) -> None:
    app = typer.Typer(cls=EchoDeskGroup, pretty_exceptions_enable=False)

    @app.command("verb")
    def verb() -> None:
        raise error

    app.command("other")(lambda: None)
    done = CliRunner().invoke(app, ["verb"])
    if code is None:
        assert done.exception is error
        return
    assert done.exit_code == code
    assert done.stderr.startswith("echodesk: /disk/file can't be written: there is no room left")


def test_an_end_that_comes_too_early_is_told_and_not_taken_for_a_stop() -> None:
    app = typer.Typer(cls=EchoDeskGroup, pretty_exceptions_enable=False)

    @app.command("verb")
    def verb() -> None:
        raise EOFError("No data left in file")

    app.command("other")(lambda: None)
    done = CliRunner().invoke(app, ["verb"])
    assert done.exit_code == 1
    assert done.stderr.startswith("echodesk: a file, or what was to be typed, ended too early")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reviewed records, and beside them what verbs are given."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("calm")
    space = Workspace(workspace=folder / "source", database_url="")
    fill_workspace(space, 40)
    key = b"k" * KEY_BYTES
    for name, written in (("desk.key", key.hex().encode()), ("patient.key", key)):
        (space.root / name).write_bytes(written)
        (space.root / name).chmod(0o600)
    (folder / "files").mkdir()
    Image.new("L", (300, 400), 255).save(folder / "files" / "P1_report.png")
    (folder / "files" / "suspects.csv").write_text("case_id,score,reason\n1,0.1,test\n")
    shutil.move(backup_database(space, now=utc_now()), folder / "files" / "backup.db")
    return space.root


def can_mount() -> bool:
    """Whether this user may have mounts of their own."""
    program = shutil.which("unshare")
    return program is not None and subprocess.run([program, "-m", "true"], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.skipif(not can_mount(), reason="mounts of one's own need root and unshare")
@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_verb_stays_calm(trouble: str, source: Path, tmp_path: Path) -> None:
    program = Path(__file__).with_name("calm_program.py")
    done = subprocess.run(
        ["unshare", "-m", sys.executable, str(program), trouble, str(source), str(tmp_path / "place")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    *verbs, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(verbs) == len(VERBS)
    faults = [one for one in verbs if one["fault"] or "Traceback" in one["said"]]
    assert faults == []
    wordless = [one for one in verbs if one["code"] and not one["said"].strip()]
    # These two say what they found on standard output; the log of the records here is made up.
    assert [one["verb"] for one in wordless if one["verb"] not in ("doctor", "audit verify")] == []
    assert last == {"left": [], "has_database": trouble != "vanished"}
