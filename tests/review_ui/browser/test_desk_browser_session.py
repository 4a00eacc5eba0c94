"""What a session costs: 20 records by keyboard alone, every key counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from desk_fixture import SampleRecord, clean_record, desk_record
from live_desk import MakeLive

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Sheet:
    """One record of the session: what is pressed on it, and what is stored then.

    Attributes:
        typed: digits and signs of numbers, beside the keys.
        wrong: how many fields of the draft are wrong.
        red: how many right fields ask for an explicit answer.
    """

    keys: tuple[str, ...]
    stored: dict[str, Any]
    typed: int = 0
    wrong: int = 0
    red: int = 0
    draft: SampleRecord | None = field(default=None)

    @property
    def most_keys(self) -> int:
        """One for a correct record, one more for each red field that is right, three for each wrong field."""
        return 3 * self.wrong + self.red if self.wrong else 1 + self.red


RIGHT = Sheet(("Enter",), {"decision": "accept", "ef_percent": 60, "rwma": "absent", "pah": "none"})

# Of twenty drafts twelve are right, as drafts of clear pages mostly are.
SESSION: list[Sheet] = [
    RIGHT,
    RIGHT,
    Sheet(("4", "5", "Enter", "Enter"), {"decision": "correct", "ef_percent": 45}, typed=2, wrong=1),
    RIGHT,
    Sheet(("p", "2", "Enter"), {"rwma": "present", "rwma_severity": "moderate"}, wrong=1),
    RIGHT,
    RIGHT,
    Sheet(("ArrowUp", "1", "Enter"), {"pah": "mild", "ef_percent": 60}, wrong=1),
    RIGHT,
    Sheet(
        ("Enter", "Enter"), {"decision": "accept", "ef_low": 35, "ef_high": 40}, red=1, draft=desk_record()
    ),
    Sheet(("5", "0", "-", "5", "5", "Enter", "Enter"), {"ef_low": 50, "ef_high": 55}, typed=5, wrong=1),
    RIGHT,
    Sheet(("n", "Enter"), {"ef_state": "not_stated"}, wrong=1),
    RIGHT,
    Sheet(
        ("3", "5", "ArrowDown", "3", "ArrowDown", "2", "Enter"),
        {"ef_percent": 35, "rwma": "present", "rwma_severity": "severe", "pah": "moderate"},
        typed=2,
        wrong=3,
    ),
    RIGHT,
    Sheet(("r", "4", "8", "Enter", "Enter"), {"rvsp_mmhg": 48, "pah": "none"}, typed=2, wrong=1),
    RIGHT,
    Sheet(("ArrowUp", "u", "Enter"), {"pah": "unreadable"}, wrong=1),
    RIGHT,
]


@pytest.mark.slow
def test_twenty_records_need_no_mouse_and_few_keys(make_live: MakeLive, record_property: Any) -> None:
    live = make_live(*[sheet.draft or clean_record(number) for number, sheet in enumerate(SESSION, start=1)])
    desk = live.sit_down()
    desk.page.evaluate(
        "addEventListener('keydown', () => { window.pressed = (window.pressed ?? 0) + 1; }, true)"
    )
    for case_id, sheet in enumerate(SESSION, start=1):
        desk.wait_for(case_id)
        desk.press(*sheet.keys)
    desk.page.wait_for_selector("#desk[data-state='empty'][aria-busy='false']")
    reviews = live.reviews()
    assert [review.case_id for review in reviews] == list(range(1, len(SESSION) + 1))
    for review, sheet in zip(reviews, SESSION, strict=True):
        assert {name: getattr(review, name) for name in sheet.stored} == sheet.stored, sheet.keys
        assert len(sheet.keys) - sheet.typed <= sheet.most_keys, sheet.keys
    pressed, typed = desk.page.evaluate("window.pressed"), sum(sheet.typed for sheet in SESSION)
    record_property("key presses", f"{pressed} for {len(SESSION)} records, {typed} of them digits and signs")
    assert (pressed, typed) == (47, 11)
    assert sum(len(sheet.keys) for sheet in SESSION) == pressed
    assert desk.complaints == []
