"""A decision, its event and the end of its lease are one thing; the label follows from decisions."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from db_rows import FINDINGS, World
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from db.decisions import Decision
from db.drafts import latest_draft
from db.errors import EchoDeskError, LeaseLostError
from db.events import verify_chain
from db.label_view import current_labels
from db.labels import CODEBOOK_VERSION, EfOperator, EfState, Findings
from db.progress import Progress, progress
from db.queue.leases import take_lease
from db.reviews import ReadingContext, get_review, last_review_by, record_decision, reviews_of
from db.store.engine import Database
from db.tables.events import Event
from db.tables.people import User
from db.tables.queue import Lease
from db.tables.reviews import Review

CORRECTED = Findings(ef_percent=30, ef_operator=EfOperator.EQUAL, ef_state=EfState.STATED)


def take(database: Database, case_id: int, annotator_id: int, now: datetime) -> None:
    with database.write() as session:
        assert take_lease(session, case_id=case_id, annotator_id=annotator_id, now=now, lease_s=60)


def decide(database: Database, case_id: int, annotator_id: int, now: datetime, **values: Any) -> Review:
    whole: dict[str, Any] = {
        "draft_id": None,
        "decision": Decision.ACCEPT,
        "findings": FINDINGS,
        "note": "",
        "active_s": 4.5,
        "request_id": f"request {case_id}",
    }
    with database.write() as session:
        return record_decision(
            session, case_id=case_id, annotator_id=annotator_id, now=now, **(whole | values)
        )


def test_a_decision_is_stored_whole(world: World, database: Database, now: datetime) -> None:
    ana, (number,) = world.user("ana"), world.cases(1)
    take(database, number, ana, now)
    with database.read() as session:
        draft = latest_draft(session, case_id=number)
    assert draft is not None
    stored = decide(database, number, ana, now, draft_id=draft.id, note="faint print")
    with database.read() as session:
        review = get_review(session, review_id=int(stored.id or 0))
        event = session.exec(select(Event).where(Event.kind == "decision_recorded")).one()
        assert session.exec(select(Lease)).all() == []
    assert review is not None
    assert review.to_findings() == FINDINGS
    assert (review.note, review.active_s, review.codebook_version) == ("faint print", 4.5, CODEBOOK_VERSION)
    assert (review.draft_id, review.annotator_id, review.created_at) == (draft.id, ana, now)
    assert (event.actor, event.subject) == ("ana", f"review:{review.id}")
    assert event.payload["case_id"] == number
    assert "faint print" not in str(event.payload)


@pytest.mark.parametrize(
    ("note", "active_s"), [("", 3), ("naïve \U0001fac0 \u2028 \x00 end", 0.1 + 0.2), ("x" * 2000, -0.0)]
)
def test_a_review_is_hashed_as_the_database_gives_it_back(
    world: World, database: Database, now: datetime, note: str, active_s: float
) -> None:
    """It is not read again after it was stored, so what was hashed has to be just what is there."""
    ana, (number,) = world.user("ana"), world.cases(1)
    if database.dialect == "postgresql":
        note = note.replace("\x00", "")  # it stores none
    take(database, number, ana, now)
    elsewhere = now.astimezone(timezone(timedelta(hours=5, minutes=30)))
    context = ReadingContext(entered=CORRECTED)
    decide(database, number, ana, elsewhere, note=note, active_s=active_s, context=context)
    with database.read() as session:
        assert verify_chain(session).reason == ""
        (stored,) = reviews_of(session, case_id=number)
    assert (stored.note, stored.active_s, stored.created_at) == (note, active_s, now)


def test_a_lost_lease_stores_nothing(world: World, database: Database, now: datetime) -> None:
    ana, ben, (number,) = world.user("ana"), world.user("ben"), world.cases(1)
    take(database, number, ben, now)
    for person, moment in ((ana, now), (ben, now + timedelta(seconds=60))):
        with pytest.raises(LeaseLostError, match="no longer hold"):
            decide(database, number, person, moment)
    with database.read() as session:
        assert session.exec(select(Review)).all() == []
        assert len(session.exec(select(Lease)).all()) == 1
        assert session.exec(select(Event).where(Event.kind == "decision_recorded")).all() == []


def test_the_same_request_again_gives_the_stored_review(
    world: World, database: Database, now: datetime
) -> None:
    ana, (number,) = world.user("ana"), world.cases(1)
    take(database, number, ana, now)
    first = decide(database, number, ana, now)
    again = decide(database, number, ana, now, findings=CORRECTED, decision=Decision.CORRECT)
    assert again.id == first.id
    with database.read() as session:
        (only,) = session.exec(select(Review)).all()
        assert len(session.exec(select(Event).where(Event.kind == "decision_recorded")).all()) == 1
    assert only.decision == "accept"


def test_a_request_number_cannot_serve_two_cases(world: World, database: Database, now: datetime) -> None:
    ana, (first, second) = world.user("ana"), world.cases(2)
    take(database, first, ana, now)
    decide(database, first, ana, now, request_id="same")
    take(database, second, ana, now)
    with pytest.raises(EchoDeskError, match="already used"):
        decide(database, second, ana, now, request_id="same")


def test_a_draft_of_another_case_is_refused(world: World, database: Database, now: datetime) -> None:
    ana, (first, second) = world.user("ana"), world.cases(2)
    take(database, first, ana, now)
    with database.read() as session:
        other = latest_draft(session, case_id=second)
    assert other is not None
    with pytest.raises(ValueError, match="not of case"):
        decide(database, first, ana, now, draft_id=other.id)


def test_somebody_who_left_cannot_decide(world: World, database: Database, now: datetime) -> None:
    ana, (number,) = world.user("ana"), world.cases(1)
    take(database, number, ana, now)
    with database.write() as session:
        user = session.get(User, ana)
        assert user is not None
        user.is_active = False
    with pytest.raises(EchoDeskError, match="may not review"):
        decide(database, number, ana, now)


def test_a_decision_that_fails_half_way_leaves_the_lease(
    world: World, database: Database, now: datetime
) -> None:
    ana, (number,) = world.user("ana"), world.cases(1)
    take(database, number, ana, now)
    with pytest.raises(IntegrityError):
        decide(database, number, ana, now, active_s=-1.0)
    with database.read() as session:
        assert session.exec(select(Review)).all() == []
        assert session.get(Lease, number) is not None
    decide(database, number, ana, now)


def settle(database: Database, number: int, person: int, now: datetime, *decisions: Decision) -> list[int]:
    made = []
    for position, decision in enumerate(decisions):
        take(database, number, person, now)
        review = decide(
            database,
            number,
            person,
            now + timedelta(seconds=position),
            decision=decision,
            findings=CORRECTED if decision is Decision.CORRECT else FINDINGS,
            request_id=f"{number} {person} {position}",
        )
        made.append(int(review.id or 0))
    return made


@pytest.mark.parametrize(
    ("decisions", "deciding"),
    [
        ((Decision.ACCEPT,), 0),
        ((Decision.ACCEPT, Decision.CORRECT), 1),
        ((Decision.CORRECT, Decision.ACCEPT), 1),
        ((Decision.CORRECT, Decision.FLAG), 0),
        ((Decision.CORRECT, Decision.SKIP, Decision.FLAG), 0),
        ((Decision.FLAG, Decision.CORRECT), 1),
        ((Decision.FLAG,), None),
        ((Decision.SKIP,), None),
        ((), None),
    ],
)
def test_the_label_is_the_latest_deciding_review(
    world: World, database: Database, now: datetime, decisions: tuple[Decision, ...], deciding: int | None
) -> None:
    ana, (number, other) = world.user("ana"), world.cases(2)
    made = settle(database, number, ana, now, *decisions)
    (on_other,) = settle(database, other, ana, now, Decision.ACCEPT)
    with database.read() as session:
        labels = {label.case_id: label for label in current_labels(session)}
    assert labels[other].review_id == on_other
    if deciding is None:
        assert set(labels) == {other}
        return
    label = labels[number]
    assert label.review_id == made[deciding]
    assert label.decision is decisions[deciding]
    assert label.findings == (CORRECTED if decisions[deciding] is Decision.CORRECT else FINDINGS)
    assert label.decided_at == now + timedelta(seconds=deciding)
    assert (label.annotator_id, label.site, label.is_synthetic) == (ana, "here", True)


def test_back_walks_through_ones_own_decisions(world: World, database: Database, now: datetime) -> None:
    ana, ben, numbers = world.user("ana"), world.user("ben"), world.cases(3)
    first, second = (settle(database, number, ana, now, Decision.ACCEPT)[0] for number in numbers[:2])
    settle(database, numbers[2], ben, now, Decision.ACCEPT)
    with database.read() as session:
        newest = last_review_by(session, annotator_id=ana)
        before = last_review_by(session, annotator_id=ana, before_id=second)
        assert last_review_by(session, annotator_id=ana, before_id=first) is None
        assert [review.id for review in reviews_of(session, case_id=numbers[0])] == [first]
    assert newest is not None
    assert before is not None
    assert (newest.id, before.id) == (second, first)


def test_progress_counts_cases(world: World, database: Database, now: datetime) -> None:
    ana = world.user("ana")
    labelled, flagged, both, skipped, _ = world.cases(5)
    world.cases(2, drafted=False, prefix="undrafted")
    settle(database, labelled, ana, now, Decision.ACCEPT, Decision.CORRECT)
    settle(database, flagged, ana, now, Decision.FLAG)
    settle(database, both, ana, now, Decision.ACCEPT, Decision.FLAG)
    settle(database, skipped, ana, now, Decision.SKIP)
    with database.read() as session:
        found = progress(session)
    empty = {"pending": 0, "leased": 0, "done": 0, "failed": 0}
    assert found == Progress(
        cases=7,
        drafted=5,
        reviewed=2,
        flagged=2,
        waiting=2,
        failed=0,
        by_reader={"rules": {"drafts": 5} | empty},
        near_duplicates=0,
        again={"second": 0, "adjudication": 2, "audit": 0},
    )
