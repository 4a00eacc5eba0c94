"""When an event's session is looked up: in the event's own turn at the database."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from desk_people import DeskHall, Person
from raw_requests import HOST, RawBrowser

from db.tables.people import User
from db.users import disable_user
from review_ui.door.policy import event_path
from review_ui.door.sessions import RECHECK_S, DeskSession
from review_ui.server import build_shell


def test_an_event_asks_for_its_session_in_its_own_turn_and_in_no_other(
    hall: DeskHall, asha: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = build_shell(hall.desk, hall.seeded.store, hosts=frozenset({HOST}))
    browser = RawBrowser(shell, asha.session_id)

    def opened() -> dict[str, Any]:
        answered: dict[str, Any] = browser.post(event_path("open_next"), {}).json()["data"][0]
        return answered

    opened()
    threads: list[str] = []
    find = hall.desk.sessions.find

    def noted(secret: str | None) -> DeskSession | None:
        threads.append(threading.current_thread().name)
        return find(secret)

    monkeypatch.setattr(hall.desk.sessions, "find", noted)
    hall.clock.wait(RECHECK_S + 0.1)
    assert opened()["state"] == "record"
    assert threads and all(name.startswith("desk") for name in threads)
    with hall.desk.database.write() as session:
        user = session.get_one(User, asha.annotator_id)
        disable_user(session, user=user, actor="lead", now=hall.clock.wall())
    hall.clock.wait(RECHECK_S + 0.1)
    assert opened()["state"] == "signed_out"
    assert browser.post(event_path("open_next"), {}).status == 401, (
        "what is known to be over is not let in again"
    )
