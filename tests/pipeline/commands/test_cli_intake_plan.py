"""`echodesk intake --plan`: who would get which pages, and nothing written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from page_files import blank_pdf, saved, sheet
from typer.testing import CliRunner

from pipeline.cli import app

runner = CliRunner()


def test_a_plan_says_who_gets_which_pages_and_why_and_writes_nothing(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for number, name in enumerate(("A7_report_p1.png", "A7_report_p2.png", "A7_ecg.png", "P1.png")):
        saved(sheet(number), files / name)
    before = sorted(tmp_path.rglob("*"))
    done = runner.invoke(
        app, ["intake", "--plan", str(files), "-w", str(tmp_path / "space"), "--site", "North"]
    )
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "Patient A7"
    assert lines[1].startswith("  report A7_report_p1.png, A7_report_p2.png; file name")
    assert lines[2:4] == ["  ECG A7_ecg.png", "  site North"]
    assert "1 case of 1 patient would be taken in." in lines
    assert "'P1' may be a page or a patient" in done.output
    assert sorted(tmp_path.rglob("*")) == before


def test_a_plan_of_a_list_names_the_rows_and_what_was_taken_how(tmp_path: Path) -> None:
    for number, name in enumerate(("a.png", "b.png", "c.png")):
        saved(sheet(number), tmp_path / name)
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


def test_a_plan_counts_what_is_registered_apart(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    saved(sheet(1), tmp_path / "files" / "A7_report.png")
    place = [str(tmp_path / "files"), "-w", str(tmp_path / "space")]
    assert runner.invoke(app, ["intake", *place]).exit_code == 0
    again = runner.invoke(app, ["intake", "--plan", *place])
    assert "0 cases of 0 patients would be taken in, 1 case recognised." in again.stdout

    saved(sheet(2), tmp_path / "files" / "B8_report.png")
    more = runner.invoke(app, ["intake", "--plan", *place])
    assert "1 case of 1 patient would be taken in, 1 case recognised." in more.stdout


def test_one_report_under_two_ids_is_told_with_the_other_file(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    for name in ("A7_report.png", "B8_report.png"):
        saved(sheet(1), tmp_path / "files" / name)
    place = [str(tmp_path / "files"), "-w", str(tmp_path / "space")]
    for way in (["--plan"], []):
        told = runner.invoke(app, ["intake", *way, *place])
        assert told.exit_code == 1
        assert "B8_report.png: A7_report.png holds the same report for another patient" in told.stderr


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


def _refused(*arguments: str) -> list[tuple[str, str, str, str]]:
    """What a run refuses: file, code, reason, remedy."""
    done = runner.invoke(app, [*arguments, "--json"])
    told = json.loads(done.stdout)["refused"]
    return [(Path(one["path"]).name, one["code"], one["reason"], one["remedy"]) for one in told]


def _unusable(folder: Path) -> None:
    """Files of every kind that an intake refuses once it opens them, beside one that is well."""
    saved(sheet(1), folder / "A1_report.png")
    (folder / "A2_report.png").write_bytes((folder / "A1_report.png").read_bytes()[:200])
    (folder / "A3_report.jpg").write_bytes(b"")
    (folder / "A4_report.pdf").write_bytes(b"%PDF-1.4 no more than this")
    (folder / "A5_report.jpg").write_text("a letter")
    blank_pdf(folder / "A6_report.pdf", pages=60)
    saved(sheet(6), folder / "A7_report.png")
    (folder / "A7_ecg.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    saved(sheet(8), folder / "A8_report_p1.png")
    (folder / "A8_report_p2.png").write_bytes(b"GIF89a")
    (folder / "A9_report.png").write_bytes((folder / "A1_report.png").read_bytes())


def test_a_plan_refuses_what_the_intake_refuses_in_the_same_words(tmp_path: Path) -> None:
    files, space = tmp_path / "files", str(tmp_path / "space")
    _unusable(files)
    planned = _refused("intake", "--plan", str(files), "-w", space)
    shown = runner.invoke(app, ["intake", "--plan", str(files), "-w", space])
    assert not Path(space).exists(), "nothing is written"
    taken = _refused("intake", str(files), "-w", space)

    assert planned == taken
    assert {name[:2] for name, *_ in planned} == {f"A{number}" for number in range(2, 10)}
    assert "2 cases of 2 patients would be taken in." in shown.stdout and shown.exit_code == 1
    assert re.search(
        r"A9_report\.png: A\d_report\S*\.png holds the same report for another patient", shown.output
    )


def test_a_plan_knows_what_is_registered_and_for_whom(tmp_path: Path) -> None:
    first, second, space = tmp_path / "first", tmp_path / "second", str(tmp_path / "space")
    for number, name in enumerate(("A5_report.png", "ram kumar.png", "0017_report.png"), start=1):
        saved(sheet(number), first / name)
    assert runner.invoke(app, ["intake", str(first), "-w", space]).exit_code == 0
    for number, name in enumerate(("B2_report.png", "ram kumar.png", "17_report.png"), start=3):
        saved(sheet(number), second / name)
    (second / "A5_report.png").write_bytes((first / "A5_report.png").read_bytes())
    planned = runner.invoke(app, ["intake", "--plan", str(second), "-w", space])
    refused = _refused("intake", "--plan", str(second), "-w", space)

    assert refused == _refused("intake", str(second), "-w", space)
    assert {name: code for name, code, *_ in refused} == {
        "B2_report.png": "other_patient", "17_report.png": "id_clash", "ram kumar.png": "id_clash"
    }  # fmt: skip
    assert "1 of the reports is registered already and would be recognised" in planned.stdout
