"""The queue as it is listed, counted and held ahead, and what a decision costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from db_rows import rebuild_queue
from desk_work import EVERY_PURPOSE, LEASE_S, NOW, RULES, Work, working
from sqlalchemy import event, text
from sqlmodel import select

from db.decisions import Decision, Purpose, QueueState
from db.labels import Findings, Light
from db.queue.items import assign, queue_counts, waiting_items
from db.queue.leases import held_by_others, keep_work, take_lease
from db.queue.next_reading import Wish, lease_ahead, lease_next
from db.store.engine import Database
from db.tables.queue import Lease, QueueItem


@pytest.fixture
def work(shared_database: Database) -> Iterator[Work]:
    with working(shared_database) as made:
        yield made


# ---- lists and counts


def test_readings_are_counted_by_purpose_state_light_site_and_person(work: Work) -> None:
    first, second, third = work.case("red"), work.case("green", site="there"), work.case("green")
    work.decide(third, "ana", decision=Decision.FLAG)
    ana = work.person("ana")
    assign(work.session, case_ids=[first], annotator_id=ana, actor="lead", now=NOW)
    found = {
        (one.purpose.value, one.state.value, one.light.value, one.site, one.assigned_to): one.readings
        for one in queue_counts(work.session)
    }
    assert found == {
        ("first", "waiting", "red", "here", ana): 1,
        ("first", "waiting", "green", "there", None): 1,
        ("first", "done", "green", "here", None): 1,
        ("adjudication", "waiting", "green", "here", None): 1,
    }
    assert sum(found.values()) == len(work.items())
    assert second in [row["case_id"] for row in work.items()]


def test_what_waits_can_be_listed_filtered_and_page_by_page(work: Work) -> None:
    red, amber, *greens = [work.case(light) for light in ("red", "amber", "green", "green", "green")]
    elsewhere, done = work.case("green", site="there"), work.case("red")
    work.decide(done, "ana")
    ana = work.person("ana")
    assign(work.session, case_ids=[amber], annotator_id=ana, actor="lead", now=NOW)

    def listed(**values: Any) -> list[int]:
        return [item.case_id for item in waiting_items(work.session, **values)]

    assert listed() == [red, amber, *greens, elsewhere]
    assert listed(light=Light.GREEN, site="here") == greens
    assert listed(site="there") == [elsewhere]
    assert (listed(assigned_to=ana), listed(assigned_to=0)) == ([amber], [red, *greens, elsewhere])
    assert listed(purpose=Purpose.SECOND) == []
    pages: list[int] = []
    after: tuple[float, int] | None = None
    while page := waiting_items(work.session, limit=2, after=after):
        pages += [item.case_id for item in page]
        after = (page[-1].rank, page[-1].case_id)
    assert pages == listed()


# ---- held for later


def test_the_next_records_are_held_in_order_and_nobody_else_gets_them_while_others_wait(work: Work) -> None:
    numbers = [work.case() for _ in range(5)]
    ana, ben = work.person("ana"), work.person("ben")
    held: dict[str, Any] = {"now": NOW, "lease_s": LEASE_S, "wish": EVERY_PURPOSE}
    task = lease_next(work.session, annotator_id=ana, **held)
    assert task is not None

    def ahead(on_screen: int) -> list[int]:
        tasks = lease_ahead(work.session, annotator_id=ana, on_screen=on_screen, count=2, **held)
        return [int(one.case.id or 0) for one in tasks]

    assert ahead(numbers[0]) == ahead(numbers[0]) == numbers[1:3]
    for given, number in enumerate(numbers[3:]):
        free = work.give("ben", skip=numbers[3 : 3 + given])
        assert free is not None and free.case.id == number
    work.decide(numbers[0], "ana")
    task = lease_next(work.session, annotator_id=ana, **held)
    assert task is not None and task.case.id == numbers[1]
    assert ahead(numbers[1]) == numbers[2:4]
    later = NOW + timedelta(seconds=LEASE_S)
    task = lease_next(work.session, annotator_id=ben, now=later, lease_s=LEASE_S, wish=EVERY_PURPOSE)
    assert task is not None and task.case.id == numbers[1]


def test_what_is_held_for_a_purpose_that_is_no_longer_theirs_is_not_given_again(work: Work) -> None:
    case_id = work.case()
    work.decide(case_id, "ana", decision=Decision.FLAG)
    held: dict[str, Any] = {"annotator_id": work.person("ben"), "now": NOW, "lease_s": LEASE_S}
    assert lease_next(work.session, wish=EVERY_PURPOSE, **held) is not None
    assert lease_next(work.session, wish=Wish((Purpose.FIRST, Purpose.SECOND)), **held) is None


def test_a_case_taken_for_another_reading_keeps_nothing_of_the_one_before(work: Work) -> None:
    case_id, ana, ben = work.case(), work.person("ana"), work.person("ben")
    taken: dict[str, Any] = {"case_id": case_id, "lease_s": 1.0}
    assert take_lease(work.session, annotator_id=ana, now=NOW, **taken)
    lease = work.session.get_one(Lease, case_id)
    lease.work, lease.entered = {"a": 1}, {"b": 2}
    work.session.flush()
    later = NOW + timedelta(seconds=1)
    assert take_lease(work.session, annotator_id=ben, now=later, purpose=Purpose.AUDIT, sample_id=3, **taken)
    lease = work.session.get_one(Lease, case_id, populate_existing=True)
    assert (lease.work, lease.entered, lease.purpose, lease.sample_id) == (None, None, "audit", 3)
    is_null = "SELECT count(*) FROM lease WHERE work IS NULL AND entered IS NULL"
    assert work.session.execute(text(is_null)).scalar_one() == 1


def test_a_case_without_a_draft_is_not_in_the_queue(work: Work) -> None:
    assert work.items() == []
    assert work.session.exec(select(QueueItem).where(QueueItem.state == QueueState.WAITING.value)).all() == []
    assert rebuild_queue(work.session, rules=RULES) == 0


def test_a_decision_costs_the_same_however_many_cases_there_are(work: Work) -> None:
    statements: list[str] = []
    connection = work.session.connection()

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    def decide_and_go_on(case_id: int) -> int:
        statements.clear()
        work.decide(case_id, "ana", findings=Findings())
        work.give("ana")
        return len(statements)

    first = [work.case() for _ in range(3)]
    event.listen(connection, "before_cursor_execute", note)
    decide_and_go_on(first[0])
    few = decide_and_go_on(first[1])
    event.remove(connection, "before_cursor_execute", note)
    more = [work.case() for _ in range(20)]
    event.listen(connection, "before_cursor_execute", note)
    many = decide_and_go_on(more[0])
    event.remove(connection, "before_cursor_execute", note)
    assert few == many
    assert many <= 40


def test_the_last_records_are_not_one_persons_alone(work: Work) -> None:
    """What Ana has on screen or has begun stays hers; what she only holds for later goes to whoever asks."""
    on_screen, begun, later = [work.case() for _ in range(3)]
    ana = work.person("ana")
    held: dict[str, Any] = {"now": NOW, "lease_s": LEASE_S, "wish": EVERY_PURPOSE}
    assert lease_next(work.session, annotator_id=ana, **held) is not None
    lease_ahead(work.session, annotator_id=ana, on_screen=on_screen, count=2, **held)
    keep_work(work.session, case_id=begun, annotator_id=ana, work={"note": "half a note"})
    ben = work.person("ben")
    assert held_by_others(work.session, annotator_id=ana, now=NOW) == []
    (seen,) = held_by_others(work.session, annotator_id=ben, now=NOW)
    assert (seen.name, seen.number, seen.until) == ("ana", 3, NOW + timedelta(seconds=LEASE_S))
    task = lease_next(work.session, annotator_id=ben, **held)
    assert task is not None and task.case.id == later
    assert lease_next(work.session, annotator_id=ben, skip=[later], **held) is None
    ahead = lease_ahead(work.session, annotator_id=ana, on_screen=on_screen, count=2, **held)
    assert [one.case.id for one in ahead] == [begun], "Ben has the other one now"
