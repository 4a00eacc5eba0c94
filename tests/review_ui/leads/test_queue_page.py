"""The lead's queue page: counts, filter, assigning, reading twice."""

from __future__ import annotations

import re

import pytest
from desk_fixture import clean_record, desk_record, two_page_record
from desk_people import DeskHall, MakeHall, Person
from sqlmodel import col, select

from db.decisions import Purpose, Role
from db.errors import EchoDeskError
from db.labels import Light
from db.tables.queue import QueueItem, SecondReading
from review_ui.door.sessions import Identity
from review_ui.leads.queue_page import POSTS, QueueFilter, queue_address, read_count, read_filter, render

LEAD = Identity(99, "Lead <b>", Role.LEAD)


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    """Three records: red, amber, green."""
    return make_hall(desk_record(), two_page_record(), clean_record(3))


def page(hall: DeskHall, **query: str) -> str:
    return render(hall.desk.database, LEAD, query, hall.clock.wall())


def post(hall: DeskHall, path: str, **form: str) -> str:
    return POSTS[path](hall.desk.database, LEAD, form, hall.clock.wall())


def items(hall: DeskHall) -> list[QueueItem]:
    with hall.desk.database.read() as session:
        return list(session.exec(select(QueueItem).order_by(col(QueueItem.case_id))))


def people(hall: DeskHall) -> tuple[Person, Person]:
    return hall.sit_down("Asha"), hall.sit_down("Bina")


def test_the_page_counts_what_waits_by_light(hall: DeskHall) -> None:
    html = page(hall)
    first = re.search(r'<th scope="row">first reading</th>(.*?)</tr>', html)
    assert first and re.findall(r"<td[^>]*>(.*?)</td>", first[1]) == ["3", "1", "1", "1", "0"]
    assert "The first 3 of 3" in html


def test_the_page_shows_what_the_filter_names_and_keeps_it_in_the_form(hall: DeskHall) -> None:
    html = page(hall, light="red")
    assert "The first 1 of 1" in html
    assert "Record 1" in html
    assert "Record 2" not in html
    assert '<input type="hidden" name="light" value="red">' in html


def test_a_name_is_text_on_the_page(hall: DeskHall) -> None:
    hall.sit_down("<img src=x onerror=alert(1)>")
    html = page(hall)
    assert "<img" not in html
    assert "Lead &lt;b&gt;" in html


@pytest.mark.parametrize(
    "query",
    [{"light": "blue"}, {"purpose": "third"}, {"person": "x"}, {"person": "1 OR 1"}, {"person": "9" * 30}],
)
def test_a_filter_that_names_nothing_is_refused_by_a_sentence(hall: DeskHall, query: dict[str, str]) -> None:
    with pytest.raises(EchoDeskError):
        page(hall, **query)


@pytest.mark.parametrize("count", ["", "0", "-1", "1001", "many", "1e3", "٣"])
def test_a_number_of_readings_that_makes_no_sense_is_refused(count: str) -> None:
    with pytest.raises(EchoDeskError, match="between 1 and 1,000"):
        read_count({"count": count})


def test_assigned_readings_go_to_that_person_alone(hall: DeskHall) -> None:
    asha, bina = people(hall)
    assert (
        post(hall, "/queue/assign", light="red", count="5", to=str(bina.annotator_id)) == "/queue?light=red"
    )
    assert [item.assigned_to for item in items(hall)] == [bina.annotator_id, None, None]
    assert asha.open()["record"]["case_id"] == 2
    assert bina.open()["record"]["case_id"] == 1


def test_assigned_readings_can_be_given_back_to_everybody(hall: DeskHall) -> None:
    asha, bina = people(hall)
    post(hall, "/queue/assign", count="3", to=str(bina.annotator_id))
    assert asha.open()["state"] == "empty"
    post(hall, "/queue/assign", count="1", person=str(bina.annotator_id), to="anybody")
    assert asha.open()["record"]["case_id"] == 1


def test_nobody_can_be_given_readings_who_is_not_there(hall: DeskHall) -> None:
    with pytest.raises(EchoDeskError, match="may not review"):
        post(hall, "/queue/assign", count="3", to="77")
    assert {item.assigned_to for item in items(hall)} == {None}


def test_a_record_marked_to_be_read_twice_goes_to_somebody_else_once_it_is_decided(hall: DeskHall) -> None:
    asha, bina = people(hall)
    post(hall, "/queue/twice", light="red", count="1")
    with hall.desk.database.read() as session:
        assert [one.case_id for one in session.exec(select(SecondReading))] == [1]
    asha.decide(asha.open(), confirmed=["ef"])
    seconds = [item for item in items(hall) if item.purpose == Purpose.SECOND.value]
    assert [(item.case_id, item.barred_a) for item in seconds] == [(1, asha.annotator_id)]
    shown = bina.open()["record"]
    assert (shown["case_id"], shown["purpose"], shown["is_hidden"]) == (1, "second", True)


def test_the_address_and_the_filter_are_the_same_thing_twice() -> None:
    chosen = QueueFilter(Purpose.SECOND, Light.AMBER, "Site 2 & more", 0)
    path, _, query = queue_address(chosen).partition("?")
    from urllib.parse import parse_qsl

    assert path == "/queue"
    assert read_filter(dict(parse_qsl(query))) == chosen
