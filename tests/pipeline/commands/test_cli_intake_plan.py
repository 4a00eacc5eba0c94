"""`echodesk intake --plan`: who would get which pages, and nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from page_files import blank_pdf, saved, sheet
from typer.testing import CliRunner

from pipeline.cli import app

runner = CliRunner()


def test_a_plan_says_who_gets_which_pages_and_why_and_writes_nothing(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for name in ("A7_report_p1.png", "A7_report_p2.png", "A7_ecg.png", "P1.png"):
        (files / name).write_bytes(b"\x89PNG" + name.encode())
    before = sorted(tmp_path.rglob("*"))
    done = runner.invoke(
        app, ["intake", "--plan", str(files), "-w", str(tmp_path / "space"), "--site", "North"]
    )
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "Patient A7"
    assert lines[1].startswith("  report A7_report_p1.png, A7_report_p2.png; file name")
    assert lines[2:4] == ["  ECG A7_ecg.png", "  site North"]
    assert "1 case of 1 patient would be looked at." in lines
    assert "'P1' may be a page or a patient" in done.output
    assert sorted(tmp_path.rglob("*")) == before


def test_a_plan_of_a_list_names_the_rows_and_what_was_taken_how(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(b"\x89PNG")
    listing = tmp_path / "list.csv"
    listing.write_text(
        "patient_id,report,date,site\nA-1,a.png,5 Apr 2024,North\nA1,b.png,-,NORTH\n#N/A,c.png,,\n"
    )
    done = runner.invoke(
        app,
        ["intake", "--plan", "--manifest", str(listing), str(tmp_path), "-w", str(tmp_path / "w"), "--json"],
    )
    told = json.loads(done.stdout)
    assert [(case["patient_id"], case["why"], case["site"]) for case in told["cases"]] == [
        ("A-1", "row 2 of list.csv", "North"),
        ("A1", "row 3 of list.csv", "North"),
    ]
    assert len(told["notes"]) == 3
    assert [item["row"] for item in told["refused"]] == [4]


def test_a_plan_says_how_many_pages_a_pdf_has(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    blank_pdf(tmp_path / "files" / "A7_report.pdf", pages=3)
    arguments = ["intake", "--plan", str(tmp_path / "files"), "-w", str(tmp_path / "space")]
    assert "  report A7_report.pdf (3 pages); file name" in runner.invoke(app, arguments).stdout
    told = json.loads(runner.invoke(app, [*arguments, "--json"]).stdout)
    assert list(told["pages"].values()) == [3]


@pytest.mark.parametrize("folder", ["space", "space %20?"])
def test_a_plan_knows_whom_the_workspace_has_and_writes_nothing_there(tmp_path: Path, folder: str) -> None:
    space, first, second = (tmp_path / name for name in (folder, "first", "second"))
    saved(sheet(1), first / "A17_report.png")
    saved(sheet(2), second / "A017_report.png")
    taken = runner.invoke(app, ["intake", str(first), "-w", str(space), "--site", "North Clinic"])
    assert taken.exit_code == 0, taken.output
    before = {path: path.stat().st_mtime_ns for path in space.rglob("*")}
    planned = runner.invoke(
        app, ["intake", "--plan", str(second), "-w", str(space), "--site", "NORTH clinic"]
    )
    assert "A017_report.png: the patient id looks like that of a registered patient" in planned.stdout
    assert "the site 'NORTH clinic' was taken for 'North Clinic'" in planned.stdout
    assert {path: path.stat().st_mtime_ns for path in space.rglob("*")} == before
    (space / "echodesk.db").write_bytes(b"no database")
    assert runner.invoke(app, ["intake", "--plan", str(second), "-w", str(space)]).exit_code == 0
