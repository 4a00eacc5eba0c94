"""Take the pictures of the review desk for the documentation, from a demo workspace.

    echodesk --workspace demo-workspace demo --no-serve
    python tests/review_ui/take_pictures.py demo-workspace docs/images

Every person and every page on them is invented. Nothing is decided or changed in the workspace.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from threading import Event, Thread

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2])]

from live_desk import launch_chromium  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from db.engine import open_database  # noqa: E402
from db.workspace import Workspace  # noqa: E402
from review_ui.server import serve  # noqa: E402

# A record of the default cohort that shows a grade, a doubtful word and all three fields.
SHOWN_CASE = 12


def take_pictures(workspace: Workspace, folder: Path) -> None:
    """Write review-light.png and review-dark.png, 1366x768."""
    database = open_database(workspace)
    links: list[str] = []
    is_ready, stop = Event(), Event()

    def on_ready(link: str) -> None:
        links.append(link)
        is_ready.set()

    server = Thread(
        target=serve, args=(workspace, database), kwargs={"port": 0, "on_ready": on_ready, "stop_event": stop}
    )
    server.start()
    is_ready.wait(60)
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(links[0])
        page.wait_for_selector("#desk[aria-busy='false']")
        while int(page.get_attribute("#desk", "data-case") or 0) != SHOWN_CASE:
            before = page.get_attribute("#desk", "data-case")
            page.keyboard.press("s")
            page.wait_for_selector(f"#desk[aria-busy='false']:not([data-case='{before}'])")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.wait_for_timeout(600)
            _save(page.screenshot(), folder / f"review-{scheme}.png")
        browser.close()
    stop.set()
    server.join()
    database.close()


def _save(screenshot: bytes, target: Path) -> None:
    """Write a screenshot with 256 colours: small enough to keep, and no difference to the eye."""
    target.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(screenshot)).convert("RGB").quantize(256).save(target, optimize=True)


if __name__ == "__main__":
    take_pictures(Workspace(workspace=Path(sys.argv[1])), Path(sys.argv[2]))
