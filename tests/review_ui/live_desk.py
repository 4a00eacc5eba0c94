"""A running desk and a real Chromium to sit at it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Queue
from threading import Event, Thread
from typing import Any

from desk_fixture import SeededDesk
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route
from sqlalchemy import text
from sqlmodel import col, select

from db.tables.events import Event as LoggedEvent
from db.tables.reviews import Review
from review_ui.desk.context import RegionReader
from review_ui.server import serve
from review_ui.work.hooks import WorkHooks

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S = 120
PROBE = "**/nothing-in-particular"


def launch_chromium(playwright: Playwright) -> Browser:
    """Debian's Chromium, without a window; the one that has none where it is there."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    program = next((found for name in names if (found := shutil.which(name))), None)
    return playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)


@dataclass
class Sitting:
    """One person's browser window at the desk."""

    page: Page
    context: BrowserContext
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def case_id(self) -> int:
        """The record on screen."""
        return int(self.page.get_attribute("#desk", "data-case") or 0)

    def wait_for(self, case_id: int | str) -> None:
        """Wait until a record is on screen and takes keys."""
        self.page.wait_for_selector(f"#desk[data-case='{case_id}'][aria-busy='false']", timeout=30_000)

    def wait_for_pages(self, *case_ids: int) -> None:
        """Wait until the first pages of records that are held ahead were asked for."""
        for case_id in case_ids:
            for _ in range(600):
                if any(url.endswith(f"/case/{case_id}/page/1") for url in self.requested):
                    break
                self.page.wait_for_timeout(50)
            else:
                raise AssertionError(f"page 1 of record {case_id} was never asked for")

    def wait_until_ready(self, case_id: int) -> None:
        """Wait until a record held ahead can be painted at once."""
        self.page.wait_for_selector(f"#desk[data-ahead~='{case_id}']", timeout=30_000)

    def press(self, *keys: str) -> None:
        """Press keys one after the other; a text of several characters is typed."""
        for key in keys:
            named = len(key) == 1 or key in NAMED_KEYS or "+" in key[1:]
            if named:
                self.page.keyboard.press(key)
            else:
                self.page.keyboard.type(key)

    def intercept(self, event: str, handler: Callable[[Route], object], times: int | None = None) -> None:
        """Give a page's calls of one event to a handler from here on.

        The browser begins to hold requests back a moment after it was asked to. A call of nothing in
        particular tells when it has; an answer sent before that would reach the server.
        """
        self.page.route(PROBE, lambda route: route.fulfill(status=204))
        self.page.route(f"**/event/{event}", handler, times=times)
        self.page.wait_for_function(f"() => fetch('/{PROBE[3:]}').then((answer) => answer.status === 204)")
        self.page.unroute(PROBE)

    def let_through(self, event: str) -> None:
        """Give that event's calls to the server again."""
        self.page.unroute(f"**/event/{event}")

    def text(self, selector: str) -> str:
        """What a part of the page says."""
        return self.page.inner_text(selector)

    def notice(self) -> str:
        """The quiet line over the page, once it is there."""
        self.page.wait_for_selector("#notice:not([hidden])", timeout=30_000)
        return self.text("#notice")


NAMED_KEYS = {"Enter", "Tab", "Backspace", "Escape", "ArrowUp", "ArrowDown", "PageDown", "PageUp"}


WINDOW: Any = {"viewport": {"width": 1366, "height": 768}}
# What a person's browser keeps of a site, but for the program itself, which is the same for everybody.
STORED = "cookies,local_storage,indexeddb,cache_storage,service_workers"


@dataclass
class Windows:
    """Browser windows that are used again: emptied of what a person left, the page's program still there.

    Half of what it takes to open the desk is fetching some sixty files, which are the same for every test.

    Attributes:
        port: where every desk is served if it can be: a browser keeps files by their address.
    """

    browser: Browser
    port: int
    free: list[BrowserContext] = field(default_factory=list)

    def take(self, origin: str) -> BrowserContext:
        """A window nobody sits at, with nothing stored for this address."""
        context = self.free.pop() if self.free else self.browser.new_context(**WINDOW)
        page = context.new_page()
        wipe = {"origin": origin, "storageTypes": STORED}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", wipe)
        context.clear_cookies()
        page.close()
        return context

    def give_back(self, context: BrowserContext) -> None:
        """Close its pages and keep it for the next person."""
        for page in context.pages:
            page.close()
        context.set_offline(False)
        self.free.append(context)


@dataclass
class LiveDesk:
    """A desk that answers on this computer."""

    seeded: SeededDesk
    links: list[str]
    windows: Windows
    opened: list[BrowserContext] = field(default_factory=list)
    lent: list[BrowserContext] = field(default_factory=list)

    @property
    def browser(self) -> Browser:
        """The Chromium that people sit at."""
        return self.windows.browser

    def sit_down(self, person: int = 0, *, is_new_browser: bool = False, **options: Any) -> Sitting:
        """Open the desk with a person's link in a window of their own; a new browser where that matters."""
        if is_new_browser or options:
            context = self.browser.new_context(**{**WINDOW, **options})
            self.opened.append(context)
        else:
            context = self.windows.take("/".join(self.links[person].split("/", 3)[:3]))
            self.lent.append(context)
        context.set_default_timeout(30_000)
        sitting = Sitting(context.new_page(), context)
        sitting.page.on("request", lambda request: sitting.requested.append(request.url))
        sitting.page.on(
            "console", lambda line: sitting.complaints.append(line.text) if line.type == "error" else None
        )
        sitting.page.on("pageerror", lambda error: sitting.complaints.append(str(error)))
        sitting.page.goto(self.links[person])
        sitting.page.wait_for_selector("#desk:not([data-state='opening'])[aria-busy='false']", timeout=20_000)
        return sitting

    def reviews(self) -> list[Review]:
        """Every stored review, oldest first."""
        with self.seeded.database.read() as session:
            return list(session.exec(select(Review).order_by(col(Review.id))))

    def labels(self) -> dict[int, float | None]:
        """The ejection fraction of every label in force, by case."""
        with self.seeded.database.read() as session:
            return dict(session.execute(text("SELECT case_id, ef_percent FROM label")).tuples().all())

    def decision_events(self) -> list[LoggedEvent]:
        """Every event that tells of a decision, oldest first."""
        wanted = select(LoggedEvent).where(col(LoggedEvent.subject).startswith("review:"))
        with self.seeded.database.read() as session:
            return list(session.exec(wanted.order_by(col(LoggedEvent.id))))


# Nothing left to chance, unless a test asks for it.
NO_SHARES = {"vigilance_share": 0.0, "blind_share": 0.0, "clean_share": 0.0, "second_reading_share": 0.0}


@contextmanager
def running_desk(
    seeded: SeededDesk,
    windows: Windows,
    *,
    annotators: tuple[str, ...] = ("Asha",),
    leads: tuple[str, ...] = (),
    min_view_s: float = 0.0,
    reread: RegionReader | None = None,
    work: WorkHooks | None = None,
    **settings: float,
) -> Iterator[LiveDesk]:
    """Serve a workspace until the block ends; leads have the first links, then the
    annotators.
    """
    workspace = seeded.workspace.model_copy(update={**NO_SHARES, **settings})
    links: Queue[str] = Queue()
    stop = Event()
    server = Thread(
        target=serve,
        args=(workspace, seeded.database),
        kwargs={
            "port": windows.port,
            "on_ready": links.put,
            "stop_event": stop,
            "annotators": annotators,
            "leads": leads,
            "reread": reread,
            "work": work,
            "min_view_s": min_view_s,
        },
        daemon=True,
    )
    server.start()
    live = LiveDesk(seeded, [links.get(timeout=START_S) for _ in (*leads, *annotators)], windows)
    try:
        yield live
    finally:
        for context in live.opened:
            context.close()
        for context in live.lent:
            windows.give_back(context)
        stop.set()
        server.join(timeout=20)
        assert not server.is_alive(), "the server did not stop"


MakeLive = Callable[..., LiveDesk]
