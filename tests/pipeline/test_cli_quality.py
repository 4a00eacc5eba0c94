"""`echodesk audit sample`, `audit status` and `agreement` on the command line."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from db.engine import open_database
from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from db.models import Case, Decision, Draft, Lease, Purpose, User, findings_columns
from db.reviews import ReadingContext, record_decision
from db.workspace import Workspace
from pipeline.cli import app

runner = CliRunner()
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FINDINGS = Findings(
    ef_percent=55,
    ef_operator=EfOperator.EQUAL,
    ef_state=EfState.STATED,
    rwma=Rwma.ABSENT,
    rwma_severity=RwmaSeverity.NONE,
    pah=Pah.NONE,
)


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A workspace with twelve reviewed records by one person and a second person to read again."""
    folder = tmp_path / "space"
    database = open_database(Workspace(workspace=folder))
    with database.write() as session:
        session.add_all(User(id=number, name=name, created_at=NOW) for number, name in ((1, "Ana"), (2, "Ben")))
        for number in range(1, 13):
            session.add(
                Case(
                    id=number,
                    patient_key=f"{number:064x}",
                    report_sha256=f"{number:064x}",
                    created_at=NOW,
                )
            )
            session.flush()
            session.add(
                Draft(
                    id=number,
                    case_id=number,
                    report_sha256=f"{number:064x}",
                    reader="rules",
                    reader_version="1",
                    code_version="test",
                    created_at=NOW,
                    **findings_columns(FINDINGS),
                )
            )
            session.flush()
            decide(session, number, 1, FINDINGS, ReadingContext())
    database.close()
    return folder


def decide(session: object, case_id: int, by: int, found: Findings, context: ReadingContext) -> None:
    """One decision, with the lease it needs."""
    from sqlmodel import Session

    assert isinstance(session, Session)
    session.add(Lease(case_id=case_id, annotator_id=by, expires_at=NOW.replace(year=2036)))
    session.flush()
    record_decision(
        session,
        case_id=case_id,
        draft_id=case_id,
        annotator_id=by,
        decision=Decision.ACCEPT,
        findings=found,
        note="",
        active_s=5.0,
        request_id=f"{case_id}-{by}-{context.purpose}",
        now=NOW,
        context=context,
    )


def read_again(folder: Path, purpose: Purpose, changed: dict[int, Findings]) -> None:
    """The second person reads every drawn (or every) record again."""
    database = open_database(Workspace(workspace=folder))
    with database.write() as session:
        drawn = range(1, 13)
        sample_id = None
        if purpose is Purpose.AUDIT:
            from sqlmodel import select

            from db.reading_models import AuditItem

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
        [row[0] for row in connection.execute("SELECT case_id FROM audit_item WHERE sample_id = ? ORDER BY 1", (n,))]
        for n in (1, 2)
    ]
    waiting = connection.execute("SELECT count(*) FROM queue_item WHERE purpose = 'audit' AND state = 'waiting'")
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
    assert "echodesk audit sample --n" in answer.stdout
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
    assert "first reading and second reading: 12 records" in runner.invoke(app, ["agreement", "-w", str(space)]).stdout
