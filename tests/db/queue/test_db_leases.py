"""Two people never get the same case."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from db_rows import FINDINGS, World
from sqlmodel import select

from db.cases import set_priority
from db.decisions import Decision
from db.queue.leases import holds_lease, release_lease, renew_lease, shorten_leases, take_lease
from db.queue.next_reading import lease_next
from db.reviews import record_decision
from db.store.engine import Database
from db.tables.queue import Lease

LEASE_S = 180.0


def give(database: Database, annotator_id: int, now: datetime, skip: tuple[int, ...] = ()) -> int | None:
    with database.write() as session:
        task = lease_next(session, annotator_id=annotator_id, now=now, lease_s=LEASE_S, skip=skip)
    return None if task is None else task.case.id


def take(database: Database, case_id: int, annotator_id: int, now: datetime) -> bool:
    with database.write() as session:
        return take_lease(session, case_id=case_id, annotator_id=annotator_id, now=now, lease_s=LEASE_S)


def decide(database: Database, case_id: int, annotator_id: int, decision: Decision, now: datetime) -> None:
    assert take(database, case_id, annotator_id, now)
    with database.write() as session:
        record_decision(
            session,
            case_id=case_id,
            draft_id=None,
            annotator_id=annotator_id,
            decision=decision,
            findings=FINDINGS,
            note="",
            active_s=1,
            request_id=f"{case_id} {annotator_id} {decision}",
            now=now,
        )


def test_the_highest_priority_comes_first_then_the_lowest_number(
    world: World, database: Database, now: datetime
) -> None:
    ana, ben, eve = world.user("ana"), world.user("ben"), world.user("eve")
    first, second, third = world.cases(3)
    with database.write() as session:
        set_priority(session, case_id=third, priority=1, reason="suspect", actor="ana", now=now)
    assert [give(database, person, now) for person in (ana, ben, eve)] == [third, first, second]
    assert give(database, world.user("zoe"), now) is None


def test_a_person_gets_the_case_they_already_hold_and_a_new_lease_on_it(
    world: World, database: Database, now: datetime
) -> None:
    ana, ben = world.user("ana"), world.user("ben")
    (number,) = world.cases(1)
    later = now + timedelta(seconds=LEASE_S - 1)
    assert give(database, ana, now) == number
    assert give(database, ana, later) == number
    assert give(database, ben, now + timedelta(seconds=LEASE_S + 1)) is None


@pytest.mark.parametrize("decision", [Decision.ACCEPT, Decision.CORRECT, Decision.FLAG])
def test_a_settled_case_does_not_come_back(
    world: World, database: Database, now: datetime, decision: Decision
) -> None:
    ana, ben = world.user("ana"), world.user("ben")
    (number,) = world.cases(1)
    decide(database, number, ana, decision, now)
    assert give(database, ana, now) is None
    assert give(database, ben, now) is None


def test_a_skipped_case_goes_to_others_first_and_comes_back_last(
    world: World, database: Database, now: datetime
) -> None:
    ana, ben = world.user("ana"), world.user("ben")
    first, second = world.cases(2)
    decide(database, first, ana, Decision.SKIP, now)
    assert give(database, ana, now) == second
    assert give(database, ben, now) == first
    decide(database, first, ben, Decision.SKIP, now)
    decide(database, second, ana, Decision.ACCEPT, now)
    assert give(database, ana, now) == first


def test_a_case_without_a_draft_waits(world: World, database: Database, now: datetime) -> None:
    ana = world.user("ana")
    world.cases(1, drafted=False)
    assert give(database, ana, now) is None


def test_cases_named_to_be_skipped_are_not_given(world: World, database: Database, now: datetime) -> None:
    ana = world.user("ana")
    first, second = world.cases(2)
    assert give(database, ana, now) == first
    assert give(database, ana, now, skip=(first,)) == second
    assert give(database, ana, now, skip=(first, second)) is None


def test_a_lease_ends_exactly_when_it_says(world: World, database: Database, now: datetime) -> None:
    ana, ben = world.user("ana"), world.user("ben")
    (number,) = world.cases(1)
    assert give(database, ana, now) == number
    end = now + timedelta(seconds=LEASE_S)
    assert not take(database, number, ben, end - timedelta(microseconds=1))
    with database.write() as session:
        assert not holds_lease(session, case_id=number, annotator_id=ana, now=end)
    assert give(database, ben, end) == number
    with database.write() as session:
        assert not renew_lease(session, case_id=number, annotator_id=ana, now=end, lease_s=LEASE_S)


def test_a_lease_taken_while_the_clock_was_ahead_is_shortened(
    world: World, database: Database, now: datetime
) -> None:
    ana, ben = world.user("ana"), world.user("ben")
    first, second = world.cases(2)
    assert take(database, first, ana, now + timedelta(days=30))
    assert take(database, second, ana, now - timedelta(seconds=100))
    with database.write() as session:
        shorten_leases(session, now=now, lease_s=LEASE_S)
    assert not take(database, first, ben, now + timedelta(seconds=LEASE_S - 1))
    assert take(database, first, ben, now + timedelta(seconds=LEASE_S))
    assert take(database, second, ben, now + timedelta(seconds=80))  # one in order is not made longer


def test_a_renewed_lease_lasts_longer_also_when_it_just_ran_out(
    world: World, database: Database, now: datetime
) -> None:
    ana, ben = world.user("ana"), world.user("ben")
    (number,) = world.cases(1)
    give(database, ana, now)
    late = now + timedelta(seconds=LEASE_S + 60)
    with database.write() as session:
        assert renew_lease(session, case_id=number, annotator_id=ana, now=late, lease_s=LEASE_S)
    assert not take(database, number, ben, late + timedelta(seconds=LEASE_S - 1))


def test_only_the_holder_can_release(world: World, database: Database, now: datetime) -> None:
    ana, ben = world.user("ana"), world.user("ben")
    (number,) = world.cases(1)
    give(database, ana, now)
    with database.write() as session:
        assert holds_lease(session, case_id=number, annotator_id=ana, now=now)
        assert not release_lease(session, case_id=number, annotator_id=ben)
        assert release_lease(session, case_id=number, annotator_id=ana)
        assert not release_lease(session, case_id=number, annotator_id=ana)
        assert not holds_lease(session, case_id=number, annotator_id=ana, now=now)
    assert give(database, ben, now) == number


def test_twelve_people_at_once_all_get_different_cases(
    world: World, database: Database, now: datetime
) -> None:
    people = [world.user(f"person {number}") for number in range(12)]
    world.cases(10)

    def ask(person: int) -> int | None:
        return give(database, person, now)

    with ThreadPoolExecutor(12) as pool:
        given = list(pool.map(ask, people))
    found = [number for number in given if number is not None]
    assert len(found) == len(set(found)) == 10
    with database.read() as session:
        holders = {lease.case_id: lease.annotator_id for lease in session.exec(select(Lease))}
    assert holders == {
        number: person for number, person in zip(given, people, strict=True) if number is not None
    }


def test_people_deciding_at_once_settle_every_case_exactly_once(
    world: World, database: Database, now: datetime
) -> None:
    people = [world.user(f"person {number}") for number in range(4)]
    numbers = world.cases(24)

    def work(person: int) -> list[int]:
        done: list[int] = []
        while (number := give(database, person, now)) is not None:
            decide(database, number, person, Decision.ACCEPT, now)
            done.append(number)
        return done

    with ThreadPoolExecutor(4) as pool:
        done = [number for result in pool.map(work, people) for number in result]
    assert sorted(done) == numbers


def test_two_tabs_of_one_person_do_not_block_each_other(
    world: World, database: Database, now: datetime
) -> None:
    """Each keeps its case, decides and asks for the next one in a single transaction."""
    ana = world.user("ana")
    numbers = world.cases(24)

    def tab(mine: list[int]) -> int:
        for number in mine:
            with database.write() as session:
                assert take_lease(session, case_id=number, annotator_id=ana, now=now, lease_s=LEASE_S)
                record_decision(
                    session,
                    case_id=number,
                    draft_id=None,
                    annotator_id=ana,
                    decision=Decision.ACCEPT,
                    findings=FINDINGS,
                    note="",
                    active_s=1,
                    request_id=f"tab {number}",
                    now=now,
                )
                lease_next(session, annotator_id=ana, now=now, lease_s=LEASE_S)
        return len(mine)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(tab, [numbers[:12], numbers[12:]])) == 24
