"""What no machine could read is chosen by nobody beforehand: a person answers it from the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from desk_fixture import clean_record, findings
from desk_people import DeskHall, MakeHall
from sqlmodel import select

from db.decisions import Role
from db.tables.reviews import Review
from review_ui import text


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    unread = findings(ef_state="unreadable", rwma="absent", rwma_severity="none", pah="unreadable")
    return make_hall(replace(clean_record(1), findings=unread, light={"rwma": "green"}))


def test_the_cards_that_could_not_be_read_have_to_be_entered(hall: DeskHall) -> None:
    shown = hall.sit_down("Asha").open()
    cards = {card["name"]: card for card in shown["record"]["fields"]}
    assert [name for name, card in cards.items() if card["must_enter"]] == ["ef", "pah"]
    assert all(cards[name]["needs_answer"] for name in ("ef", "pah"))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"confirmed": ["ef", "pah"]},
        {"answers": {"ef": {"text": "55"}}, "confirmed": ["pah"]},
        {"answers": {"ef": {"text": "55"}, "rvsp": {"text": "40"}}},
    ],
)
def test_keeping_what_stands_is_no_answer(hall: DeskHall, given: dict[str, Any]) -> None:
    asha = hall.sit_down("Asha")
    answered = asha.decide(asha.open(), **given)
    assert answered["state"] == "refused"
    assert "still needs an answer" in answered["sentence"]


def test_a_flag_leaves_open_what_nobody_could_read(hall: DeskHall) -> None:
    """Taken back, gone back to or shown to an adjudicator: the machine's “unreadable” is no one's answer."""
    asha = hall.sit_down("Asha")
    asha.decide(asha.open(), "flag", answers={"pah": "mild"}, note="odd")
    for told in (asha.ask("go_back"), asha.ask("undo", request_id="undo-0001")):
        asha.look()
        cards = {card["name"]: card for card in told["record"]["fields"]}
        assert [name for name, card in cards.items() if card["must_enter"]] == ["ef"]
        refused = asha.decide(told, confirmed=["ef", "pah"])
        assert (refused["state"], refused["field"]) == ("refused", "ef")
    assert told["sentence"] == told["record"]["again"]["sentence"] == text.AGAIN_UNDONE_FLAG
    asha.ask("redo", request_id="redo-0001")
    (reading,) = hall.sit_down("Judge", Role.ADJUDICATOR).open()["record"]["readings"]
    assert (reading["ef"]["state"], reading["rwma"], reading["pah"]) == (None, "absent", "mild")


def test_what_a_person_reads_is_stored_and_unreadable_too_where_they_say_so(hall: DeskHall) -> None:
    asha = hall.sit_down("Asha")
    answered = asha.decide(asha.open(), answers={"ef": {"text": "55"}, "pah": "unreadable"})
    assert answered["state"] == "empty"
    with hall.desk.database.read() as session:
        (review,) = session.exec(select(Review)).all()
    assert (review.ef_percent, review.pah, review.decision) == (55, "unreadable", "correct")
