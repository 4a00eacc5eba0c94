"""The records page: a record is found by what is known of it, and shown with all that was said of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from desk_fixture import clean_record, desk_record, two_page_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import states

from db.access.own_ids import OwnIds
from db.access.patient_key import load_or_create_secret, patient_key
from db.cases import get_case
from db.decisions import Role
from db.errors import EchoDeskError
from db.records import RecordFilter, find_records
from db.standings import Status, standings
from db.tables.cases import Case
from review_ui.door.sessions import Identity
from review_ui.leads.record_search import find_form, read_search
from review_ui.leads.records_page import open_form, render, send_back_form

LEAD = Identity(99, "Lead <b>", Role.LEAD)


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    """Four records; the first two decided by Asha, one of them with a note and a flag."""
    return make_hall(desk_record(), two_page_record(), clean_record(3), clean_record(4))


def page(hall: DeskHall, **query: str) -> str:
    return render(hall.desk.database, LEAD, query, hall.clock.wall())


def listed(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/records\?record=(\d+)"', html)]


def decided_hall(hall: DeskHall) -> DeskHall:
    """Asha confirms the first record, flags the second, and leaves the others."""
    asha = hall.sit_down("Asha")
    asha.decide(asha.open(), confirmed=["ef"])
    asha.decide(asha.open(), "flag", note="two patients <b>on one page")
    return hall


def test_every_record_is_listed_newest_first_with_how_it_stands(hall: DeskHall) -> None:
    html = page(decided_hall(hall))
    assert listed(html) == [4, 3, 2, 1]
    assert "Records 1 to 4 of 4" in html
    words = re.findall(r'<td data-name="Status">([^<]+)</td>', html)
    assert words == ["waiting for a person", "waiting for a person", "flagged", "decided"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"number": "3"}, [3]),
        ({"status": "decided"}, [1]),
        ({"status": "flagged, not settled"}, [2]),
        ({"status": "waiting for a person"}, [4, 3]),
        ({"status": "not read yet"}, []),
        ({"site": "no such site"}, []),
        ({"ef_from": "0", "ef_to": "100"}, [1]),
        ({"ef_from": "91"}, []),
        ({"since": "2000-01-01"}, [1]),
        ({"since": "2999-01-01"}, []),
    ],
)
def test_a_search_finds_what_it_names(hall: DeskHall, query: dict[str, str], found: list[int]) -> None:
    assert listed(page(decided_hall(hall), **query)) == found


def test_a_persons_own_decisions_and_an_answer_are_found(hall: DeskHall) -> None:
    decided_hall(hall)
    asha = hall.sit_down("Asha").annotator_id
    with hall.desk.database.read() as session:
        (one,) = [one for one in standings(session) if one.status is Status.DECIDED]
        assert one.label is not None
        for search, wanted in (
            (RecordFilter(person=asha), 1),
            (RecordFilter(person=asha + 1), 0),
            (RecordFilter(rwma=one.label.findings.rwma.value, pah=one.label.findings.pah.value), 1),
        ):
            assert find_records(session, search, limit=10)[1] == wanted


def test_the_list_and_the_standings_say_the_same(hall: DeskHall) -> None:
    decided_hall(hall)
    with hall.desk.database.read() as session:
        rows, _ = find_records(session, RecordFilter(), limit=10)
        assert {row.case_id: row.status for row in rows} == {
            one.case.id: one.status for one in standings(session)
        }


@pytest.mark.slow
def test_pages_are_turned_and_keep_the_search(make_hall: MakeHall) -> None:
    hall = make_hall(*(clean_record(number) for number in range(1, 54)))
    first = page(hall, status="waiting for a person")
    assert "Records 1 to 50 of 53" in first
    assert "/records?status=waiting+for+a+person&amp;page=2" in first
    second = page(hall, status="waiting for a person", page="2")
    assert listed(second) == [3, 2, 1]
    assert "Previous page" in second
    assert "Next page" not in second


def test_one_record_shows_its_page_decisions_drafts_and_quotes(hall: DeskHall) -> None:
    html = page(decided_hall(hall), record="2")
    assert html.count('src="/case/2/page/') == 2
    assert "two patients &lt;b&gt;on one page" in html
    assert "Asha" in html
    assert "Words on the page" in html
    assert "accepted, the label" in page(hall, record="1")
    assert "Nobody has decided about this record yet." in page(hall, record="4")


def test_a_record_is_sent_back_to_somebody_else(hall: DeskHall) -> None:
    decided_hall(hall)
    bina = hall.sit_down("Bina")
    address = send_back_form(hall.desk.database, LEAD, {"record": "1"}, hall.clock.wall())
    assert address == "/records?record=1"
    shown = [bina.open()["record"]]
    while shown[-1]["case_id"] != 1:
        bina.decide({"record": shown[-1]}, "skip")
        shown.append(bina.open()["record"])
    assert (shown[-1]["purpose"], shown[-1]["is_hidden"]) == ("second", True)


def test_what_waits_stands_where_the_button_was(hall: DeskHall) -> None:
    decided_hall(hall)
    assert "Send back</button>" in page(hall, record="1")
    send_back_form(hall.desk.database, LEAD, {"record": "1"}, hall.clock.wall())
    html = page(hall, record="1")
    assert "This record waits for this: second reading." in html
    assert "Send back</button>" not in html
    assert "This record waits for this: adjudication." in page(hall, record="2")


@pytest.mark.parametrize("record", ["3", "4"])
def test_a_record_that_nobody_decided_is_not_read_again(hall: DeskHall, record: str) -> None:
    assert "Send back</button>" not in page(decided_hall(hall), record=record)
    with pytest.raises(EchoDeskError, match="nothing to read again"):
        send_back_form(hall.desk.database, LEAD, {"record": record}, hall.clock.wall())


def test_a_page_that_is_not_there_is_the_last_one(hall: DeskHall) -> None:
    assert listed(page(hall, page="999999")) == [4, 3, 2, 1]


def test_a_percentage_may_have_decimals(hall: DeskHall) -> None:
    assert read_search({"ef_from": "40.5", "ef_to": "60"}) == RecordFilter(ef_from=40.5, ef_to=60)


@pytest.mark.parametrize(
    "query",
    [
        {"record": "99"}, {"record": "x"}, {"number": "1 OR 1"}, {"status": "lost"}, {"rwma": "maybe"},
        {"pah": "'"}, {"ef_from": "low"}, {"since": "yesterday"}, {"person": "-1"}, {"page": "two"},
    ],
)  # fmt: skip
def test_what_names_nothing_is_refused_by_a_sentence(hall: DeskHall, query: dict[str, str]) -> None:
    with pytest.raises(EchoDeskError):
        page(hall, **query)


def test_a_record_that_is_not_there_is_not_sent_back(hall: DeskHall) -> None:
    with pytest.raises(EchoDeskError, match="no record of this number"):
        send_back_form(hall.desk.database, LEAD, {"record": "99"}, hall.clock.wall())


def test_an_empty_search_means_everything() -> None:
    assert read_search({"status": "", "site": "", "number": ""}) == RecordFilter()


def kept_ids(hall: DeskHall, *cases: tuple[int, str]) -> OwnIds:
    """Own ids of some records' patients."""
    ids = OwnIds(hall.seeded.workspace)
    with hall.desk.database.read() as session:
        for number, own_id in cases:
            case = get_case(session, case_id=number)
            assert case is not None
            ids.keep(case.patient_key, own_id)
    return ids


def test_own_ids_are_shown_and_found_without_standing_in_an_address(hall: DeskHall) -> None:
    plain = render(hall.desk.database, LEAD, {}, hall.clock.wall(), own_ids=OwnIds(hall.seeded.workspace))
    assert "Own id" not in plain
    ids = kept_ids(hall, (3, "UHID <7>"))
    for query in ({}, {"record": "3"}):
        assert "UHID &lt;7&gt;" in render(hall.desk.database, LEAD, query, hall.clock.wall(), own_ids=ids)
    found = find_form(hall.desk.database, LEAD, {"own_id": " uhid<7>"}, hall.clock.wall(), own_ids=ids)
    assert found == "/records?record=3"
    for own_id in ("UHID", ""):
        form = {"own_id": own_id}
        missed = find_form(hall.desk.database, LEAD, form, hall.clock.wall(), own_ids=ids)
        assert missed == "/records?found=none"
    assert "No patient with this id is here." in page(hall, found="none")


def test_an_id_that_was_not_kept_is_found_by_its_hash(hall: DeskHall) -> None:
    workspace = hall.seeded.workspace
    secret = load_or_create_secret(workspace.patient_key_file)
    with hall.desk.database.write() as session:
        session.get_one(Case, 3).patient_key = patient_key("00041204", secret)
    ids = kept_ids(hall, (1, "A1"))
    for written, address in (
        (" 0004 1204", "/records?record=3"),
        ("A1", "/records?record=1"),
        ("41204", "/records?found=none"),
        ("", "/records?found=none"),
    ):
        form = {"own_id": written}
        assert find_form(hall.desk.database, LEAD, form, hall.clock.wall(), own_ids=ids) == address
    workspace.own_ids_file.unlink()
    shown = render(hall.desk.database, LEAD, {}, hall.clock.wall(), own_ids=OwnIds(workspace))
    assert "Patient’s id" in shown
    assert "Own id" not in shown


def test_of_a_patient_with_several_records_all_are_listed(hall: DeskHall) -> None:
    with hall.desk.database.write() as session:
        one, other = (session.get_one(Case, number) for number in (1, 4))
        other.patient_key = one.patient_key
    ids = kept_ids(hall, (1, "A1"))
    address = find_form(hall.desk.database, LEAD, {"own_id": "A1"}, hall.clock.wall(), own_ids=ids)
    assert address == "/records?same_as=4"
    assert listed(page(hall, same_as="4")) == [4, 1]
    assert listed(page(hall, same_as="99")) == []


def opened(hall: DeskHall, who: Person, case_id: int) -> dict[str, Any]:
    """Press the button, then look at the desk."""
    identity = Identity(who.annotator_id, "Lena", Role.LEAD)
    form = {"record": str(case_id)}
    assert open_form(hall.desk, hall.desk.database, identity, form, hall.clock.wall()) == "/"
    return who.open()


def test_yesterdays_own_decision_is_corrected_by_opening_its_record(hall: DeskHall) -> None:
    lena = hall.sit_down("Lena", Role.LEAD)
    for _ in range(3):
        lena.decide(lena.open(), confirmed=["ef", "rwma", "pah"])
    lena.open()  # the fourth is on screen
    hall.clock.wait(86_400)
    lena = hall.sit_down("Lena", Role.LEAD)
    shown = opened(hall, lena, 1)
    assert (shown["record"]["case_id"], shown["record"]["again"]["decision"]) == (1, "accept")
    lena.decide(shown, answers={"ef": {"text": "41"}}, request_id="request-of-today")
    assert [(one.case_id, one.ef_percent) for one in hall.reviews()][-1] == (1, 41)


def test_what_others_decided_is_decided_anew_with_their_answer_beside_it(hall: DeskHall) -> None:
    decided_hall(hall)
    lena = hall.sit_down("Lena", Role.LEAD)
    shown = opened(hall, lena, 1)
    assert (shown["record"]["case_id"], len(shown["record"]["readings"])) == (1, 1)
    lena.decide(shown, answers={"ef": {"text": "41"}, "rwma": "absent", "pah": "none"})
    assert [(one.annotator_id, one.purpose) for one in hall.reviews() if one.case_id == 1] == [
        (hall.sit_down("Asha").annotator_id, "first"),
        (lena.annotator_id, "adjudication"),
    ]
    flagged = opened(hall, lena, 2)
    assert (flagged["record"]["case_id"], flagged["record"]["purpose"]) == (2, "adjudication")


def test_a_record_that_somebody_has_open_is_not_taken_from_them(hall: DeskHall) -> None:
    asha, lena = hall.sit_down("Asha"), hall.sit_down("Lena", Role.LEAD)
    held = asha.open()["record"]["case_id"]
    with pytest.raises(EchoDeskError, match="somebody else has it open"):
        opened(hall, lena, held)
    assert asha.open()["record"]["case_id"] == held
    assert opened(hall, lena, 4)["record"]["case_id"] == 4


def test_somebody_who_flagged_a_record_alone_can_still_settle_it(hall: DeskHall) -> None:
    lena = hall.sit_down("Lena", Role.LEAD)
    lena.decide(lena.open(), "flag", note="two patients")
    shown = opened(hall, lena, 1)
    lena.decide(shown, answers={"ef": {"text": "41"}, "rwma": "absent", "pah": "none"})
    assert states(hall, 1) == {"first": "done"}


@pytest.mark.parametrize(
    ("zone", "begins"),
    [("", "2026-03-05T00:00+00:00"), ("Asia/Kolkata", "2026-03-05T00:00+05:30")],
)
def test_a_day_begins_when_it_begins_where_the_browser_is(zone: str, begins: str) -> None:
    asked = read_search({"since": "2026-03-05", "zone": zone})
    assert asked.since == datetime.fromisoformat(begins)


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", "/etc/passwd", "a\0b"])
def test_a_zone_that_is_none_is_refused_like_a_day_that_is_none(zone: str) -> None:
    with pytest.raises(EchoDeskError, match="the day"):
        read_search({"since": "2026-03-05", "zone": zone})
