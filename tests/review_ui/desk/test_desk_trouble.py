"""A locked database and a full disk: told calmly, nothing half stored, and stored once when it works
again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from desk_fixture import SeededDesk, clean_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import every_connection, full_disk
from live_desk import MakeLive, Sitting
from sqlmodel import col, select

from db.decisions import Role
from db.events import verify_chain
from db.tables.people import User
from db.tables.queue import Lease
from review_ui import text as words

SHORT_WAIT_MS = 50


@contextmanager
def locked_by_another(seeded: SeededDesk) -> Iterator[None]:
    """Another program holds the file's write lock until the block ends; nobody waits long for it."""
    with closing(sqlite3.connect(seeded.workspace.database_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with every_connection(seeded, f"busy_timeout = {SHORT_WAIT_MS}"):
            yield
        other.execute("ROLLBACK")


# Two of them do not fit a page of the database.
LONG_NOTE = "n" * 1990


def settle(person: Person, shown: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One decision with a request number of the test's own, so that it can be sent again."""
    return person.decide(shown, **{"request_id": "the-one-request", **changes})


def assert_stored(hall: DeskHall, *, decisions: int) -> None:
    """So many reviews with their events and nothing half, and the person still holds the record."""
    assert len(hall.reviews()) == len(hall.decision_events()) == decisions
    with hall.desk.database.read() as session:
        assert verify_chain(session).reason == ""
        assert len(session.exec(select(Lease)).all()) == 1


def test_a_database_locked_by_another_program_is_told_and_the_decision_stored_once_afterwards(
    make_hall: MakeHall,
) -> None:
    hall = make_hall(clean_record(1), clean_record(2))
    person = hall.sit_down("Asha")
    shown = person.open()
    with locked_by_another(hall.seeded):
        answer = settle(person, shown)
    assert (answer["state"], answer["sentence"], answer["still"]) == ("busy", words.BUSY, words.STILL_BUSY)
    assert_stored(hall, decisions=0)
    assert settle(person, shown)["state"] == "record"
    assert settle(person, shown)["state"] == "record"
    assert [review.request_id for review in hall.reviews()] == ["the-one-request"]


def test_a_full_disk_has_a_sentence_of_its_own_and_the_decision_is_stored_once_there_is_room(
    make_hall: MakeHall,
) -> None:
    hall = make_hall(clean_record(1), clean_record(2), clean_record(3))
    person = hall.sit_down("Asha")
    shown = person.decide(person.open(), note=LONG_NOTE)
    person.look()
    with full_disk(hall.seeded):
        answers = [settle(person, shown, note=LONG_NOTE) for _ in range(2)]
    assert [answer["state"] for answer in answers] == ["busy", "busy"]
    assert {answer["sentence"] for answer in answers} == {words.DISK_FULL}
    assert {answer["still"] for answer in answers} == {words.DISK_STILL_FULL}
    assert_stored(hall, decisions=1)
    assert settle(person, shown, note=LONG_NOTE)["state"] == "record"
    assert [review.note for review in hall.reviews()] == [LONG_NOTE, LONG_NOTE]
    assert len(hall.decision_events()) == 2


def test_the_same_decision_from_two_tabs_at_once_is_stored_once_and_both_see_the_next_record(
    make_hall: MakeHall,
) -> None:
    hall = make_hall(clean_record(1), clean_record(2), clean_record(3))
    person = hall.sit_down("Asha")
    shown = person.open()
    with ThreadPoolExecutor(8) as tabs:
        answers = list(tabs.map(lambda _: settle(person, shown), range(8)))
    assert {answer["state"] for answer in answers} == {"record"}
    assert {answer["record"]["case_id"] for answer in answers} == {2}
    assert len(hall.reviews()) == len(hall.decision_events()) == 1


def test_two_tabs_with_the_same_record_store_the_first_decision_and_show_the_second_a_conflict(
    make_hall: MakeHall,
) -> None:
    hall = make_hall(clean_record(1), clean_record(2))
    person = hall.sit_down("Asha")
    shown = person.open()
    with ThreadPoolExecutor(2) as tabs:
        sent = [
            {"request_id": f"request-of-tab-{tab}", "answers": {"pah": pah}}
            for tab, pah in ((1, "mild"), (2, "none"))
        ]
        answers = list(tabs.map(lambda changes: person.decide(shown, **changes), sent))
    assert sorted(answer["state"] for answer in answers) == ["conflict", "record"]
    assert len(hall.reviews()) == 1


@pytest.mark.parametrize(
    ("decision", "changes"),
    [("store", {}), ("store", {"answers": {"pah": "mild"}}), ("flag", {"note": "faint"}), ("skip", {})],
)
def test_the_same_answer_from_a_second_tab_is_no_conflict(
    make_hall: MakeHall, decision: str, changes: dict[str, Any]
) -> None:
    hall = make_hall(clean_record(1), clean_record(2), clean_record(3))
    person = hall.sit_down("Asha")
    shown = person.open()
    first, second = (person.decide(shown, decision, **changes) for _ in range(2))
    assert (first["state"], second["state"]) == ("record", "record")
    assert first["record"]["case_id"] == second["record"]["case_id"] == 2
    assert len(hall.reviews()) == 1


def test_a_role_taken_away_a_moment_ago_decides_nothing(make_hall: MakeHall) -> None:
    hall = make_hall(clean_record(1), clean_record(2))
    person = hall.sit_down("Asha")
    shown = person.open()
    person.desk.sessions.find(person.session_id)  # who she is was looked up just now
    with hall.desk.database.write() as session:
        session.get_one(User, person.annotator_id).role = Role.RESEARCHER.value
    assert person.decide(shown)["sentence"] == words.NOT_ALLOWED
    assert hall.reviews() == []


def test_signs_of_life_that_race_with_decisions_neither_bring_a_record_back_nor_lose_one(
    make_hall: MakeHall,
) -> None:
    hall = make_hall(*[clean_record(number) for number in range(1, 9)])
    person = hall.sit_down("Asha")
    shown = person.open()
    with ThreadPoolExecutor(4) as threads:
        while shown["state"] == "record":
            record = shown["record"]
            beat = {name: record[name] for name in ("case_id", "draft_id", "screen", "seen_review_id")}
            beats = [threads.submit(person.ask, "heartbeat", **beat, is_active=True) for _ in range(3)]
            decided = threads.submit(person.decide, shown)
            assert {future.result()["state"] for future in beats} <= {"kept", "conflict", "taken"}
            shown = decided.result()
            person.look()
            assert shown["state"] in ("record", "empty"), shown
            with hall.desk.database.read() as session:
                held = session.exec(select(col(Lease.case_id))).all()
            assert record["case_id"] not in held
    assert [review.case_id for review in hall.reviews()] == list(range(1, 9))


@pytest.mark.slow
@pytest.mark.browser
def test_a_full_disk_keeps_what_was_typed_on_the_page_and_stores_it_once_there_is_room(
    make_live: MakeLive,
) -> None:
    live = make_live(clean_record(1), clean_record(2), clean_record(3))
    desk = live.sit_down()
    desk.wait_for(1)
    send_flag(desk)
    desk.wait_for(2)
    desk.press("50-55", "Enter")
    with full_disk(live.seeded):
        send_flag(desk)
        assert desk.notice() == words.DISK_FULL
        desk.page.wait_for_selector(f"#notice >> text={words.DISK_STILL_FULL}")
        assert desk.text("#number-ef") == "52.5"
        assert desk.page.input_value("#note") == LONG_NOTE
    desk.page.click("#flag-form button[type=submit]")
    desk.wait_for(3)
    stored = [(review.case_id, review.ef_percent, review.note) for review in live.reviews()]
    assert stored == [(1, 60.0, LONG_NOTE), (2, 52.5, LONG_NOTE)]
    assert len(live.decision_events()) == 2


def send_flag(desk: Sitting) -> None:
    """Flag the record on screen with a long note."""
    desk.press("f")
    desk.page.fill("#note", LONG_NOTE)
    desk.page.click("#flag-form button[type=submit]")


def test_a_skip_of_ones_own_from_another_tab_is_nothing_to_hold_beside(make_hall: MakeHall) -> None:
    hall = make_hall(clean_record(1), clean_record(2))
    person = hall.sit_down("Asha")
    shown = person.open()
    person.decide(shown, "skip")
    assert person.beat(shown)["state"] != "conflict"
    stored = person.decide(shown, answers={"pah": "mild"}, request_id="after-the-skip")
    assert stored["state"] in ("record", "empty")
    assert [(one.decision, one.pah) for one in hall.reviews()] == [("skip", "none"), ("correct", "mild")]


def test_the_end_of_the_queue_says_who_holds_what_is_left_to_who_leads(make_hall: MakeHall) -> None:
    hall = make_hall(clean_record(1))
    asha = hall.sit_down("Asha")
    until = (hall.clock.wall() + timedelta(seconds=hall.desk.lease_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
    asha.open()
    for name, role, said in (
        ("Lena", Role.LEAD, "Open with Asha: 1."),
        ("Ben", Role.ANNOTATOR, "Open with someone else: 1."),
    ):
        (held,) = hall.sit_down(name, role).open()["held"]
        assert held["sentence"].startswith(said)
        assert held["until"] == until
