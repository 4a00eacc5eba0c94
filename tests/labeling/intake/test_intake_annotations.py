"""Annotations made elsewhere become decisions of a named person, once, and never in a decision's place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from labelled_desk import ANA, FLAGGED, NOW, STATES, WAITING, labelled_desk
from sqlmodel import col, select

from db.decisions import UndoKind
from db.errors import EchoDeskError
from db.events import verify_chain
from db.exports.interchange import Form, parts_of
from db.exports.label_studio import results_of
from db.label_view import current_labels
from db.queue.leases import take_lease
from db.queue.plan import ReadingRules
from db.reviews import undo_or_redo
from db.store.engine import Database, open_database
from db.tables.events import Event
from db.tables.reviews import Review
from db.users import ensure_local_user
from db.workspace import Workspace
from labeling.intake.annotations import NOTE, ImportReport, import_annotations

MADE = STATES[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """A workspace to copy."""
    folder = tmp_path_factory.mktemp("annotated") / "w"
    opened = labelled_desk(Workspace(workspace=folder), migrated_file)
    with opened.write() as session:
        ensure_local_user(session, name="Ben", now=NOW)
    opened.close()
    return folder


@pytest.fixture
def database(made: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copytree(made, tmp_path / "w")
    opened = open_database(Workspace(workspace=tmp_path / "w"))
    yield opened
    opened.close()


@pytest.fixture
def tasks(database: Database, tmp_path: Path) -> dict[int, Any]:
    """What was exported, by record, with an annotation of the one that waits."""
    parts = parts_of(database, Workspace(workspace=tmp_path / "w"), Form.LABEL_STUDIO)
    found = {task["id"]: task for task in json.loads(parts.main)}
    found[WAITING]["annotations"] = [{"id": 9, "lead_time": 12.5, "result": results_of(MADE)}]
    return found


def take_in(database: Database, tasks: list[Any], folder: Path, person: str = "Ben") -> ImportReport:
    file = folder / "export.json"
    file.write_text(json.dumps(tasks), encoding="utf-8")
    return import_annotations(file, database, person=person, rules=ReadingRules(), now=NOW)


def test_an_annotation_becomes_a_decision_marked_as_imported(
    database: Database, tasks: dict[int, Any], tmp_path: Path
) -> None:
    report = take_in(database, list(tasks.values()), tmp_path)
    assert (report.stored, report.unchanged, report.empty, report.refused) == (1, len(STATES), 1, {})
    with database.read() as session:
        (label,) = [one for one in current_labels(session) if one.case_id == WAITING]
        assert (label.findings, label.note, label.decision) == (MADE, NOTE, "correct")
        review = session.get_one(Review, label.review_id)
        assert review.active_s == 12.5
        (event,) = session.exec(select(Event).where(col(Event.kind) == "decision_imported"))
        assert (event.actor, event.payload["review_id"]) == ("Ben", review.id)
        assert verify_chain(session).bad_id is None


def test_the_same_file_again_changes_nothing(
    database: Database, tasks: dict[int, Any], tmp_path: Path
) -> None:
    take_in(database, list(tasks.values()), tmp_path)
    again = take_in(database, list(tasks.values()), tmp_path)
    assert (again.stored, again.unchanged, again.refused) == (0, len(STATES) + 1, {})


def refusal(database: Database, task: Any, folder: Path) -> str:
    report = take_in(database, [task], folder)
    assert report.stored == 0
    return report.refused[1]


def test_what_was_decided_or_flagged_stays(database: Database, tasks: dict[int, Any], tmp_path: Path) -> None:
    for number in (1, FLAGGED):
        tasks[number]["annotations"] = [{"result": results_of(MADE)}]
        assert "decided or flagged already" in refusal(database, tasks[number], tmp_path)


def test_a_decision_that_was_taken_back_leaves_room(
    database: Database, tasks: dict[int, Any], tmp_path: Path
) -> None:
    with database.write() as session:
        (label,) = [one for one in current_labels(session) if one.case_id == 1]
        review = session.get_one(Review, label.review_id)
        undo_or_redo(
            session,
            review=review,
            kind=UndoKind.UNDO,
            annotator_id=review.annotator_id,
            request_id="undo-1",
            now=NOW,
        )
    tasks[1]["annotations"] = [{"result": results_of(MADE)}]
    assert take_in(database, [tasks[1]], tmp_path).stored == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"record": 999}, "not of a record of this workspace"),
        ({"record": "7"}, "not of a record of this workspace"),
        ({"report_sha256": "0" * 64}, "not of a record of this workspace"),
        ({"draft_id": 1}, "read anew since the export"),
    ],
)
def test_a_task_of_elsewhere_or_of_before_is_refused(
    database: Database, tasks: dict[int, Any], tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    tasks[WAITING]["data"] |= change
    assert said in refusal(database, tasks[WAITING], tmp_path)


def test_two_annotations_and_none_that_can_be_used_are_refused(
    database: Database, tasks: dict[int, Any], tmp_path: Path
) -> None:
    task = tasks[WAITING]
    task["annotations"] *= 2
    assert "2 annotations" in refusal(database, task, tmp_path)
    task["annotations"][0]["was_cancelled"] = True
    task["annotations"][1] = {"result": [{"from_name": "pah", "value": {"choices": ["huge"]}}]}
    assert "does not offer" in refusal(database, task, tmp_path)


def test_a_record_that_somebody_has_open_is_left_to_them(
    database: Database, tasks: dict[int, Any], tmp_path: Path
) -> None:
    with database.write() as session:
        ana = ensure_local_user(session, name=ANA, now=NOW)
        take_lease(session, case_id=WAITING, annotator_id=int(ana.id or 0), now=NOW, lease_s=60)
    assert "open at the desk" in refusal(database, tasks[WAITING], tmp_path)


@pytest.mark.parametrize("written", ["", "{}", "[]", "[1]", '[{"id": 1, "ef_percent": 55}]', "[" * 100_000])
def test_a_file_that_is_no_export_is_refused_whole(database: Database, tmp_path: Path, written: str) -> None:
    file = tmp_path / "export.json"
    file.write_text(written, encoding="utf-8")
    with pytest.raises(EchoDeskError):
        import_annotations(file, database, person="Ben", rules=ReadingRules(), now=NOW)


def test_a_person_nobody_knows_is_refused(database: Database, tasks: dict[int, Any], tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="nobody who may review"):
        take_in(database, list(tasks.values()), tmp_path, person="Nobody")
