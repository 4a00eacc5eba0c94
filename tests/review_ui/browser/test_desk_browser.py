"""Annotators at the desk, in a real browser and by keyboard alone; every decision is looked up in the
database.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from desk_fixture import clean_record, desk_record, findings, two_page_record
from live_desk import LiveDesk, MakeLive

from db.tables.reviews import Review
from review_ui import text
from review_ui.desk.answers import NotStorable, parse_ef, parse_rvsp
from review_ui.desk.context import RereadAnswer

pytestmark = pytest.mark.browser

# Keys, and what they make of a record that says EF 60, RWMA absent, PAH none.
SESSION: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    (("Enter",), {"decision": "accept", "ef_percent": 60}),
    (("45", "Enter", "Enter"), {"decision": "correct", "ef_percent": 45, "ef_operator": "=", "ef_low": None}),
    (("50-55", "Enter", "Enter"), {"ef_percent": 52.5, "ef_low": 50, "ef_high": 55}),
    ((">55", "Enter", "Enter"), {"ef_percent": 55, "ef_operator": ">"}),
    (("~", "58", "Enter", "Enter"), {"ef_percent": 58, "ef_operator": "~"}),
    (("n", "Enter"), {"ef_state": "not_stated", "ef_percent": None}),
    (("u", "Enter"), {"ef_state": "unreadable", "ef_percent": None}),
    (("p", "Enter"), {"rwma": "present", "rwma_severity": "not_stated", "ef_percent": 60}),
    (("ArrowDown", "2", "Enter"), {"rwma": "present", "rwma_severity": "moderate"}),
    (("p", "3", "g", "Enter"), {"rwma": "present", "rwma_severity": "not_stated"}),
    (("p", "a", "Enter"), {"decision": "accept", "rwma": "absent", "rwma_severity": "none"}),
    (("ArrowDown", "n", "Enter"), {"rwma": "not_stated"}),
    (("ArrowDown", "u", "Enter"), {"rwma": "unreadable"}),
    (("ArrowDown", "ArrowDown", "1", "Enter"), {"pah": "mild", "rwma": "absent"}),
    (("Tab", "Tab", "3", "Enter"), {"pah": "severe"}),
    (("Tab", "Tab", "p", "Enter"), {"pah": "present_unspecified"}),
    (("Tab", "Tab", "n", "Enter"), {"pah": "not_stated"}),
    (("Tab", "Tab", "u", "Enter"), {"pah": "unreadable"}),
    (("r", "46-51", "Enter", "Enter"), {"rvsp_mmhg": 48.5, "pah": "none"}),
    (("3", "0", "n", "Enter"), {"ef_state": "not_stated"}),
    (("45", "Escape", "Enter"), {"decision": "accept", "ef_percent": 60}),
    (("45", "Enter", "Control+z", "Enter"), {"decision": "accept", "ef_percent": 60}),
    (
        ("45", "ArrowDown", "1", "ArrowDown", "2", "Enter"),
        {"ef_percent": 45, "rwma_severity": "mild", "pah": "moderate"},
    ),
    (("s", "Enter"), {"decision": "skip", "note": "", "ef_percent": 60}),
]


def columns(review: Review, names: Any) -> dict[str, Any]:
    return {name: getattr(review, name) for name in names}


@pytest.mark.slow
def test_a_session_by_keyboard_alone(make_live: MakeLive) -> None:
    live = make_live(*[clean_record(number) for number in range(1, len(SESSION) + 2)])
    desk = live.sit_down()
    for case_id, (keys, _) in enumerate(SESSION, start=1):
        desk.wait_for(case_id)
        desk.press(*keys)
    desk.wait_for(len(SESSION) + 1)
    reviews = live.reviews()
    assert [review.case_id for review in reviews] == list(range(1, len(SESSION) + 1))
    for review, (keys, expected) in zip(reviews, SESSION, strict=True):
        assert columns(review, expected) == expected, keys
        assert review.annotator_id == 1
    events = live.decision_events()
    assert [event.subject for event in events] == [f"review:{review.id}" for review in reviews]
    assert all(abs(review.created_at - datetime.now(UTC)) < timedelta(minutes=5) for review in reviews)
    assert all(0 < review.active_s < 60 for review in reviews)
    assert desk.complaints == []


def test_a_red_field_takes_an_answer_before_the_record_is_accepted(make_live: MakeLive) -> None:
    live = make_live(desk_record(), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    assert desk.text("#pill-ef") == "needs you"
    assert desk.text("#accept-word") == text.DESK["confirm"]
    desk.press("ArrowDown", "Enter")
    assert live.reviews() == []
    assert "needs an answer" in desk.notice()
    assert "focused" in (desk.page.get_attribute("#card-ef", "class") or "")
    desk.press("Enter")
    assert desk.text("#pill-ef") == "confirmed"
    assert live.reviews() == []
    desk.press("Enter")
    desk.wait_for(2)
    (review,) = live.reviews()
    assert columns(review, ("decision", "ef_low", "ef_high")) == {
        "decision": "accept",
        "ef_low": 35,
        "ef_high": 40,
    }


def test_a_number_that_cannot_be_stored_stays_and_says_why(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.press("3", "Enter")
    assert desk.page.input_value("#typing-ef") == "3"
    assert desk.text("#reason-ef") == "An ejection fraction lies between 5 and 90 percent; 3 does not."
    desk.press("Enter", "ArrowDown", "Tab")
    assert desk.page.input_value("#typing-ef") == "3"
    assert live.reviews() == []
    desk.press("8", "Enter", "Enter")
    desk.wait_for(2)
    assert live.reviews()[0].ef_percent == 38


def test_a_flag_carries_its_note(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.press("f", "Enter")
    assert desk.notice() == text.NOTE_MISSING
    desk.press("two patients, one page? (p 1) 50", "Enter")
    desk.wait_for(2)
    desk.press("f", "never mind", "Escape", "Enter")
    desk.page.wait_for_selector("#desk[data-state='empty']")
    flag, accepted = live.reviews()
    assert columns(flag, ("decision", "note")) == {
        "decision": "flag",
        "note": "two patients, one page? (p 1) 50",
    }
    assert columns(accepted, ("decision", "note")) == {"decision": "accept", "note": ""}


def test_going_back_and_deciding_again_keeps_both_decisions(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2), clean_record(3))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.press("45", "Enter", "Enter")
    desk.wait_for(2)
    desk.press("Enter")
    desk.wait_for(3)
    desk.press("2", "0")  # begun on record 3, then back
    desk.press("Escape", "p", "Backspace")
    desk.wait_for(2)
    desk.press("Backspace")
    desk.wait_for(1)
    assert desk.text("#number-ef") == "45"
    assert "You corrected this record" in desk.notice()
    desk.press("Enter")  # nothing changed: on to the record left behind, with what was begun there
    desk.wait_for(3)
    assert desk.notice() == text.DESK["nothing_changed"]
    assert len(live.reviews()) == 2
    assert desk.page.get_attribute("#chips-rwma [data-value='present']", "aria-checked") == "true"
    desk.press("Backspace")
    desk.wait_for(2)
    desk.press("Backspace")
    desk.wait_for(1)
    desk.press("40", "Enter", "Enter")
    desk.wait_for(3)
    first, second, again = live.reviews()
    assert [(review.case_id, review.ef_percent) for review in (first, second, again)] == [
        (1, 45),
        (2, 60),
        (1, 40),
    ]


def test_the_end_of_the_queue_says_what_to_do_next(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), leads=("Lena",), annotators=())
    desk = live.sit_down()
    desk.wait_for(1)
    desk.press("Enter")
    desk.page.wait_for_selector("#desk[data-state='empty']")
    assert text.EMPTY_ONE_DONE in desk.text("#empty")
    assert desk.page.locator("#empty-links a").get_attribute("href") == "/take-out"
    button = desk.page.locator("#look-again").bounding_box()
    assert button is not None and button["height"] < 60
    assert desk.text("#progress-words") == "1 of 1 reviewed"
    desk.press("Enter")
    desk.page.wait_for_selector("#desk[data-state='empty'][aria-busy='false']")
    desk.press("Backspace")
    desk.wait_for(1)
    assert "You accepted this record" in desk.notice()


def test_the_page_shows_the_evidence_of_the_focused_field(make_live: MakeLive) -> None:
    desk = make_live(two_page_record(), desk_record()).sit_down()
    desk.wait_for(1)
    assert desk.text("#where") == "Record 1 · Site 2 · page 2 of 2"
    assert desk.text("#number-ef") == "not stated"
    assert "Good LV systolic function" in desk.text("#reason-ef")
    for card in ("ef", "rwma", "pah"):
        strong = desk.page.locator(".box.strong")
        assert strong.get_attribute("data-field") == card
        assert _is_inside(strong.bounding_box(), desk.page.locator("#scroller").bounding_box())
        desk.press("ArrowDown")
    assert desk.page.evaluate(INK_IN_CROPS) == [True, True, True]
    desk.press("[")
    assert desk.text("#where").endswith("page 1 of 2")
    width = desk.page.locator("#paper").bounding_box()
    desk.press("+", "+")
    wider = desk.page.locator("#paper").bounding_box()
    desk.press("z")
    fitted = desk.page.locator("#paper").bounding_box()
    assert width and wider and fitted
    assert wider["width"] > width["width"] * 1.4
    assert fitted["width"] == pytest.approx(width["width"])


def test_a_page_on_its_side_is_turned_with_all_that_is_marked_on_it(make_live: MakeLive) -> None:
    asked: list[Any] = []

    def reread(_image: Any, box: Any, _field: str) -> RereadAnswer:
        asked.append(box)
        return RereadAnswer({})

    desk = make_live(desk_record(), clean_record(2), reread=reread).sit_down()
    desk.wait_for(1)
    upright = desk.page.evaluate(STRONG_BOX)
    desk.press("t")
    left, top, width, height, shape = desk.page.evaluate(STRONG_BOX)
    assert desk.page.evaluate("document.querySelector('#page').firstChild.localName") == "canvas"
    assert [left, top, width, height] == pytest.approx(
        [1 - upright[1] - upright[3], upright[0], upright[3], upright[2]], abs=1e-4
    )
    assert shape == pytest.approx(1 / upright[4], rel=0.01)
    desk.press("b", "Enter")
    desk.page.wait_for_selector("#rubber", state="hidden")
    desk.press("Enter", "Enter")
    desk.wait_for(2)
    assert desk.page.evaluate("document.querySelector('#page').firstChild.localName") == "img"
    desk.press("Backspace")
    desk.wait_for(1)
    assert desk.page.evaluate(STRONG_BOX) == pytest.approx([left, top, width, height, shape], abs=1e-4)
    for _ in range(3):
        desk.page.click("#page-quarter")
    assert desk.page.evaluate(STRONG_BOX) == pytest.approx(upright, abs=1e-4)
    assert desk.page.evaluate(INK_IN_CROPS) == [True, True, True]
    desk.press("b", "Enter")
    desk.page.wait_for_selector("#rubber", state="hidden")
    assert asked[0] == pytest.approx(asked[1], abs=0.02)


STRONG_BOX = """() => {
  const {left, top, width, height} = document.querySelector('.box.strong').style;
  const paper = document.getElementById('paper');
  return [...[left, top, width, height].map((share) => parseFloat(share) / 100),
    paper.offsetWidth / paper.offsetHeight];
}"""
INK_IN_CROPS = """() => [...document.querySelectorAll('.crop canvas')].map((canvas) => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] < 100) dark += 1;
  return dark > 50;
})"""


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1366, 650), (1024, 768), (1920, 1080)])
def test_a_record_is_decided_without_scrolling(live_for_looking: LiveDesk, width: int, height: int) -> None:
    desk = live_for_looking.sit_down(viewport={"width": width, "height": height})
    assert desk.page.evaluate(
        """() => {
          const column = document.querySelector('.answers');
          const accept = document.getElementById('accept').getBoundingClientRect();
          const cards = [...document.querySelectorAll('.card')]
            .every((card) => card.scrollWidth <= card.clientWidth);
          return [column.scrollHeight <= column.clientHeight, accept.bottom <= innerHeight - 34, cards,
            document.scrollingElement.scrollHeight <= innerHeight];
        }"""
    ) == [True, True, True, True]  # fmt: skip


@pytest.fixture
def live_for_looking(make_live: MakeLive) -> LiveDesk:
    return make_live(desk_record(), clean_record(2))


def test_the_preview_and_the_server_read_numbers_alike(live_for_looking: LiveDesk) -> None:
    typed = [
        "", " ", "55", "5", "4.9", "90", "90.5", "91", "37.5", "37,5", "0.55", "0,5", "0", "00", "055",
        "1000",
        "12.345", "50-55", "50 – 55", "50—55", "50 to 55", "50to55", "55-50", "85-95", "85-101", "0-9",
        "0-10",
        "0.5-0.6", "50-", "-50", "--", "50-55-60", ">55", "> 55 %", ">=55", "≥55", "<30", "<=30", "≤30",
        "~60", "≈60",
        "=60", ">50-55", "~50-60", "=50-60", "55%", "55 %", "55%-60%", "5 5", "a", "55a", "٥٥", "１２", "1e1",
        "५२", "४५٫५", "௪௫", "४५-५०", "４５％", "๔๕", "Ⅳ", "①②", "੪੫ %",
        "+55",
        "55.", ".5", "\t55", "55\n", "\u00a055", "\ufeff55", "9" * 41,
    ]  # fmt: skip
    desk = live_for_looking.sit_down()
    settings = {
        "text": text.DESK,
        "limits": {"ef": [5, 90], "rvsp": [5, 200]},
    }
    previewed = desk.page.evaluate(
        """async ([typed, settings]) => {
          const {parseEf, parseRvsp} = await import('/desk/values.js');
          return typed.map((one) => [parseEf(one, settings), parseRvsp(one, settings)]);
        }""",
        [typed, settings],
    )
    for one, (ef, rvsp) in zip(typed, previewed, strict=True):
        assert ef == _server_ef(one), repr(one)
        assert rvsp == _server_rvsp(one), repr(one)


def _server_ef(typed: str) -> dict[str, Any]:
    try:
        number = parse_ef(typed)
    except NotStorable as error:
        return {"problem": error.sentence}
    value = {
        "percent": number.value,
        "low": number.low,
        "high": number.high,
        "operator": number.operator.value,
    }
    return {"value": value}


def _server_rvsp(typed: str) -> dict[str, Any]:
    try:
        return {"value": parse_rvsp(typed)}
    except NotStorable as error:
        return {"problem": error.sentence}


def _is_inside(inner: Any, outer: Any) -> bool:
    return bool(
        outer["x"] <= inner["x"]
        and outer["y"] <= inner["y"]
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"]
    )


def test_the_answers_shown_are_the_answers_stored(make_live: MakeLive) -> None:
    """What stands on screen before Enter is what the database holds after it."""
    drafted = findings(
        ef_percent=55, ef_operator=">", ef_state="stated", rwma="present", rwma_severity="mild",
        pah="moderate",
        rvsp_mmhg=62,
    )  # fmt: skip
    record = clean_record(1)
    live = make_live(type(record)(**{**vars(record), "findings": drafted}), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    assert desk.text("#number-ef") == "> 55"
    assert desk.text("#number-rvsp") == "62 mmHg"
    chosen = desk.page.eval_on_selector_all(
        ".chip.chosen", "chips => chips.map((chip) => chip.dataset.value)"
    )
    assert chosen == ["present", "mild", "moderate"]
    desk.press("Enter")
    desk.wait_for(2)
    assert json.loads(live.reviews()[0].to_findings().model_dump_json()) == json.loads(
        drafted.model_dump_json()
    )
