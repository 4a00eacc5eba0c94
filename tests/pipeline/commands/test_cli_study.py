"""`echodesk snapshot study`: its switches reach the plan, and what it makes says what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.commands.datasets import study as command
from pipeline.dataset.study.pages import Shortcuts
from pipeline.dataset.study.plan import StudyPlan
from pipeline.waveforms.planted import Strength
from pipeline.waveforms.planted_bases import DipoleBase


def invoke(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--workspace", str(workspace), "snapshot", "study", *arguments])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have been made; nothing is."""
    seen: list[Any] = []
    monkeypatch.setattr(command, "make_study", lambda *what, **_: seen.append(what[1:]))
    return seen


@pytest.mark.parametrize(
    ("options", "plan"),
    [
        ((), StudyPlan()),
        (("--patients", "80", "--seed", "7"), StudyPlan(patients=80, seed=7)),
        (("--strength", "0.7"), StudyPlan(strength=Strength(0.7, 0.7))),
        (("--nothing",), StudyPlan(strength=Strength(0.0, 0.0))),
        (("--shortcut", "header"), StudyPlan(shortcuts=Shortcuts(header=1.0))),
        (("--shortcut", "paper"), StudyPlan(shortcuts=Shortcuts(paper=1.0))),
        (
            ("--shortcut", "tint", "--shortcut", "site", "--shortcut-share", "0.8"),
            StudyPlan(shortcuts=Shortcuts(tint=0.8, site=0.8)),
        ),
        (("--label-errors", "0.1"), StudyPlan(label_errors=0.1)),
    ],
)
def test_the_switches_reach_the_plan(
    options: tuple[str, ...], plan: StudyPlan, asked: list[Any], tmp_path: Path
) -> None:
    done = invoke(tmp_path, "named", *options)
    assert done.exit_code == 0, done.output
    ((name, planned, base),) = asked
    assert (name, planned) == ("named", plan)
    assert isinstance(base, DipoleBase)


@pytest.mark.parametrize(
    "options",
    [("--base", "ptbxl"), ("--ptbxl", "."), ("--base", "real"), ("--shortcut", "age"), ("--strength", "1")],
)
def test_what_does_not_go_together_is_wrong_use(
    options: tuple[str, ...], asked: list[Any], tmp_path: Path
) -> None:
    assert invoke(tmp_path, "named", *options).exit_code == 2
    assert asked == []


def test_it_makes_a_dataset_and_says_what_can_be_found_and_what_the_paper_leaves_open(tmp_path: Path) -> None:
    done = invoke(tmp_path, "few", "--patients", "6", "--seed", "3", "--workers", "1")
    assert done.exit_code == 0, done.output
    manifest = json.loads((tmp_path / "snapshots/few/manifest.json").read_text(encoding="utf-8"))
    assert manifest["is_synthetic"] is True
    assert "at best EF r" in done.stdout
    assert "SD 10.9 with its strata" in done.stdout
    assert f"echodesk --workspace {tmp_path} train few --profile cpu" in done.stdout
