"""Every kind of reading once, in a row, on both kinds of database; and what one decision costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_fixture import clean_record, desk_record, seed_records
from desk_people import Clock, DeskHall, MakeHall
from desk_setups import RULES, audit, read_twice, restarted, reveal, states
from postgres_server import postgres_server, postgres_url
from sqlalchemy import Engine, event
from sqlmodel import select

from db.decisions import Role
from db.events import verify_chain
from db.label_view import current_labels
from db.tables.practice import SeededAnswer
from db.workspace import Workspace
from review_ui.desk.context import Desk
from review_ui.door.sessions import SessionBook

__all__ = ["postgres_server", "postgres_url"]

ENTERED: dict[str, Any] = {"ef": {"text": "50"}, "rwma": "absent", "pah": "none"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DeskHall]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    workspace = Workspace(workspace=tmp_path / "workspace", database_url=url)
    seeded = seed_records(workspace, (desk_record(), clean_record(2)))
    clock = Clock()
    book = SessionBook(seeded.database, clock=clock, now=clock.wall)
    yield DeskHall(seeded, Desk(seeded.database, book, now=clock.wall, lease_s=180.0, rules=RULES), clock)
    seeded.database.close()


def test_every_kind_of_reading_in_a_row(hall: DeskHall) -> None:
    hidden = restarted(hall, blind_share=1.0)
    asha = hidden.sit_down("Asha")
    shown = asha.open()
    asha.ask("keep_work", case_id=1, screen=shown["record"]["screen"], work={"note": "ü"})
    assert asha.open()["record"]["work"]["note"] == "ü"
    told = reveal(asha, shown, **ENTERED)
    assert (told["record"]["work"], told["record"]["drafted"]["ef"]) == (None, "37.5 %")
    asha.decide(told)
    read_twice(hidden, 1)
    practising = restarted(hall, vigilance_share=1.0, blind_share=0.0)
    bina = practising.sit_down("Bina")
    bina.decide(bina.open(), answers=ENTERED | {"ef": {"text": "20"}})
    hall.clock.wait(300)
    told = bina.decide(bina.open())
    assert told["state"] == "practice"
    bina.look()
    bina.decide(told, confirmed=["ef", "rwma", "pah"])
    chitra = practising.sit_down("Chitra", Role.ADJUDICATOR)
    shown = chitra.open()
    assert len(shown["record"]["readings"]) == 2
    chitra.decide(shown, answers=ENTERED)
    assert chitra.ask("undo", request_id="undo-0001")["record"]["again"]["is_undone"]
    assert chitra.ask("redo", request_id="redo-0001")["state"] == "empty"
    audit(practising, 2)
    esha = practising.sit_down("Esha")
    for _ in range(2):
        shown = esha.open()
        esha.ask("prefetch", case_id=shown["record"]["case_id"])
        esha.decide(shown, answers=ENTERED)
    assert states(hall, 1) == dict.fromkeys(("first", "second", "adjudication", "audit"), "done")
    assert states(hall, 2) == {"first": "done", "audit": "done", "adjudication": "waiting"}
    with hall.desk.database.read() as session:
        assert {label.case_id: label.findings.ef_percent for label in current_labels(session)} == {
            1: 50,
            2: 60,
        }
        assert len(session.exec(select(SeededAnswer)).all()) == 1
        assert verify_chain(session).bad_id is None
    assert [review.purpose for review in hall.reviews()] == [
        "first",
        "second",
        "first",
        "adjudication",
        "audit",
        "audit",
    ]
    assert hall.reviews()[0].entered is not None


def test_a_decision_and_the_next_record_take_few_statements(make_hall: MakeHall) -> None:
    """Each costs a round trip where the database is another machine; none may be for each case there is."""
    hall = restarted(
        make_hall(*(clean_record(number) for number in range(1, 6))), blind_share=0.0, clean_share=0.5
    )
    asha = hall.sit_down("Asha")
    shown = asha.open()
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        # Who somebody is, is asked once a second at most; the clock of this test has been turned.
        if not statement.startswith(("BEGIN", "PRAGMA", "SELECT desk_sign_in")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        told = asha.decide(shown)
        decided = len(seen)
        asha.ask("prefetch", case_id=told["record"]["case_id"])
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert told["saved"]
    assert decided <= 9
    assert len(seen) - decided <= 9
