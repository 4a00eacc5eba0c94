"""One person alone is never stuck: what they flagged comes back to them, last; the end says what waits."""

from __future__ import annotations

import pytest
from desk_fixture import clean_record
from desk_people import DeskHall, MakeHall

from db.decisions import Role
from db.queue.items import refresh_case
from db.queue.second_people import choose_second
from review_ui import text


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    return make_hall(clean_record(1), clean_record(2), clean_record(3))


def test_what_one_person_alone_flags_comes_back_to_them_when_the_rest_is_done(hall: DeskHall) -> None:
    lena = hall.sit_down("Lena", Role.LEAD)
    shown = lena.open()
    flagged = shown["record"]["case_id"]
    lena.decide(shown, "flag", note="which of the two numbers?")
    for _ in range(2):
        shown = lena.open()
        assert shown["record"]["purpose"] == "first"
        assert shown["record"]["case_id"] != flagged
        lena.decide(shown)
    shown = lena.open()
    assert (shown["record"]["case_id"], shown["record"]["purpose"]) == (flagged, "adjudication")
    assert "which of the two numbers?" in shown["record"]["message"]
    answers = {"ef": {"text": "55"}, "rwma": "absent", "pah": "none"}
    assert lena.decide(shown, answers=answers)["state"] == "empty"
    assert lena.open()["why"] == "All 3 records have been reviewed. Thank you."


def test_with_another_adjudicator_a_flag_is_theirs(hall: DeskHall) -> None:
    lena, mira = hall.sit_down("Lena", Role.LEAD), hall.sit_down("Mira", Role.ADJUDICATOR)
    lena.decide(lena.open(), "flag", note="look")
    lena.decide(lena.open())
    lena.decide(lena.open())
    end = lena.open()
    assert end["state"] == "empty"
    assert "Waiting for an adjudicator: 1" in end["why"]
    assert mira.open()["record"]["purpose"] == "adjudication"


def test_a_flag_of_somebody_else_comes_at_once_as_ever(hall: DeskHall) -> None:
    lena, asha = hall.sit_down("Lena", Role.LEAD), hall.sit_down("Asha", Role.ANNOTATOR)
    asha.decide(asha.open(), "flag", note="look")
    assert lena.open()["record"]["purpose"] == "adjudication"


def test_two_who_read_differently_are_told_that_nobody_is_left_to_settle_it(hall: DeskHall) -> None:
    lena, asha = hall.sit_down("Lena", Role.LEAD), hall.sit_down("Asha")
    first, _ = asha.open(), asha.decide(asha.open())
    case_id = first["record"]["case_id"]
    with hall.desk.database.write() as session:
        choose_second(session, case_id=case_id, chosen_by="list", actor="Lena", now=hall.clock.wall())
        refresh_case(session, case_id=case_id, rules=hall.desk.rules)
    shown = lena.open()
    while shown["state"] == "record":
        is_second = shown["record"]["case_id"] == case_id
        answers = {"ef": {"text": "35"}, "rwma": "absent", "pah": "none"} if is_second else {}
        shown = lena.decide(shown, answers=answers)
        lena.look()
    stuck = text.EMPTY_STUCK.format(number=1)
    assert stuck in shown["why"]
    assert [link["path"] for link in shown["links"]] == ["/queue", "/set-up"]
    told = asha.decide(asha.open())
    assert stuck in told["why"]
    assert told["links"] == []
    newest = max(int(one.id or 0) for one in hall.reviews() if one.annotator_id == asha.annotator_id)
    own = asha.ask("go_back", before_review_id=newest)  # and so one of the two changes their answer
    assert own["record"]["case_id"] == case_id
    asha.look()
    asha.decide(own, answers={"ef": {"text": "35"}, "rwma": "absent", "pah": "none"})
    assert "adjudicator" not in lena.open()["why"]


def test_a_third_who_may_settle_it_is_not_called_missing(hall: DeskHall) -> None:
    lena = hall.sit_down("Lena", Role.LEAD)
    lena.decide(lena.open(), "flag", note="look")
    hall.sit_down("Mira", Role.ADJUDICATOR)
    lena.decide(lena.open())
    told = lena.decide(lena.open())["why"]
    assert "Waiting for an adjudicator: 1" in told
    assert text.EMPTY_STUCK.format(number=1) not in told


def test_an_annotator_alone_is_told_that_a_flag_waits(hall: DeskHall) -> None:
    asha = hall.sit_down("Asha", Role.ANNOTATOR)
    asha.decide(asha.open(), "flag", note="look")
    asha.decide(asha.open())
    end = asha.decide(asha.open())
    assert end["state"] == "empty"
    assert "All 3 records have been reviewed" in end["why"]
    assert "Waiting for an adjudicator: 1, flagged or read differently." in end["why"]
    assert end["links"] == []


def test_a_flag_that_is_skipped_alone_does_not_keep_another_from_being_seen(hall: DeskHall) -> None:
    lena = hall.sit_down("Lena", Role.LEAD)
    lena.decide(lena.open(), "flag", note="one")
    lena.decide(lena.open(), "flag", note="two")
    lena.decide(lena.open())
    first = lena.open()
    second = lena.decide(first, "skip")
    assert second["record"]["case_id"] != first["record"]["case_id"]
