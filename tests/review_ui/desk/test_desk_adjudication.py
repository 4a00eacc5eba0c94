"""Who settles where two readings differ: without names or origin, once, and only who may."""

from __future__ import annotations

import pytest
from desk_fixture import clean_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import read_twice, restarted, states, words_of
from two_readers import FIRST, OTHER, differ, labels, next_of, read_first, twice_read_hall

from db.decisions import Role
from db.tables.people import User
from db.users import change_role
from review_ui import text


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    return twice_read_hall(make_hall)


def test_who_settles_sees_both_readings_without_names_or_origin(
    hall: DeskHall, asha: Person, bina: Person, chitra: Person
) -> None:
    differ(asha, bina)
    record = next_of(chitra, 1, "adjudication")["record"]
    assert sorted(reading["ef"]["percent"] for reading in record["readings"]) == [31, 67.5]
    assert {key for reading in record["readings"] for key in reading} == set(record["answers"])
    for name in ("Asha", "Bina", str(hall.reviews()[0].created_at.isoformat())):
        assert name not in words_of(record)
    assert [field["name"] for field in record["fields"] if field["needs_answer"]] == ["ef", "rwma", "pah"]
    assert record["answers"] == record["readings"][0]
    assert record["said_by_one"] == []


def test_the_order_of_the_readings_tells_nothing(make_hall: MakeHall) -> None:
    """Over several records the first reader's values stand first about as often as not."""
    hall = restarted(make_hall(*(clean_record(number) for number in range(1, 7))))
    read_twice(hall, *hall.seeded.case_ids)
    asha, bina = hall.sit_down("Asha"), hall.sit_down("Bina")
    for _ in hall.seeded.case_ids:
        asha.decide(asha.open(), answers=FIRST)
    for _ in hall.seeded.case_ids:
        bina.decide(bina.open(), answers=OTHER)
    chitra = hall.sit_down("Chitra", Role.ADJUDICATOR)
    firsts = []
    for _ in hall.seeded.case_ids:
        shown = chitra.open()
        assert chitra.open()["record"]["readings"] == shown["record"]["readings"]  # a reload keeps the order
        firsts.append(shown["record"]["readings"][0]["ef"]["percent"])
        chitra.decide(shown, answers=OTHER)
    assert {67.5, 31.0} == set(firsts)


def test_only_the_cards_in_which_they_differ_have_to_be_settled(
    hall: DeskHall, asha: Person, bina: Person, chitra: Person
) -> None:
    differ(asha, bina, rwma="unreadable", pah="present_unspecified")
    shown = next_of(chitra, 1, "adjudication")
    assert [field["name"] for field in shown["record"]["fields"] if field["needs_answer"]] == ["ef"]
    assert chitra.decide(shown, confirmed=["ef"])["field"] == "ef"  # which one is taken has to be said
    chitra.decide(shown, answers={"ef": {"text": "31"}})
    review = hall.reviews()[-1]
    assert (review.purpose, review.arm, review.ef_percent, review.rwma) == (
        "adjudication",
        None,
        31,
        "unreadable",
    )
    assert labels(hall) == {1: review.id}
    assert states(hall, 1)["adjudication"] == "done"


def test_a_detail_that_only_one_reading_gives_is_not_lost_where_they_agree(
    hall: DeskHall, asha: Person, bina: Person, chitra: Person
) -> None:
    read_first(asha, rwma="absent", pah="mild", rvsp={"text": "48"})
    bina.decide(next_of(bina, 1, "second"), answers=OTHER | {"pah": "mild"})
    shown = next_of(chitra, 1, "adjudication")
    assert [reading["rvsp_mmhg"] for reading in shown["record"]["readings"]] == [48, 48]
    assert shown["record"]["said_by_one"] == ["pah"]
    chitra.decide(shown, answers={"ef": {"text": "31"}})
    assert (hall.reviews()[-1].purpose, hall.reviews()[-1].rvsp_mmhg) == ("adjudication", 48)


def test_neither_reader_settles_and_only_who_may_settle_does(
    hall: DeskHall, asha: Person, chitra: Person
) -> None:
    dana = hall.sit_down("Dana", Role.LEAD)
    read_first(chitra)
    dana.decide(next_of(dana, 1, "second"), answers=OTHER)
    for person in (asha, chitra, dana):
        hall.clock.wait(200)
        assert person.open()["record"]["purpose"] == "first"
    assert next_of(hall.sit_down("Esha", Role.ADMIN), 1, "adjudication")


def test_a_flagged_record_goes_to_adjudication_with_its_note(
    hall: DeskHall, asha: Person, chitra: Person
) -> None:
    asha.decide(next_of(asha, 1, "first"), "flag", note="two patients on one page")
    shown = next_of(chitra, 1, "adjudication")
    assert shown["record"]["message"] == text.FLAGGED.format(note="two patients on one page")
    assert len(shown["record"]["readings"]) == 1
    chitra.decide(shown, answers=OTHER)
    assert labels(hall) == {1: hall.reviews()[-1].id}
    assert states(hall, 1) == {"first": "done", "adjudication": "done"}


def test_an_adjudicator_who_flags_is_not_given_it_again(hall: DeskHall, asha: Person, chitra: Person) -> None:
    asha.decide(next_of(asha, 1, "first"), "flag", note="two patients on one page")
    hall.clock.wait(200)
    told = chitra.decide(next_of(chitra, 1, "adjudication"), "flag", note="I cannot tell either")
    assert told["record"]["case_id"] == 2
    assert next_of(hall.sit_down("Dana", Role.LEAD), 1, "adjudication")["record"]["readings"]


def test_an_adjudicators_flag_taken_back_shows_no_reading_as_their_answer(
    hall: DeskHall, asha: Person, bina: Person, chitra: Person
) -> None:
    differ(asha, bina)
    chitra.decide(
        next_of(chitra, 1, "adjudication"), "flag", note="which page counts?", answers={"rwma": "present"}
    )
    undone = chitra.ask("undo", request_id="undo-0001")
    assert undone["record"]["case_id"] == 1
    must_enter = {field["name"]: field["must_enter"] for field in undone["record"]["fields"]}
    assert must_enter == {"ef": True, "rwma": False, "pah": True}, "what they did answer is still there"
    chitra.look()
    told = chitra.decide(undone, confirmed=["ef", "rwma", "pah"])
    assert (told["state"], told["field"]) == ("refused", "ef")
    chitra.decide(undone, answers=OTHER)
    assert hall.reviews()[-1].ef_percent == 31


@pytest.mark.parametrize("who", ["first", "second"])
def test_a_settled_record_is_not_decided_again_by_its_readers(
    hall: DeskHall, asha: Person, bina: Person, chitra: Person, who: str
) -> None:
    differ(asha, bina)
    chitra.decide(next_of(chitra, 1, "adjudication"), answers=OTHER)
    settled = labels(hall)
    person = asha if who == "first" else bina
    back = person.ask("go_back")
    person.look()
    assert back["record"]["answers"]["ef"]["percent"] == (67.5 if who == "first" else 31)
    told = person.decide(back, answers={"ef": {"text": "20"}})
    assert (told["state"], told["sentence"]) == ("refused", text.SETTLED)
    assert person.ask("undo", request_id="undo-0001")["sentence"] == text.NOTHING_TO_UNDO
    assert (labels(hall), len(hall.reviews())) == (settled, 3)


def test_the_adjudicator_may_change_their_mind(
    hall: DeskHall, asha: Person, bina: Person, chitra: Person
) -> None:
    differ(asha, bina)
    chitra.decide(next_of(chitra, 1, "adjudication"), answers=OTHER)
    back = chitra.ask("go_back")
    chitra.look()
    chitra.decide(back, answers={"ef": {"text": "40"}})
    undone = chitra.ask("undo", request_id="undo-0001")
    assert undone["record"]["answers"]["ef"]["percent"] == 31
    assert chitra.ask("redo", request_id="redo-0001")["sentence"] == text.REDONE
    assert hall.reviews()[-1].ef_percent == 40
    assert labels(hall) == {1: hall.reviews()[-1].id}


def test_a_page_of_readings_that_are_no_longer_in_question_is_not_stored(
    hall: DeskHall, asha: Person, bina: Person, chitra: Person
) -> None:
    differ(asha, bina)
    shown = next_of(chitra, 1, "adjudication")
    hall.clock.wait(300)
    assert bina.ask("undo", request_id="undo-0001")["sentence"] == text.UNDONE
    bina.ask("open_next", leave=1)
    bina.ask("open_next", leave=1)
    hall.clock.wait(300)
    told = chitra.decide(shown, answers=OTHER)
    assert told["state"] == "taken"
    assert "67" not in words_of(told)
    assert len(hall.reviews()) == 2


def test_who_is_no_adjudicator_any_more_settles_nothing_and_undoes_nothing(
    hall: DeskHall, asha: Person, bina: Person, chitra: Person
) -> None:
    differ(asha, bina)
    shown = next_of(chitra, 1, "adjudication")
    with hall.desk.database.write() as session:
        user = session.get_one(User, chitra.annotator_id)
        change_role(session, user=user, role=Role.ANNOTATOR, actor="admin", now=hall.clock.wall())
    assert chitra.decide(shown, answers=OTHER)["state"] == "signed_out"
    again = hall.sit_down("Chitra")
    hall.clock.wait(100)
    assert again.open()["state"] == "empty"
    hall.clock.wait(100)
    assert again.open()["record"]["purpose"] == "first"
    assert again.decide(shown, answers=OTHER)["sentence"] == text.NOT_ALLOWED
    assert len(hall.reviews()) == 2


def test_an_adjudication_of_before_is_not_undone_by_who_may_not_adjudicate_now(
    hall: DeskHall, asha: Person, bina: Person, chitra: Person
) -> None:
    differ(asha, bina)
    chitra.decide(next_of(chitra, 1, "adjudication"), answers=OTHER)
    settled = labels(hall)
    with hall.desk.database.write() as session:
        user = session.get_one(User, chitra.annotator_id)
        change_role(session, user=user, role=Role.ANNOTATOR, actor="admin", now=hall.clock.wall())
    again = hall.sit_down("Chitra")
    for told in (again.ask("undo", request_id="undo-0001"), again.ask("go_back")):
        assert (told["state"], told["sentence"]) == ("refused", text.NOT_ALLOWED)
    assert labels(hall) == settled
