"""Two machines share a PostgreSQL database: who withdraws at one is refused at the other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from page_files import saved, sheet
from postgres_server import postgres_server, postgres_url
from typer.testing import CliRunner

from pipeline.cli import app

__all__ = ["postgres_server", "postgres_url"]

pytestmark = pytest.mark.postgres


@pytest.fixture
def machines(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two workspaces with one key, one folder of pictures and one database, in which A1 and B2 are."""
    monkeypatch.setenv("ECHODESK_DATABASE_URL", postgres_url)
    monkeypatch.delenv("ECHODESK_WORKSPACE", raising=False)
    here, there = tmp_path / "here", tmp_path / "there"
    for number, name in enumerate(("A1", "B2"), start=1):
        saved(sheet(number), tmp_path / "files" / f"{name}.png")
    run(here, "intake", str(tmp_path / "files"))
    there.mkdir()
    shutil.copy2(here / "patient.key", there / "patient.key")
    (there / "images").symlink_to(here / "images")
    return here, there


def run(space: Path, *words: str, code: int = 0, typed: str | None = None) -> Result:
    answer = CliRunner().invoke(app, [*words, "-w", str(space)], input=typed)
    assert answer.exit_code == code, answer.output + answer.stderr
    return answer


def test_who_withdraws_at_one_machine_is_refused_at_the_other(
    machines: tuple[Path, Path], tmp_path: Path
) -> None:
    here, there = machines
    run(here, "withdraw", "--yes", typed="A1\n")
    assert "2 events" not in run(here, "audit", "verify").stdout
    assert len(list((here / "images").glob("*/*"))) == 1
    files = str(tmp_path / "files")
    assert not (there / "withdrawn.txt").exists()
    plan = json.loads(run(there, "intake", files, "--plan", "--json", code=1).stdout)
    assert [case["patient_id"] for case in plan["cases"]] == ["B2"]
    refused = json.loads(run(there, "intake", files, "--json", code=1).stdout)["refused"]
    assert [one["code"] for one in refused] == ["withdrawn"]
    assert len(list((here / "images").glob("*/*"))) == 1
    assert "1 case registered" not in run(there, "status").stdout
    run(there, "withdraw", "--again", typed="A1\n")
    assert "1 case registered" in run(there, "intake", files).stdout
    assert "chain unbroken" in run(there, "audit", "verify").stdout


def test_pictures_that_are_on_another_machine_are_told_of(machines: tuple[Path, Path]) -> None:
    here, there = machines
    (there / "images").unlink()
    answer = run(there, "withdraw", "--yes", typed="A1\n")
    assert "1 picture of theirs were not in this machine's images folder" in answer.stderr
    assert len(list((here / "images").glob("*/*"))) == 2
    # Where they lie nobody knows them any more.
    assert "that no record shows" in run(here, "withdraw", "--record", "2", "--plan").stdout
    run(here, "withdraw", "--yes", "--unclaimed", typed="A1\n")
    assert len(list((here / "images").glob("*/*"))) == 1


def test_consent_given_again_at_one_machine_holds_at_the_other(
    machines: tuple[Path, Path], tmp_path: Path
) -> None:
    """The other's own list is older, and does not take them out once more; a later withdrawal counts."""
    here, there = machines
    run(here, "withdraw", "--yes", typed="A1\n")
    run(there, "withdraw", "--again", typed="A1\n")
    files = str(tmp_path / "files")
    assert "Everybody on the list has been taken out" in run(here, "withdraw", "--noted").stdout
    assert run(here, "intake", files, "--plan").stdout.count("Patient A1") == 1
    assert "1 case registered" in run(here, "intake", files).stdout
    assert "Nobody has withdrawn" in run(here, "withdraw", "--list").stdout
    run(here, "withdraw", "--yes", typed="A1\n")
    assert (here / "withdrawn.txt").read_text().count(" withdrawn ") == 2
    assert "withdrew" in run(there, "intake", files, code=1).stderr
