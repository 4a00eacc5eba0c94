"""How the command ends: one line and a hint, the right exit code, no values of variables."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from db.errors import EchoDeskError, WrongUse
from db.store.engine import open_database
from db.workspace import Workspace
from pipeline.cli import EchoDeskGroup, app
from pipeline.commands.progress import PlainProgress
from pipeline.commands.terminal import say_table
from pipeline.logs import configure_logging

runner = CliRunner()


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A workspace with an empty database."""
    open_database(Workspace(workspace=tmp_path / "space")).close()
    return tmp_path / "space"


def ending_with(error: BaseException) -> typer.Typer:
    """A command like ours whose one verb raises."""
    small = typer.Typer(cls=EchoDeskGroup, rich_markup_mode=None, pretty_exceptions_enable=False)

    @small.callback()
    def options() -> None:
        """Nothing."""

    @small.command()
    def verb() -> None:
        raise error

    return small


def test_a_problem_the_user_can_solve_is_one_line_and_a_hint() -> None:
    asked = runner.invoke(ending_with(EchoDeskError("the page is blue", "Print it again.")), ["verb"])
    assert asked.exit_code == 1
    assert asked.stderr == "echodesk: the page is blue\n  Print it again.\n"
    assert asked.stdout == ""


def test_wrong_use_is_exit_code_2() -> None:
    assert runner.invoke(ending_with(WrongUse("no such thing")), ["verb"]).exit_code == 2
    assert runner.invoke(app, ["no-such-verb"]).exit_code == 2
    assert runner.invoke(app, ["status", "--no-such-option"]).exit_code == 2


def test_ctrl_c_is_calm_and_exit_code_130() -> None:
    asked = runner.invoke(ending_with(KeyboardInterrupt()), ["verb"])
    assert asked.exit_code == 130
    assert "Stopped" in asked.stderr
    assert "Traceback" not in asked.output


@pytest.mark.parametrize(
    "given",
    [
        ["finetune", "--expectation", "--out", ""], ["--workspace", " ", "status"], ["bundle", "--out="],
        ["export", "labels", "-o", ""],
    ],
)  # fmt: skip
def test_a_place_named_with_nothing_is_wrong_use(given: list[str]) -> None:
    asked = runner.invoke(app, given)
    assert asked.exit_code == 2
    assert "is empty" in asked.stderr and "Name a file or folder" in asked.stderr


def test_ctrl_c_says_so_where_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("labeling.finetuning.expectation.finetune.finetune_expectation", stopped)
    monkeypatch.setattr("labeling.finetuning.recogniser.finetune.finetune_recogniser", stopped)
    for way in ("--expectation", "--recogniser"):
        asked = runner.invoke(app, ["finetune", way, "--out", str(tmp_path / "out")])
        assert asked.exit_code == 130
        assert "Nothing of it is kept" in asked.stderr and "What was finished" not in asked.stderr


def test_an_unknown_error_keeps_its_traceback_without_the_values_in_it() -> None:
    code = (
        "from pipeline.cli import app\n"
        "@app.command()\n"
        "def burst():\n"
        "    name = ' '.join(['Asha', 'Rao'])\n"
        "    raise RuntimeError('burst')\n"
        "app(['burst'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "RuntimeError: burst" in done.stderr
    assert "Asha Rao" not in done.stdout + done.stderr


def test_the_workspace_may_stand_before_or_after_the_verb(space: Path) -> None:
    before = runner.invoke(app, ["--workspace", str(space), "status", "--json"])
    after = runner.invoke(app, ["status", "--json", "--workspace", str(space)])
    assert before.exit_code == after.exit_code == 0
    assert json.loads(before.stdout) == json.loads(after.stdout)
    assert json.loads(after.stdout)["cases"] == 0


def test_the_workspace_after_the_verb_wins_and_the_environment_comes_last(
    space: Path, tmp_path: Path
) -> None:
    empty = str(tmp_path / "empty")
    assert runner.invoke(app, ["-w", empty, "status", "-w", str(space)]).exit_code == 0
    assert runner.invoke(app, ["status"], env={"ECHODESK_WORKSPACE": str(space)}).exit_code == 0
    assert runner.invoke(app, ["-w", empty, "status"], env={"ECHODESK_WORKSPACE": str(space)}).exit_code == 2


def test_looking_at_a_workspace_that_is_not_there_makes_none(tmp_path: Path) -> None:
    asked = runner.invoke(app, ["status", "--workspace", str(tmp_path / "none")])
    assert asked.exit_code == 2
    assert f"echodesk --workspace {tmp_path / 'none'} intake" in asked.stderr
    assert not (tmp_path / "none").exists()


def test_an_unusable_setting_is_named(tmp_path: Path) -> None:
    asked = runner.invoke(app, ["-w", str(tmp_path), "status"], env={"ECHODESK_MAX_PAGES": "many"})
    assert asked.exit_code == 2
    assert "ECHODESK_MAX_PAGES" in asked.stderr


def test_status_says_what_comes_next(space: Path) -> None:
    asked = runner.invoke(app, ["status", "--workspace", str(space)])
    assert f"Next: echodesk --workspace {space} intake FOLDER" in asked.stdout


def test_an_unbroken_chain_verifies_and_a_changed_one_does_not(space: Path) -> None:
    assert runner.invoke(app, ["audit", "verify", "-w", str(space)]).exit_code == 0
    connection = sqlite3.connect(space / "echodesk.db")
    connection.execute(
        "INSERT INTO event (kind, actor, subject, payload, created_at, previous_hash, hash) "
        "VALUES ('x', 'x', 'x', '{}', '2026-01-01 00:00:00', ?, ?)",
        ("0" * 64, "1" * 64),
    )
    connection.commit()
    connection.close()
    asked = runner.invoke(app, ["audit", "verify", "-w", str(space), "--json"])
    assert asked.exit_code == 1
    assert json.loads(asked.stdout)["bad_id"] == 1


def test_a_backup_can_be_restored_and_keeps_what_was_there(space: Path) -> None:
    assert runner.invoke(app, ["backup", "-w", str(space)]).exit_code == 0
    (copy,) = (space / "backups").glob("*.db")
    asked = runner.invoke(app, ["restore", str(copy), "-w", str(space)])
    assert asked.exit_code == 0, asked.output
    assert len(list((space / "backups").glob("*.db"))) == 2


def test_restoring_something_else_is_refused(space: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_text("not a database", encoding="utf-8")
    asked = runner.invoke(app, ["restore", str(other), "-w", str(space)])
    assert asked.exit_code == 1
    assert "is not an EchoDesk database" in asked.stderr


def test_tables_put_numbers_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    say_table(["what", "cases"], [["registered", 7], ["reviewed", 1234]])
    assert capsys.readouterr().out.splitlines() == [
        "what        cases",
        "----------  -----",
        "registered      7",
        "reviewed     1234",
    ]


def test_plain_progress_says_rate_and_time_left_and_does_not_flood() -> None:
    now_s, lines = [0.0], []
    advance = PlainProgress("Reading", "pages", lines.append, lambda: now_s[0])
    for done in range(1, 101):
        now_s[0] += 0.5
        advance(done, 100)
    assert lines[0] == "Reading: 1 of 100 pages, 2.0 a second, 50 s left"
    assert lines[-1] == "Reading: 100 of 100 pages, 2.0 a second, 0 s left"
    assert len(lines) == 11


def test_logs_are_ours_alone_and_one_line_a_record() -> None:
    stream = io.StringIO()
    configure_logging(verbose=True, stream=stream)
    logging.getLogger("db.cases").info("case %s\nregistered", 7)
    logging.getLogger("httpx").info("somebody else's business")
    (line,) = stream.getvalue().splitlines()
    assert line.endswith("Z INFO db.cases: case 7\\nregistered"), line
