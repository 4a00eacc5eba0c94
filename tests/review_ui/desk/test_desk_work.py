"""Work that is not stored yet, records held for later, and reading one region of a page again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from desk_fixture import clean_record, desk_record, two_page_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import moved, restarted
from sqlmodel import select

from db.tables.cases import Image
from db.tables.queue import Lease
from review_ui import text
from review_ui.desk import queue
from review_ui.desk.context import RereadAnswer
from review_ui.desk.crops import PixelBox
from review_ui.desk.handlers import WORK_MAX_CHARACTERS

WORK = {"changed": {"ef": {"text": "45"}}, "note": "half a sentence <b>", "screen": "of no use"}


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    records = (desk_record(), two_page_record(), *(clean_record(number) for number in (3, 4)))
    return restarted(make_hall(*records))


def keep(person: Person, shown: dict[str, Any], work: dict[str, Any] | None = WORK) -> dict[str, Any]:
    record = shown["record"]
    return person.ask("keep_work", case_id=record["case_id"], screen=record["screen"], work=work)


# ---- work


def test_work_comes_back_after_a_reload_and_a_restart(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    assert keep(asha, shown) == {"state": "kept"}
    kept = {**WORK, "screen": shown["record"]["screen"]}
    assert asha.open()["record"]["work"] == kept
    assert moved(asha, restarted(hall)).open()["record"]["work"] == kept
    assert keep(asha, shown, None) == {"state": "kept"}
    assert asha.open()["record"]["work"] is None


def test_work_goes_when_the_record_does(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    keep(asha, shown)
    asha.decide(shown, confirmed=["ef"])
    back = asha.ask("go_back")
    assert back["record"]["work"] is None


def test_nobody_sees_or_keeps_work_on_a_record_of_somebody_else(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    shown = asha.open()
    keep(asha, shown)
    assert keep(bina, shown)["state"] == "taken"
    hall.clock.wait(300)
    theirs = bina.open()
    assert (theirs["record"]["case_id"], theirs["record"]["work"]) == (1, None)
    assert keep(asha, shown)["state"] == "taken"


def test_work_outlives_a_beat_and_a_hold_that_ran_out_unnoticed(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    keep(asha, shown)
    hall.clock.wait(300)
    assert asha.beat(shown) == {"state": "kept"}
    assert asha.open()["record"]["work"]["changed"] == WORK["changed"]


def test_more_work_than_a_page_can_have_is_refused(asha: Person) -> None:
    shown = asha.open()
    told = keep(asha, shown, {"note": "x" * WORK_MAX_CHARACTERS})
    assert (told["state"], told["sentence"]) == ("refused", text.NOT_AN_ANSWER)
    assert asha.open()["record"]["work"] is None


# ---- held for later


def holds(hall: DeskHall, person: Person) -> dict[int, int]:
    with hall.desk.database.read() as session:
        leases = session.exec(select(Lease).where(Lease.annotator_id == person.annotator_id))
        return {lease.case_id: lease.ahead for lease in leases}


def test_the_next_two_records_are_held_and_given_in_that_order(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    shown = asha.open()
    told = asha.ask("prefetch", case_id=1)
    assert (told["state"], [record["case_id"] for record in told["records"]]) == ("ahead", [2, 3])
    assert holds(hall, asha) == {1: 0, 2: 1, 3: 2}
    assert bina.open()["record"]["case_id"] == 4
    assert asha.ask("prefetch", case_id=1) == told
    following = asha.decide(shown, confirmed=["ef"])["record"]
    assert following == told["records"][0]  # what was fetched is what is shown
    assert asha.ask("prefetch", case_id=2)["records"] == told["records"][1:]
    assert holds(hall, asha) == {2: 0, 3: 1}


def test_pages_of_held_records_are_served_and_of_no_others(hall: DeskHall, asha: Person) -> None:
    asha.open()
    asha.ask("prefetch", case_id=1)
    with hall.desk.database.read() as session:
        on_screen = [
            number
            for number in (1, 2, 3, 4)
            if queue.is_held_by(
                session, case_id=number, annotator_id=asha.annotator_id, now=hall.clock.wall()
            )
        ]
    assert on_screen == [1, 2, 3]
    hall.clock.wait(180)
    with hall.desk.database.read() as session:
        assert not queue.is_held_by(session, case_id=2, annotator_id=asha.annotator_id, now=hall.clock.wall())


def test_a_beat_keeps_what_is_held_and_a_closed_laptop_frees_it_after_three_minutes(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    shown = asha.open()
    asha.ask("prefetch", case_id=1)
    hall.clock.wait(170)
    assert asha.beat(shown, also=[2, 3]) == {"state": "kept"}
    hall.clock.wait(170)
    assert bina.open()["record"]["case_id"] == 4
    hall.clock.wait(10)
    bina.ask("open_next", leave=4)
    hall.clock.wait(180)
    assert bina.open()["record"]["case_id"] == 1


def test_a_record_fetched_ahead_and_lost_is_told_when_it_is_decided(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    asha.open()
    ahead = asha.ask("prefetch", case_id=1)["records"][0]
    hall.clock.wait(300)
    for case_id in (1, 2):
        shown = bina.open()
        assert shown["record"]["case_id"] == case_id
        bina.decide(shown, confirmed=["ef"])
    told = asha.decide({"record": ahead}, confirmed=["ef"])
    assert told["state"] == "conflict"
    assert len(hall.reviews()) == 2


# ---- reading a region again


def rereading(
    seen: list[tuple[Image, PixelBox, str]], **answers: Any
) -> Callable[[Image, PixelBox, str], RereadAnswer]:
    def reread(image: Image, box: PixelBox, card: str) -> RereadAnswer:
        seen.append((image, box, card))
        return RereadAnswer(answers)

    return reread


def test_a_region_is_read_again_by_the_reader_that_was_handed_in(hall: DeskHall) -> None:
    seen: list[tuple[Image, PixelBox, str]] = []
    hall = restarted(hall, reread=rereading(seen, ef={"text": "35-40"}))
    asha = hall.sit_down("Asha")
    asha.open()
    told = asha.ask("reread", case_id=1, page=1, box=[0.1, 0.2, 0.5, 1.5], field="ef")
    assert told == {
        "state": "reread",
        "field": "ef",
        "answers": {"ef": {"text": "35-40"}},
        "sentence": text.REREAD,
    }
    ((image, box, card),) = seen
    assert (image.width_px, image.height_px, card) == (1240, 1754, "ef")
    assert box == pytest.approx((124, 350.8, 620, 1754))
    assert hall.reviews() == []
    asha.ask("prefetch", case_id=1)
    assert asha.ask("reread", case_id=2, page=2, box=[0, 0, 1, 1], field="pah")["state"] == "reread"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"page": 2}, text.REREAD_NOTHING),
        ({"box": [0.5, 0.5, 0.5, 0.9]}, text.REREAD_NOTHING),
        ({"box": [0.9, 0.1, 0.2, 0.5]}, text.REREAD_NOTHING),
        ({"box": [1.2, 0.1, 1.9, 0.5]}, text.REREAD_NOTHING),
        ({"case_id": 4}, text.TAKEN),
        ({"case_id": 99}, text.TAKEN),
    ],
)
def test_a_region_that_is_none_or_not_theirs_is_not_read(
    hall: DeskHall, asked: dict[str, Any], sentence: str
) -> None:
    seen: list[tuple[Image, PixelBox, str]] = []
    hall = restarted(hall, reread=rereading(seen, ef={"text": "35"}))
    asha = hall.sit_down("Asha")
    asha.open()
    whole: dict[str, Any] = {"case_id": 1, "page": 1, "box": [0, 0, 1, 1], "field": "ef"}
    assert asha.ask("reread", **(whole | asked))["sentence"] == sentence
    assert seen == []


@pytest.mark.parametrize(
    "asked", [{"box": [0, 0, 1]}, {"field": "note"}, {"page": 0}, {"box": "all"}, {"x": 1}]
)
def test_a_malformed_region_is_refused(hall: DeskHall, asked: dict[str, Any]) -> None:
    hall = restarted(hall, reread=rereading([], ef={"text": "35"}))
    asha = hall.sit_down("Asha")
    asha.open()
    whole: dict[str, Any] = {"case_id": 1, "page": 1, "box": [0, 0, 1, 1], "field": "ef"}
    assert asha.ask("reread", **(whole | asked))["state"] == "failed"


def test_a_region_without_a_number_keeps_nothing_from_being_asked(hall: DeskHall) -> None:
    hall = restarted(hall, reread=rereading([]))
    asha = hall.sit_down("Asha")
    asha.open()
    told = asha.ask("reread", case_id=1, page=1, box=[0, 0, 1, 1], field="pah")
    assert (told["state"], told["field"], told["sentence"]) == ("refused", "pah", text.REREAD_NOTHING)
    bad = [float("nan"), 0, 1, 1]
    assert asha.ask("reread", case_id=1, page=1, box=bad, field="pah")["state"] in ("refused", "failed")


def test_without_a_reader_nothing_is_read_again(asha: Person) -> None:
    asha.open()
    told = asha.ask("reread", case_id=1, page=1, box=[0, 0, 1, 1], field="ef")
    assert (told["state"], told["sentence"]) == ("refused", text.NO_REREADING)
