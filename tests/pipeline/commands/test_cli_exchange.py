"""`echodesk export labels` in other programs' forms, and `echodesk import`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from labelled_desk import ANA, STATES, WAITING, labelled_desk
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from db.exports.interchange import Form
from db.exports.label_studio import results_of
from db.exports.tables import flagged_labels
from db.store.engine import open_database
from db.tabular import FileFormat
from db.workspace import Workspace
from pipeline.cli import app
from pipeline.commands.labels.export import FormatName


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    folder = tmp_path_factory.mktemp("exchange") / "w"
    labelled_desk(Workspace(workspace=folder), migrated_file).close()
    return folder


def echodesk(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in arguments])


def test_the_command_offers_every_format_there_is() -> None:
    assert [one.value for one in FormatName] == [*FileFormat, *Form]


def test_a_form_of_two_files_names_both_and_what_stayed_out(space: Path, tmp_path: Path) -> None:
    done = echodesk("-w", space, "export", "labels", "--format", "redcap", "-o", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    assert "5 records written to" in done.output
    assert "out-dictionary.csv" in done.output
    assert "1 record with a flag that nobody has settled: without a label." in done.output


def test_a_plain_table_says_how_many_of_its_values_somebody_doubts(space: Path, tmp_path: Path) -> None:
    database = open_database(Workspace(workspace=space))
    assert flagged_labels(database) == 1
    database.close()
    told = "1 row with is_flagged = true: somebody doubts these values."
    for ending in ("csv", "xlsx"):
        assert told in echodesk("-w", space, "export", "labels", "-o", tmp_path / f"l.{ending}").stdout
    assert "is_flagged" not in echodesk("-w", space, "export", "drafts", "-o", tmp_path / "d.csv").stdout


def test_drafts_have_no_form_of_another_program(space: Path, tmp_path: Path) -> None:
    done = echodesk("-w", space, "export", "drafts", "--format", "fhir", "-o", tmp_path / "out")
    assert (done.exit_code, list(tmp_path.iterdir())) == (2, [])


def test_the_ending_of_the_file_decides_what_is_written_in_it(space: Path, tmp_path: Path) -> None:
    workbook = tmp_path / "labels.XLSX"
    done = echodesk("-w", space, "export", "labels", "-o", workbook)
    assert done.exit_code == 0, done.output
    assert [
        row[0] for row in load_workbook(workbook).worksheets[0].iter_rows(max_row=1, values_only=True)
    ] == ["case_id"]


@pytest.mark.parametrize(
    ("file", "asked", "proposed"),
    [
        ("labels.zip", ["--format", "redcap"], "labels.csv"),
        ("labels.xlsx", ["--format", "csv"], "labels.csv"),
        ("labels.xls", [], "labels.csv, or name the form with --format"),
        ("labels.csv", ["--format", "xlsx"], "labels.xlsx"),
        ("labels.json", [], "labels.csv, or name the form with --format"),
    ],
)
def test_no_file_gets_the_ending_of_another_kind(
    space: Path, tmp_path: Path, file: str, asked: list[str], proposed: str
) -> None:
    done = echodesk("-w", space, "export", "labels", *asked, "-o", tmp_path / file)
    assert (done.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert f"Call it {proposed}." in " ".join(done.output.split())


def test_there_and_back_again(space: Path, tmp_path: Path) -> None:
    file = tmp_path / "tasks.json"
    echodesk("-w", space, "export", "labels", "--format", "label-studio", "-o", file)
    tasks = json.loads(file.read_text(encoding="utf-8"))
    for task in tasks:
        if task["id"] == WAITING:
            task["annotations"] = [{"result": results_of(STATES[2])}]
        if task["id"] == 1:
            task["annotations"] = [{"result": results_of(STATES[2])}]
    file.write_text(json.dumps(tasks), encoding="utf-8")
    done = echodesk("-w", space, "import", file, "--annotator", ANA)
    assert done.exit_code == 1
    assert f"1 decision of {ANA} stored." in done.output
    assert "task 1: record 1 has been decided or flagged already" in done.output
    assert (
        json.loads(echodesk("-w", space, "import", file, "--annotator", ANA, "--json").stdout)["stored"] == 0
    )
