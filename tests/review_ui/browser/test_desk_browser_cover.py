"""The report on a screen that was left: covered, and the answers still there."""

from __future__ import annotations

import pytest
from desk_fixture import clean_record
from live_desk import MakeLive, Sitting

from review_ui import text

pytestmark = pytest.mark.browser


def is_readable(desk: Sitting) -> bool:
    """Whether the report, or a piece of it, can be seen."""
    return bool(
        desk.page.evaluate(
            "[...document.querySelectorAll('#page, .crop, .reason')]"
            ".some(part => getComputedStyle(part).visibility !== 'hidden')"
        )
    )


def test_a_report_leaves_the_screen_of_whoever_is_signed_out_and_the_answers_stay(
    make_live: MakeLive,
) -> None:
    live = make_live(clean_record(1))
    desk = live.sit_down(is_new_browser=True)
    desk.wait_for(1)
    desk.press("4", "5")
    cookies = desk.context.cookies()
    desk.context.clear_cookies()
    desk.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    desk.page.wait_for_selector("#desk[data-covered]")
    assert text.SIGNED_OUT in desk.notice()
    assert not is_readable(desk)
    desk.context.add_cookies(cookies)
    desk.press("Enter")  # asks, and does nothing else
    desk.page.wait_for_selector("#desk:not([data-covered])")
    assert is_readable(desk)
    assert live.reviews() == []
    assert desk.page.input_value("#typing-ef") == "45"
    desk.press("Enter", "Enter")
    desk.page.wait_for_selector("#desk[data-state='empty'][aria-busy='false']")
    assert [review.ef_percent for review in live.reviews()] == [45]


def test_a_report_leaves_the_screen_of_whoever_has_been_away_for_long(make_live: MakeLive) -> None:
    live = make_live(clean_record(1))
    desk = live.sit_down(is_new_browser=True)
    desk.page.clock.install()
    desk.page.reload()
    desk.wait_for(1)
    desk.page.clock.fast_forward("09:00")
    assert is_readable(desk)
    desk.page.clock.fast_forward("02:00")
    desk.page.wait_for_selector("#desk[data-covered]")
    assert not is_readable(desk)
    desk.press("Enter")
    desk.page.wait_for_selector("#desk:not([data-covered])")
    assert is_readable(desk)
    assert live.reviews() == []
