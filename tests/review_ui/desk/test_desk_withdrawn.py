"""A record is open on somebody's screen when its patient withdraws: a calm sentence, and the next record."""

from __future__ import annotations

from typing import Any

import pytest
from desk_people import DeskHall, Person
from sqlmodel import select

from db.consent.removing import withdraw_consent
from db.events import verify_chain
from db.tables.cases import Case
from db.tables.reviews import Review
from db.workspace import Workspace
from review_ui import text

GONE = {"state": "gone", "sentence": text.GONE}


def withdraw(hall: DeskHall, case_id: int, folder: Any) -> None:
    with hall.desk.database.read() as session:
        key = session.get_one(Case, case_id).patient_key
    workspace = Workspace(workspace=folder)
    withdraw_consent(hall.desk.database, workspace, patient_key=key, actor="lead", now=hall.clock.wall())


def of_record(shown: dict[str, Any]) -> dict[str, Any]:
    return {"case_id": shown["record"]["case_id"], "screen": shown["record"]["screen"]}


def test_whatever_is_asked_about_it_is_answered_calmly(hall: DeskHall, asha: Person, tmp_path: Any) -> None:
    shown = asha.open()
    number = shown["record"]["case_id"]
    asha.look()
    withdraw(hall, number, tmp_path)
    assert asha.beat(shown) == GONE
    assert asha.decide(shown, confirmed=["ef", "rwma", "pah"]) == GONE
    assert asha.decide(shown, "skip") == GONE
    assert asha.decide(shown, "flag", note="what is this?") == GONE
    assert asha.ask("keep_work", **of_record(shown), work={"ef": "50"}) == GONE
    told = asha.ask("reveal", **of_record(shown), draft_id=shown["record"]["draft_id"])
    assert told == GONE
    assert hall.reviews() == []
    following = asha.open()
    assert following["state"] == "record"
    assert following["record"]["case_id"] != number
    with hall.desk.database.read() as session:
        assert verify_chain(session).reason == ""


def test_nothing_stored_on_it_can_be_gone_back_to(hall: DeskHall, asha: Person, tmp_path: Any) -> None:
    shown = asha.open()
    asha.decide(shown, confirmed=["ef"])
    assert asha.ask("go_back")["record"]["case_id"] == shown["record"]["case_id"]
    withdraw(hall, shown["record"]["case_id"], tmp_path)
    assert asha.ask("go_back") == {"state": "refused", "field": "", "sentence": text.NOTHING_BEFORE}
    assert asha.ask("undo", request_id="undo-0001")["sentence"] == text.NOTHING_TO_UNDO
    with hall.desk.database.read() as session:
        assert session.exec(select(Review)).all() == []


def test_records_fetched_ahead_go_with_it(hall: DeskHall, asha: Person, tmp_path: Any) -> None:
    shown = asha.open()
    ahead = asha.ask("prefetch", case_id=shown["record"]["case_id"])["records"]
    withdraw(hall, ahead[0]["case_id"], tmp_path)
    told = asha.decide(shown, confirmed=["ef"])
    assert told["saved"]
    assert told.get("record", {}).get("case_id") != ahead[0]["case_id"]


def test_a_number_that_never_was_is_answered_as_before(asha: Person) -> None:
    shown = asha.open()
    told = asha.ask("keep_work", case_id=77, screen=shown["record"]["screen"], work={"ef": "50"})
    assert told["sentence"] == text.TAKEN


@pytest.mark.parametrize("again", [False, True])
def test_another_persons_record_is_not_touched(
    hall: DeskHall, asha: Person, bina: Person, tmp_path: Any, again: bool
) -> None:
    first, second = asha.open(), bina.open()
    withdraw(hall, first["record"]["case_id"], tmp_path)
    if again:
        withdraw_consent(
            hall.desk.database, Workspace(workspace=tmp_path), patient_key="f" * 64, actor="lead",
            now=hall.clock.wall(),
        )  # fmt: skip
    assert bina.beat(second) == {"state": "kept"}
    assert bina.decide(second, confirmed=["ef"]).get("saved")
