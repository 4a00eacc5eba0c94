"""What must not happen at the desk: lost answers, shared records, foreign code, traces left behind."""

from __future__ import annotations

from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from desk_fixture import SampleRecord, clean_record, desk_record, findings, issue, letter
from live_desk import MakeLive, Sitting
from playwright.sync_api import Dialog, Request, Route

from db.decisions import Decision
from db.queue.leases import take_lease
from db.reviews import record_decision
from db.store.engine import utc_now
from db.tables.queue import Lease
from db.users import ensure_local_user
from review_ui import text
from review_ui.text import door

pytestmark = pytest.mark.browser

# A route that ends by itself (`times=1`) is taken off before what it does with the request has arrived: now
# and then the request went through. These are taken off by hand.

PAYLOADS = (
    "<script>window.hacked='script'</script>",
    "<img src=x onerror=\"window.hacked='img'\">",
    "<svg onload=window.hacked='svg'>",
    "<svg><script>window.hacked=1</script></svg>",
    "\"><script>window.hacked='attr'</script>",
    "' autofocus onfocus='window.hacked=1' x='",
    "<iframe srcdoc=\"<script>parent.hacked='frame'</script>\"></iframe>",
    "<a href=\"javascript:window.hacked='link'\">click</a>",
    "<details open ontoggle=window.hacked='toggle'>",
    "${window.hacked='template'}",
    "{{constructor.constructor('window.hacked=1')()}}",
    "<style>@import 'http://evil.example/x.css';body{display:none}</style>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.hacked='mxss'>",
    "<object data=\"javascript:window.hacked='object'\"></object>",
    "</title></textarea><body onload=window.hacked='body'>",
    "<input autofocus onfocus=window.hacked='focus'>",
)


def hostile_record(payload: str, number: int) -> SampleRecord:
    """A record with the same hostile words wherever a page or a reader could put some."""
    return SampleRecord(
        pages=[letter("# Impression:", "LVEF 60 %", number=number)],
        findings=findings(lv_function=payload, rwma="absent", rwma_severity="none", pah="none"),
        quotes={"lv_function": payload, "rwma": payload, "pah": payload},
        light={"ef_percent": "amber", "rwma": "green", "pah": "amber"},
        checks=[issue("words", "pah", payload)],
        unreadable_reason="",
        site=payload,
        scale=0.5,
    )


@pytest.mark.slow
def test_hostile_words_from_a_page_are_only_ever_words(make_live: MakeLive) -> None:
    records = [hostile_record(payload, number) for number, payload in enumerate(PAYLOADS, start=1)]
    desk = make_live(*records, clean_record(99)).sit_down(is_new_browser=True)
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    desk.page.on("dialog", dismiss)
    elements = None
    for case_id, payload in enumerate(PAYLOADS, start=1):
        desk.wait_for(case_id)
        assert desk.page.inner_text("#crop-rwma p") == payload
        assert payload in desk.page.inner_text("#reason-ef")
        assert payload in desk.page.inner_text("#reason-pah")
        assert payload in desk.page.inner_text("#where")
        count = desk.page.evaluate("document.querySelectorAll('#desk *').length")
        assert elements in (None, count), "a payload became an element"
        elements = count
        desk.press("f")
        desk.page.fill("#note", payload)
        desk.press("Enter")
    desk.wait_for(len(PAYLOADS) + 1)
    desk.press("Backspace")
    desk.wait_for(len(PAYLOADS))
    assert PAYLOADS[-1] in desk.notice()  # one's own note comes back as words, too
    assert desk.page.evaluate("window.hacked") is None
    assert dialogs == []
    assert {urlsplit(url).hostname for url in desk.requested} == {"127.0.0.1"}


def test_nothing_leaves_the_machine_and_nothing_stays_in_the_browser(make_live: MakeLive) -> None:
    live = make_live(desk_record(), clean_record(2))
    desk = live.sit_down(is_new_browser=True)
    desk.wait_for(1)
    desk.press("45", "Enter", "Enter")
    desk.wait_for(2)
    desk.press("f", "secret words", "Enter")
    desk.page.wait_for_selector("#desk[data-state='empty']")
    desk.page.wait_for_timeout(500)
    hosts = {urlsplit(url).netloc for url in desk.requested if not url.startswith(("blob:", "data:"))}
    assert hosts == {urlsplit(live.links[0]).netloc}
    asked = [url for url in desk.requested if not url.startswith("data:") and urlsplit(url).query]
    assert {urlsplit(url).path for url in asked} == {"/theme.css"}  # the only address with a query: a version
    assert not [url for url in desk.requested if "secret" in url]
    kept: Any = desk.page.evaluate(
        """async () => ({
          local: {...localStorage}, session: {...sessionStorage},
          databases: (await indexedDB.databases()).map((one) => one.name),
          caches: await caches.keys(), cookies: document.cookie, workers: (await navigator.serviceWorker
            .getRegistrations()).length,
        })"""
    )
    assert kept == {"local": {}, "session": {}, "databases": [], "caches": [], "cookies": "", "workers": 0}
    assert urlsplit(desk.page.url).path == "/"
    assert "?" not in desk.page.url
    assert desk.complaints == []


@pytest.mark.slow
def test_two_people_never_get_the_same_record(make_live: MakeLive) -> None:
    live = make_live(*[clean_record(number) for number in range(1, 6)], annotators=("Asha", "Bina"))
    asha = live.sit_down(0)
    asha.wait_for(1)
    asha.wait_for_pages(2, 3)  # held ahead: nobody else is given them
    bina = live.sit_down(1)
    bina.wait_for(4)
    assert (asha.text("#who"), bina.text("#who")) == ("Asha", "Bina")
    asha.press("Enter")
    asha.wait_for(2)
    bina.press("Enter")
    bina.wait_for(5)
    bina.press("Backspace")
    bina.wait_for(4)
    for case_id in (2, 3):
        other = bina.page.evaluate(f"fetch('/case/{case_id}/page/1').then((reply) => reply.status)")
        assert other == 403
    assert [(review.case_id, review.annotator_id) for review in live.reviews()] == [(1, 1), (4, 2)]


@pytest.mark.slow
def test_a_reload_keeps_the_record(make_live: MakeLive) -> None:
    live = make_live(*[clean_record(number) for number in range(1, 6)], annotators=("Asha", "Bina"))
    asha = live.sit_down(0)
    asha.wait_for(1)
    asha.wait_for_pages(2, 3)
    bina = live.sit_down(1)
    bina.wait_for(4)
    asha.page.reload()
    asha.wait_for(1)
    asha.press("Enter")
    asha.wait_for(2)
    assert len(live.reviews()) == 1


def test_a_key_held_down_or_pressed_twice_decides_once(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2), min_view_s=1.0)
    desk = live.sit_down()
    desk.wait_for(1)
    desk.press("Enter")
    assert desk.notice() == text.TOO_SOON
    desk.page.wait_for_timeout(1100)
    for _ in range(20):
        desk.page.keyboard.down("Enter")  # repeats, as a key does that is held
    desk.page.keyboard.up("Enter")
    desk.press("Enter", "Enter")
    desk.wait_for(2)
    assert [(review.case_id, review.decision) for review in live.reviews()] == [(1, "accept")]


@pytest.mark.slow
def test_two_tabs_of_one_person_do_not_decide_twice(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2), clean_record(3))
    desk = live.sit_down()
    desk.wait_for(1)
    second = Sitting(desk.context.new_page(), desk.context)
    second.page.goto(live.links[0].split("/link/")[0])
    second.wait_for(1)
    desk.press("45", "Enter", "Enter")
    desk.wait_for(2)
    second.press("50", "Enter", "Enter")
    assert "EF 45 %" in second.notice()
    assert second.text("#number-ef") == "50"
    assert len(live.reviews()) == 1
    second.press("s")
    second.wait_for(2)
    assert len(live.reviews()) == 1


@pytest.mark.slow
def test_a_record_decided_meanwhile_is_told_and_the_answer_kept(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    _someone_else(live, decides=True)
    desk.press("50", "Enter", "Enter")
    assert "This record was decided while you had it open: EF 60 %, RWMA absent, PAH none." in desk.notice()
    assert desk.text("#number-ef") == "50"
    desk.press("Enter")
    desk.wait_for(2)
    assert [review.ef_percent for review in live.reviews()] == [60, 50]


@pytest.mark.slow
def test_a_lost_hold_is_told_and_the_answer_kept(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    _someone_else(live, decides=False)
    desk.press("50", "Enter", "Enter")
    assert text.TAKEN in desk.notice()
    assert desk.text("#number-ef") == "50"
    desk.press("Enter")
    assert live.reviews() == []
    desk.press("s")
    desk.wait_for(2)


def _someone_else(live: Any, *, decides: bool) -> None:
    """Take record 1 over, as happens when a hold ran out."""
    with live.seeded.database.write() as session:
        other = ensure_local_user(session, name="Other", now=utc_now())
        held = session.get(Lease, 1)
        held.expires_at = utc_now() - timedelta(seconds=1)
        session.flush()
        session.expire_all()
        assert take_lease(session, case_id=1, annotator_id=int(other.id or 0), now=utc_now(), lease_s=180)
        if decides:
            record_decision(
                session, case_id=1, draft_id=1, annotator_id=int(other.id or 0), decision=Decision.ACCEPT,
                findings=clean_record(1).findings, note="", active_s=1, request_id="other-request",
                now=utc_now(),
            )  # fmt: skip


def test_a_lost_connection_keeps_what_was_typed(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.context.set_offline(True)
    desk.press("50-55", "Enter", "Enter")
    assert desk.notice() == text.DESK["offline"]
    assert desk.text("#number-ef") == "52.5"
    assert live.reviews() == []
    desk.context.set_offline(False)
    desk.press("Enter")
    desk.wait_for(2)
    (review,) = live.reviews()
    assert (review.ef_low, review.ef_high) == (50, 55)


def send_by_hand(request: Request, cookies: str) -> None:
    """What the page was about to send, on a connection of its own."""
    address = urlsplit(request.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=20)
    headers = {"Origin": f"http://{address.netloc}", "Content-Type": "application/json", "Cookie": cookies}
    connection.request("POST", address.path, request.post_data, headers)
    assert connection.getresponse().status == 200
    connection.close()


def test_an_answer_lost_on_its_way_back_is_not_stored_twice(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in desk.context.cookies())

    def lose_answer(route: Route) -> None:
        send_by_hand(route.request, cookies)
        route.abort()

    desk.intercept("decide", lose_answer)
    with desk.page.expect_event("requestfailed"):
        desk.press("Enter")
    assert desk.notice() == text.DESK["offline"]
    assert len(live.reviews()) == 1
    desk.let_through("decide")
    desk.press("Enter")
    desk.wait_for(2)
    assert len(live.reviews()) == 1


def test_the_next_record_is_painted_before_the_answer_is_stored_and_takes_no_keys(
    make_live: MakeLive,
) -> None:
    live = make_live(clean_record(1), clean_record(2), clean_record(3))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.wait_until_ready(2)
    held: list[Route] = []
    desk.intercept("decide", lambda route: held.append(route))
    desk.press("Enter")
    desk.page.wait_for_selector("#page img[src*='/case/2/']")
    assert desk.text("#storing") == text.DESK["storing"]
    assert desk.case_id == 1
    assert live.reviews() == []
    desk.press("3", "0", "Enter", "s", "f")
    assert len(held) == 1
    assert desk.text("#number-ef") == "60"
    held[0].continue_()
    desk.wait_for(2)
    assert desk.page.is_hidden("#storing")
    assert [review.case_id for review in live.reviews()] == [1]


def test_a_record_that_was_not_stored_comes_back_as_it_was(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.wait_until_ready(2)
    desk.intercept("decide", lambda route: route.abort())
    desk.press("45", "Enter", "Enter")
    assert desk.notice() == text.DESK["offline"]
    assert "/case/1/" in str(desk.page.get_attribute("#page img", "src"))
    assert desk.text("#number-ef") == "45"
    assert desk.page.is_hidden("#storing")
    desk.let_through("decide")
    desk.press("Enter")
    desk.wait_for(2)
    assert [review.ef_percent for review in live.reviews()] == [45]


@pytest.mark.slow
def test_a_signed_out_browser_is_told_so_and_keeps_the_answer(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.context.clear_cookies()
    desk.press("45", "Enter", "Enter")
    assert desk.notice() == text.SIGNED_OUT
    assert desk.text("#number-ef") == "45"
    desk.page.reload()
    assert door.PAGE_SIGN_IN in desk.page.inner_text("main")


@pytest.mark.slow
def test_a_used_link_says_how_to_get_a_new_one(make_live: MakeLive) -> None:
    live = make_live(clean_record(1))
    live.sit_down().wait_for(1)
    stranger = live.browser.new_context()
    live.opened.append(stranger)
    page = stranger.new_page()
    page.goto(live.links[0])
    assert door.PAGE_LINK_USED in page.inner_text("main")
    assert stranger.cookies() == []


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(make_live: MakeLive) -> None:
    desk = make_live(clean_record(1)).sit_down(is_new_browser=True)
    (cookie,) = desk.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert cookie["name"].startswith("echodesk_")


def test_code_put_into_the_page_by_force_does_not_run(make_live: MakeLive) -> None:
    """Even where an escape was forgotten, the content policy stands behind it."""
    desk = make_live(clean_record(1)).sit_down(is_new_browser=True)
    answered: list[str] = []
    desk.page.on("response", lambda response: answered.append(response.url))
    desk.page.evaluate(
        """(payloads) => {
          const hole = document.createElement('div');
          document.body.append(hole);
          hole.innerHTML = payloads.join('');
        }""",
        list(PAYLOADS),
    )
    desk.page.wait_for_timeout(300)
    assert desk.page.evaluate("window.hacked") is None
    assert {urlsplit(url).hostname for url in answered} <= {"127.0.0.1"}


@pytest.mark.slow
def test_a_desk_that_cannot_open_a_record_says_so_and_tries_again(make_live: MakeLive) -> None:
    live = make_live(clean_record(1))
    desk = live.sit_down()
    desk.wait_for(1)
    desk.intercept("open_next", lambda route: route.abort())
    desk.page.reload()
    assert desk.notice() == text.DESK["offline"]
    assert desk.page.locator("#notice").is_visible()
    desk.let_through("open_next")
    desk.press("Enter")
    desk.wait_for(1)
