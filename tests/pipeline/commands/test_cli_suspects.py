"""`echodesk suspects` on the command line: what it ranks, writes and refuses."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from reviewed_space import FINDINGS, add_case, decide, reviewed_space
from typer.testing import CliRunner

from db.access.desk_key import load_or_create_desk_key
from db.decisions import Purpose
from db.fields.sameness import Match
from db.labels import Findings, Pah, Rwma, RwmaSeverity
from db.reviews import ReadingContext
from db.store.engine import open_database
from db.workspace import Workspace
from pipeline.cli import app
from pipeline.curation.evidence import Circumstances, Heard, labelled_record
from pipeline.curation.records import FieldLabel, Voice
from pipeline.dataset.rekeying import SnapshotKey

runner = CliRunner()
QUEUED = {"queued": 2, "to_read_again": 2, "to_adjudicate": 0, "unknown": []}


def changed(**values: Any) -> Findings:
    return Findings.model_validate({**FINDINGS.model_dump(), **values})


@pytest.fixture
def space(made: Path, tmp_path: Path) -> Path:
    """A copy to work on."""
    return Path(shutil.copytree(made, tmp_path / "space"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve labels equal to their drafts; the 13th's pressure grade and the 14th's wall motion differ."""
    folder = reviewed_space(tmp_path_factory.mktemp("suspects") / "space")
    database = open_database(Workspace(workspace=folder))
    with database.write() as session:
        for number in (13, 14):
            add_case(session, number)
        decide(session, 13, 1, changed(pah=Pah.SEVERE, rvsp_mmhg=20), ReadingContext())
        wall = changed(rwma=Rwma.PRESENT, rwma_severity=RwmaSeverity.SEVERE)
        decide(session, 14, 1, wall, ReadingContext())
    database.close()
    return folder


def suspects(folder: Path, *options: str) -> tuple[int, str]:
    done = runner.invoke(app, ["suspects", "-w", str(folder), *options])
    return done.exit_code, done.output


def ranked(folder: Path, *options: str) -> list[dict[str, Any]]:
    code, told = suspects(folder, "--json", *options)
    assert code == 0
    return list(json.loads(told)["suspects"])


def test_the_labels_against_their_drafts_come_first_with_their_reasons(space: Path) -> None:
    found = ranked(space, "--top", "3")
    assert [one["case_id"] for one in found[:2]] == [13, 14]
    assert [one["field"] for one in found[:2]] == ["pah", "rwma"]
    assert found[0]["reason"] == "20 mmHg does not usually go with severe PAH."
    assert found[0]["weights"]["readers"] > 0
    assert found[0]["score"] < found[1]["score"] < found[2]["score"]


def test_the_default_is_a_tenth_of_the_labels_as_a_table(space: Path) -> None:
    code, told = suspects(space)
    assert code == 0
    assert "The 2 most suspicious of 14 labels" in told
    assert "record" in told
    assert "reason" in told


def test_the_file_is_what_enqueue_takes_and_sends_back_to_review(space: Path) -> None:
    file = space.parent / "suspects.csv"
    assert suspects(space, "-o", str(file), "--top", "2")[0] == 0
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["case_id", "score", "field", "reason"]
    assert [row["case_id"] for row in rows] == ["13", "14"]
    done = runner.invoke(app, ["enqueue", str(file), "-w", str(space), "--json"])
    assert (done.exit_code, json.loads(done.output)) == (0, QUEUED)


def test_a_second_reader_who_agrees_takes_the_suspicion_away(space: Path) -> None:
    before = {one["case_id"]: one["score"] for one in ranked(space, "--top", "14")}
    database = open_database(Workspace(workspace=space))
    with database.write() as session:
        wall = changed(rwma=Rwma.PRESENT, rwma_severity=RwmaSeverity.SEVERE)
        decide(session, 14, 2, wall, ReadingContext(purpose=Purpose.SECOND))
    database.close()
    after = {one["case_id"]: one["score"] for one in ranked(space, "--top", "14")}
    assert after[14] > before[14]
    assert after[13] == before[13]


def test_an_existing_file_is_kept_unless_told_otherwise(space: Path) -> None:
    file = space.parent / "suspects.csv"
    file.write_text("mine", "utf-8")
    code, told = suspects(space, "-o", str(file))
    assert (code, file.read_text("utf-8")) == (1, "mine")
    assert "exists" in told
    assert suspects(space, "-o", str(file), "--overwrite")[0] == 0
    assert file.read_text("utf-8").startswith("case_id,")


def test_predictions_by_case_and_by_row_of_a_snapshot_are_the_same(space: Path) -> None:
    key = SnapshotKey(load_or_create_desk_key(Workspace(workspace=space)), "first")
    by_case, by_row = space.parent / "cases.csv", space.parent / "rows.csv"
    by_case.write_text("case_id,ef_percent_predicted\n" + "".join(f"{n},50\n" for n in range(1, 15)), "utf-8")
    by_row.write_text(
        "row_id,ef_percent_predicted\n" + "".join(f"{key.row_id(n)},50\n" for n in range(1, 15)), "utf-8"
    )
    same = [
        json.loads(suspects(space, "--json", "--predictions", str(file), *more)[1])
        for file, more in ((by_case, ()), (by_row, ("--snapshot", "first")))
    ]
    assert same[0] == same[1]
    assert same[0]["predictions"] == 14


def test_predictions_of_no_known_record_are_counted_and_the_rest_is_ranked(space: Path) -> None:
    file = space.parent / "predictions.csv"
    file.write_text("case_id,rwma_probability\n1,0.2\n99,0.3\n", "utf-8")
    code, told = suspects(space, "--predictions", str(file))
    assert code == 1
    assert "1 prediction left out" in told
    assert "The 2 most suspicious" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"case_id,ef_percent_predicted\n1,500\n", "line 2: ef_percent_predicted is a number"),
        (b"row_id,ef_percent_predicted\nr1,50\n", "say which with --snapshot"),
        (b"name\n1\n", "columns"),
        (b"\xff\xfe\x00", "not a CSV file in UTF-8"),
    ],
)
def test_predictions_that_make_no_sense_are_refused_by_name(space: Path, text: bytes, told: str) -> None:
    file = space.parent / "predictions.csv"
    file.write_bytes(text)
    code, output = suspects(space, "--predictions", str(file))
    assert code == 1
    assert told in output
    assert "predictions.csv" in output


def test_without_labels_there_is_nothing_to_rank(tmp_path: Path) -> None:
    open_database(Workspace(workspace=tmp_path / "empty")).close()
    code, told = suspects(tmp_path / "empty")
    assert code == 1
    assert "there is no label" in told


def field_of(name: str, label: Findings, quotes: dict[str, str], *heard: Heard) -> FieldLabel:
    return labelled_record(label, heard, quotes, Circumstances(1)).fields[name]


def failed(field: FieldLabel) -> list[str]:
    return [check.name for check in (*field.checks, *field.quote_checks) if check.is_issue]


def test_the_labels_number_is_looked_for_in_the_words_it_was_read_from() -> None:
    assert failed(field_of("ef_percent", FINDINGS, {"ef_percent": "LVEF = 55 %"})) == []
    assert failed(field_of("ef_percent", FINDINGS, {"ef_percent": "EF: 0.55"})) == []
    assert failed(field_of("ef_percent", FINDINGS, {"ef_percent": "50 to 60 %"})) == []
    assert failed(field_of("ef_percent", FINDINGS, {"ef_percent": "LVEF = 35 %"})) == ["number_in_quote"]


def test_the_labels_answer_is_held_against_the_quoted_words() -> None:
    quotes = {"rwma": "akinesia of the apex", "pah": "no PAH"}
    assert failed(field_of("rwma", FINDINGS, quotes)) == ["words_in_quote"]
    assert failed(field_of("pah", FINDINGS, quotes)) == []


def test_the_labels_number_is_held_against_the_words_for_the_function() -> None:
    quotes = {"lv_function": "severe LV systolic dysfunction"}
    assert failed(field_of("ef_percent", FINDINGS, quotes)) == ["ef_against_words"]


def test_the_labels_pressure_is_held_against_the_labels_grade() -> None:
    assert failed(field_of("pah", changed(pah=Pah.SEVERE, rvsp_mmhg=20), {})) == ["pah_against_mmhg"]


def test_a_reader_is_heard_on_the_fields_it_speaks_about_alone() -> None:
    other = Heard(Voice.MACHINE, changed(pah=Pah.MILD), {"pah": 0.9}, fields=("pah",))
    assert field_of("ef_percent", FINDINGS, {}, other).sayings == ()
    (said,) = field_of("pah", FINDINGS, {}, other).sayings
    assert (said.match, said.words, said.reliability) == (Match.DIFFERENT, "mild", 0.9)
