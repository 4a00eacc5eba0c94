"""`echodesk audit sample`, `audit status` and `agreement` on the command line."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from reviewed_space import FINDINGS, decide, reviewed_space
from typer.testing import CliRunner

from db.decisions import Purpose
from db.labels import Findings, Pah
from db.reviews import ReadingContext
from db.store.engine import open_database
from db.workspace import Workspace
from pipeline.cli import app

runner = CliRunner()


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A workspace with twelve reviewed records by one person and a second person to read again."""
    return reviewed_space(tmp_path / "space")


def read_again(folder: Path, purpose: Purpose, changed: dict[int, Findings]) -> None:
    """The second person reads every drawn (or every) record again."""
    database = open_database(Workspace(workspace=folder))
    with database.write() as session:
        drawn = range(1, 13)
        sample_id = None
        if purpose is Purpose.AUDIT:
            from sqlmodel import select

            from db.tables.audits import AuditItem

            items = session.exec(select(AuditItem)).all()
            drawn, sample_id = [item.case_id for item in items], items[0].sample_id  # type: ignore[assignment]
        for case_id in drawn:
            found = changed.get(case_id, FINDINGS)
            decide(session, case_id, 2, found, ReadingContext(purpose=purpose, sample_id=sample_id))
    database.close()


def asked(*words: str, folder: Path) -> object:
    """What a command answers as JSON."""
    answer = runner.invoke(app, [*words, "--json", "-w", str(folder)])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_a_sample_is_drawn_kept_and_repeatable(space: Path) -> None:
    first = asked("audit", "sample", "--n", "5", "--seed", "7", "--name", "one", folder=space)
    assert first == {"id": 1, "name": "one", "population": 12, "size": 5, "seed": 7}
    asked("audit", "sample", "--n", "5", "--seed", "7", "--name", "two", folder=space)
    connection = sqlite3.connect(space / "echodesk.db")
    drawn = [
        [
            row[0]
            for row in connection.execute(
                "SELECT case_id FROM audit_item WHERE sample_id = ? ORDER BY 1", (n,)
            )
        ]
        for n in (1, 2)
    ]
    waiting = connection.execute(
        "SELECT count(*) FROM queue_item WHERE purpose = 'audit' AND state = 'waiting'"
    )
    assert waiting.fetchone()[0] == 10
    connection.close()
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 5


def test_a_sample_larger_than_the_table_is_refused_in_a_sentence(space: Path) -> None:
    answer = runner.invoke(app, ["audit", "sample", "--n", "13", "-w", str(space)])
    assert answer.exit_code == 1
    assert "--n between 1 and 12" in answer.stderr


def test_status_bounds_the_errors_of_every_field(space: Path) -> None:
    asked("audit", "sample", "--n", "8", "--seed", "7", folder=space)
    connection = sqlite3.connect(space / "echodesk.db")
    case = connection.execute("SELECT min(case_id) FROM audit_item").fetchone()[0]
    connection.close()
    read_again(space, Purpose.AUDIT, {case: FINDINGS.model_copy(update={"pah": Pah.MILD})})
    (report,) = asked("audit", "status", folder=space)  # type: ignore[misc]
    bounds = {field["field"]: field for field in report["fields"]}
    assert (report["read"], report["population"]) == (8, 12)
    assert (bounds["ef"]["errors"], bounds["pah"]["errors"]) == (0, 1)
    # 0 of 8 among 12: with two errors the chance of seeing none is 4*3/(12*11) = 9 %, with three 2 %.
    assert bounds["ef"]["bound"] == 2
    assert bounds["pah"]["more_for_target"] is None
    shown = runner.invoke(app, ["audit", "status", "-w", str(space)]).stdout
    assert "8 of 8 read again, of 12 labels" in shown
    assert "more than 1 % found already" in shown


def test_status_without_a_sample_says_how_to_draw_one(space: Path) -> None:
    answer = runner.invoke(app, ["audit", "status", "-w", str(space)])
    assert answer.exit_code == 0
    assert f"echodesk --workspace {space} audit sample --n" in answer.stdout
    assert asked("audit", "status", folder=space) == []


def test_agreement_of_two_readings_is_told_with_nulls_where_it_cannot_be(space: Path) -> None:
    assert "No record has been read twice" in runner.invoke(app, ["agreement", "-w", str(space)]).stdout
    read_again(space, Purpose.SECOND, {1: FINDINGS.model_copy(update={"ef_percent": 61})})
    people = asked("agreement", folder=space)[0]  # type: ignore[index]
    assert people["readers"] == ["first", "second"]
    assert people["records"] == 12
    assert people["ef_bias"]["value"] == pytest.approx(-0.5)
    assert people["measures"]["rwma_kappa"]["value"] is None
    assert people["same_answer"]["ef"]["value"] == pytest.approx(11 / 12)
    assert (
        "first reading and second reading: 12 records"
        in runner.invoke(app, ["agreement", "-w", str(space)]).stdout
    )
