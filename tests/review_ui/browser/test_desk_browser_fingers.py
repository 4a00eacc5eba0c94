"""At the width of a phone everything that a key does for the usual record has a button."""

from __future__ import annotations

import pytest
from desk_fixture import clean_record
from live_desk import MakeLive

pytestmark = pytest.mark.browser


def test_a_range_is_typed_stored_looked_at_again_and_taken_back_without_a_key(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    page = desk.page
    page.set_viewport_size({"width": 390, "height": 844})
    desk.wait_for(1)
    page.click("#chips-ef .chip.still")
    page.keyboard.insert_text("35")  # what a phone's number pad sends
    page.click('[data-signs-of="ef"] button >> nth=0')
    assert page.evaluate("document.activeElement.id") == "typing-ef"
    page.keyboard.insert_text("40")
    page.click("#accept")
    page.wait_for_function("!document.querySelector('#number-ef').hidden")
    page.click("#accept")
    desk.wait_for(2)
    page.click("#touch-back")
    desk.wait_for(1)
    assert desk.text("#number-ef") == "37.5"
    page.click("#touch-codebook")
    assert page.is_visible("#codebook")
    page.click("#codebook .sheet-close")
    page.click("#touch-undo")
    page.wait_for_function("document.querySelector('#notice').textContent.length > 0")
    assert [(one.ef_low, one.ef_high) for one in live.reviews()] == [(35, 40)]
    ends_above = page.evaluate(
        """() => document.querySelector('#notice').getBoundingClientRect().bottom
            <= document.querySelector('#scroller').getBoundingClientRect().top + 1"""
    )
    assert ends_above
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
