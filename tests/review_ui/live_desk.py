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
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from sqlalchemy import text
from sqlmodel import col, select

from db.tables.events import Event as LoggedEvent
from db.tables.reviews import Review
from review_ui.desk.context import RegionReader
from review_ui.server import serve

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S = 120


def launch_chromium(playwright: Playwright) -> Browser:
    """Debian's Chromium, without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
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

    def press(self, *keys: str) -> None:
        """Press keys one after the other; a text of several characters is typed."""
        for key in keys:
            named = len(key) == 1 or key in NAMED_KEYS or "+" in key[1:]
            if named:
                self.page.keyboard.press(key)
            else:
                self.page.keyboard.type(key)

    def text(self, selector: str) -> str:
        """What a part of the page says."""
        return self.page.inner_text(selector)

    def notice(self) -> str:
        """The quiet line over the page, once it is there."""
        self.page.wait_for_selector("#notice:not([hidden])", timeout=30_000)
        return self.text("#notice")


NAMED_KEYS = {"Enter", "Tab", "Backspace", "Escape", "ArrowUp", "ArrowDown", "PageDown", "PageUp"}


@dataclass
class LiveDesk:
    """A desk that answers on this computer."""

    seeded: SeededDesk
    links: list[str]
    browser: Browser
    opened: list[BrowserContext] = field(default_factory=list)

    def sit_down(self, person: int = 0, **options: Any) -> Sitting:
        """Open the desk with a person's link in a browser of their own."""
        context = self.browser.new_context(**{"viewport": {"width": 1366, "height": 768}, **options})
        context.set_default_timeout(30_000)
        self.opened.append(context)
        sitting = Sitting(context.new_page(), context)
        context.on("request", lambda request: sitting.requested.append(request.url))
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
    browser: Browser,
    *,
    annotators: tuple[str, ...] = ("Asha",),
    leads: tuple[str, ...] = (),
    min_view_s: float = 0.0,
    reread: RegionReader | None = None,
    **settings: float,
) -> Iterator[LiveDesk]:
    """Serve a workspace on a free port until the block ends; leads have the first links, then the
    annotators.
    """
    workspace = seeded.workspace.model_copy(update={**NO_SHARES, **settings})
    links: Queue[str] = Queue()
    stop = Event()
    server = Thread(
        target=serve,
        args=(workspace, seeded.database),
        kwargs={
            "port": 0,
            "on_ready": links.put,
            "stop_event": stop,
            "annotators": annotators,
            "leads": leads,
            "reread": reread,
            "min_view_s": min_view_s,
        },
        daemon=True,
    )
    server.start()
    live = LiveDesk(seeded, [links.get(timeout=START_S) for _ in (*leads, *annotators)], browser)
    try:
        yield live
    finally:
        for context in live.opened:
            context.close()
        stop.set()
        server.join(timeout=20)
        assert not server.is_alive(), "the server did not stop"


MakeLive = Callable[..., LiveDesk]
