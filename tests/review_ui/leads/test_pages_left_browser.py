"""A lead's page with a report on it, on a screen that was left: covered, and not loaded anew."""

from __future__ import annotations

import pytest
from desk_fixture import clean_record
from desk_people import SeedCopy
from live_desk import Sitting, Windows, running_desk
from playwright.sync_api import Page

from review_ui.text.quality import LEFT, LEFT_SIGNED_OUT

pytestmark = pytest.mark.browser


def is_readable(page: Page) -> bool:
    """Whether the report's picture can be seen."""
    return bool(page.evaluate("getComputedStyle(document.querySelector('main img')).visibility !== 'hidden'"))


def opened(sitting: Sitting) -> Page:
    """A record's page, with the browser's clock in hand."""
    page = sitting.page
    page.goto(page.url.rstrip("/") + "/records?record=1")
    page.clock.install()
    page.reload()
    page.wait_for_selector("main img")
    page.evaluate("window.kept = 'asked'")  # gone where the page is loaded anew, as what was typed would be
    assert is_readable(page)
    return page


def kept(page: Page) -> str:
    """What the page held before it was covered."""
    return str(page.evaluate("window.kept"))


def test_a_page_with_a_report_is_covered_after_ten_minutes_and_shown_to_who_is_signed_in(
    seed_copy: SeedCopy, windows: Windows
) -> None:
    with running_desk(seed_copy(clean_record(1)), windows, leads=("Lena",), annotators=()) as live:
        page = opened(live.sit_down(is_new_browser=True))
        page.clock.fast_forward("09:00")
        assert is_readable(page)
        page.clock.fast_forward("02:00")
        page.wait_for_selector("body[data-covered]")
        assert not is_readable(page) and page.inner_text("#left") == LEFT
        address = page.url
        page.keyboard.press("Enter")  # asks, and does nothing else
        page.wait_for_selector("body:not([data-covered])")
        assert is_readable(page) and page.url == address and kept(page) == "asked"


def test_it_stays_covered_for_who_is_signed_out(seed_copy: SeedCopy, windows: Windows) -> None:
    with running_desk(seed_copy(clean_record(1)), windows, leads=("Lena",), annotators=()) as live:
        sitting = live.sit_down(is_new_browser=True)
        page = opened(sitting)
        cookies = sitting.context.cookies()
        sitting.context.clear_cookies()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_selector("body[data-covered]")
        assert not is_readable(page) and page.inner_text("#left") == LEFT_SIGNED_OUT
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        assert not is_readable(page)
        sitting.context.add_cookies(cookies)  # signed in again elsewhere
        page.mouse.click(400, 400)
        page.wait_for_selector("body:not([data-covered])")
        assert is_readable(page) and kept(page) == "asked"
