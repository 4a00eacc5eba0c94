"""The quality pages in Chromium: contrast and names by axe in both themes, nothing cut off, the policy
obeyed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route
from quality_rows import NOW

from db.decisions import Role
from db.store.engine import Database
from review_ui.desk.datasets import AskedSnapshot, CheckSaid, LookedOver
from review_ui.door.sessions import Identity
from review_ui.leads import api_page, take_out_page
from review_ui.leads.frame import METHODS
from review_ui.leads.pages import PAGES, methods_page
from review_ui.leads.routes import content_policy
from review_ui.leads.words import day

pytestmark = pytest.mark.browser

ASSETS = Path(__file__).parents[3] / "review_ui" / "assets"
OURS = {
    "/desk/pages.css": "text/css",
    "/desk/times.js": "text/javascript",
    "/desk/zone.js": "text/javascript",
}
ORIGIN = "http://desk.test"
TAKE_OUT = take_out_page.PATH


@pytest.fixture(scope="module")
def rendered(simulated_database: Database) -> dict[str, str]:
    """Every page of a made-up project, by its path."""
    lena = Identity(1, "Lena", Role.ADMIN)
    pages = {path: page.render(simulated_database.read, lena, {}, NOW) for path, page in PAGES.items()}
    asked = {"name": "v1", "require": "accepted"}
    pages[METHODS] = methods_page(simulated_database.read, lena, {}, NOW)
    pages[api_page.PATH] = api_page.render(simulated_database, lena, {}, NOW)
    return pages | {TAKE_OUT: take_out_page.render(simulated_database, lena, asked, NOW, datasets=Failing())}


class Failing:
    """Datasets whose checks fail, so that the page has all its parts."""

    requirements = (("accepted", "one person read the report"),)

    def look_over(self, _asked: AskedSnapshot) -> LookedOver:
        return LookedOver(3, [CheckSaid("one", "it is well", True), CheckSaid("two", "it is not", False)])

    def freeze(self, asked: AskedSnapshot, *, actor: str, now: datetime) -> None:
        raise AssertionError

    def card(self, name: str) -> str:
        raise AssertionError

    def give_back(self, listing: Path, folder: Path) -> Path:
        raise AssertionError

    def pack(self, name: str, target: Path) -> None:
        raise AssertionError


class Visit:
    """One browser tab that gets the pages and the style sheet, and remembers what else it asked for."""

    def __init__(self, page: Page, rendered: dict[str, str]) -> None:
        self.page, self.rendered = page, rendered
        self.strange: list[str] = []
        self.complaints: list[str] = []
        page.route("**/*", self._answer)
        page.on("console", lambda message: self.complaints.append(message.text))

    def open(self, path: str) -> None:
        """Go to a page and wait for its style."""
        self.page.goto(ORIGIN + path)

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path in self.rendered:
            html = self.rendered[path]
            headers = {"content-security-policy": content_policy(html)}
            route.fulfill(body=html, content_type="text/html", headers=headers)
        elif path in OURS:
            body = (ASSETS / path.rpartition("/")[2]).read_text(encoding="utf-8")
            route.fulfill(body=body, content_type=OURS[path])
        else:
            if path != "/favicon.ico":
                self.strange.append(path)
            route.fulfill(status=404)


@pytest.fixture(params=["light", "dark"])
def visit(request: pytest.FixtureRequest, chromium: Browser, rendered: dict[str, str]) -> Iterator[Visit]:
    """A tab in each theme in turn."""
    # Axe puts its own script into the page; the policy is looked at in the console below.
    context = chromium.new_context(
        viewport={"width": 1366, "height": 768}, color_scheme=request.param, bypass_csp=True
    )
    yield Visit(context.new_page(), rendered)
    context.close()


# Words of letters alone that stand on more than one line.
_BROKEN_WORDS = """() => {
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const broken = [];
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        for (const word of node.data.matchAll(/\\p{L}+/gu)) {
            const place = document.createRange();
            place.setStart(node, word.index);
            place.setEnd(node, word.index + word[0].length);
            if (new Set([...place.getClientRects()].map((one) => one.top)).size > 1) broken.push(word[0]);
        }
    }
    return broken;
}"""


def test_no_word_of_the_methods_breaks_on_a_phone(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.open(METHODS)
    assert visit.page.evaluate(_BROKEN_WORDS) == []
    assert visit.page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert Axe().run(visit.page).response["violations"] == []


@pytest.mark.parametrize("path", [*PAGES, TAKE_OUT, api_page.PATH])
def test_axe_finds_nothing_to_complain_of(visit: Visit, path: str) -> None:
    visit.open(path)
    visit.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    found = Axe().run(visit.page)
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found.response["violations"]] == []


def test_on_a_phone_no_cell_is_cut_off_and_a_button_opens_the_pages(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    for path in visit.rendered:
        visit.open(path)
        visit.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        cut = visit.page.evaluate(
            """[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth + 1)
                .map(one => one.ariaLabel)"""
        )
        assert cut == [], path
        assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    pages = visit.page.locator("nav a[href='/records']")
    assert not pages.is_visible()
    visit.page.click("button.menu")
    assert pages.is_visible()
    assert Axe().run(visit.page).response["violations"] == []
    visit.page.keyboard.press("Escape")
    assert not pages.is_visible()


def test_no_name_of_a_page_moves_when_another_page_is_open(visit: Visit) -> None:
    places = []
    for path in ("/quality", "/quality/audit"):
        visit.open(path)
        places.append(
            visit.page.evaluate(
                "[...document.querySelectorAll('nav a')].map(one => one.getBoundingClientRect().x)"
            )
        )
    assert places[0] == places[1]


@pytest.mark.parametrize("width", [1366, 1024, 600])
def test_no_page_scrolls_sideways_and_no_word_of_a_plot_is_cut_off(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 768})
    for path in visit.rendered:
        visit.open(path)
        assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        cut = visit.page.evaluate(
            """[...document.querySelectorAll('svg text')].filter(word => {
                const box = word.getBoundingClientRect();
                const frame = word.ownerSVGElement.getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1;
            }).map(word => word.textContent)"""
        )
        assert cut == [], path


def test_the_pages_obey_their_own_policy_and_ask_for_nothing_else(
    chromium: Browser, rendered: dict[str, str]
) -> None:
    context = chromium.new_context()
    visit = Visit(context.new_page(), rendered)
    for path in visit.rendered:
        visit.open(path)
        assert visit.page.evaluate("getComputedStyle(document.querySelector('main')).display") == "grid"
    context.close()
    assert visit.strange == []
    assert [words for words in visit.complaints if "favicon" not in words and "404" not in words] == []


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Etc/GMT+12"])
def test_moments_are_shown_as_the_clock_of_the_browser_has_them_now_and_when_the_page_changes(
    chromium: Browser, rendered: dict[str, str], zone: str
) -> None:
    context = chromium.new_context(timezone_id=zone)
    page = context.new_page()
    Visit(page, rendered).open("/quality/audit")
    there = NOW.astimezone(ZoneInfo(zone))
    shown = page.locator("main > p time")
    assert shown.inner_text() == f"{day(there)} {there:%H:%M}"
    assert shown.get_attribute("title") == f"{NOW:%Y-%m-%d %H:%M:%S} UTC"
    page.evaluate(
        "document.querySelector('main').innerHTML = "
        '\'<p><time datetime="2026-03-14T20:05:00Z" data-form="day">14 Mar 2026 UTC</time></p>\''
    )
    late = datetime(2026, 3, 14, 20, 5, tzinfo=UTC).astimezone(ZoneInfo(zone))
    page.wait_for_function("said => document.querySelector('time').textContent === said", arg=day(late))
    context.close()
