"""Undo and redo on the desk: without limit, across reloads and restarts, and never over somebody else."""

from __future__ import annotations

import pytest
from desk_fixture import clean_record, desk_record, two_page_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import moved, restarted
from sqlmodel import col, select

from db.events import verify_chain
from db.label_view import current_labels
from db.tables.events import Event
from db.tables.reviews import Withdrawal
from review_ui import text


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    return restarted(make_hall(desk_record(), clean_record(2), two_page_record()))


def labels(hall: DeskHall) -> dict[int, float | None]:
    with hall.desk.database.read() as session:
        return {label.case_id: label.findings.ef_percent for label in current_labels(session)}


def press(person: Person, key: str) -> dict[str, object]:
    """One press of a key."""
    person.made.append(key)
    told = person.ask(key, request_id=f"{key}-{person.annotator_id}-{len(person.made):06d}")
    person.look()
    return told


def test_an_undone_record_comes_back_as_it_was_answered(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), answers={"ef": {"text": "50"}}, reason="misread")
    told = asha.ask("undo", request_id="undo-0001")
    record = told["record"]
    assert (told["state"], told["sentence"], record["case_id"]) == ("record", text.UNDONE, 1)
    assert record["answers"]["ef"]["percent"] == 50
    assert record["again"] == {
        "review_id": 1,
        "decision": "correct",
        "sentence": text.AGAIN_UNDONE,
        "note": "",
        "is_undone": True,
        "written": "",
    }
    assert not any(field["needs_answer"] for field in record["fields"])
    assert labels(hall) == {}
    assert told["progress"]["waiting"] == 3


def test_enter_stores_an_undone_record_anew_even_unchanged(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), answers={"ef": {"text": "50"}})
    told = asha.ask("undo", request_id="undo-0001")
    asha.look()
    stored = asha.decide(told)
    assert (stored["saved"], stored["record"]["case_id"]) == (True, 2)
    assert [review.ef_percent for review in hall.reviews()] == [50, 50]
    assert press(asha, "redo")["sentence"] == text.NOTHING_TO_REDO


def test_redo_goes_on_to_the_next_record(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), confirmed=["ef"])
    asha.open()
    press(asha, "undo")
    told = press(asha, "redo")
    assert (told["state"], told["sentence"], told["record"]["case_id"]) == ("record", text.REDONE, 2)  # type: ignore[index]
    assert labels(hall) == {1: 37.5}


def test_undo_and_redo_outlive_a_reload_and_a_restart(hall: DeskHall, asha: Person) -> None:
    for _ in range(3):
        asha.decide(asha.open(), confirmed=["ef"])
    asha.open()
    seen = []
    for number in range(4):
        asha = moved(asha, restarted(hall))
        asha.open()
        told = asha.ask("undo", request_id=f"undo-000{number}")
        seen.append(told.get("record", {}).get("case_id"))
    assert seen == [3, 2, 1, None]
    assert labels(hall) == {}
    for number in range(4):
        asha = moved(asha, restarted(hall))
        asha.open()
        told = asha.ask("redo", request_id=f"redo-000{number}")
    assert told["sentence"] == text.NOTHING_TO_REDO
    assert labels(hall) == {1: 37.5, 2: 60, 3: None}
    with hall.desk.database.read() as session:
        assert verify_chain(session).bad_id is None
        kinds = [row.kind for row in session.exec(select(Withdrawal).order_by(col(Withdrawal.id)))]
    assert kinds == ["undo"] * 3 + ["redo"] * 3


def test_a_reload_after_an_undo_still_waits_to_be_stored(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), answers={"ef": {"text": "50"}})
    told = press(asha, "undo")
    again = moved(asha, restarted(hall)).open()
    assert again["record"] == told["record"]


def test_one_key_press_counts_once_however_often_it_is_sent(hall: DeskHall, asha: Person) -> None:
    for _ in range(2):
        asha.decide(asha.open(), confirmed=["ef"])
    for _ in range(3):
        told = asha.ask("undo", request_id="undo-once")
        assert told["record"]["case_id"] == 2
    assert labels(hall) == {1: 37.5}
    for _ in range(3):
        assert asha.ask("redo", request_id="redo-once")["sentence"] == text.REDONE
    assert labels(hall) == {1: 37.5, 2: 60}
    with hall.desk.database.read() as session:
        assert len(session.exec(select(Withdrawal)).all()) == 2
        assert len(session.exec(select(Event).where(Event.kind == "decision_withdrawn")).all()) == 2


def test_nobody_takes_back_what_somebody_else_decided(hall: DeskHall, asha: Person, bina: Person) -> None:
    asha.decide(asha.open(), confirmed=["ef"])
    assert press(bina, "undo")["sentence"] == text.NOTHING_TO_UNDO
    asha.ask("undo", request_id="undo-shared")
    assert bina.ask("undo", request_id="undo-shared")["sentence"] == text.NOTHING_TO_UNDO
    assert press(bina, "redo")["sentence"] == text.NOTHING_TO_REDO


def test_a_record_that_somebody_else_has_open_is_not_taken_from_under_them(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    asha.decide(asha.open(), "skip")
    assert bina.open()["record"]["case_id"] == 1
    assert press(asha, "undo")["sentence"] == text.HELD_BY_ANOTHER
    with hall.desk.database.read() as session:
        assert session.exec(select(Withdrawal)).all() == []


def test_what_somebody_else_has_decided_over_stays(hall: DeskHall, asha: Person, bina: Person) -> None:
    shown = asha.open()
    asha.decide(shown, confirmed=["ef"])
    hall.clock.wait(300)
    back = asha.ask("go_back")
    hall.clock.wait(300)
    told = bina.ask("open_next")
    assert told["record"]["case_id"] == 2
    assert back["record"]["case_id"] == 1
    press(asha, "undo")
    hall.clock.wait(300)
    taken_over = bina.ask("open_next")
    bina.look()
    assert taken_over["record"]["case_id"] == 1
    bina.decide(taken_over, answers={"ef": {"text": "44"}})
    assert press(asha, "redo")["sentence"] == text.NOTHING_TO_REDO
    assert press(asha, "undo")["sentence"] == text.NOTHING_TO_UNDO
    assert labels(hall) == {1: 44}


def test_an_undone_flag_or_skip_is_undone(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), "skip")
    asha.decide(asha.open(), "flag", note="odd")
    told = asha.ask("undo", request_id="undo-0001")
    assert (told["record"]["case_id"], told["record"]["again"]["note"]) == (
        2,
        text.AGAIN_NOTE.format(note="odd"),
    )
    told = asha.ask("undo", request_id="undo-0002")
    assert (told["record"]["case_id"], told["record"]["again"], told["record"]["message"]) == (1, None, "")


def test_a_flag_answers_no_red_field(hall: DeskHall, asha: Person) -> None:
    """Neither gone back to nor taken back: what needed an answer still needs one."""
    asha.decide(asha.open(), "flag", note="odd")
    for told in (asha.ask("go_back"), asha.ask("undo", request_id="undo-0001")):
        asha.look()
        assert [field["name"] for field in told["record"]["fields"] if field["needs_answer"]] == ["ef"]
        answered = asha.decide(told, answers={"rwma": "absent"})
        assert (answered["state"], answered["field"]) == ("refused", "ef")
    asha.decide(told, confirmed=["ef"])
    assert labels(hall) == {1: 37.5}


def test_a_screen_from_before_an_undo_can_still_be_stored(hall: DeskHall, asha: Person) -> None:
    """Two tabs: one takes the decision back, the other one decides on what it shows."""
    stale = asha.open()
    asha.decide(stale, confirmed=["ef"])
    press(asha, "undo")
    asha.decide(stale, answers={"ef": {"text": "45"}})
    assert labels(hall) == {1: 45}
    assert press(asha, "redo")["sentence"] == text.NOTHING_TO_REDO


def test_a_late_copy_of_a_decision_that_was_taken_back_changes_nothing(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    asha.decide(shown, confirmed=["ef"], request_id="late-0001")
    press(asha, "undo")
    asha.decide(shown, confirmed=["ef"], request_id="late-0001")
    assert (labels(hall), len(hall.reviews())) == ({}, 1)


def test_someone_elses_review_is_never_what_a_screen_builds_on(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    asha.decide(asha.open(), answers={"ef": {"text": "50"}})
    press(asha, "undo")
    hall.clock.wait(300)
    shown = bina.open()
    assert (shown["record"]["case_id"], shown["record"]["again"]) == (1, None)
    told = bina.decide(shown, base_review_id=1)
    assert (told["state"], told["field"]) == ("refused", "ef")


def test_a_skip_is_never_what_a_screen_builds_on(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), "skip")
    back = asha.ask("go_back")
    asha.look()
    told = asha.decide(back, base_review_id=hall.reviews()[0].id)
    assert (told["state"], told["field"]) == ("refused", "ef")
