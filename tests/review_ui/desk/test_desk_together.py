"""People who wait at the same time are stored together, and told only then."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import Any

import pytest
from desk_fixture import clean_record
from desk_people import DeskHall, MakeHall, Person
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from db.events import verify_chain
from db.progress import first_readings
from review_ui import text
from review_ui.events import Line, run_together

PEOPLE = ("Asha", "Bina", "Chitra", "Devi")


@pytest.fixture
def room(make_hall: MakeHall) -> DeskHall:
    return make_hall(*(clean_record(number) for number in range(1, 9)))


def seated(room: DeskHall) -> list[tuple[Person, dict[str, Any]]]:
    return [(person, person.open()) for person in map(room.sit_down, PEOPLE)]


def commits_of(room: DeskHall) -> list[str]:
    """Fills with a word for every commit from now on."""
    seen: list[str] = []
    event.listen(room.desk.database._write_engine, "commit", lambda _: seen.append("commit"))
    return seen


def is_whole(room: DeskHall) -> bool:
    with room.desk.database.read() as session:
        return verify_chain(session).bad_id is None


def test_four_decisions_take_one_commit(room: DeskHall) -> None:
    jobs = [partial(person.decide, shown) for person, shown in seated(room)]
    commits = commits_of(room)
    told = run_together(room.desk.database, jobs)
    assert commits == ["commit"]
    assert [one["record"]["case_id"] for one in told] == [5, 6, 7, 8], "nobody is given the same record"
    assert [review.case_id for review in room.reviews()] == [1, 2, 3, 4]
    assert is_whole(room)


def test_the_queue_is_counted_once_for_all_and_everybody_is_told_the_right_number(room: DeskHall) -> None:
    (asha, first), (bina, second), (chitra, third), (devi, fourth) = seated(room)
    asked: list[str] = []
    event.listen(
        room.desk.database._write_engine,
        "before_cursor_execute",
        lambda _c, _u, statement, *_: asked.append(statement) if "count(*)" in statement else None,
    )
    jobs = [
        partial(asha.decide, first),
        partial(bina.decide, second, decision="skip", note="hard_to_read"),  # is read later
        partial(chitra.decide, third, answers={"ef": {"text": "200"}}),  # refused, and undone for itself
        partial(devi.decide, fourth),
    ]
    told = run_together(room.desk.database, jobs)
    assert [one["progress"]["done"] for one in told if "progress" in one] == [1, 1, 2]
    assert sum("queue_item" in statement for statement in asked) == 2, "once, and again after what was undone"
    with room.desk.database.read() as session:
        counted = first_readings(session)
    assert (counted.total, counted.total - counted.waiting) == (8, 2)


def test_one_that_is_refused_stands_in_nobodys_way(room: DeskHall) -> None:
    (asha, first), (bina, second), (chitra, third), _ = seated(room)
    jobs = [
        partial(asha.decide, first),
        partial(bina.decide, second, answers={"ef": {"text": "200"}}),
        partial(chitra.decide, third),
    ]
    told = run_together(room.desk.database, jobs)
    assert [one["state"] for one in told] == ["record", "refused", "record"]
    assert [review.case_id for review in room.reviews()] == [1, 3]
    assert is_whole(room)


def test_where_the_one_commit_fails_each_is_stored_for_itself(room: DeskHall) -> None:
    jobs = [partial(person.decide, shown) for person, shown in seated(room)]
    left = [OperationalError("COMMIT", {}, Exception("disk I/O error"))]

    def fail_once(_: Any) -> None:
        if left:
            raise left.pop()

    event.listen(room.desk.database._write_engine, "commit", fail_once)
    told = run_together(room.desk.database, jobs)
    assert [one["state"] for one in told] == ["record"] * 4
    assert [review.case_id for review in room.reviews()] == [1, 2, 3, 4]
    assert is_whole(room)


def test_nobody_waits_in_turn_for_a_database_that_is_busy(room: DeskHall) -> None:
    asked: list[int] = []

    def busy(number: int) -> dict[str, Any]:
        asked.append(number)
        return {"state": "busy", "sentence": text.BUSY}

    told = run_together(room.desk.database, [partial(busy, number) for number in range(4)])
    assert [one["state"] for one in told] == ["busy"] * 4
    assert asked == [0, 1, 2, 3, 0], "once together, and then only the first alone"


def test_whoever_waits_in_line_is_answered_after_the_commit(room: DeskHall) -> None:
    line, commits = Line(room.desk.database), commits_of(room)
    at_answer: list[int] = []

    async def one(person: Person, shown: dict[str, Any]) -> None:
        told = await line.run(partial(person.decide, shown))
        at_answer.append(len(commits))
        assert told["saved"]

    async def everybody(seats: list[tuple[Person, dict[str, Any]]]) -> None:
        await asyncio.gather(*(one(person, shown) for person, shown in seats))

    seats = seated(room)
    commits.clear()
    asyncio.run(everybody(seats))
    assert min(at_answer) >= 1
    assert len(commits) < 4
    assert len(room.reviews()) == 4


def test_after_a_fault_that_nobody_thought_of_everybody_is_answered_and_the_line_goes_on(
    room: DeskHall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    line, seats, gate = Line(room.desk.database), seated(room), threading.Event()

    def broken() -> None:
        raise RuntimeError("LVEF 35 %")

    def busy_until_all_wait() -> dict[str, Any]:
        gate.wait(10)
        return {"state": "kept"}

    async def everybody() -> list[dict[str, Any]]:
        first = asyncio.create_task(line.run(busy_until_all_wait))
        rest = [asyncio.create_task(line.run(partial(person.decide, shown))) for person, shown in seats]
        await asyncio.sleep(0)  # all have asked
        gate.set()
        await first
        return await asyncio.gather(*rest)

    monkeypatch.setattr(type(room.desk.database), "together", lambda _: broken())
    assert [told["state"] for told in asyncio.run(everybody())] == ["failed"] * 4
    assert "RuntimeError" in caplog.text and "LVEF" not in caplog.text
    monkeypatch.undo()
    assert [told["saved"] for told in asyncio.run(everybody())] == [True] * 4
    assert len(room.reviews()) == 4
