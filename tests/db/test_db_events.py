"""The event log shows when it, or a row it announces, was changed behind the triggers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from db_rows import FINDINGS, World
from desk_work import Work
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from db.decisions import Decision
from db.drafts import latest_draft
from db.events import (
    FIRST_HASH,
    ChainCheck,
    append_event,
    event_hash,
    one_line_json,
    row_sha256,
    verify_chain,
    verify_database,
)
from db.queue.leases import take_lease
from db.queue.practice import store_seed, store_seed_answer
from db.reviews import record_decision
from db.store.engine import Database, open_database
from db.tables.events import Event
from db.tables.reviews import Review
from db.users import ensure_local_user, list_users
from db.workspace import Workspace

Tamper = Callable[[Database], None]


def check(database: Database) -> ChainCheck:
    with database.read() as session:
        return verify_chain(session)


def force(database: Database, *statements: str) -> None:
    """Change rows the way somebody with the database password could: triggers off first."""
    with database.write() as session:
        for table in (
            "event",
            "review",
            "draft",
            "withdrawal",
            "audit_sample",
            "audit_item",
            "seeded_draft",
            "seeded_answer",
        ):
            if database.dialect == "sqlite":
                session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_update"))
                session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_delete"))
            else:
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            session.execute(text(statement))


@pytest.fixture
def logged(world: World, database: Database, now: datetime) -> Database:
    """Three drafted cases, the first two decided: eight events."""
    ana = world.user("ana")
    for number in world.cases(3)[:2]:
        with database.write() as session:
            take_lease(session, case_id=number, annotator_id=ana, now=now, lease_s=60)
            record_decision(
                session,
                case_id=number,
                draft_id=number,
                annotator_id=ana,
                decision=Decision.ACCEPT,
                findings=FINDINGS,
                note="",
                active_s=1.25,
                request_id=f"r{number}",
                now=now,
            )
    return database


def test_an_untouched_log_is_whole(logged: Database) -> None:
    found = check(logged)
    assert (found.events, found.bad_id, found.reason) == (8, None, "")
    with logged.read() as session:
        events = session.exec(select(Event).order_by("id")).all()
    assert events[0].previous_hash == FIRST_HASH
    assert [event.previous_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert found.head == events[-1].hash


def test_an_empty_log_is_whole(database: Database) -> None:
    assert check(database) == ChainCheck(0, None, "", FIRST_HASH)


@pytest.mark.parametrize(
    ("statements", "bad_id", "reason"),
    [
        (["UPDATE event SET actor = 'mallory' WHERE id = 3"], 3, "event 3 was changed"),
        (["UPDATE event SET kind = 'x' WHERE id = 8"], 8, "event 8 was changed"),
        (["UPDATE event SET subject = 'case:9' WHERE id = 1"], 1, "event 1 was changed"),
        (["UPDATE event SET payload = '{}' WHERE id = 2"], 2, "event 2 was changed"),
        (
            ["UPDATE event SET created_at = '2020-01-01 00:00:00.000000' WHERE id = 4"],
            4,
            "event 4 was changed",
        ),
        (["DELETE FROM event WHERE id = 1"], 2, "event 1 is missing"),
        (["DELETE FROM event WHERE id = 5"], 6, "event 5 is missing"),
        (["DELETE FROM event WHERE id = 8"], 2, "review 2 has no event"),
        (["DELETE FROM event WHERE id > 1"], 1, "draft 1 has no event"),
        (
            ["UPDATE event SET id = 99 WHERE id = 3", "UPDATE event SET id = 3 WHERE id = 4"]
            + ["UPDATE event SET id = 4 WHERE id = 99"],
            3,
            "event 3 does not follow",
        ),
        (
            ["DELETE FROM event WHERE id = 5", "UPDATE event SET id = 5 WHERE id = 6"],
            5,
            "event 5 does not follow",
        ),
        (
            [
                "INSERT INTO event SELECT 9, kind, actor, subject, payload, created_at, hash, "
                "substr(hash, 33) || substr(hash, 1, 32) FROM event WHERE id = 8"
            ],
            9,
            "event 9 was changed",
        ),
        (["UPDATE review SET ef_percent = 53 WHERE id = 1"], 1, "review 1 was changed"),
        (["UPDATE review SET note = 'better' WHERE id = 2"], 2, "review 2 was changed"),
        (["UPDATE review SET lv_function = NULL WHERE id = 2"], 2, "review 2 was changed"),
        (["DELETE FROM review WHERE id = 1"], 1, "review 1 is in the log and not in the table"),
        (["UPDATE draft SET pah = 'severe' WHERE id = 3"], 3, "draft 3 was changed"),
        (["DELETE FROM draft WHERE id = 3"], 3, "draft 3 is in the log and not in the table"),
    ],
)
def test_tampering_is_found_where_it_happened(
    logged: Database, statements: list[str], bad_id: int, reason: str
) -> None:
    force(logged, *statements)
    found = check(logged)
    assert found.bad_id == bad_id
    assert found.reason.startswith(reason)


@pytest.fixture
def worked(database: Database, now: datetime) -> Database:
    """A decision taken back and redone, a sample, a practice draft and its answer."""
    with database.write() as session:
        work = Work(session, now)
        case_id = work.case()
        work.decide(case_id, "ana")
        work.undo("ana")
        work.redo("ana")
        work.audit(1)
        draft = latest_draft(session, case_id=work.case())
        assert draft is not None
        seeded = store_seed(session, draft=draft, annotator_id=work.person("ana"), key=b"k", now=now)
        assert seeded is not None
        store_seed_answer(
            session, seeded=seeded, answered=FINDINGS, active_s=2, ef_tolerance_points=2, now=now
        )
    return database


@pytest.mark.parametrize(
    ("statement", "bad_id", "reason"),
    [
        ("UPDATE withdrawal SET kind = 'redo' WHERE id = 1", 1, "withdrawal 1 was changed"),
        ("UPDATE withdrawal SET after_review_id = 0 WHERE id = 2", 2, "withdrawal 2 was changed"),
        ("DELETE FROM withdrawal WHERE id = 2", 2, "withdrawal 2 is in the log and not in the table"),
        ("UPDATE audit_sample SET seed = 2", 1, "audit_sample 1 was changed"),
        ("UPDATE audit_item SET case_id = 2", 1, "audit_sample 1 has other records"),
        ("DELETE FROM audit_item", 1, "audit_sample 1 has other records"),
        ("UPDATE seeded_draft SET shown = '{}'", 1, "seeded_draft 1 was changed"),
        ("UPDATE seeded_answer SET is_caught = NOT is_caught", 1, "seeded_answer 1 was changed"),
        ("DELETE FROM seeded_answer", 1, "seeded_answer 1 is in the log and not in the table"),
        (
            "INSERT INTO withdrawal SELECT 3, review_id, 'undo', annotator_id, after_review_id, 'x', "
            "created_at "
            "FROM withdrawal WHERE id = 2",
            3,
            "withdrawal 3 has no event",
        ),
    ],
)
def test_a_changed_undo_sample_or_practice_row_is_found(
    worked: Database, statement: str, bad_id: int, reason: str
) -> None:
    assert check(worked).bad_id is None
    force(worked, statement)
    found = check(worked)
    assert found.bad_id == bad_id
    assert found.reason.startswith(reason)


def test_an_edit_with_a_recomputed_hash_breaks_the_next_link(logged: Database) -> None:
    with logged.read() as session:
        event = session.exec(select(Event).where(Event.id == 3)).one()
    event.actor = "mallory"
    force(logged)
    with logged.write() as session:
        session.merge(event).hash = event_hash(event)
    found = check(logged)
    assert (found.bad_id, found.reason) == (4, "event 4 does not follow the event before it")


def test_a_row_added_behind_the_log_is_found(logged: Database) -> None:
    with logged.write() as session:
        forged = session.get(Review, 1)
        assert forged is not None
        session.add(Review(**(forged.model_dump() | {"id": None, "request_id": "forged"})))
    found = check(logged)
    assert (found.bad_id, found.reason) == (3, "review 3 has no event")


def test_the_head_shows_a_log_rewritten_from_the_start(logged: Database, now: datetime) -> None:
    before = check(logged).head
    with logged.write() as session:
        append_event(session, kind="k", actor="a", subject="s", payload={}, now=now)
    assert check(logged).head != before


def test_payloads_come_back_as_they_were_hashed(database: Database, now: datetime) -> None:
    payload = {
        "ü": "é",
        "number": 0.1,
        "big": 2**40,
        "none": None,
        "list": [1, 2.5, {"a": True}],
        "when": now,
    }
    with database.write() as session:
        append_event(session, kind="k", actor="Zoë", subject="s", payload=payload, now=now)
    assert check(database).bad_id is None
    with database.read() as session:
        stored = session.exec(select(Event)).one()
    assert stored.payload == payload | {"when": "2026-03-04T05:06:07.000890+00:00"}


def test_the_log_does_not_care_in_which_zone_the_clock_runs(database: Database, now: datetime) -> None:
    kolkata = now.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with database.write() as session:
        append_event(session, kind="k", actor="a", subject="s", payload={}, now=kolkata)
    assert check(database).bad_id is None


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    # No NUL and no lone surrogates: PostgreSQL stores neither.
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=4))
def test_one_value_has_one_canonical_spelling(value: dict[str, object]) -> None:
    import json

    spelt = one_line_json(value)
    backwards = dict(reversed(value.items()))
    assert one_line_json(backwards) == spelt
    assert one_line_json(json.loads(spelt)) == spelt


def test_a_number_that_is_none_has_no_canonical_spelling() -> None:
    with pytest.raises(ValueError, match="(?i)json compliant"):
        one_line_json({"x": float("nan")})
    with pytest.raises(TypeError, match="set"):
        one_line_json({"x": {1}})
    assert one_line_json(datetime(2026, 1, 1, tzinfo=UTC)) == '"2026-01-01T00:00:00.000000+00:00"'


def test_a_log_edited_with_another_program_is_found_out(sqlite_workspace: Workspace, now: datetime) -> None:
    database = open_database(sqlite_workspace)
    World(database, now).cases(2)
    database.close()
    with closing(sqlite3.connect(sqlite_workspace.database_file)) as other:
        other.execute("DROP TRIGGER draft_no_update")
        other.execute("UPDATE draft SET ef_percent = 60 WHERE id = 2")
        other.commit()
    database = open_database(sqlite_workspace)
    assert check(database).reason == "draft 2 was changed after it was stored"
    database.close()


def test_the_log_is_checked_while_others_go_on_writing(
    logged: Database, workspace: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another program, which waits for nobody, writes while the first, the middle and the last event and row
    # are looked at.
    monkeypatch.setattr("db.events._SLICE", 3)
    other = open_database(workspace, patience_s=0.05)
    looked_at = 0

    def written_between(hashed: Callable[..., str]) -> Callable[..., str]:
        def hashed_meanwhile(row: Any) -> str:
            nonlocal looked_at
            looked_at += 1
            if looked_at in (1, 4, 8, 9, 11, 13):
                World(other, now).cases(1, prefix=f"meanwhile {looked_at}")
            return hashed(row)

        return hashed_meanwhile

    before = check(logged)
    with monkeypatch.context() as patched:
        patched.setattr("db.events.event_hash", written_between(event_hash))
        patched.setattr("db.events.row_sha256", written_between(row_sha256))
        found = verify_database(logged)
    other.close()
    assert found == before
    assert looked_at >= 13
    assert check(logged).events == before.events + 2 * 6


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE event SET actor = 'mallory' WHERE id = 4", "event 4 was changed"),
        ("UPDATE draft SET pah = 'severe' WHERE id = 3", "draft 3 was changed after it was stored"),
        ("DELETE FROM review WHERE id = 2", "review 2 is in the log and not in the table"),
        ("DELETE FROM event WHERE id = 8", "review 2 has no event"),
    ],
)
def test_a_log_read_in_slices_gets_the_same_verdict(
    logged: Database, statement: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.events._SLICE", 2)
    assert verify_database(logged) == check(logged)
    force(logged, statement)
    assert verify_database(logged) == check(logged)
    assert check(logged).reason == reason


def test_the_local_user_is_made_once(database: Database, now: datetime) -> None:
    for _ in range(2):
        with database.write() as session:
            user = ensure_local_user(session, now=now)
    with database.read() as session:
        assert list_users(session) == [user]
        assert [event.kind for event in session.exec(select(Event))] == ["user_added"]
    assert (user.name, user.password_hash, user.is_active) == ("local", None, True)
