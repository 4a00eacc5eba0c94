"""What the desk does when asked, seen in the database."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from desk_fixture import clean_record, desk_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import states

from db.decisions import Decision, Role
from db.events import verify_chain
from db.labels import EfState, Rwma
from db.queue.leases import holds_lease
from review_ui import text
from review_ui.desk.handlers import EVENTS, run_handler


@pytest.mark.parametrize("event", sorted(EVENTS))
@pytest.mark.parametrize("session_id", [None, "", "x" * 43])
def test_every_event_refuses_a_request_without_a_session(
    hall: DeskHall, event: str, session_id: str | None
) -> None:
    told = run_handler(EVENTS[event], hall.desk, session_id, {"case_id": 1})
    assert told == {"state": "signed_out", "sentence": text.SIGNED_OUT}
    assert hall.reviews() == []


@pytest.mark.parametrize("event", sorted(EVENTS))
@pytest.mark.parametrize("payload", [None, [], "x", {"unknown": 1}, {"case_id": "1; DROP TABLE review"}])
def test_every_event_refuses_a_malformed_request(asha: Person, event: str, payload: Any) -> None:
    assert run_handler(EVENTS[event], asha.desk, asha.session_id, payload)["state"] == "failed"


def test_accepting_stores_the_draft_with_event_and_time(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    told = asha.decide(shown, confirmed=["ef"])
    assert (told["state"], told["saved"], told["record"]["case_id"]) == ("record", True, 2)
    (review,) = hall.reviews()
    assert (review.decision, review.annotator_id, review.draft_id) == (
        Decision.ACCEPT.value,
        asha.annotator_id,
        1,
    )
    assert review.to_findings() == desk_record().findings
    assert (review.created_at, review.active_s) == (hall.clock.wall(), 4.5)
    (event,) = hall.decision_events()
    assert (event.actor, event.subject, event.created_at) == (
        "Asha",
        f"review:{review.id}",
        review.created_at,
    )
    with hall.desk.database.read() as session:
        assert verify_chain(session).bad_id is None


def test_a_changed_answer_is_a_correction(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), answers={"ef": {"text": "50-55"}})
    (review,) = hall.reviews()
    assert review.decision == Decision.CORRECT.value
    assert (review.ef_percent, review.ef_low, review.ef_high, review.ef_operator) == (52.5, 50, 55, "=")


def test_typing_the_drafted_value_again_is_an_acceptance(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), answers={"ef": {"text": "35-40"}})
    assert hall.reviews()[0].decision == Decision.ACCEPT.value


def test_a_red_field_is_not_accepted_by_passing_over_it(hall: DeskHall, asha: Person) -> None:
    told = asha.decide(asha.open(), confirmed=["rwma", "pah"])
    assert (told["state"], told["field"]) == ("refused", "ef")
    assert told["sentence"] == "Ejection fraction still needs an answer."
    assert hall.reviews() == []


def test_a_record_seen_for_less_than_a_second_is_not_accepted(hall: DeskHall, asha: Person) -> None:
    shown = asha.ask("open_next")
    hall.clock.wait(0.9)
    assert asha.decide(shown, confirmed=["ef"])["sentence"] == text.TOO_SOON
    hall.clock.wait(0.2)
    assert asha.decide(shown, confirmed=["ef"])["state"] == "record"


def test_an_answer_that_cannot_be_stored_is_told_and_nothing_is_stored(hall: DeskHall, asha: Person) -> None:
    told = asha.decide(asha.open(), answers={"ef": {"text": "95"}})
    assert (told["state"], told["field"]) == ("refused", "ef")
    assert "between 5 and 90 percent; 95 does not" in told["sentence"]
    assert hall.reviews() == []
    assert asha.ask("open_next")["record"]["case_id"] == 1


def test_a_flag_needs_a_note_and_keeps_the_answers(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    assert asha.decide(shown, "flag", note="  ")["sentence"] == text.NOTE_MISSING
    assert asha.decide(shown, "flag", note="x" * 2001)["field"] == "note"
    asha.decide(shown, "flag", note=" Two patients on one page ", answers={"rwma": "absent"})
    (review,) = hall.reviews()
    assert (review.decision, review.note, review.rwma) == ("flag", "Two patients on one page", "absent")


def test_a_skipped_record_comes_last_and_says_so(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), "skip")
    order = []
    for _ in range(3):
        shown = asha.open()
        order.append(shown["record"]["case_id"])
        asha.decide(shown, confirmed=["ef"])
    assert order == [2, 3, 1]
    assert shown["record"]["message"] == text.SKIPPED_EARLIER.format(reason="")
    assert hall.reviews()[0].decision == "skip"


def test_the_only_record_skipped_comes_back_with_what_happened_and_no_decision_is_counted(
    make_hall: MakeHall,
) -> None:
    asha = make_hall(clean_record(1)).sit_down("Asha")
    back = asha.decide(asha.open(), "skip", note="hard_to_read")
    assert back["record"]["case_id"] == 1
    assert back["record"]["message"] == text.SKIPPED_EARLIER.format(reason=" (hard to read)")
    assert back["progress"]["today"] == 0
    asha.look()
    assert asha.decide(back)["progress"]["today"] == 1


def test_the_same_request_twice_is_stored_once(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    first = asha.decide(shown, confirmed=["ef"], request_id="one-request")
    again = asha.decide(shown, confirmed=["ef"], request_id="one-request")
    assert len(hall.reviews()) == 1
    assert (first["state"], again["state"]) == ("record", "record")
    assert first["record"]["case_id"] == again["record"]["case_id"] == 2


def test_going_back_shows_the_decision_and_deciding_again_adds_a_review(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), answers={"ef": {"text": "50"}})
    back = asha.ask("go_back")
    asha.look()
    record = back["record"]
    assert (record["case_id"], record["answers"]["ef"]["percent"]) == (1, 50)
    assert record["again"]["decision"] == "correct"
    assert not any(field["needs_answer"] for field in record["fields"])
    told = asha.decide(back, answers={"rwma": "absent"})
    assert told["record"]["case_id"] == 2
    first, second = hall.reviews()
    assert (first.ef_percent, first.rwma) == (50, "present")
    assert (second.ef_percent, second.rwma, second.case_id) == (50, "absent", 1)


def test_backspace_again_goes_further_back_and_each_record_comes_once(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), confirmed=["ef"])
    asha.decide(asha.open())
    asha.open()
    first = asha.ask("go_back")
    asha.look()
    asha.decide(first, answers={"pah": "severe"})  # record 2 has two reviews now
    newest = asha.ask("go_back")
    older = asha.ask(
        "go_back", before_review_id=newest["record"]["again"]["review_id"], leave=newest["record"]["case_id"]
    )
    assert (newest["record"]["case_id"], older["record"]["case_id"]) == (2, 1)
    end = asha.ask("go_back", before_review_id=older["record"]["again"]["review_id"])
    assert end == {"state": "refused", "field": "", "sentence": text.NOTHING_BEFORE}


def test_leaving_an_earlier_record_as_it_is_stores_nothing(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), confirmed=["ef"])
    pending = asha.open()
    back = asha.ask("go_back")
    onward = asha.ask("open_next", leave=back["record"]["case_id"])
    assert onward["record"]["case_id"] == pending["record"]["case_id"]
    assert len(hall.reviews()) == 1
    with hall.desk.database.read() as session:
        assert not holds_lease(session, case_id=1, annotator_id=asha.annotator_id, now=hall.clock.wall())


def test_an_earlier_record_that_someone_else_has_open_is_told(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    asha.decide(asha.open(), "skip")
    asha.open()
    assert bina.open()["record"]["case_id"] == 1
    assert asha.ask("go_back")["sentence"] == text.HELD_BY_ANOTHER


def test_two_people_never_get_the_same_record(hall: DeskHall, asha: Person, bina: Person) -> None:
    first, second = asha.open(), bina.open()
    assert (first["record"]["case_id"], second["record"]["case_id"]) == (1, 2)
    assert asha.open()["record"]["case_id"] == 1  # a reload keeps it
    assert bina.open()["record"]["case_id"] == 2


def test_a_hold_that_ran_out_unnoticed_is_taken_up_again(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    hall.clock.wait(600)
    assert asha.decide(shown, confirmed=["ef"])["state"] == "record"
    assert len(hall.reviews()) == 1


def test_a_record_that_someone_else_took_over_is_not_overwritten(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    shown = asha.open()
    hall.clock.wait(200)
    taken_over = bina.open()
    assert taken_over["record"]["case_id"] == 1
    told = asha.decide(shown, answers={"ef": {"text": "45"}})
    assert told == {"state": "taken", "sentence": text.TAKEN, "keys": text.TAKEN_KEYS}
    assert hall.reviews() == []


def decide_at_once(hall: DeskHall, asha: Person, bina: Person, ef_of_asha: str) -> None:
    """Bina decides EF 50 on a record whose hold Asha lost; Asha is told, and stores all the same."""
    shown = asha.open()
    hall.clock.wait(200)
    bina.decide(bina.open(), answers={"ef": {"text": "50"}})
    told = asha.decide(shown, answers={"ef": {"text": ef_of_asha}})
    assert (told["state"], told["keys"]) == ("conflict", text.CONFLICT_KEYS)
    assert "EF 50 %, RWMA present, PAH mild" in told["sentence"]
    assert len(hall.reviews()) == 1
    asha.decide(shown, answers={"ef": {"text": ef_of_asha}}, seen_review_id=told["seen_review_id"])


def test_two_people_who_decided_at_once_and_differ_wait_for_an_adjudicator(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    decide_at_once(hall, asha, bina, "45")
    assert [(one.ef_percent, one.purpose) for one in hall.reviews()] == [(50, "first"), (45, "second")]
    assert states(hall, 1) == {"first": "done", "second": "done", "adjudication": "waiting"}
    chitra = hall.sit_down("Chitra", Role.ADJUDICATOR)
    shown = chitra.open()
    assert (shown["record"]["case_id"], len(shown["record"]["readings"])) == (1, 2)


def test_a_record_that_was_flagged_meanwhile_is_not_called_decided(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    shown = asha.open()
    hall.clock.wait(400)
    taken_over = bina.open()
    bina.look()
    bina.decide(taken_over, "flag", note="odd")
    asha.look()
    told = asha.decide(shown, confirmed=["ef"])
    assert (told["state"], told["sentence"]) == ("conflict", text.CONFLICT_FLAGGED)
    asha.decide(shown, confirmed=["ef"], seen_review_id=told["seen_review_id"])
    assert states(hall, 1)["adjudication"] == "waiting"


def test_two_people_who_decided_at_once_and_agree_need_nobody(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    decide_at_once(hall, asha, bina, "51")
    assert states(hall, 1) == {"first": "done", "second": "done"}
    assert asha.ask("go_back")["record"]["answers"]["ef"]["percent"] == 51


def test_a_stale_second_tab_does_not_decide_a_record_again(hall: DeskHall, asha: Person) -> None:
    first_tab, second_tab = asha.open(), asha.open()
    asha.decide(first_tab, confirmed=["ef"])
    asha.ask("go_back")  # the same person holds the record once more
    asha.look()
    told = asha.decide(second_tab, confirmed=["ef"], answers={"pah": "severe"})
    assert (told["state"], told["keys"]) == ("conflict", text.CONFLICT_OWN_KEYS)
    assert len(hall.reviews()) == 1


def test_a_heartbeat_keeps_the_record(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    for _ in range(10):
        hall.clock.wait(100)
        assert asha.beat(shown) == {"state": "kept"}
    assert hall.sit_down("Bina").open()["record"]["case_id"] == 2


def test_a_heartbeat_also_keeps_the_record_one_went_back_from(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), confirmed=["ef"])
    asha.open()
    shown = asha.ask("go_back")
    for _ in range(10):
        hall.clock.wait(100)
        asha.beat(shown, also=[2])
    assert hall.sit_down("Bina").open()["record"]["case_id"] == 3


def test_a_heartbeat_tells_of_a_lost_record(hall: DeskHall, asha: Person, bina: Person) -> None:
    shown = asha.open()
    hall.clock.wait(200)
    taken_over = bina.open()
    assert asha.beat(shown)["state"] == "taken"
    bina.decide(taken_over, confirmed=["ef"])
    assert asha.beat(shown)["state"] == "conflict"


def test_a_draft_of_another_record_is_refused(hall: DeskHall, asha: Person) -> None:
    assert asha.decide(asha.open(), draft_id=2)["sentence"] == text.OLD_SCREEN
    assert asha.decide(asha.open(), case_id=99)["sentence"] == text.OLD_SCREEN
    assert hall.reviews() == []


def test_nobody_decides_on_the_screen_of_someone_else(hall: DeskHall, asha: Person, bina: Person) -> None:
    asha.decide(asha.open(), answers={"ef": {"text": "50"}})
    hall.clock.wait(300)
    shown = asha.ask("go_back")
    asha.ask("open_next", leave=1)
    hall.clock.wait(300)
    told = bina.decide(shown, confirmed=["ef"])  # with Asha's review as its base
    assert (told["state"], told["sentence"]) == ("refused", text.OLD_SCREEN)
    assert len(hall.reviews()) == 1


def test_an_empty_queue_says_how_far_the_work_is(make_hall: MakeHall) -> None:
    hall = make_hall(clean_record(1))
    asha, bina = hall.sit_down("Asha"), hall.sit_down("Bina")
    shown = asha.open()
    assert bina.open()["progress"] == {"done": 0, "total": 1, "waiting": 1, "today": 0}
    told = asha.decide(shown)
    assert (told["state"], told["progress"]) == ("empty", {"done": 1, "total": 1, "waiting": 0, "today": 1})


def test_a_workspace_without_drafts_has_an_empty_queue(make_hall: MakeHall) -> None:
    assert make_hall().sit_down("Asha").open()["state"] == "empty"


def test_what_goes_wrong_is_told_calmly_and_logged_without_the_record(
    hall: DeskHall, asha: Person, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> dict[str, Any]:
        raise RuntimeError("row: note='the patient is Mr X'")

    broken.__name__ = "open_next"  # an event of the desk, or it would not be let in
    with caplog.at_level(logging.DEBUG):
        told = run_handler(broken, hall.desk, asha.session_id, {})
    assert told == {"state": "failed", "sentence": text.FAILED}
    assert "RuntimeError" in caplog.text
    assert "Mr X" not in caplog.text


def test_unreadable_and_not_stated_reach_the_database_as_different_answers(
    hall: DeskHall, asha: Person
) -> None:
    asha.decide(asha.open(), answers={"ef": {"state": "unreadable"}, "rwma": "not_stated"})
    asha.decide(asha.open(), answers={"ef": {"state": "not_stated"}, "rwma": "unreadable"})
    first, second = hall.reviews()
    assert (first.ef_state, first.rwma) == (EfState.UNREADABLE.value, Rwma.NOT_STATED.value)
    assert (second.ef_state, second.rwma) == (EfState.NOT_STATED.value, Rwma.UNREADABLE.value)
