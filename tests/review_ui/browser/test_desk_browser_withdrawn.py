"""A patient withdraws while their record is on a screen: the page goes on to the next one by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk_fixture import clean_record
from live_desk import MakeLive, Sitting

from db.consent.removing import withdraw_consent
from db.store.engine import utc_now
from db.tables.cases import Case
from db.workspace import Workspace
from review_ui import text

pytestmark = pytest.mark.browser


def withdraw(live: Any, case_id: int, folder: Path) -> None:
    database = live.seeded.database
    with database.read() as session:
        key = session.get_one(Case, case_id).patient_key
    withdraw_consent(database, Workspace(workspace=folder), patient_key=key, actor="lead", now=utc_now())


def assert_gone_on(desk: Sitting, case_id: int) -> None:
    desk.wait_for(case_id)
    assert text.GONE in desk.notice()
    assert desk.text("#number-ef") != "50"
    assert [line for line in desk.complaints if "404" not in line] == []


@pytest.mark.parametrize("how", ["an answer", "a sign of life"])
def test_the_next_record_comes_with_a_sentence(make_live: MakeLive, tmp_path: Path, how: str) -> None:
    live = make_live(*(clean_record(number) for number in (1, 2, 3)))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.press("50")
    withdraw(live, 1, tmp_path)
    if how == "an answer":
        desk.press("Enter", "Enter")
    else:
        desk.page.evaluate("dispatchEvent(new Event('online'))")
    assert_gone_on(desk, 2)
    assert live.reviews() == []
    desk.press("Enter")
    desk.wait_for(3)
    assert [review.case_id for review in live.reviews()] == [2]


def test_the_last_record_leaves_an_empty_desk(make_live: MakeLive, tmp_path: Path) -> None:
    live = make_live(clean_record(1))
    desk = live.sit_down()
    desk.wait_for(1)
    withdraw(live, 1, tmp_path)
    desk.page.evaluate("dispatchEvent(new Event('online'))")
    desk.page.wait_for_selector("#desk[data-state='empty']")
    desk.page.get_by_text(text.GONE).wait_for(state="visible")
    assert desk.page.locator("#page img:visible, #page canvas:visible").count() == 0
