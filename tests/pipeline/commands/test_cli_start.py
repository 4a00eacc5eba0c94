"""`echodesk` alone opens the desk; what is printed can be typed as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from db.store.engine import open_database
from db.workspace import Workspace
from pipeline.cli import app
from pipeline.commands.desk import start as start_module
from review_ui import server
from review_ui.server import open_listener, serve

runner = CliRunner()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the desk was served with; nothing is."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(
        start_module,
        "serve_desk",
        lambda workspace, database, **options: found.append({"workspace": workspace, **options}),
    )
    return found


def test_without_a_verb_the_desk_opens_on_a_new_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: list[dict[str, Any]]
) -> None:
    monkeypatch.chdir(tmp_path)
    first = runner.invoke(app, [])
    assert (first.exit_code, "A new workspace" in first.stdout) == (0, True)
    assert (tmp_path / "workspace" / "echodesk.db").exists()
    assert (served[0]["leads"], served[0]["port"]) == (["local"], 7860)
    again = runner.invoke(app, ["--workspace", "elsewhere"])
    assert served[1]["workspace"].root == tmp_path / "elsewhere"
    assert "A new workspace" in again.stdout
    assert runner.invoke(app, []).stdout == ""


@pytest.mark.parametrize("asked", [["-w", "my echo", "status"], ["status", "--workspace", "my echo"]])
def test_the_next_command_names_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    open_database(Workspace(workspace=Path("my echo"))).close()
    assert "Next: echodesk --workspace 'my echo' intake FOLDER" in runner.invoke(app, asked).stdout


def test_the_hint_of_an_error_names_the_workspace_and_the_demo_its_own(tmp_path: Path) -> None:
    ended = runner.invoke(app, ["-w", str(tmp_path / "none"), "status"])
    assert f"echodesk --workspace {tmp_path / 'none'} intake FOLDER" in ended.stderr
    assert "or see one at work: echodesk demo" in ended.stderr


def test_a_desk_whose_port_is_taken_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(workspace=tmp_path / "workspace")
    database = open_database(workspace)
    monkeypatch.setattr(server._Server, "run", lambda *_args, **_options: None)
    taken = open_listener("127.0.0.1", 0)
    asked = int(taken.getsockname()[1])
    told: list[int] = []
    serve(workspace, database, port=asked, on_ready=lambda _: None, on_other_port=told.append)
    assert told == [asked]
    taken.close()
    database.close()
