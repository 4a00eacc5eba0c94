"""Undo and redo: rows of their own, without limit, and the label follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from db_rows import FINDINGS
from desk_work import NOW, Work, ef, working
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from db.decisions import Decision, Purpose, UndoKind
from db.events import verify_chain
from db.label_view import LABEL, current_labels
from db.reviews import last_review_by
from db.store.engine import Database
from db.tables.reviews import Review, Withdrawal
from db.withdrawals import find_withdrawal, is_in_force, newest_own_id, undo_candidate, withdraw


@pytest.fixture
def work(shared_database: Database) -> Iterator[Work]:
    with working(shared_database) as made:
        yield made


def labels(work: Work) -> dict[int, int]:
    rows = work.session.execute(select(LABEL.c.case_id, LABEL.c.review_id))
    return {int(case_id): int(review_id) for case_id, review_id in rows}


def in_force(work: Work) -> list[int]:
    wanted = select(Review.id).where(is_in_force()).order_by(col(Review.id))
    return [int(number or 0) for number in work.session.exec(wanted)]


def ids(*reviews: Review) -> list[int]:
    return [int(one.id or 0) for one in reviews]


def test_undo_and_redo_walk_through_every_decision_and_back(work: Work) -> None:
    cases = [work.case() for _ in range(4)]
    made = ids(*(work.decide(case_id, "ana") for case_id in cases))
    assert [work.undo("ana") for _ in range(5)] == [*made[::-1], None]
    assert (in_force(work), labels(work)) == ([], {})
    assert [work.redo("ana") for _ in range(5)] == [*made, None]
    assert labels(work) == dict(zip(cases, made, strict=True))
    assert verify_chain(work.session).bad_id is None


def test_nothing_that_was_decided_is_changed_by_an_undo(work: Work) -> None:
    review = work.decide(work.case(), "ana", findings=ef(30))
    before = review.model_dump()
    work.undo("ana")
    work.session.expire_all()
    assert work.session.get_one(Review, review.id).model_dump() == before


def test_the_label_and_the_queue_follow_undo_and_redo(work: Work) -> None:
    case_id = work.case()
    (old,) = ids(work.decide(case_id, "ana"))
    (new,) = ids(work.decide(case_id, "ana", decision=Decision.CORRECT, findings=ef(30)))
    assert (work.undo("ana"), labels(work)) == (new, {case_id: old})
    assert current_labels(work.session)[0].findings == FINDINGS
    assert (work.undo("ana"), labels(work), work.states(case_id)) == (old, {}, {"first": "waiting"})
    assert (work.redo("ana"), labels(work), work.states(case_id)) == (old, {case_id: old}, {"first": "done"})
    assert (work.redo("ana"), labels(work)) == (new, {case_id: new})


def test_a_redo_is_lost_once_something_new_is_decided(work: Work) -> None:
    first, second = work.case(), work.case()
    work.decide(first, "ana")
    work.undo("ana")
    (new,) = ids(work.decide(second, "ana"))
    assert work.redo("ana") is None
    assert [work.undo("ana"), work.redo("ana"), work.redo("ana")] == [new, new, None]


def test_a_decision_of_somebody_else_does_not_take_a_redo_away(work: Work) -> None:
    case_id, other = work.case(), work.case()
    (made,) = ids(work.decide(case_id, "ana"))
    work.undo("ana")
    work.decide(other, "ben")
    assert work.redo("ana") == made


def test_what_somebody_else_decided_over_is_passed_by(work: Work) -> None:
    first, second = work.case(), work.case()
    (mine,) = ids(work.decide(first, "ana"))
    work.decide(second, "ana")
    (theirs,) = ids(work.decide(second, "ben", decision=Decision.CORRECT, findings=ef(30)))
    assert work.undo("ana") == mine
    assert labels(work) == {second: theirs}


@pytest.mark.parametrize("purpose", [Purpose.SECOND, Purpose.ADJUDICATION, Purpose.AUDIT])
def test_a_decision_that_others_built_on_cannot_be_taken_back_until_they_take_theirs_back(
    work: Work, purpose: Purpose
) -> None:
    case_id = work.case()
    (mine,) = ids(work.decide(case_id, "ana"))
    sample = work.audit(1) if purpose is Purpose.AUDIT else None
    (theirs,) = ids(work.decide(case_id, "ben", purpose, findings=ef(30), sample_id=sample))
    assert work.undo("ana") is None
    assert (work.undo("ben"), work.undo("ana")) == (theirs, mine)


def test_a_skip_of_somebody_else_stands_in_no_ones_way(work: Work) -> None:
    case_id = work.case()
    (mine,) = ids(work.decide(case_id, "ana"))
    work.decide(case_id, "ben", Purpose.SECOND, Decision.SKIP)
    assert (work.undo("ana"), work.redo("ana")) == (mine, mine)


def test_a_redo_passes_by_what_somebody_else_decided_meanwhile(work: Work) -> None:
    first, second = work.case(), work.case()
    (kept,) = ids(work.decide(second, "ana"))
    (lost,) = ids(work.decide(first, "ana"))
    assert [work.undo("ana"), work.undo("ana")] == [lost, kept]
    work.decide(first, "ben")
    assert [work.redo("ana"), work.redo("ana")] == [kept, None]


def test_taking_back_the_first_reading_closes_the_second_and_redoing_it_opens_it(work: Work) -> None:
    case_id = work.case()
    work.decide(case_id, "ana")
    work.read_twice(case_id)
    work.undo("ana")
    assert work.states(case_id) == {"first": "waiting"}
    work.redo("ana")
    assert work.states(case_id) == {"first": "done", "second": "waiting"}


def test_taking_back_a_second_reading_closes_the_question_it_opened(work: Work) -> None:
    case_id = work.case()
    work.decide(case_id, "ana", findings=ef(50))
    work.read_twice(case_id)
    work.decide(case_id, "ben", Purpose.SECOND, findings=ef(30))
    assert work.states(case_id) == {"first": "done", "second": "done", "adjudication": "waiting"}
    work.undo("ben")
    assert work.states(case_id) == {"first": "done", "second": "waiting"}


def test_taking_back_an_adjudication_gives_the_first_reading_back_its_word(work: Work) -> None:
    case_id = work.case()
    (mine,) = ids(work.decide(case_id, "ana", findings=ef(50)))
    work.read_twice(case_id)
    work.decide(case_id, "ben", Purpose.SECOND, findings=ef(30))
    (settled,) = ids(work.decide(case_id, "eve", Purpose.ADJUDICATION, findings=ef(30)))
    assert labels(work) == {case_id: settled}
    assert work.undo("eve") == settled
    assert (labels(work), work.states(case_id)["adjudication"]) == ({case_id: mine}, "waiting")


def test_skips_and_flags_can_be_taken_back_too(work: Work) -> None:
    case_id = work.case()
    (skip,) = ids(work.decide(case_id, "ana", decision=Decision.SKIP))
    (flag,) = ids(work.decide(case_id, "ana", decision=Decision.FLAG))
    assert work.states(case_id) == {"first": "done", "adjudication": "waiting"}
    assert (work.undo("ana"), work.states(case_id)) == (flag, {"first": "waiting"})
    assert (work.undo("ana"), in_force(work)) == (skip, [])


def test_one_request_is_one_row(work: Work) -> None:
    work.decide(work.case(), "ana")
    review = undo_candidate(work.session, annotator_id=work.person("ana"))
    assert review is not None
    asked: dict[str, Any] = {
        "review": review,
        "annotator_id": work.person("ana"),
        "request_id": "once",
        "now": NOW,
    }
    row = withdraw(work.session, kind=UndoKind.UNDO, **asked)
    assert find_withdrawal(work.session, request_id="once") == row
    assert find_withdrawal(work.session, request_id="never") is None
    with pytest.raises(IntegrityError, match="(?i)unique"), work.session.begin_nested():
        withdraw(work.session, kind=UndoKind.REDO, **asked)


def test_back_leads_to_decisions_in_force_alone(work: Work) -> None:
    ana = work.person("ana")
    old, new = ids(work.decide(work.case(), "ana"), work.decide(work.case(), "ana"))
    work.undo("ana")
    found = last_review_by(work.session, annotator_id=ana)
    assert found is not None
    assert (found.id, newest_own_id(work.session, annotator_id=ana)) == (old, new)
    assert newest_own_id(work.session, annotator_id=work.person("ben")) == 0


moves = st.lists(
    st.tuples(
        st.sampled_from(["ana", "ben"]), st.sampled_from(["undo", "redo", "decide 0", "decide 1", "skip 0"])
    ),
    max_size=14,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
def test_the_label_is_always_the_newest_deciding_review_that_is_in_force(
    shared_database: Database, made: list[tuple[str, str]]
) -> None:
    """Against a list kept by hand: undone is what was undone last and not redone since."""
    with working(shared_database) as work:
        cases = [work.case(), work.case()]
        undone: set[int] = set()
        reviews: dict[int, Review] = {}
        for name, move in made:
            if move in ("undo", "redo"):
                number = getattr(work, move)(name)
                if number is not None:
                    assert reviews[number].annotator_id == work.person(name)
                    assert (number in undone) == (move == "redo")
                    undone ^= {number}
                continue
            kind, place = move.split()
            decision = Decision.SKIP if kind == "skip" else Decision.ACCEPT
            review = work.decide(cases[int(place)], name, decision=decision)
            reviews[int(review.id or 0)] = review
        assert in_force(work) == [number for number in sorted(reviews) if number not in undone]
        deciding = [
            number for number in sorted(set(reviews) - undone) if reviews[number].decision == "accept"
        ]
        assert labels(work) == {reviews[number].case_id: number for number in deciding}
        rows = work.session.execute(select(func.count()).select_from(Withdrawal)).scalar_one()
        assert rows % 2 == len(undone) % 2
