"""The extraction queue: nothing is read twice, nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from db_rows import World, new_draft
from sqlmodel import select

from db.drafts import find_draft, latest_draft, list_drafts
from db.queue.extraction_items import (
    LeasedItem,
    complete_item,
    fail_item,
    lease_items,
    release_items,
    renew_items,
)
from db.queue.extraction_plan import count_items, failures, plan_items, retry_failed
from db.store.engine import Database
from db.tables.drafts import ExtractionAttempt
from db.tables.events import Event

RULES = {"reader": "rules", "reader_version": "1"}
LEASE_S = 60.0


@pytest.fixture
def planned(world: World, database: Database) -> list[int]:
    """Three cases waiting for the rules reader."""
    numbers = world.cases(3, drafted=False)
    with database.write() as session:
        plan_items(session, **RULES)
    return numbers


def lease(
    database: Database, now: datetime, *, worker: str = "w1", limit: int = 10, max_attempts: int = 5
) -> list[LeasedItem]:
    with database.write() as session:
        return lease_items(
            session, **RULES, worker=worker, limit=limit, now=now, lease_s=LEASE_S, max_attempts=max_attempts
        )


def complete(database: Database, item: LeasedItem, now: datetime, *, worker: str = "w1") -> bool:
    with database.write() as session:
        return complete_item(
            session, item_id=item.item_id, worker=worker, draft=new_draft(item.case_id), now=now
        )


def counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {state: number for state, number in count_items(session, **RULES).items() if number}


def test_planning_again_adds_only_new_cases(world: World, planned: list[int], database: Database) -> None:
    world.cases(2, drafted=False, prefix="late")
    with database.write() as session:
        assert plan_items(session, **RULES) == 2
    with database.write() as session:
        assert plan_items(session, **RULES) == 0
    with database.write() as session:
        assert plan_items(session, reader="rules", reader_version="2") == 5
    assert counts(database) == {"pending": 5}


def test_a_case_that_has_its_draft_is_not_planned(world: World, database: Database) -> None:
    world.cases(2, drafted=True)
    with database.write() as session:
        assert plan_items(session, **RULES) == 0


def test_items_are_handed_out_once_and_in_order(
    planned: list[int], database: Database, now: datetime
) -> None:
    first = lease(database, now, limit=2)
    second = lease(database, now, worker="w2")
    assert [item.case_id for item in first + second] == planned
    assert {item.attempt for item in first} == {1}
    assert lease(database, now, worker="w3") == []


def test_a_stored_draft_ends_its_item_with_one_event(
    planned: list[int], database: Database, now: datetime
) -> None:
    (item, *_) = lease(database, now)
    assert complete(database, item, now)
    assert not complete(database, item, now, worker="late")
    assert counts(database) == {"done": 1, "leased": 2}
    with database.read() as session:
        (draft,) = list_drafts(session)
        events = session.exec(select(Event).where(Event.kind == "draft_stored")).all()
    assert (draft.case_id, draft.created_at) == (item.case_id, now)
    assert [(event.actor, event.subject) for event in events] == [("w1", f"draft:{draft.id}")]


def test_a_lease_that_ran_out_is_handed_out_again(
    planned: list[int], database: Database, now: datetime
) -> None:
    lease(database, now)
    at_the_end = now + timedelta(seconds=LEASE_S)
    assert lease(database, at_the_end - timedelta(microseconds=1), worker="w2") == []
    again = lease(database, at_the_end, worker="w2")
    assert [item.case_id for item in again] == planned
    assert {item.attempt for item in again} == {2}


def test_the_first_answer_counts_even_when_its_lease_ran_out(
    planned: list[int], database: Database, now: datetime
) -> None:
    (slow, *_) = lease(database, now)
    later = now + timedelta(seconds=LEASE_S)
    (fast, *_) = lease(database, later, worker="w2")
    assert complete(database, slow, later, worker="w1")
    assert not complete(database, fast, later, worker="w2")
    with database.read() as session:
        assert len(list_drafts(session)) == 1


def test_a_working_worker_can_push_its_leases_back(
    planned: list[int], database: Database, now: datetime
) -> None:
    lease(database, now)
    with database.write() as session:
        assert renew_items(session, worker="w1", now=now + timedelta(seconds=50), lease_s=LEASE_S) == 3
    assert lease(database, now + timedelta(seconds=100), worker="w2") == []


def test_a_failure_keeps_its_attempts_and_reasons(
    planned: list[int], database: Database, now: datetime
) -> None:
    for reason in ("first", "second"):
        (item,) = lease(database, now, limit=1)
        with database.write() as session:
            fail_item(session, item_id=item.item_id, worker="w1", error=reason, now=now)
        with database.read() as session:
            assert failures(session, **RULES) == [(item.case_id, 2 if reason == "second" else 1, reason)]
        with database.write() as session:
            assert retry_failed(session, **RULES) == 1
    with database.read() as session:
        kept = session.exec(select(ExtractionAttempt).order_by("id")).all()
        assert failures(session, **RULES) == []
    assert [(row.attempt, row.error) for row in kept] == [(1, "first"), (2, "second")]


def test_a_late_failure_does_not_take_the_item_from_another_worker(
    planned: list[int], database: Database, now: datetime
) -> None:
    (item, *_) = lease(database, now)
    later = now + timedelta(seconds=LEASE_S)
    lease(database, later, worker="w2")
    with database.write() as session:
        fail_item(session, item_id=item.item_id, worker="w1", error="late", now=later)
    assert counts(database) == {"leased": 3}
    assert complete(database, item, later, worker="w2")
    with database.write() as session:
        fail_item(session, item_id=item.item_id, worker="w1", error="very late", now=later)
    assert counts(database) == {"leased": 2, "done": 1}


def test_a_stopping_worker_gives_back_what_it_holds_and_nothing_else(
    planned: list[int], database: Database, now: datetime
) -> None:
    lease(database, now, limit=2)
    lease(database, now, worker="w2")
    with database.write() as session:
        assert release_items(session, worker="w1") == 2
    assert counts(database) == {"pending": 2, "leased": 1}
    assert {item.attempt for item in lease(database, now)} == {1}


def test_an_item_that_kills_its_workers_fails_in_the_end(
    planned: list[int], database: Database, now: datetime
) -> None:
    moment = now
    for attempt in (1, 2, 3):
        assert {item.attempt for item in lease(database, moment, max_attempts=3)} == {attempt}
        moment += timedelta(seconds=LEASE_S)
    assert lease(database, moment, max_attempts=3) == []
    with database.read() as session:
        found = failures(session, **RULES)
    assert [(case_id, attempts) for case_id, attempts, _ in found] == [(number, 3) for number in planned]
    assert "stopped without an answer 3 times" in found[0][2]


def test_what_a_vanished_worker_held_waits_until_the_rest_is_handed_out(
    planned: list[int], database: Database, now: datetime
) -> None:
    (first, *_) = lease(database, now, limit=1)
    later = now + timedelta(seconds=LEASE_S)
    assert [item.case_id for item in lease(database, later, worker="w2")] == [*planned[1:], first.case_id]


def test_an_item_that_kills_its_workers_takes_no_other_with_it(
    planned: list[int], database: Database, now: datetime
) -> None:
    deadly, *harmless = planned
    moment, died_with = now, []
    for number in range(40):
        worker = f"w{number}"
        items = lease(database, moment, worker=worker)
        items += lease(database, moment, worker=worker)  # a worker looks for more while it works
        if not items:
            break
        if deadly in [item.case_id for item in items]:
            died_with.append(len(items))
            moment += timedelta(seconds=LEASE_S)
            continue
        for item in items:
            complete(database, item, moment, worker=worker)
    assert died_with == [3, 3, 3, 1, 1]
    with database.read() as session:
        assert [(case_id, attempts) for case_id, attempts, _ in failures(session, **RULES)] == [(deadly, 5)]
    assert counts(database) == {"done": len(harmless), "failed": 1}


def test_a_suspect_is_not_handed_to_a_worker_with_its_hands_full(
    world: World, planned: list[int], database: Database, now: datetime
) -> None:
    moment = now
    for number in range(3):
        lease(database, moment, worker=f"vanished {number}")
        moment += timedelta(seconds=LEASE_S)
    (fresh,) = world.cases(1, drafted=False, prefix="late")
    with database.write() as session:
        plan_items(session, **RULES)
    (item,) = lease(database, moment, worker="w")
    assert item.case_id == fresh
    assert lease(database, moment, worker="w") == []
    assert complete(database, item, moment, worker="w")
    assert [item.case_id for item in lease(database, moment, worker="w")] == planned[:1]
    assert [item.case_id for item in lease(database, moment, worker="other")] == planned[1:2]


def test_failures_with_a_reason_are_not_taken_for_vanished_workers(
    planned: list[int], database: Database, now: datetime
) -> None:
    for _ in range(6):
        items = lease(database, now)
        assert [item.case_id for item in items] == planned
        with database.write() as session:
            for item in items:
                fail_item(session, item_id=item.item_id, worker="w1", error="server gone", now=now)
            retry_failed(session, **RULES)
    lease(database, now)
    assert len(lease(database, now + timedelta(seconds=LEASE_S), worker="w2")) == 3, (
        "it vanished once, not seven times"
    )


def test_a_draft_of_another_case_or_reader_is_refused(
    planned: list[int], database: Database, now: datetime
) -> None:
    (item, other, *_) = lease(database, now)
    for draft in (new_draft(other.case_id), new_draft(item.case_id, version="2")):
        with pytest.raises(ValueError, match="another item"), database.write() as session:
            complete_item(session, item_id=item.item_id, worker="w1", draft=draft, now=now)
    with pytest.raises(ValueError, match="no extraction item"), database.write() as session:
        complete_item(session, item_id=999, worker="w1", draft=new_draft(item.case_id), now=now)


def test_workers_at_once_never_share_an_item(world: World, database: Database, now: datetime) -> None:
    numbers = world.cases(40, drafted=False)
    with database.write() as session:
        plan_items(session, **RULES)

    def work(worker: str) -> list[int]:
        done: list[int] = []
        while items := lease(database, now, worker=worker, limit=3):
            done += [item.case_id for item in items if complete(database, item, now, worker=worker)]
        return done

    with ThreadPoolExecutor(6) as pool:
        done = [number for result in pool.map(work, [f"w{index}" for index in range(6)]) for number in result]
    assert sorted(done) == numbers
    assert counts(database) == {"done": 40}


def test_planners_at_once_do_not_trip_over_each_other(world: World, database: Database) -> None:
    world.cases(20, drafted=False)

    def plan(_: int) -> int:
        with database.write() as session:
            return plan_items(session, **RULES)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(plan, range(4))) == 20


def test_the_newest_draft_is_found_by_case_and_reader(
    world: World, database: Database, now: datetime
) -> None:
    (number, other) = world.cases(2)
    with database.write() as session:
        for draft in (new_draft(number, reader="vlm"), new_draft(number, version="2")):
            draft.created_at = now
            session.add(draft)
            session.flush()
    with database.read() as session:
        newest = latest_draft(session, case_id=number)
        vlm = latest_draft(session, case_id=number, reader="vlm")
        assert latest_draft(session, case_id=other, reader="vlm") is None
        found = find_draft(session, case_id=number, reader="rules", reader_version="1")
        assert newest is not None
    assert (newest.reader, newest.reader_version) == ("rules", "2")
    assert vlm is not None
    assert found is not None
    assert vlm.evidence == {"ef_percent": {"quote": "EF 50-55 %", "page": 1, "box": [1.5, 2, 3, 4]}}
