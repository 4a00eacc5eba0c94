"""Take the pictures of the review desk for the documentation.

    python tests/review_ui/take_pictures.py docs/images

The page on them is drawn by hand in `desk_fixture.py`; no patient stands behind it.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2])]

from desk_fixture import clean_record, desk_record, seed_desk  # noqa: E402
from live_desk import launch_chromium, running_desk  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

DECIDED_BEFORE = 5
STILL_WAITING = 6


def take_pictures(folder: Path) -> None:
    """Write review-light.png and review-dark.png, 1366x768."""
    records = [clean_record(number) for number in range(1, DECIDED_BEFORE + 1)]
    records += [desk_record(), *[clean_record(number) for number in range(10, 10 + STILL_WAITING)]]
    with tempfile.TemporaryDirectory() as root, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        seeded = seed_desk(Path(root) / "workspace", records)
        with running_desk(seeded, browser, annotators=("A. Reader",)) as live:
            desk = live.sit_down()
            for case_id in range(1, DECIDED_BEFORE + 1):
                desk.wait_for(case_id)
                desk.press("Enter")
            desk.wait_for(DECIDED_BEFORE + 1)
            for scheme in ("light", "dark"):
                desk.page.emulate_media(color_scheme=scheme)
                desk.page.wait_for_timeout(400)
                _save(desk.page.screenshot(), folder / f"review-{scheme}.png")
        seeded.database.close()
        browser.close()


def _save(screenshot: bytes, target: Path) -> None:
    """Write a screenshot as small as it gets without losing a colour."""
    target.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(screenshot)).convert("RGB").save(target, optimize=True)


if __name__ == "__main__":
    take_pictures(Path(sys.argv[1]))
