"""Audits on the desk: read blind by somebody else, never a label, and what they find is adjudicated."""

from __future__ import annotations

from typing import Any

import pytest
from desk_fixture import clean_record, desk_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import audit, read_twice, redraft, restarted, states, without_marks, words_of
from two_readers import labels, next_of

from db.decisions import Role
from review_ui import text

ODD: dict[str, Any] = {"ef": {"text": "67.5"}, "rwma": "unreadable", "pah": "present_unspecified"}
OTHER: dict[str, Any] = {"ef": {"text": "31"}, "rwma": "absent", "pah": "none"}


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    return restarted(make_hall(desk_record(), clean_record(2)))


def test_an_audit_is_read_blind_by_somebody_else_and_is_no_label(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    asha.decide(next_of(asha, 1, "first"), answers=ODD)
    audit(hall, 1)
    assert next_of(asha, 2, "first")
    shown = next_of(bina, 1, "audit")
    told = [shown, bina.beat(shown), bina.ask("prefetch", case_id=1)]
    told += [bina.decide(shown, confirmed=["ef", "rwma", "pah"]), bina.decide(shown, answers=OTHER)]
    told += [
        bina.ask("go_back"),
        bina.ask("undo", request_id="undo-0001"),
        bina.ask("redo", request_id="redo-0001"),
    ]
    for answer in told:
        said = words_of(answer).replace(answer.get("record", {}).get("screen", "-"), "")
        assert "67.5" not in said
        assert "present_unspecified" not in said
    assert told[3]["field"] == "ef"
    first, reading = hall.reviews()
    assert labels(hall) == {1: first.id}
    assert (reading.purpose, reading.arm, reading.sample_id, reading.entered) == ("audit", "hidden", 1, None)


def test_an_audit_looks_the_same_whatever_the_label_and_the_draft_say(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    asha.decide(next_of(asha, 1, "first"), answers=ODD)
    audit(hall, 1)
    shown = next_of(bina, 1, "audit")
    hall.clock.wait(300)
    back = asha.ask("go_back")
    asha.look()
    asha.decide(back, answers=OTHER)
    redraft(hall, 1, clean_record(9).findings)
    assert without_marks(next_of(bina, 1, "audit")) == without_marks(shown)


def test_an_audit_that_agrees_asks_nobody(hall: DeskHall, asha: Person, bina: Person) -> None:
    asha.decide(next_of(asha, 1, "first"), answers=ODD)
    audit(hall, 1)
    bina.decide(next_of(bina, 1, "audit"), answers=ODD | {"ef": {"text": "66"}})
    assert states(hall, 1) == {"first": "done", "audit": "done"}


def test_an_audit_that_finds_something_else_is_settled_by_a_third_person(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    asha.decide(next_of(asha, 1, "first"), answers=ODD)
    audit(hall, 1)
    bina.decide(next_of(bina, 1, "audit"), answers=OTHER)
    chitra = hall.sit_down("Chitra", Role.ADJUDICATOR)
    record = next_of(chitra, 1, "adjudication")["record"]
    assert sorted(reading["ef"]["percent"] for reading in record["readings"]) == [31, 67.5]
    chitra.decide({"record": record}, answers=OTHER)
    assert labels(hall) == {1: hall.reviews()[-1].id}
    back = bina.ask("go_back")
    bina.look()
    assert bina.decide(back, answers=ODD)["sentence"] == text.SETTLED


def test_an_adjudicated_label_can_be_audited(hall: DeskHall, asha: Person, bina: Person) -> None:
    asha.decide(next_of(asha, 1, "first"), "flag", note="odd")
    chitra = hall.sit_down("Chitra", Role.ADJUDICATOR)
    chitra.decide(next_of(chitra, 1, "adjudication"), answers=ODD)
    audit(hall, 1)
    hall.clock.wait(300)
    assert next_of(chitra, 2, "first")
    hall.clock.wait(300)
    told = bina.decide(next_of(bina, 1, "audit"), answers=ODD)
    assert told["saved"]
    assert states(hall, 1) == {"first": "done", "adjudication": "done", "audit": "done"}


def test_a_record_in_two_samples_is_read_for_each(hall: DeskHall, asha: Person, bina: Person) -> None:
    asha.decide(next_of(asha, 1, "first"), answers=ODD)
    numbers = [audit(hall, 1, "may"), audit(hall, 1, "june")]
    first = next_of(bina, 1, "audit")
    bina.decide(first, answers=ODD)
    second = next_of(bina, 1, "audit")
    assert second["record"]["again"] is None  # the other sample's reading is not shown again
    assert first["record"]["screen"] != second["record"]["screen"]
    bina.decide(second, answers=OTHER)
    assert [review.sample_id for review in hall.reviews()[1:]] == numbers
    back = bina.ask("go_back")
    bina.look()
    assert back["record"]["answers"]["ef"]["percent"] == 31
    older = bina.ask("go_back", before_review_id=back["record"]["again"]["review_id"])
    assert older["record"]["answers"]["ef"]["percent"] == 67.5


def test_audit_second_reading_and_adjudication_of_one_case_do_not_mix(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    """All of them wait at once; each goes to somebody who knows none of the others' answers."""
    chitra, dana = hall.sit_down("Chitra", Role.ADJUDICATOR), hall.sit_down("Dana", Role.ADJUDICATOR)
    read_twice(hall, 1)
    asha.decide(next_of(asha, 1, "first"), answers=ODD)
    number = audit(hall, 1)
    assert states(hall, 1) == {"first": "done", "second": "waiting", "audit": "waiting"}
    bina.decide(next_of(bina, 1, "audit"), answers=OTHER)
    assert states(hall, 1) == {
        "first": "done",
        "second": "waiting",
        "audit": "done",
        "adjudication": "waiting",
    }
    esha = hall.sit_down("Esha")
    assert next_of(esha, 1, "second")["record"]["readings"] == []
    esha.decide(esha.open(), answers=ODD)
    record = next_of(chitra, 1, "adjudication")["record"]
    assert len(record["readings"]) == 2  # the label and its audit; the second reading agrees
    chitra.decide({"record": record}, answers=OTHER)
    assert states(hall, 1) == dict.fromkeys(("first", "second", "audit", "adjudication"), "done")
    assert [review.sample_id for review in hall.reviews()] == [None, number, None, None]
    for person in (asha, bina, dana):  # nothing more of case 1 for anybody
        hall.clock.wait(200)
        assert next_of(person, 2, "first")


def test_an_audit_whose_label_was_taken_back_is_read_by_somebody_else_all_the_same(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    asha.decide(next_of(asha, 1, "first"), answers=ODD)
    audit(hall, 1)
    asha.ask("undo", request_id="undo-0001")
    hall.clock.wait(300)
    assert next_of(asha, 1, "first")["record"]["again"]["is_undone"]
    hall.clock.wait(300)
    bina.decide(next_of(bina, 1, "audit"), answers=OTHER)
    assert states(hall, 1) == {"first": "waiting", "audit": "done"}
    assert labels(hall) == {}
