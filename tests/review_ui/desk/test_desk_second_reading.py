"""Second readings on the desk: independent, and blind."""

from __future__ import annotations

from typing import Any

import pytest
from desk_fixture import clean_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import redraft, states, without_marks, words_of
from sqlmodel import select
from two_readers import FIRST, OTHER, labels, next_of, read_first, twice_read_hall

from db.tables.people import User
from db.tables.queue import Lease
from db.users import disable_user
from review_ui import text


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    return twice_read_hall(make_hall)


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
