"""Which cases are read twice: a share that nobody can guess while reading, or a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from desk_work import NOW, RULES, Work, working
from sqlmodel import select

from db.access.desk_key import drawn_share
from db.decisions import Decision
from db.queue.second_people import choose_by_share, choose_second, is_second_chosen
from db.store.engine import Database
from db.tables.events import Event
from db.tables.queue import SecondReading


@pytest.fixture
def work(shared_database: Database) -> Iterator[Work]:
    with working(shared_database) as made:
        yield made


def test_a_case_is_chosen_once_with_its_event(work: Work) -> None:
    case_id = work.case()
    chosen = {"case_id": case_id, "chosen_by": "list", "actor": "lead", "now": NOW}
    assert [choose_second(work.session, **chosen) for _ in range(2)] == [True, False]  # type: ignore[arg-type]
    (event,) = work.session.exec(select(Event).where(Event.kind == "second_reading_chosen"))
    assert (event.actor, event.subject, event.payload) == ("lead", f"case:{case_id}", {"chosen_by": "list"})
    assert is_second_chosen(work.session, case_id=case_id)


@pytest.mark.parametrize(("share", "chosen"), [(0.0, False), (1.0, True)])
def test_a_share_of_none_or_all_is_none_or_all(work: Work, share: float, chosen: bool) -> None:
    work.rules = replace(RULES, second_reading_share=share)
    case_id = work.case()
    work.decide(case_id, "ana")
    assert is_second_chosen(work.session, case_id=case_id) is chosen
    assert work.states(case_id) == {"first": "done"} | ({"second": "waiting"} if chosen else {})


@pytest.mark.parametrize("decision", [Decision.FLAG, Decision.SKIP])
def test_a_case_is_drawn_only_when_it_is_decided(work: Work, decision: Decision) -> None:
    work.rules = replace(RULES, second_reading_share=1.0)
    case_id = work.case()
    work.decide(case_id, "ana", decision=decision)
    assert not is_second_chosen(work.session, case_id=case_id)


def test_the_draw_is_fixed_for_a_case_and_a_key_and_has_about_its_share(work: Work) -> None:
    def drawn(key: bytes) -> list[bool]:
        return [drawn_share(key, "second", number) < 0.2 for number in range(1, 2001)]

    assert drawn(b"a") == drawn(b"a") != drawn(b"b")
    assert 0.17 < sum(drawn(b"a")) / 2000 < 0.23  # 20 % give or take 3.4 standard errors
    case_id = work.case()
    share = drawn_share(RULES.key, "second", case_id)
    just_below, just_above = (replace(RULES, second_reading_share=share + step) for step in (0.0, 1e-9))
    assert not choose_by_share(work.session, case_id=case_id, rules=just_below, now=NOW)
    assert choose_by_share(work.session, case_id=case_id, rules=just_above, now=NOW)
    (row,) = work.session.exec(select(SecondReading))
    assert (row.case_id, row.chosen_by) == (case_id, "share")
