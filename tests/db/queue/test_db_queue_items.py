"""The queue is what was read says it is, after whatever happened; nobody gets a reading they may not do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from db_rows import FINDINGS, rebuild_queue
from desk_work import NOW, RULES, Work, ef, working
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from db.cases import set_priority
from db.decisions import Decision, Purpose, Role
from db.errors import EchoDeskError
from db.label_view import LABEL
from db.queue.items import assign, case_facts
from db.queue.next_reading import Wish
from db.queue.plan import readings_in_question
from db.store.engine import Database
from db.tables.people import User
from db.users import disable_user

PEOPLE = ("ana", "ben", "eve", "zoe")


@pytest.fixture
def work(shared_database: Database) -> Iterator[Work]:
    with working(shared_database) as made:
        yield made


# ---- whatever happens

steps = st.one_of(
    st.tuples(
        st.just("decide"),
        st.sampled_from(PEOPLE),
        st.sampled_from(list(Purpose)),
        st.sampled_from([*Decision, Decision.ACCEPT]),
        st.sampled_from([FINDINGS, ef(30), ef(50), ef(51)]),
    ),
    st.tuples(st.just("undo"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("redo"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("twice")),
    st.tuples(st.just("audit")),
    st.tuples(st.just("redraft"), st.sampled_from(["red", "amber", "green"])),
    st.tuples(st.just("priority"), st.sampled_from([0.0, 7.0])),
    st.tuples(st.just("assign"), st.sampled_from([*PEOPLE, None])),
)


def take_step(work: Work, case_id: int, step: tuple[Any, ...]) -> None:
    """One thing that happens to a case; what cannot happen just now does not."""
    kind, *values = step
    session = work.session
    has_label = session.execute(select(LABEL.c.case_id)).first() is not None
    if kind == "decide":
        name, purpose, decision, findings = values
        samples = [item["sample_key"] for item in work.items(case_id) if item["purpose"] == "audit"]
        if purpose is not Purpose.AUDIT or samples:
            sample = samples[-1] if purpose is Purpose.AUDIT else None
            work.decide(case_id, name, purpose, decision, findings, sample)
    elif kind in ("undo", "redo"):
        getattr(work, kind)(*values)
    elif kind == "twice":
        work.read_twice(case_id)
    elif kind == "audit" and has_label:
        work.audit(1)
    elif kind == "redraft":
        work.redraft(case_id, *values)
    elif kind == "priority":
        set_priority(session, case_id=case_id, priority=values[0], reason="r", actor="lead", now=NOW)
    elif kind == "assign":
        whose = None if values[0] is None else work.person(values[0])
        assign(session, case_ids=[case_id], annotator_id=whose, actor="lead", now=NOW)


def rebuilt(work: Work) -> list[dict[str, Any]]:
    """The rows as they would be made from nothing."""
    nested = work.session.begin_nested()
    work.session.execute(text("DELETE FROM queue_item"))
    work.session.expire_all()
    rebuild_queue(work.session, rules=RULES)
    found = work.items()
    nested.rollback()
    work.session.expire_all()
    return found


def without_assignments(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"assigned_to": None} for row in rows]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=1, max_size=9))
def test_after_whatever_happened_the_rows_are_as_if_made_from_nothing(
    shared_database: Database, happened: list[tuple[Any, ...]]
) -> None:
    with working(shared_database) as work:
        for name in PEOPLE:
            work.person(name)
        case_id = work.case("amber")
        for step in happened:
            take_step(work, case_id, step)
            stored = work.items()
            assert without_assignments(stored) == rebuilt(work)
            whose = [
                (row["assigned_to"], row["barred_a"], row["barred_b"]) for row in stored if row["assigned_to"]
            ]
            assert all(person not in barred for person, *barred in whose)
        nobody_gets_what_they_may_not_read(work, case_id)


def nobody_gets_what_they_may_not_read(work: Work, case_id: int) -> None:
    facts = case_facts(work.session, case_id=case_id)
    assert facts is not None
    decided = [one for one in facts.reviews if one.decision != Decision.SKIP.value]
    for name in PEOPLE:
        who, task = work.person(name), work.give(name)
        if task is None:
            continue
        own = {one.purpose for one in decided if one.annotator_id == who}
        if task.purpose is Purpose.FIRST:
            seconds = [one.annotator_id for one in decided if one.purpose == "second"]
            assert not seconds or seconds[-1] != who
        elif task.purpose is Purpose.SECOND:
            assert own == set()
        elif task.purpose is Purpose.ADJUDICATION:
            assert who not in {one.annotator_id for one in readings_in_question(facts, RULES)}
        else:
            assert who != facts.audits[task.sample_id or 0].audited.annotator_id
            assert own <= {"audit"}


# ---- the order


def test_readings_come_by_purpose_then_by_what_the_draft_needs_then_by_number(work: Work) -> None:
    green, red, amber = work.case("green"), work.case("red"), work.case("amber")
    rare, flagged, late = work.case("green", findings=ef(30)), work.case(), work.case("green")
    twice, audited = work.case("green"), work.case("green")
    work.decide(audited, "ana")
    work.audit(1)
    work.decide(twice, "ana")
    work.read_twice(twice)
    work.decide(flagged, "ana", decision=Decision.FLAG)
    set_priority(work.session, case_id=late, priority=20, reason="suspect", actor="lead", now=NOW)
    assert work.given("ben") == [
        (flagged, "adjudication"),
        (audited, "audit"),
        (red, "first"),
        (amber, "first"),
        (twice, "second"),
        (late, "first"),
        (rare, "first"),
        (green, "first"),
    ]
    assert [case_id for case_id, _ in work.given("ana")] == [red, amber, late, rare, green]


def test_a_new_draft_moves_a_reading_and_opens_nothing(work: Work) -> None:
    case_id, other = work.case("green"), work.case("amber")
    work.redraft(case_id, "red")
    assert [number for number, _ in work.given("ana")] == [case_id, other]
    work.decide(case_id, "ana")
    work.redraft(case_id, "red")
    assert work.states(case_id) == {"first": "done"}


def test_of_three_readers_in_question_none_settles_it(work: Work) -> None:
    """A row names two people who may not; the others are known by their readings."""
    case_id = work.case()
    work.decide(case_id, "ana", findings=ef(60))
    for name in ("ben", "eve"):
        work.decide(case_id, name, Purpose.AUDIT, findings=ef(30), sample_id=work.audit(1))
    assert work.states(case_id)["adjudication"] == "waiting"
    assert [work.given(name) for name in ("ana", "ben", "eve")] == [[], [], []]
    assert work.given("zoe") == [(case_id, "adjudication")]


def test_who_audited_a_record_is_not_its_second_reader(work: Work) -> None:
    case_id = work.case()
    work.decide(case_id, "ana")
    work.decide(case_id, "ben", Purpose.AUDIT, sample_id=work.audit(1))
    work.read_twice(case_id)
    assert [work.given(name) for name in ("ana", "ben", "eve")] == [[], [], [(case_id, "second")]]


def test_a_person_is_given_only_what_they_wish_for(work: Work) -> None:
    here, there = work.case(site="here"), work.case("red", site="there")
    work.decide(here, "ben", decision=Decision.FLAG)
    assert work.given("ana", Wish((Purpose.FIRST,))) == [(there, "first")]
    assert work.given("ana", Wish(tuple(Purpose), site="here")) == [(here, "adjudication")]
    assert work.given("ana", Wish(tuple(Purpose), site="nowhere")) == []


def test_clean_drafts_are_mixed_in_by_their_shuffle_when_they_are_drawn(work: Work) -> None:
    red = work.case("red")
    clean = [work.case("green") for _ in range(6)]
    shuffled = sorted(clean, key=lambda number: next(row["shuffle"] for row in work.items(number)))
    drawn = Wish((Purpose.FIRST,), clean_first=True)
    assert work.given("ana", drawn) == [(number, "first") for number in [*shuffled, red]]
    assert work.given("ana", Wish((Purpose.FIRST,)))[0] == (red, "first")
    assert shuffled != clean  # or the test above says nothing


def test_a_draft_with_one_doubt_or_without_lights_is_not_clean(work: Work) -> None:
    numbers = [work.case(light) for light in ("green", "amber", "red")]
    assert [work.items(number)[0]["is_clean"] for number in numbers] == [True, False, False]
    work.decide(numbers[0], "ana", decision=Decision.FLAG)
    assert [row["is_clean"] for row in work.items(numbers[0])] == [
        False,
        True,
    ]  # only a first reading is a clean one


def test_a_skipped_reading_comes_last_for_whoever_skipped_it_until_that_is_undone(work: Work) -> None:
    red, green = work.case("red"), work.case("green")
    work.decide(red, "ana", decision=Decision.SKIP)
    assert [work.given("ana"), work.given("ben")] == [
        [(green, "first"), (red, "first")],
        [(red, "first"), (green, "first")],
    ]
    work.undo("ana")
    assert work.given("ana")[0] == (red, "first")


# ---- assignment


def test_an_assigned_reading_is_given_to_nobody_else(work: Work) -> None:
    case_id, ana = work.case(), work.person("ana")
    assert assign(work.session, case_ids=[case_id], annotator_id=ana, actor="lead", now=NOW) == 1
    assert (work.given("ana"), work.given("ben")) == ([(case_id, "first")], [])
    assert assign(work.session, case_ids=[case_id], annotator_id=None, actor="lead", now=NOW) == 1
    assert work.given("ben") == [(case_id, "first")]


def test_a_reading_is_not_assigned_to_somebody_who_may_not_do_it(work: Work) -> None:
    case_id, ana, ben = work.case(), work.person("ana"), work.person("ben")
    work.decide(case_id, "ana")
    work.read_twice(case_id)
    assert assign(work.session, case_ids=[case_id], annotator_id=ana, actor="lead", now=NOW) == 0
    assert assign(work.session, case_ids=[case_id], annotator_id=ben, actor="lead", now=NOW) == 1
    work.undo("ana")
    work.decide(case_id, "ben")  # now the second reading is somebody else's
    assert {row["purpose"]: row["assigned_to"] for row in work.items(case_id)} == {
        "first": None,
        "second": None,
    }


def test_a_reading_is_not_assigned_to_somebody_who_left_and_what_was_theirs_is_anybodys(work: Work) -> None:
    case_id, ana = work.case(), work.person("ana")
    assign(work.session, case_ids=[case_id], annotator_id=ana, actor="lead", now=NOW)
    assert work.given("ben") == []
    disable_user(work.session, user=work.session.get_one(User, ana), actor="lead", now=NOW)
    assert work.given("ben") == [(case_id, "first")]
    for whose in (ana, 999):
        with pytest.raises(EchoDeskError, match="may not review"):
            assign(work.session, case_ids=[case_id], annotator_id=whose, actor="lead", now=NOW)


def test_an_adjudication_is_assigned_only_to_somebody_who_may_adjudicate(work: Work) -> None:
    case_id, ben = work.case(), work.person("ben")
    work.decide(case_id, "ana", decision=Decision.FLAG)
    assert assign(work.session, case_ids=[case_id], annotator_id=ben, actor="lead", now=NOW) == 0
    work.session.get_one(User, ben).role = Role.ADJUDICATOR.value
    assert assign(work.session, case_ids=[case_id], annotator_id=ben, actor="lead", now=NOW) == 1
