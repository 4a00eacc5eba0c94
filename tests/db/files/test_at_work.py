"""One writer of the truth: a restore waits for nobody and takes nobody's database away."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from db_rows import World
from typer.testing import CliRunner

from db.errors import EchoDeskError
from db.files.at_work import BusyError, alone_at_work, at_work, who_is_at_work
from db.store.backup import backup_database, newer_than
from db.store.engine import open_database
from db.workspace import Workspace
from pipeline.cli import app
from pipeline.commands.desk.serving import DESK, say_company

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from db.files.at_work import at_work

with at_work(Path(sys.argv[1]), "an extraction", datetime(2026, 3, 4, 5, 6, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(600)
"""


def test_nobody_is_alone_while_another_works(tmp_path: Path) -> None:
    with at_work(tmp_path, "the review desk", NOW), pytest.raises(BusyError) as caught:
        alone_at_work(tmp_path).__enter__()
    assert caught.value.who == ["the review desk (since 05:06 UTC)"]
    with alone_at_work(tmp_path) as others:
        assert others == []


def test_two_work_at_once_and_know_of_each_other(tmp_path: Path) -> None:
    with at_work(tmp_path, "the review desk", NOW) as first, at_work(tmp_path, "an intake", NOW) as second:
        assert (first, second) == ([], ["the review desk (since 05:06 UTC)"])
        assert len(who_is_at_work(tmp_path)) == 2
    assert who_is_at_work(tmp_path) == []


def test_nobody_begins_to_work_under_a_restore(tmp_path: Path) -> None:
    with (
        alone_at_work(tmp_path),
        pytest.raises(EchoDeskError, match="backup is being put"),
        at_work(tmp_path, "the review desk", NOW),
    ):
        pass


def test_who_was_killed_is_at_work_no_more(tmp_path: Path) -> None:
    path = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert who_is_at_work(tmp_path) == ["an extraction (since 05:06 UTC)"]
        holder.kill()
    assert who_is_at_work(tmp_path) == []
    with alone_at_work(tmp_path) as others:
        assert others == []
    assert [path.name for path in (tmp_path / "at-work").iterdir()] == ["gate"]


@pytest.fixture
def three_and_two(sqlite_workspace: Workspace, now: datetime) -> tuple[Workspace, Path]:
    """A backup of three cases, and two more since."""
    database = open_database(sqlite_workspace)
    world = World(database, now)
    world.cases(3)
    copy = backup_database(sqlite_workspace, now=now)
    world.cases(2, prefix="more")
    database.close()
    return sqlite_workspace, copy


def test_what_is_newer_than_a_backup_is_counted(three_and_two: tuple[Workspace, Path]) -> None:
    workspace, copy = three_and_two
    assert newer_than(workspace, copy)["case"] == 2
    assert newer_than(workspace, workspace.database_file) == {}


def test_restore_refuses_under_a_desk_and_says_what_force_would_lose(
    three_and_two: tuple[Workspace, Path],
) -> None:
    workspace, copy = three_and_two
    typed = ["restore", str(copy), "-w", str(workspace.root)]
    with at_work(workspace.root, "the review desk", NOW):
        asked = CliRunner().invoke(app, typed)
        assert asked.exit_code == 1
        assert "at work in this workspace: the review desk (since 05:06 UTC)" in asked.stderr
        assert "2 drafts, 2 cases newer than the backup" in asked.stderr
        assert newer_than(workspace, copy)["case"] == 2
        forced = CliRunner().invoke(app, [*typed, "--force"])
    assert forced.exit_code == 0, forced.output
    assert "have them start again" in forced.stderr
    assert "No longer in the database, because newer than the backup: 2 drafts, 2 cases." in forced.stdout
    assert newer_than(workspace, copy) == {}


def test_a_second_desk_is_told_of_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    say_company(["an intake (since 05:06 UTC)"])
    assert capsys.readouterr().out == ""
    say_company([f"{DESK} (since 05:06 UTC)"])
    assert "Both desks work" in capsys.readouterr().out
    say_company(["the review desk (since 09:12 UTC)", "the review desk (since 09:13 UTC)"])
    assert "All desks work" in capsys.readouterr().out
