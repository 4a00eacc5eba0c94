"""Undo and redo without limit, work that outlives a reload, reasons, skipping with a reason, the sheets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from desk_fixture import clean_record, cross_checked_record, desk_record, findings
from live_desk import MakeLive, Sitting

from db.labels import CODEBOOK_VERSION
from db.tables.queue import Lease
from review_ui import text
from review_ui.desk.context import RereadAnswer

pytestmark = pytest.mark.browser


def decided(live: Any) -> list[tuple[int, str, float | None]]:
    return [(review.case_id, review.decision, review.ef_percent) for review in live.reviews()]


def wait_for_work(desk: Sitting, keys: tuple[str, ...]) -> None:
    """Press keys and wait until the server has what they did."""
    with desk.page.expect_response("**/event/keep_work"):
        desk.press(*keys)


def test_undo_and_redo_within_a_record_say_what_they_did(make_live: MakeLive) -> None:
    desk = make_live(clean_record(1), clean_record(2)).sit_down()
    desk.wait_for(1)
    desk.press("45", "Enter", "p", "2")
    desk.press("Control+z")
    assert desk.notice() == "Undone. Wall motion (RWMA): present."
    desk.press("Control+z")
    assert desk.notice() == "Undone. Wall motion (RWMA): absent."
    desk.press("Control+z")
    assert desk.notice() == "Undone. Ejection fraction: 60 %."
    assert desk.text("#accept-word") == text.DESK["accept"]
    for _ in range(3):
        desk.press("Control+Shift+z")
    assert desk.notice() == "Redone. Wall motion (RWMA): present, moderate."
    assert desk.text("#number-ef") == "45"
    desk.press("Control+y")
    desk.page.wait_for_selector(f"#notice >> text={text.NOTHING_TO_REDO}")


def test_undo_goes_on_through_the_stored_decisions_and_back(make_live: MakeLive) -> None:
    live = make_live(*[clean_record(number) for number in range(1, 5)])
    desk = live.sit_down()
    desk.wait_for(1)
    desk.press("45", "Enter", "Enter")
    desk.wait_for(2)
    desk.press("Enter")
    desk.wait_for(3)
    desk.press("Control+z")
    desk.wait_for(2)
    assert desk.notice() == text.UNDONE
    desk.press("Control+z")
    desk.wait_for(1)
    assert desk.text("#number-ef") == "45"  # as it had been answered
    desk.press("Control+y")
    desk.wait_for(2)
    desk.press("Control+y")
    desk.wait_for(3)
    assert desk.notice() == text.REDONE
    assert decided(live) == [(1, "correct", 45), (2, "accept", 60)]
    assert live.labels() == {1: 45, 2: 60}


@pytest.mark.slow
def test_an_undone_decision_is_undone_after_a_reload_and_can_be_stored_anew(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.press("45", "Enter", "Enter")
    desk.wait_for(2)
    desk.press("Control+z")
    desk.wait_for(1)
    assert live.labels() == {}
    desk.page.reload()
    desk.wait_for(1)
    desk.press("40", "Enter", "Enter")
    desk.wait_for(2)
    assert live.labels() == {1: 40}


@pytest.mark.slow
def test_what_was_answered_is_there_after_a_reload_with_its_steps(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    wait_for_work(desk, ("45", "Enter", "p", "3", "r", "48"))
    desk.page.reload()
    desk.wait_for(1)
    assert desk.text("#number-ef") == "45"
    assert desk.page.get_attribute("#chips-rwma_severity [data-value='severe']", "aria-checked") == "true"
    assert desk.page.input_value("#typing-rvsp") == "48"
    desk.press("Control+z", "Control+z")
    assert desk.page.get_attribute("#chips-rwma_severity [data-value='severe']", "aria-checked") == "false"
    desk.press("Control+y", "Enter")
    desk.wait_for(2)
    (review,) = live.reviews()
    assert (review.ef_percent, review.rwma_severity, review.rvsp_mmhg) == (45, "severe", None)
    desk.page.wait_for_timeout(900)
    with live.seeded.database.read() as session:
        leases = {case_id: session.get(Lease, case_id) for case_id in (1, 2)}
    assert leases[1] is None
    assert leases[2] is not None and leases[2].work is None


@pytest.mark.slow
def test_a_reload_in_the_moment_of_a_change_loses_nothing(make_live: MakeLive) -> None:
    desk = make_live(clean_record(1)).sit_down()
    desk.wait_for(1)
    desk.press("50-55", "Enter")
    desk.page.reload()  # before the pause after which work is kept
    desk.wait_for(1)
    assert desk.text("#unit-ef") == "%  from 50 – 55"


def test_a_correction_may_carry_a_reason_at_one_more_key(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2), clean_record(3))
    desk = live.sit_down()
    desk.wait_for(1)
    before = places(desk)
    assert not desk.page.is_visible("#reason-strip")
    desk.press("Shift+Digit1")
    assert desk.notice() == text.DESK["reason_needs_change"]
    desk.press("45", "Enter")
    assert desk.page.is_visible("#reason-strip")
    assert places(desk) == before
    desk.press("Shift+Digit5")
    assert desk.notice() == "Reason: negation."
    pressed = "#reasons [aria-pressed='true']"
    assert desk.page.get_attribute(pressed, "data-code") == "negation"
    desk.page.click("#reasons [data-code='misread']")
    assert desk.page.get_attribute(pressed, "data-code") == "misread"
    desk.press("Enter")
    desk.wait_for(2)
    assert not desk.page.is_visible("#reason-strip")
    desk.press("Enter")
    desk.wait_for(3)
    desk.press("p", "Shift+Digit8", "Shift+Digit8", "Enter")  # the same key again takes it back
    desk.page.wait_for_selector("#desk[data-state='empty']")
    assert [review.reason for review in live.reviews()] == ["misread", None, None]


def test_what_no_machine_could_read_is_not_called_wrong_nor_an_earlier_answer(make_live: MakeLive) -> None:
    read = findings(ef_state="unreadable", rwma="absent", rwma_severity="none", pah="none")
    light = {"ef_percent": "red", "rwma": "green", "pah": "green"}
    unread = replace(clean_record(1), findings=read, light=light)
    desk = make_live(unread, clean_record(2)).sit_down()
    desk.wait_for(1)
    desk.press("u")
    assert desk.text("#pill-ef") == text.DESK["entered"]
    assert not desk.page.is_visible("#reason-strip")
    desk.press("n")
    assert desk.text("#pill-ef") == text.DESK["edited"]
    assert desk.page.is_visible("#reason-strip")
    desk.press("Control+z", "Control+z", "f", "odd", "Enter")
    desk.wait_for(2)
    desk.press("Control+z")
    desk.wait_for(1)
    assert desk.notice() == text.UNDONE_FLAG
    assert desk.text("#pill-ef") == text.LIGHT_WORDS["red"]
    assert desk.text("#number-ef") == text.DESK["nothing_yet"]
    desk.press("Enter")
    assert "still needs an answer" in desk.notice()
    desk.press("f")
    assert desk.page.input_value("#note") == "odd"
    desk.page.fill("#note", "x" * 3000)
    assert desk.notice() == text.DESK["note_full"]


def places(desk: Sitting) -> Any:
    """Where every control stands."""
    return desk.page.evaluate(
        """() => [...document.querySelectorAll(
            '#desk .card, #desk .chip, #desk .crop, #desk #actions button, #paper')]
          .map((one) => one.getBoundingClientRect())
          .map((box) => [box.left, box.top, box.height])"""
    )


def test_skipping_asks_why_with_one_key(make_live: MakeLive) -> None:
    live = make_live(*[clean_record(number) for number in range(1, 4)])
    desk = live.sit_down()
    desk.wait_for(1)
    before = places(desk)
    desk.press("s")
    assert desk.page.is_visible("#skip-strip")
    assert places(desk) == before
    desk.press("Escape", "s", "x", "s")  # closed, opened, a key that means nothing here, closed
    assert not desk.page.is_visible("#skip-strip")
    assert live.reviews() == []
    desk.press("s", "4")
    desk.wait_for(2)
    for _ in range(5):
        desk.page.keyboard.down("s")  # held down
    desk.page.keyboard.up("s")
    assert len(live.reviews()) == 1
    desk.press("Enter")
    desk.wait_for(3)
    desk.press("s")
    desk.page.click("#skips [data-code='hard_to_read']")
    desk.page.wait_for_selector("#desk[aria-busy='false']:not([data-case='3'])")
    assert [(review.decision, review.note) for review in live.reviews()] == [
        ("skip", "two_patients"), ("skip", ""), ("skip", "hard_to_read"),
    ]  # fmt: skip
    assert set(text.ANSWER_WORDS["skip"]) >= {"two_patients", "hard_to_read"}


@pytest.mark.slow
def test_the_codebook_opens_at_the_field_and_the_keys_at_a_question_mark(make_live: MakeLive) -> None:
    desk = make_live(clean_record(1)).sit_down()
    desk.wait_for(1)
    for card, heading in (("ef", "EF: left"), ("rwma", "RWMA: regional"), ("pah", "PAH: pulmonary")):
        desk.page.focus(f"#card-{card}")
        desk.press("h")
        desk.page.wait_for_selector("#codebook-body section")
        assert desk.text("#codebook-body h2 >> nth=0").startswith(heading)
        assert desk.text("#codebook-version") == f"version {CODEBOOK_VERSION}"
        assert desk.page.evaluate("document.activeElement.closest('#codebook') !== null")
        desk.press("ArrowDown", "Tab", "n", "h")
        assert not desk.page.is_visible("#codebook")
        assert desk.page.evaluate("document.activeElement.id") == f"card-{card}"
    desk.press("?")
    assert desk.page.is_visible("#help")
    desk.press("Escape")
    assert not desk.page.is_visible("#help")
    assert desk.text("#pill-pah") == text.LIGHT_WORDS["green"]  # the keys in the sheet answered nothing


@pytest.mark.slow
def test_the_other_readers_are_shown_on_demand(make_live: MakeLive) -> None:
    record = cross_checked_record()
    opinion = {
        "reader": "rules_rapidocr", "version": "1-1", "fields": ["ef_percent"],
        "findings": {**record.findings.model_dump(mode="json"), "ef_percent": 62.5, "ef_low": 85,
        "ef_high": 40},
    }  # fmt: skip
    opinion["findings"] |= {"ef_low": None, "ef_high": None}
    desk = make_live(type(record)(**{**vars(record), "opinions": [opinion]})).sit_down()
    desk.wait_for(1)
    before = places(desk)
    assert "62.5" not in desk.text("#card-ef")
    desk.press("o")
    assert desk.text("#reason-ef") == "rules_rapidocr: 62.5 %"
    assert desk.text("#reason-pah") == text.DESK["no_other_reader"]
    assert places(desk) == before
    desk.press("o")
    assert "The two readers differ" in desk.text("#reason-ef")


@pytest.mark.slow
def test_a_contradiction_in_the_report_stands_in_words(make_live: MakeLive) -> None:
    desk = make_live(desk_record()).sit_down()
    desk.wait_for(1)
    assert desk.text("#reason-pah .consistency") == "48 mmHg does not usually go with mild PAH."
    desk.press("ArrowUp", "2")
    assert desk.page.locator("#reason-pah .consistency").count() == 0


@pytest.mark.slow
def test_a_box_drawn_on_the_page_is_read_again_as_an_unsaved_change(make_live: MakeLive) -> None:
    asked: list[Any] = []

    def reread(image: Any, box: Any, field: str) -> RereadAnswer:
        asked.append((image.page, box, field))
        return RereadAnswer({"ef": {"text": "35-40"}} if field == "ef" else {})

    live = make_live(clean_record(1), clean_record(2), reread=reread)
    desk = live.sit_down()
    desk.wait_for(1)
    draw_box(desk)
    desk.page.wait_for_selector("#number-ef >> text=37.5")
    assert desk.notice() == text.REREAD
    assert not desk.page.is_visible("#rubber")
    assert desk.text("#pill-ef") == text.DESK["edited"]
    ((page, (left, top, right, bottom), field),) = asked
    assert (page, field) == (1, "ef")
    assert right - left == pytest.approx((bottom - top) * 2, rel=0.05)
    assert live.reviews() == []
    desk.press("Escape")
    assert desk.notice() == text.DESK["reread_dropped"]
    assert desk.text("#number-ef") == "60"
    desk.press("a")
    draw_box(desk)
    desk.page.wait_for_selector(f"#notice >> text={text.REREAD_NOTHING}")
    desk.page.keyboard.down(" ")
    moved = desk.page.evaluate("document.getElementById('scroller').scrollTop")
    draw_box(desk, up=True)
    desk.page.keyboard.up(" ")
    assert desk.page.evaluate("document.getElementById('scroller').scrollTop") > moved
    assert len(asked) == 2


@pytest.mark.slow
def test_a_box_is_drawn_and_read_again_by_keys_alone(make_live: MakeLive) -> None:
    asked: list[Any] = []

    def reread(_image: Any, box: Any, field: str) -> RereadAnswer:
        asked.append(box)
        return RereadAnswer({"ef": {"text": "35-40"}} if field == "ef" else {})

    desk = make_live(clean_record(1), clean_record(2), reread=reread).sit_down()
    desk.wait_for(1)
    desk.press("b")
    assert desk.notice() == text.DESK["boxing"]
    before = desk.page.locator("#rubber").bounding_box()
    for key in ("ArrowDown", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"):
        desk.page.keyboard.press(key)
    after = desk.page.locator("#rubber").bounding_box()
    assert before is not None and after is not None
    assert after["width"] > before["width"] and after["height"] > before["height"]
    desk.press("Escape")
    assert not desk.page.is_visible("#rubber")
    desk.press("b", "Enter")
    desk.page.wait_for_selector("#number-ef >> text=37.5")
    assert len(asked) == 1
    desk.press("b", "a")  # another key drops it and means what it always means
    assert not desk.page.is_visible("#rubber")
    assert desk.page.get_attribute("#chips-rwma [data-value=absent]", "aria-checked") == "true"


def draw_box(desk: Sitting, *, up: bool = False) -> None:
    """Drag over a part of the page, 200 px wide and 100 px high."""
    box = desk.page.locator("#scroller").bounding_box()
    assert box is not None
    x, y = box["x"] + 200, box["y"] + 300
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 100, y + (-50 if up else 50))
    desk.page.mouse.move(x + 200, y + (-100 if up else 100))
    desk.page.mouse.up()


@pytest.mark.slow
def test_without_a_reader_to_ask_a_drag_moves_the_page(make_live: MakeLive) -> None:
    desk = make_live(clean_record(1)).sit_down()
    desk.wait_for(1)
    before = desk.page.evaluate("document.getElementById('scroller').scrollTop")
    draw_box(desk, up=True)
    assert desk.page.evaluate("document.getElementById('scroller').scrollTop") > before
    assert not desk.page.is_visible("#rubber")
    assert not [url for url in desk.requested if url.endswith("/reread")]


@pytest.mark.slow
def test_a_busy_database_is_told_and_asked_again(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    busy = {"data": [{"state": "busy", "sentence": text.BUSY}]}
    asked: list[Any] = []

    def answer_busy(route: Any) -> None:
        asked.append(route.request.post_data_json["data"][0])
        route.fulfill(json=busy)

    desk.intercept("decide", answer_busy, times=5)
    desk.press("50-55", "Enter", "Enter")
    assert desk.notice() == text.BUSY
    desk.page.wait_for_selector(f"#notice >> text={text.STILL_BUSY}")
    assert len(asked) == 5
    assert len({one["request_id"] for one in asked}) == 1
    assert desk.text("#number-ef") == "52.5"
    desk.press("Enter")
    desk.wait_for(2)
    assert [review.request_id for review in live.reviews()] == [asked[0]["request_id"]]


@pytest.mark.slow
def test_the_next_record_is_fetched_ahead_and_others_are_let_go(make_live: MakeLive) -> None:
    desk = make_live(*[clean_record(number) for number in range(1, 6)]).sit_down()
    desk.wait_for(1)
    desk.wait_for_pages(2, 3)
    seen = len(desk.requested)
    desk.press("Enter")
    desk.wait_for(2)
    desk.wait_for_pages(4)
    assert not [url for url in desk.requested[seen:] if "/case/2/" in url or "/case/3/" in url]
