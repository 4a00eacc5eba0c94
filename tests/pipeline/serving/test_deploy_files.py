"""The files of pipeline/serving/deploy, and what an image of the repository may be made of."""

from __future__ import annotations

import configparser
import fnmatch
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "pipeline" / "serving" / "deploy"
UNITS = sorted(FOLDER.glob("*.service"))
RULES = [
    line
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def taken(path: str) -> bool:
    """Whether an image is made with `path` (relative to the root): the last rule that fits decides."""
    parts = path.split("/")
    beginnings = {"/".join(parts[: end + 1]) for end in range(len(parts))} | set(parts)
    inside = True
    for rule in RULES:
        pattern = rule.removeprefix("!").removeprefix("**/").rstrip("/")
        if any(fnmatch.fnmatchcase(beginning, pattern) for beginning in beginnings):
            inside = rule.startswith("!")
    return inside


@pytest.mark.parametrize(
    "path",
    [
        "workspace/echodesk.db",
        "demo-workspace/images/a.jpg",
        "relay/relay.key",
        "pipeline/serving/deploy/relay.env",
        ".env",
        "bundle/manifest.json",
        ".git/config",
        "reports.xlsx",
    ],
)
def test_what_lies_beside_the_code_never_enters_an_image(path: str) -> None:
    assert not taken(path)


def test_what_the_images_are_built_from_is_there() -> None:
    made = [FOLDER / "compose.yaml", FOLDER / "space" / "Dockerfile"]
    lists = {
        name
        for path in made
        for name in re.findall(r"pip install[^&\n]* -r (\S+)", path.read_text(encoding="utf-8"))
    }
    assert lists == {"requirements.lock", "pipeline/serving/deploy/relay-requirements.txt"}
    code = [f"{room}/__init__.py" for room in ("db", "labeling", "pipeline", "review_ui")]
    for path in [*lists, *code, "pyproject.toml", "README.md", "pipeline/serving/messages/en.py"]:
        assert (ROOT / path).is_file() and taken(path), path


def test_the_relay_asks_for_the_versions_that_the_project_asks_for() -> None:
    asked = (FOLDER / "relay-requirements.txt").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {line for line in asked if not line.startswith("#")} <= set(project["dependencies"])


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_start_the_program_with_little_power_and_settings_of_their_own(path: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read_string(path.read_text(encoding="utf-8"))
    service = unit["Service"]
    assert service["ExecStart"].startswith("/opt/echodesk/.venv/bin/echodesk relay ")
    assert service["EnvironmentFile"].startswith("/etc/echodesk/")
    assert service["CapabilityBoundingSet"] == ""
    assert (service["DynamicUser"], service["ProtectSystem"]) == ("yes", "strict")


def test_units_of_two_kinds_of_host_can_be_installed_side_by_side() -> None:
    reading = {path.name for path in (ROOT / "docs" / "scaling").glob("*.service")}
    assert UNITS and not reading & {path.name for path in UNITS}
