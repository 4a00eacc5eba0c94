"""What a snapshot is read from: how well labels are founded, practice drafts, the register."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from db_rows import FINDINGS, World, sha256_of
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from db.decisions import Decision, Purpose, UndoKind
from db.errors import EchoDeskError
from db.events import verify_chain
from db.labels import Findings, Pah
from db.queue.plan import ReadingRules
from db.queue.second_people import choose_second
from db.reviews import ReadingContext, record_decision, undo_or_redo
from db.snapshots import (
    decisions_on,
    end_of_log,
    find_snapshot,
    labels_repeating_a_seed,
    labels_with_status,
    list_snapshots,
    store_snapshot,
    unlabelled_cases,
)
from db.store.engine import Database
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.queue import Lease
from db.tables.snapshots import Snapshot

OTHER = FINDINGS.model_copy(update={"pah": Pah.SEVERE})


def decide(
    database: Database,
    now: datetime,
    case_id: int,
    by: int,
    findings: Findings = FINDINGS,
    purpose: Purpose = Purpose.FIRST,
    decision: Decision = Decision.ACCEPT,
) -> Any:
    """One decision with the lease it needs."""
    with database.write() as session:
        session.merge(Lease(case_id=case_id, annotator_id=by, expires_at=now.replace(year=now.year + 1)))
        session.flush()
        return record_decision(
            session,
            case_id=case_id,
            draft_id=case_id,
            annotator_id=by,
            decision=decision,
            findings=findings,
            note="look again" if decision is Decision.FLAG else "",
            active_s=4.0,
            request_id=f"{case_id}-{by}-{purpose}-{decision}",
            now=now,
            context=ReadingContext(purpose=purpose),
        )


def statuses(database: Database) -> dict[int, tuple[bool, bool, bool]]:
    """Case -> in conflict, read twice, adjudicated."""
    with database.read() as session:
        return {
            row["case_id"]: (
                bool(row["is_in_conflict"]),
                bool(row["is_read_twice"]),
                bool(row["is_adjudicated"]),
            )
            for row in labels_with_status(session)
        }


def choose(database: Database, now: datetime, case_id: int) -> None:
    with database.write() as session:
        choose_second(session, case_id=case_id, chosen_by="list", actor="test", now=now)


@pytest.fixture
def people(database: Database, now: datetime) -> tuple[int, int, int]:
    """Two readers and an adjudicator, with four drafted cases."""
    world = World(database, now)
    ids = world.user("ana"), world.user("ben"), world.user("cleo")
    world.cases(4)
    return ids


def test_status_follows_the_readings(database: Database, now: datetime, people: tuple[int, int, int]) -> None:
    ana, ben, cleo = people
    for case in (2, 3, 4):
        choose(database, now, case)
    for case in (1, 2, 3, 4):
        decide(database, now, case, ana)
    assert set(statuses(database).values()) == {(False, False, False)}
    decide(database, now, 2, ben, purpose=Purpose.SECOND)
    for case in (3, 4):
        decide(database, now, case, ben, OTHER, Purpose.SECOND)
    decide(database, now, 4, cleo, OTHER, Purpose.ADJUDICATION, Decision.CORRECT)
    found = statuses(database)
    assert found[1] == (False, False, False)
    assert found[2] == (False, True, False)
    assert found[3] == (True, True, False)
    assert found[4] == (False, True, True)


def test_a_label_brings_its_case_its_draft_and_its_time(
    database: Database, now: datetime, people: tuple[int, int, int]
) -> None:
    decide(database, now, 1, people[0])
    with database.read() as session:
        (row,) = labels_with_status(session)
    assert (row["site"], row["draft_reader"], row["active_s"], row["created_at"]) == (
        "here",
        "rules",
        4.0,
        now,
    )
    assert row["rwma_walls"] == row["draft_rwma_walls"] == ["inferior", "apical"]
    assert row["draft_evidence"]["ef_percent"]["page"] == 1


def test_cases_without_a_label_are_counted_by_why(
    database: Database, now: datetime, people: tuple[int, int, int]
) -> None:
    World(database, now).cases(2, drafted=False, prefix="undrafted")
    decide(database, now, 1, people[0])
    decide(database, now, 2, people[0], decision=Decision.FLAG)
    with database.read() as session:
        assert unlabelled_cases(session) == {"registered": 6, "unread": 2, "waiting": 2, "flagged": 1}


def test_a_label_taken_back_is_no_label(
    database: Database, now: datetime, people: tuple[int, int, int]
) -> None:
    review = decide(database, now, 1, people[0])
    with database.write() as session:
        undo_or_redo(
            session,
            review=session.merge(review),
            kind=UndoKind.UNDO,
            annotator_id=people[0],
            request_id="undo",
            now=now,
            rules=ReadingRules(),
        )
    with database.read() as session:
        assert labels_with_status(session) == []
        (told,) = decisions_on(session, case_ids=[1])
    assert not told["is_in_force"]


@pytest.mark.parametrize(
    ("by", "wrong", "is_found"), [(0, "mild", True), (0, "severe", False), (1, "mild", False)]
)
def test_a_label_that_repeats_a_practice_value_in_the_same_hand_is_found(
    database: Database, now: datetime, people: tuple[int, int, int], by: int, wrong: str, is_found: bool
) -> None:
    with database.write() as session:
        seeded = SeededDraft(
            case_id=1,
            annotator_id=people[by],
            draft_id=1,
            field="pah",
            kind="flipped",
            shown={"pah": wrong},
            created_at=now,
        )
        session.add(seeded)
        session.flush()
        session.add(
            SeededAnswer(
                seeded_id=int(seeded.id or 0), answered={"pah": wrong}, is_caught=False, created_at=now
            )
        )
    decide(database, now, 1, people[0])
    with database.read() as session:
        assert labels_repeating_a_seed(session) == (frozenset({1}) if is_found else frozenset())


def entry(name: str = "v1", **more: Any) -> Snapshot:
    """A snapshot to register."""
    given: dict[str, Any] = {
        "name": name,
        "content_sha256": sha256_of("content"),
        "manifest_sha256": sha256_of("manifest"),
        "reviews_sha256": sha256_of("reviews"),
        "event_head": sha256_of("head"),
        "row_count": 3,
        "codebook_version": "1",
        "code_version": "test",
        "arguments": {"require": "accepted"},
        "created_by": "",
        "created_at": datetime(1970, 1, 1),
        **more,
    }
    return Snapshot(**given)


def test_a_snapshot_is_registered_once_with_its_event(database: Database, now: datetime) -> None:
    with database.write() as session:
        stored = store_snapshot(session, snapshot=entry(), actor="lead", now=now)
    assert (stored.created_by, stored.created_at) == ("lead", now)
    with pytest.raises(EchoDeskError, match="already a snapshot v1"), database.write() as session:
        store_snapshot(session, snapshot=entry(), actor="lead", now=now)
    with database.read() as session:
        assert [one.name for one in list_snapshots(session)] == ["v1"]
        assert find_snapshot(session, name="v2") is None
        assert verify_chain(session).bad_id is None


def test_a_registered_snapshot_cannot_be_changed_and_a_change_behind_the_triggers_shows(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        store_snapshot(session, snapshot=entry(), actor="lead", now=now)
    for statement in ("UPDATE snapshot SET row_count = 4", "DELETE FROM snapshot"):
        with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
            session.execute(text(statement))
    if database.dialect == "sqlite":
        with database.write() as session:
            session.execute(text("DROP TRIGGER snapshot_no_update"))
            session.execute(text("UPDATE snapshot SET row_count = 4"))
        with database.read() as session:
            assert "snapshot 1 was changed" in verify_chain(session).reason


def test_making_a_snapshot_does_not_move_the_end_of_the_log(database: Database, now: datetime) -> None:
    World(database, now).cases(1)
    with database.read() as session:
        before = end_of_log(session)
    with database.write() as session:
        store_snapshot(session, snapshot=entry(), actor="lead", now=now.replace(year=2030))
    with database.read() as session:
        assert end_of_log(session) == before
    assert before.at == now
