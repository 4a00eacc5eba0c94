"""Every state of the desk, light and dark: no accessibility rule broken, and nothing to scroll to decide."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_fixture import clean_record, cross_checked_record, desk_record
from live_desk import LiveDesk, MakeLive, Sitting

from review_ui import text
from review_ui.desk.context import RereadAnswer

pytestmark = pytest.mark.browser


def no_scroll(desk: Sitting) -> list[str]:
    """What does not fit where it stands."""
    return list(
        desk.page.evaluate(
            """() => {
              const over = (one) => one.scrollWidth > one.clientWidth
                || (one.scrollHeight > one.clientHeight && !one.matches('.top')); // its menu hangs over
              const named = [['answers', document.querySelector('.answers')],
                ['foot', document.querySelector('.foot')],
                ['top', document.querySelector('.top')], ['page', document.scrollingElement],
                ...[...document.querySelectorAll('.card')].map((card) => [card.id, card])];
              return named.filter(([, one]) => over(one)).map(([name]) => name);
            }"""
        )
    )


def broken_rules(desk: Sitting) -> list[str]:
    """Accessibility rules that the page breaks, with where. The program runs outside the content policy."""
    found = Axe().run(desk.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def plain(make_live: MakeLive) -> Sitting:
    desk = make_live(desk_record(), clean_record(2)).sit_down()
    desk.wait_for(1)
    return desk


def changed(make_live: MakeLive) -> Sitting:
    desk = plain(make_live)
    desk.press("45", "Enter", "Shift+Digit1")
    return desk


def typed_badly(make_live: MakeLive) -> Sitting:
    desk = plain(make_live)
    desk.press("3", "Enter")
    return desk


def skipping(make_live: MakeLive) -> Sitting:
    desk = plain(make_live)
    desk.press("s")
    return desk


def skipped_alone(make_live: MakeLive) -> Sitting:
    desk = make_live(desk_record()).sit_down()
    desk.wait_for(1)
    desk.press("s", "1")
    desk.page.wait_for_selector("#notice:not([hidden])")
    return desk


def flagging(make_live: MakeLive) -> Sitting:
    desk = plain(make_live)
    desk.press("f")
    return desk


def keys_sheet(make_live: MakeLive) -> Sitting:
    desk = make_live(desk_record(), reread=lambda _image, _box, _field: RereadAnswer({})).sit_down()
    desk.wait_for(1)
    desk.press("?")
    return desk


def codebook_sheet(make_live: MakeLive) -> Sitting:
    desk = plain(make_live)
    desk.press("h")
    desk.page.wait_for_selector("#codebook-body section")
    return desk


def others_asked(make_live: MakeLive) -> Sitting:
    desk = make_live(cross_checked_record()).sit_down()
    desk.wait_for(1)
    desk.press("o")
    return desk


def hidden(make_live: MakeLive) -> Sitting:
    desk = make_live(desk_record(), blind_share=1.0).sit_down()
    desk.wait_for(1)
    return desk


def revealed(make_live: MakeLive) -> Sitting:
    desk = hidden(make_live)
    desk.press("50", "Enter", "p", "Tab", "1", "Enter")
    desk.page.wait_for_selector(".pill.amber")
    return desk


def adjudication(make_live: MakeLive) -> Sitting:
    live = make_live(
        desk_record(), clean_record(2), annotators=("Asha", "Bina"), leads=("Lena",), second_reading_share=1.0
    )
    asha = live.sit_down(1)
    asha.wait_for(1)
    asha.press("Enter", "Enter")
    asha.wait_for(2)
    bina = live.sit_down(2)
    bina.wait_for(1)
    bina.press("50", "Enter", "p", "2", "Tab", "1", "Enter")
    bina.page.wait_for_selector("#desk[aria-busy='false']:not([data-case='1'])")
    lead = live.sit_down(0)
    lead.wait_for(1)
    return lead


def practice(make_live: MakeLive) -> Sitting:
    desk = make_live(clean_record(1), clean_record(2), vigilance_share=1.0).sit_down()
    desk.wait_for(1)
    desk.press("Enter")
    desk.page.wait_for_selector(".reason >> text=Practice record")
    return desk


def offline(make_live: MakeLive) -> Sitting:
    desk = plain(make_live)
    desk.context.set_offline(True)
    desk.press("Enter", "Enter")
    desk.notice()
    return desk


def empty(make_live: MakeLive) -> Sitting:
    desk = make_live(clean_record(1)).sit_down()
    desk.wait_for(1)
    desk.press("Enter")
    desk.page.wait_for_selector("#desk[data-state='empty'][aria-busy='false']")
    return desk


def menu_open(make_live: MakeLive) -> Sitting:
    live: LiveDesk = make_live(desk_record(), leads=("Lena",))
    lead = live.sit_down(0)
    lead.wait_for(1)
    lead.page.click("#menu summary")
    lead.page.wait_for_selector("#pages a")
    return lead


# The first are looked at with every `make test`, the others with `make slow`.
STATES: list[Callable[[MakeLive], Sitting]] = [plain, flagging, keys_sheet, revealed]
MORE_STATES: list[Callable[[MakeLive], Sitting]] = [
    changed, typed_badly, skipping, skipped_alone, codebook_sheet, others_asked, hidden,
    adjudication, practice, offline, empty, menu_open,
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "state",
    [*STATES, *(pytest.param(state, marks=pytest.mark.slow) for state in MORE_STATES)],
    ids=lambda state: state.__name__,
)
def test_every_state_is_within_reach_and_in_sight(
    make_live: MakeLive, state: Callable[[MakeLive], Sitting]
) -> None:
    desk = state(make_live)
    for scheme in ("light", "dark"):
        desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        desk.page.wait_for_timeout(50)
        assert broken_rules(desk) == [], scheme
    for width, height in ((1366, 768), (1366, 650), (1024, 768)):
        desk.page.set_viewport_size({"width": width, "height": height})
        desk.page.wait_for_timeout(50)
        assert no_scroll(desk) == [], (width, height)
    assert [line for line in desk.complaints if "ERR_INTERNET_DISCONNECTED" not in line] == []


@pytest.mark.slow
def test_on_a_small_screen_the_page_is_on_top_and_everything_can_be_touched(make_live: MakeLive) -> None:
    desk = make_live(desk_record(), clean_record(2)).sit_down(
        viewport={"width": 390, "height": 844}, has_touch=True
    )
    desk.wait_for(1)
    page, answers = (desk.page.locator(selector).bounding_box() for selector in (".pane", ".answers"))
    assert page and answers
    assert page["y"] + page["height"] <= answers["y"] + 1
    assert desk.page.evaluate("document.scrollingElement.scrollWidth") <= 390
    desk.page.tap("#chips-ef [data-value='unreadable']")
    desk.page.tap("#reasons [data-code='misread']")
    desk.page.tap("#accept")
    desk.wait_for(2)
    assert broken_rules(desk) == []
    desk.page.tap("#skip")
    desk.page.tap("#skips [data-code='hard_to_read']")
    desk.page.wait_for_selector(f"#notice >> text={text.SKIPPED_EARLIER.format(reason=' (hard to read)')}")
    desk.page.tap("#chips-ef [data-value='unreadable']")
    desk.page.wait_for_selector("#notice", state="hidden")
