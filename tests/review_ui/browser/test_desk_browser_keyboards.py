"""A note half written outlives a reload; keys work by their place on other keyboards, and never too early."""

from __future__ import annotations

import pytest
from desk_fixture import clean_record, desk_record, two_page_record
from live_desk import MakeLive, Sitting
from playwright.sync_api import Route

from review_ui import text

pytestmark = pytest.mark.browser

_PRESS = """([key, code, held]) => (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...held }))"""
SHIFT: dict[str, bool] = {"shiftKey": True}
# As Windows tells of AltGr.
ALT_GR: dict[str, bool] = {"modifierAltGraph": True, "ctrlKey": True, "altKey": True}


def press_elsewhere(desk: Sitting, *keys: tuple[str, str], held: dict[str, bool] | None = None) -> None:
    """Press keys of another keyboard: what each types, and its place."""
    for key in keys:
        desk.page.evaluate(_PRESS, [*key, held or {}])


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


def test_keys_under_an_input_method_and_keys_of_several_letters_do_what_stands_at_their_place(
    make_live: MakeLive,
) -> None:
    live = make_live(clean_record(1), clean_record(2), clean_record(3))
    desk = live.sit_down()
    desk.wait_for(1)
    press_elsewhere(desk, ("Process", "Digit4"))
    assert desk.page.input_value("#typing-ef") == "4"
    press_elsewhere(desk, ("Process", "Digit5"))  # in a field the input method types it
    desk.page.keyboard.insert_text("५")
    desk.press("Enter")
    assert desk.text("#number-ef") == "45"
    press_elsewhere(desk, ("ज्ञ", "KeyP"), ("Process", "Digit2"))
    desk.press("Enter")
    desk.wait_for(2)
    (review,) = live.reviews()
    assert (review.ef_percent, review.rwma, review.rwma_severity) == (45, "present", "moderate")
    press_elsewhere(desk, ("Unidentified", "KeyF"))
    assert desk.page.is_visible("#flag-form")
    desk.press("Escape")
    press_elsewhere(desk, ("\U0001e925", "KeyS"))
    desk.page.wait_for_selector("#skip-strip:not([hidden])")


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


def reason_keys(desk: Sitting) -> list[str]:
    """What stands on the keys of the reasons."""
    return desk.page.locator("#reasons kbd").all_inner_texts()


def test_where_digits_need_shift_reasons_skips_and_walls_are_the_same_keys_without_it(
    make_live: MakeLive,
) -> None:
    live = make_live(desk_record(), clean_record(2), clean_record(3))
    desk = live.sit_down()
    desk.wait_for(1)
    press_elsewhere(desk, ("4", "Digit4"), ("5", "Digit5"), held=SHIFT)
    desk.page.fill("#typing-ef", "45")
    desk.press("Enter")
    assert desk.text("#number-ef") == "45"
    desk.page.wait_for_selector("#reason-strip:not([hidden])")
    assert reason_keys(desk) == ["1", "2", "3", "4", "5", "6", "7", "8"]
    press_elsewhere(desk, ("-", "Digit6"))  # zooms out where no reason is asked for
    assert desk.page.get_attribute("#reasons [aria-pressed=true]", "data-code") == "grade"
    press_elsewhere(desk, ("é", "Digit2"))
    assert desk.page.get_attribute("#reasons [aria-pressed=true]", "data-code") == "wrong_place"
    desk.press("l")
    press_elsewhere(desk, ("'", "Digit4"))
    assert desk.page.get_attribute("#wall-keys [aria-pressed=true]", "data-code") is not None
    desk.press("Enter", "Enter")
    desk.wait_for(2)
    press_elsewhere(desk, ("-", "Digit6"))
    assert not desk.page.is_visible("#notice")
    desk.press("s")
    press_elsewhere(desk, ("&", "Digit1"))
    desk.wait_for(3)
    assert [(one.reason, one.note) for one in live.reviews()] == [("wrong_place", ""), (None, "hard_to_read")]


def test_a_sign_typed_with_alt_gr_is_that_sign_and_shift_is_named_where_it_is_needed(
    make_live: MakeLive,
) -> None:
    desk = make_live(clean_record(1), clean_record(2)).sit_down()
    desk.wait_for(1)
    press_elsewhere(desk, ("~", "Digit2"), held=ALT_GR)
    assert desk.page.input_value("#typing-ef") == "~"
    assert reason_keys(desk)[0] == "⇧1"
    press_elsewhere(desk, ("&", "Digit1"))
    assert reason_keys(desk)[0] == "1"
    press_elsewhere(desk, ("1", "Digit1"))
    assert reason_keys(desk)[0] == "⇧1"


def test_an_accent_that_waits_for_the_next_key_opens_the_field_and_ends_there(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    for held in (SHIFT, ALT_GR, {"altKey": True}):  # international, French, a Mac
        press_elsewhere(desk, ("Dead", "Backquote"), held=held)
        assert desk.page.evaluate("document.activeElement.id") == "typing-ef"
        assert desk.page.input_value("#typing-ef") == ""
        desk.press("Escape")
    press_elsewhere(desk, ("Dead", "KeyN"), held={"altKey": True})
    keyboard = desk.context.new_cdp_session(desk.page)
    keyboard.send("Input.imeSetComposition", {"text": "\u02dc", "selectionStart": 1, "selectionEnd": 1})
    press_elsewhere(desk, ("Enter", "Enter"), held={"isComposing": True})
    keyboard.send("Input.insertText", {"text": "\u02dc6"})
    desk.press("0", "Enter")
    assert desk.text("#number-ef") == "~ 60"
    desk.press("Enter")
    desk.wait_for(2)
    (review,) = live.reviews()
    assert (review.ef_percent, review.ef_operator) == (60, "~")


def test_about_has_a_key_on_every_keyboard(make_live: MakeLive) -> None:
    desk = make_live(clean_record(1)).sit_down()
    desk.wait_for(1)
    desk.press("c", "4", "5")
    assert desk.page.input_value("#typing-ef") == "~45"
    desk.press("c")
    assert desk.page.input_value("#typing-ef") == "45"
    desk.press("C", "Enter")
    assert desk.text("#number-ef") == "~ 45"
    desk.press("Tab", "c")  # from any field: only one has a number to be about
    assert desk.page.input_value("#typing-ef") == "~"


def test_keys_that_wait_are_taken_by_their_place_and_signs_with_option_as_what_they_are(
    make_live: MakeLive,
) -> None:
    desk = make_live(desk_record(), two_page_record()).sit_down()
    desk.wait_for(1)
    desk.press("45", "Enter")
    desk.page.wait_for_selector("#reason-strip:not([hidden])")
    press_elsewhere(desk, ("Dead", "Digit6"), held=SHIFT)
    assert desk.page.get_attribute("#reasons [aria-pressed=true]", "data-code") == "grade"
    desk.press("l")
    press_elsewhere(desk, ("Dead", "Digit1"))
    assert desk.page.get_attribute("#wall-keys [data-code=anterior]", "aria-pressed") == "true"
    press_elsewhere(desk, ("Dead", "BracketLeft"))  # ends nothing but the naming, and answers nothing
    desk.press("Enter", "Enter")
    desk.wait_for(2)
    press_elsewhere(desk, ("]", "Digit6"), held={"altKey": True})
    assert "page 2 of 2" in desk.text("#where")


_HASTY = """() => {
    const key = (name) => new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true });
    const desk = document.getElementById("desk");
    const early = ["f", "5"].map(key); // pressed now, heard when the record is open
    new MutationObserver((_, watching) => {
        watching.disconnect();
        for (const one of [...early, ..."faint", "Enter"].map((one) => one.key ? one : key(one))) {
            document.activeElement.dispatchEvent(one);
        }
    }).observe(desk, { attributes: true, attributeFilter: ["data-case"] });
}"""


def test_what_was_typed_too_early_is_not_taken_in_part(make_live: MakeLive) -> None:
    """Without its F a note is commands, without its first 5 a 55 is a 5, and Enter stores either."""
    live = make_live(clean_record(1), clean_record(2), clean_record(3))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.wait_until_ready(2)
    held: list[Route] = []
    desk.intercept("decide", lambda route: held.append(route))
    desk.press("Enter")
    desk.page.wait_for_selector("#page img[src*='/case/2/']")
    desk.page.evaluate(_HASTY)
    desk.press("f", "n")
    held[0].continue_()
    desk.wait_for(2)
    desk.page.unroute("**/event/decide")
    assert desk.notice() == text.DESK["keys_early"]
    assert desk.page.is_hidden("#flag-form") and desk.page.is_hidden("#typing-ef")
    assert [review.case_id for review in live.reviews()] == [1]
    desk.page.wait_for_timeout(700)
    desk.press("f", "faint", "Enter")
    desk.wait_for(3)
    assert [(one.decision, one.note) for one in live.reviews()] == [("accept", ""), ("flag", "faint")]
