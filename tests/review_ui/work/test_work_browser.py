"""The work pages in Chromium: files chosen, looked at and stored by clicks; axe in both themes; a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_fixture import clean_record
from desk_people import SeedCopy
from live_desk import Windows, running_desk
from playwright.sync_api import Page
from work_fakes import FakeWork

from db.queue.reading_runs import RunFile
from db.store.engine import utc_now
from review_ui.text.quality import SILENT
from review_ui.work.hooks import WorkHooks

pytestmark = pytest.mark.browser


def looked_at(page: Page) -> list[tuple[str, str]]:
    """What axe complains of in both themes, and whether a phone has to scroll sideways."""
    found: list[tuple[str, str]] = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        violations = Axe().run(page).response["violations"]
        found += [(one["id"], one["nodes"][0]["html"][:200]) for one in violations]
    page.set_viewport_size({"width": 390, "height": 844})
    if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
        found.append(("scrolls sideways", page.url))
    page.set_viewport_size({"width": 1366, "height": 768})
    return found


@pytest.mark.slow
def test_a_lead_adds_reports_by_clicks_and_has_them_read(
    seed_copy: SeedCopy, windows: Windows, tmp_path: Path
) -> None:
    work = FakeWork()
    seeded = seed_copy(clean_record(1))
    hooks: Any = WorkHooks(seeded.workspace, work.preview, work.add, work.start)
    files = [tmp_path / name for name in ("IMG_0001.jpg", "B.jpg", "bad.jpg")]
    for path in files:
        path.write_bytes(path.name.encode())
    with running_desk(seeded, windows, leads=("Lena", "Mira"), annotators=(), work=hooks) as live:
        # Axe puts its own script into the page, so Mira's window has no policy; Lena's says if one is broken.
        for person, options in enumerate(({}, {"bypass_csp": True})):
            sitting = live.sit_down(person, **options)
            page = sitting.page
            page.goto(page.url.rstrip("/") + "/add")
            found = looked_at(page) if options else []
            page.set_input_files("input[multiple]", [str(path) for path in files])
            page.wait_for_url("**/add?upload=*")
            found += looked_at(page) if options else []
            assert page.locator("h2").all_inner_texts()[:2] == ["Whose are these?", "Who gets what"]
            page.check("input[name=each]")
            page.click("text=Add these 2 records")
            page.wait_for_selector("text=2 records are added.")
            found += looked_at(page) if options else []
            page.click("text=Read them now")
            page.wait_for_url("**/reading")
            found += looked_at(page) if options else []
            assert (found, sitting.complaints) == ([], [])
            work.exit_code = 0
    assert work.seen[:3] == ["B.jpg", "IMG_0001.jpg", "bad.jpg"]


@pytest.mark.slow
def test_a_page_that_looks_again_says_when_nobody_answers(seed_copy: SeedCopy, windows: Windows) -> None:
    work = FakeWork()
    seeded = seed_copy(clean_record(1))
    hooks: Any = WorkHooks(seeded.workspace, work.preview, work.add, work.start)
    with (
        running_desk(seeded, windows, leads=("Lena",), annotators=(), work=hooks) as live,
        RunFile(seeded.workspace.readings, "run", utc_now) as told,
    ):
        sitting = live.sit_down()
        page = sitting.page
        page.goto(page.url.rstrip("/") + "/reading")
        told.tell(done=2, failed=0, total=2, eta_s=0.0)
        page.wait_for_selector("text=2 of 2 read.")
        sitting.context.set_offline(True)
        page.wait_for_selector("#silent:not([hidden])")
        assert page.inner_text("#silent") == SILENT
        assert "2 of 2 read." in page.inner_text("main"), "it stays as it was"
        sitting.context.set_offline(False)
        page.wait_for_selector("#silent", state="hidden")
