"""Second readings on the desk: independent and blind; who settles where they differ knows neither names nor
origin.
"""

from __future__ import annotations

from typing import Any

import pytest
from desk_fixture import clean_record, desk_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import read_twice, redraft, restarted, states, without_marks, words_of
from sqlmodel import select

from db.decisions import Role
from db.label_view import current_labels
from db.tables.people import User
from db.tables.queue import Lease
from db.users import change_role, disable_user
from review_ui import text

ODD = "67.5"  # stands nowhere else
FIRST: dict[str, Any] = {"ef": {"text": ODD}, "rwma": "unreadable", "pah": "present_unspecified"}
OTHER: dict[str, Any] = {"ef": {"text": "31"}, "rwma": "absent", "pah": "none"}


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    hall = restarted(make_hall(desk_record(), clean_record(2)))
    read_twice(hall, 1)
    return hall


@pytest.fixture
def asha(hall: DeskHall) -> Person:
    return hall.sit_down("Asha")


@pytest.fixture
def bina(hall: DeskHall) -> Person:
    return hall.sit_down("Bina")


@pytest.fixture
def chitra(hall: DeskHall) -> Person:
    return hall.sit_down("Chitra", Role.ADJUDICATOR)


def labels(hall: DeskHall) -> dict[int, int]:
    with hall.desk.database.read() as session:
        return {label.case_id: label.review_id for label in current_labels(session)}


def next_of(person: Person, case_id: int, purpose: str) -> dict[str, Any]:
    """The person's next record, which has to be this one."""
    shown = person.open()
    assert (shown["record"]["case_id"], shown["record"]["purpose"]) == (case_id, purpose)
    return shown


def read_first(person: Person, **answers: Any) -> dict[str, Any]:
    return person.decide(next_of(person, 1, "first"), answers=FIRST | answers)


def test_the_first_reader_is_not_the_second_one(hall: DeskHall, asha: Person, bina: Person) -> None:
    read_first(asha)
    asha.decide(next_of(asha, 2, "first"))
    assert asha.open()["state"] == "empty"
    assert next_of(bina, 1, "second")["record"]["is_hidden"]


def test_the_second_reader_never_hears_what_the_first_one_said(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    """In whatever is asked, answered, lost, taken back or reloaded."""
    read_first(asha)
    heard: list[Any] = []
    shown = next_of(bina, 1, "second")
    heard += [shown, bina.ask("prefetch", case_id=2), bina.beat(shown)]
    screen = {name: shown["record"][name] for name in ("case_id", "draft_id", "screen")}
    heard.append(bina.ask("reveal", **screen, answers=OTHER))
    heard.append(bina.ask("keep_work", case_id=1, screen=shown["record"]["screen"], work={"a": 1}))
    heard.append(bina.open())
    hall.clock.wait(300)
    back = asha.ask("go_back")  # the first reader changes it meanwhile
    asha.look()
    asha.decide(back, answers={"ef": {"text": "67"}, "rwma": "absent"})
    heard += [bina.beat(shown), bina.decide(shown, answers={"ef": {"text": "31"}})]
    heard.append(bina.decide(shown, "skip"))
    heard.append(bina.ask("undo", request_id="undo-0001"))
    bina.look()
    heard += [bina.decide(shown, "flag"), bina.decide(shown, answers=OTHER), bina.ask("go_back")]
    bina.look()
    heard.append(bina.ask("undo", request_id="undo-0002"))
    bina.look()
    heard.append(bina.decide(heard[-1]))
    for told in heard:
        said = words_of(told)
        assert "67" not in said.replace(told.get("record", {}).get("screen", "-"), ""), told
        assert "unreadable" not in said.lower().replace("record_unreadable", ""), told
        assert "present_unspecified" not in said
        assert "Asha" not in said
    assert [review.purpose for review in hall.reviews()] == ["first", "first", "second", "second", "second"]


def test_a_second_reading_looks_the_same_whatever_the_first_one_and_the_draft_say(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    read_first(asha)
    shown = next_of(bina, 1, "second")
    hall.clock.wait(300)
    back = asha.ask("go_back")
    asha.look()
    asha.decide(back, answers=OTHER)
    redraft(hall, 1, clean_record(9).findings)
    assert without_marks(next_of(bina, 1, "second")) == without_marks(shown)


def test_their_own_second_reading_is_shown_again_without_the_draft(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    read_first(asha)
    bina.decide(next_of(bina, 1, "second"), answers=OTHER)
    back = bina.ask("go_back")
    redraft(hall, 1, clean_record(9).findings)
    assert without_marks(bina.ask("go_back")) == without_marks(back)
    record = back["record"]
    assert (record["answers"]["ef"]["percent"], record["again"]["decision"]) == (31, "correct")
    assert not any(field["needs_answer"] or field["quote"] or field["boxes"] for field in record["fields"])


def test_every_card_of_a_second_reading_has_to_be_answered(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    read_first(asha)
    shown = next_of(bina, 1, "second")
    told = bina.decide(shown, confirmed=["ef", "rwma", "pah"])
    assert (told["state"], told["field"]) == ("refused", "ef")
    told = bina.decide(shown, answers={"ef": {"text": "31"}, "rwma_severity": "mild", "pah": "none"})
    assert (told["state"], told["field"]) == ("refused", "rwma")
    assert len(hall.reviews()) == 1


@pytest.mark.parametrize(
    ("typed", "agrees"), [("65.5", True), ("69.5", True), ("69.6", False), ("65.4", False)]
)
def test_readings_within_two_points_are_one(
    hall: DeskHall, asha: Person, bina: Person, typed: str, agrees: bool
) -> None:
    read_first(asha)
    bina.decide(next_of(bina, 1, "second"), answers=FIRST | {"ef": {"text": typed}})
    first, second = hall.reviews()
    assert labels(hall) == {1: first.id}
    assert (second.purpose, second.arm, second.annotator_id) == ("second", "hidden", bina.annotator_id)
    assert states(hall, 1) == {"first": "done", "second": "done"} | (
        {} if agrees else {"adjudication": "waiting"}
    )


def differ(asha: Person, bina: Person, **answers: Any) -> None:
    read_first(asha)
    bina.decide(next_of(bina, 1, "second"), answers=OTHER | answers)


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


def test_an_undone_first_reading_closes_the_second_one_that_nobody_holds(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    read_first(asha)
    shown = next_of(bina, 1, "second")
    assert asha.ask("undo", request_id="undo-0001")["sentence"] == text.HELD_BY_ANOTHER
    hall.clock.wait(300)
    undone = asha.ask("undo", request_id="undo-0002")
    assert undone["sentence"] == text.UNDONE
    assert bina.decide(shown, answers=OTHER)["state"] == "taken"
    assert states(hall, 1) == {"first": "waiting"}
    asha.look()
    asha.decide(undone)
    assert next_of(bina, 1, "second")


def test_a_second_reader_whose_first_reading_is_gone_does_not_become_the_first(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    read_first(asha)
    shown = next_of(bina, 1, "second")
    hall.clock.wait(300)
    asha.ask("undo", request_id="undo-0001")
    asha.ask("open_next", leave=1)
    asha.ask("open_next", leave=1)
    hall.clock.wait(300)
    bina.decide(shown, answers=OTHER)  # nobody holds it: the reading is kept, as a second one
    assert labels(hall) == {}
    assert states(hall, 1) == {"first": "waiting"}
    assert next_of(bina, 2, "first")


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


def test_who_was_disabled_stores_nothing_and_their_hold_ends(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    read_first(asha)
    shown = next_of(bina, 1, "second")
    with hall.desk.database.write() as session:
        disable_user(
            session, user=session.get_one(User, bina.annotator_id), actor="admin", now=hall.clock.wall()
        )
    assert bina.decide(shown, answers=OTHER)["state"] == "signed_out"
    hall.clock.wait(300)
    assert next_of(hall.sit_down("Esha"), 1, "second")
    with hall.desk.database.read() as session:
        assert bina.annotator_id not in {lease.annotator_id for lease in session.exec(select(Lease))}


def test_two_second_readers_of_one_lost_hold_do_not_learn_of_each_other(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    read_first(asha)
    shown = next_of(bina, 1, "second")
    hall.clock.wait(300)
    dana = hall.sit_down("Dana")
    dana.decide(next_of(dana, 1, "second"), answers=OTHER)
    for told in (bina.beat(shown), bina.decide(shown, answers=FIRST)):
        assert (told["state"], told["sentence"]) == ("taken", text.TAKEN)
    assert len(hall.reviews()) == 2


def test_the_same_decision_sent_again_is_stored_once_for_every_purpose(
    hall: DeskHall, asha: Person, bina: Person, chitra: Person
) -> None:
    for person, purpose, answers in (
        (asha, "first", FIRST),
        (bina, "second", OTHER),
        (chitra, "adjudication", OTHER),
    ):
        shown = next_of(person, 1, purpose)
        for _ in range(2):
            told = person.decide(shown, answers=answers, request_id=f"request-{purpose}")
            assert (told["state"], told["saved"], told["record"]["case_id"]) == ("record", True, 2)
        person.ask("open_next", leave=2)
        hall.clock.wait(300)
    assert len(hall.reviews()) == 3
