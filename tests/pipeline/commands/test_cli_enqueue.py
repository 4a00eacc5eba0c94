"""`echodesk enqueue` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from reviewed_space import FINDINGS, add_waiting, decide, reviewed_space
from sqlmodel import col, select
from typer.testing import CliRunner

from db.decisions import Purpose
from db.events import verify_chain
from db.reviews import ReadingContext
from db.store.engine import open_database
from db.tables.events import Event
from db.tables.queue import QueueItem, Recheck
from db.tables.reviews import Review
from db.workspace import Workspace
from pipeline.cli import app

runner = CliRunner()


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """Twelve records with a label, and the records 13 and 14 that wait."""
    folder = reviewed_space(tmp_path / "space")
    add_waiting(folder, 13, 14)
    return folder


def enqueue(folder: Path, lines: str, *options: str) -> tuple[int, str]:
    file = folder.parent / "suspects.csv"
    file.write_text(lines, "utf-8")
    done = runner.invoke(app, ["enqueue", str(file), "-w", str(folder), *options])
    return done.exit_code, done.output


def queue_of(folder: Path, *numbers: int) -> list[tuple[int, str, str, float]]:
    database = open_database(Workspace(workspace=folder))
    with database.read() as session:
        found = session.exec(
            select(QueueItem)
            .where(col(QueueItem.case_id).in_(numbers))
            .order_by(col(QueueItem.case_id), QueueItem.purpose)
        ).all()
        assert verify_chain(session).bad_id is None
        assert len(session.exec(select(Review)).all()) == 12
    database.close()
    return [(item.case_id, item.purpose, item.state, -item.rank) for item in found]


def test_a_waiting_record_moves_up_by_its_score(space: Path) -> None:
    code, told = enqueue(space, "case_id,score,reason\n14,0.1,readers differ\n", "--json")
    assert (code, json.loads(told)) == (
        0,
        {"queued": 1, "to_read_again": 0, "to_adjudicate": 0, "unknown": []},
    )
    first = {number: priority for number, _, _, priority in queue_of(space, 13, 14)}
    assert first[14] == pytest.approx(first[13] + 90)


def test_a_reason_may_hold_a_finding_so_the_log_does_not_keep_it(space: Path) -> None:
    enqueue(space, "case_id,score,reason\n14,0.1,2 other people differ in a detail of 61.\n")
    database = open_database(Workspace(workspace=space))
    with database.read() as session:
        told = [one.payload for one in session.exec(select(Event).where(Event.kind == "priority_set"))]
    database.close()
    assert told == [{"priority": 90.0, "reason": "suspects"}]


def test_a_record_with_a_label_is_read_again_and_keeps_its_label(space: Path) -> None:
    code, told = enqueue(space, "case_id,priority\n3,50\n")
    assert code == 0
    assert "1 record queued: 1 for a second reading, 0 for an adjudicator" in told
    assert [(purpose, state) for _, purpose, state, _ in queue_of(space, 3)] == [
        (Purpose.FIRST.value, "done"),
        (Purpose.SECOND.value, "waiting"),
    ]


def test_a_list_can_be_read_twice_before_anybody_has_decided(space: Path) -> None:
    assert enqueue(space, "case_id\n13\n", "--second-reading")[0] == 0
    assert [(purpose, state) for _, purpose, state, _ in queue_of(space, 13)] == [
        (Purpose.FIRST.value, "waiting")
    ]


def test_a_record_that_does_not_exist_is_named_and_the_others_are_queued(space: Path) -> None:
    code, told = enqueue(space, "case_id,score\n13,0\n99,0\n")
    assert code == 1
    assert "suspects.csv line 3: there is no record 99" in told
    assert queue_of(space, 13)[0][3] > 100


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("row\n13\n", "has no column case_id"),
        ("case_id,score\n13,1.5\n", "line 2: score is a number from 0 to 1, not '1.5'"),
        ("case_id,score\n13,nan\n", "not 'nan'"),
        ("case_id,priority\n13,-1\n", "priority is a number"),
        ("case_id\nx\n", "case_id is a number"),
        ("case_id\n1.5\n", "names no record"),
        ("case_id,score\n13,0\n,0.5\n", "line 3 names no record"),
    ],
)
def test_a_line_that_makes_no_sense_is_named_and_nothing_is_queued(
    space: Path, lines: str, told: str
) -> None:
    before = queue_of(space, 13)
    code, output = enqueue(space, lines)
    assert code == 1
    assert told in output
    assert queue_of(space, 13) == before


def test_a_file_that_is_not_there_or_not_text_is_named(space: Path) -> None:
    missing = runner.invoke(app, ["enqueue", str(space / "none.csv"), "-w", str(space)])
    assert (missing.exit_code, "none.csv cannot be read" in missing.output) == (1, True)
    (space / "bytes.csv").write_bytes(b"case_id\n\x00\x01\n")
    assert (
        "is not a text table"
        in runner.invoke(app, ["enqueue", str(space / "bytes.csv"), "-w", str(space)]).output
    )


def test_a_record_that_was_read_twice_goes_to_an_adjudicator_and_a_second_file_changes_nothing(
    space: Path,
) -> None:
    enqueue(space, "case_id\n3\n")
    database = open_database(Workspace(workspace=space))
    with database.write() as session:
        decide(session, 3, 2, FINDINGS, ReadingContext(Purpose.SECOND))
    database.close()
    for _ in range(2):
        code, told = enqueue(space, "case_id,score\n3,0.2\n")
        assert (code, "1 record queued: 0 for a second reading, 1 for an adjudicator" in told) == (0, True)
    with open_database(Workspace(workspace=space)).read() as session:
        assert len(session.exec(select(Recheck)).all()) == 1
        items = {
            item.purpose: item.state for item in session.exec(select(QueueItem).where(QueueItem.case_id == 3))
        }
        assert items == {"first": "done", "second": "done", "adjudication": "waiting"}
        assert verify_chain(session).bad_id is None


def test_rows_that_a_filter_hides_are_queued_and_told(space: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["case_id", "score"], [13, 0.2], [14, 0.1]):
        book.worksheets[0].append(row)
    book.worksheets[0].row_dimensions[3].hidden = True
    file = space.parent / "suspects.xlsx"
    book.save(file)
    told = runner.invoke(app, ["enqueue", str(file), "-w", str(space)]).output
    assert "2 records queued" in told
    assert "rows that are hidden or filtered out are read, too: 3" in told
