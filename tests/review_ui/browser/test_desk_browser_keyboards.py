"""A note half written outlives a reload; keys work by their place on keyboards of other scripts."""

from __future__ import annotations

import pytest
from desk_fixture import clean_record, desk_record
from live_desk import MakeLive, Sitting

pytestmark = pytest.mark.browser

_PRESS = """([key, code]) => (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }))"""


def press_elsewhere(desk: Sitting, *keys: tuple[str, str]) -> None:
    """Press keys of a keyboard whose script is not Latin: what each types, and its place."""
    for key in keys:
        desk.page.evaluate(_PRESS, list(key))


def test_a_note_half_written_is_there_after_a_reload(make_live: MakeLive) -> None:
    desk = make_live(clean_record(1), clean_record(2)).sit_down()
    desk.wait_for(1)
    desk.press("f")
    with desk.page.expect_response("**/event/keep_work"):
        desk.press("page two is cut off")
    desk.page.reload()
    desk.wait_for(1)
    assert desk.page.input_value("#note") == "page two is cut off"
    assert desk.page.is_visible("#flag-form")
    desk.press("Enter")
    desk.wait_for(2)
    assert desk.page.input_value("#note") == "" and not desk.page.is_visible("#flag-form")


@pytest.mark.slow
def test_what_nobody_was_there_to_keep_is_kept_once_somebody_is(make_live: MakeLive) -> None:
    desk = make_live(clean_record(1), clean_record(2)).sit_down()
    desk.wait_for(1)
    with desk.page.expect_event("requestfailed"):
        desk.context.set_offline(True)
        desk.press("f", "page two is cut off")
    with desk.page.expect_response("**/event/keep_work", timeout=30_000):
        desk.context.set_offline(False)
    desk.page.reload()
    desk.wait_for(1)
    assert desk.page.input_value("#note") == "page two is cut off"


def test_keys_of_another_script_do_what_stands_at_their_place(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    press_elsewhere(desk, ("४", "Digit4"), ("५", "Digit5"))
    desk.press("Enter")
    assert desk.text("#number-ef") == "45"
    press_elsewhere(desk, ("з", "KeyP"), ("२", "Digit2"))
    desk.press("Enter")
    desk.wait_for(2)
    (review,) = live.reviews()
    assert (review.ef_percent, review.rwma, review.rwma_severity) == (45, "present", "moderate")


def test_walls_are_named_by_one_key_each_and_undone_like_any_answer(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), desk_record())
    desk = live.sit_down()
    desk.wait_for(1)
    assert not desk.page.is_visible("#walls")  # there are none to name
    desk.press("l", "5", "a", "1", "5")
    assert desk.page.is_visible("#wall-strip")
    assert desk.text("#walls") == "L\nanterior, apical"
    assert desk.page.get_attribute("#wall-keys [data-code=apical]", "aria-pressed") == "true"
    desk.press("Enter")
    assert not desk.page.is_visible("#wall-strip")
    desk.press("Control+z")
    assert desk.notice() == "Undone. Wall motion (RWMA): present: anterior, inferior, apical."
    desk.press("Control+y", "l", "f")  # another key ends it and means what it always means
    assert not desk.page.is_visible("#wall-strip")
    desk.press("Escape", "Enter")
    desk.wait_for(2)
    (review,) = live.reviews()
    assert (review.decision, review.rwma, review.rwma_walls) == ("correct", "present", ["anterior", "apical"])
    assert desk.text("#walls") == "L\ninferior, inferolateral"
    desk.press("a", "p")  # absent, then present: the walls of the draft went with its answer
    assert desk.text("#walls") == "L\nwalls"
