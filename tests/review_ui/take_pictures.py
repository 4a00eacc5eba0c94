"""Take the pictures of the review desk for the documentation, from a demo workspace.

    echodesk --workspace demo-workspace demo --no-serve
    python tests/review_ui/take_pictures.py demo-workspace docs/images

Every person and every page on them is invented. What is decided is decided in a copy of the workspace.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(folder) for folder in Path(__file__).resolve().parents[:3]]

from desk_fixture import reopen_desk  # noqa: E402
from live_desk import LiveDesk, Sitting, Windows, launch_chromium, running_desk  # noqa: E402
from loopback import free_port  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from db.queue.items import reorder_case  # noqa: E402
from db.tables.cases import Case  # noqa: E402

# Records of the default cohort: one in which the readers differ about one field; one that reads clearly.
SHOWN_CASE = 23
CLEAR_CASE = 3
TABLET = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1366, "height": 768}


@dataclass
class Studio:
    """Where pictures are taken: a browser, a workspace to copy, a folder to write to."""

    browser: Browser
    workspace: Path
    folder: Path

    @contextmanager
    def desk(self, case_id: int, **options: object) -> Iterator[LiveDesk]:
        """A desk over a fresh copy, with one record before all others."""
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name) / "workspace"
            shutil.copytree(self.workspace, copy)
            seeded = reopen_desk(copy)
            with seeded.database.write() as session:
                case = session.get(Case, case_id)
                if case is None:
                    raise SystemExit(f"the workspace has no record {case_id}")
                case.priority = 1_000_000.0
                session.flush()
                reorder_case(session, case_id=case_id)
            with running_desk(seeded, Windows(self.browser, free_port()), **options) as live:  # type: ignore[arg-type]
                yield live
            seeded.database.close()

    def take(self, desk: Sitting, name: str, scheme: str = "light", size: dict[str, int] = DESKTOP) -> None:
        """One picture, with 256 colours, the rare ones of lights and focus among them: small enough to
        keep.
        """
        desk.page.set_viewport_size(size)  # type: ignore[arg-type]
        desk.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        desk.page.wait_for_timeout(600)
        self.folder.mkdir(parents=True, exist_ok=True)
        shot = (
            Image.open(io.BytesIO(desk.page.screenshot()))
            .convert("RGB")
            .quantize(256, Image.Quantize.MAXCOVERAGE)
        )
        shot.save(self.folder / f"review-{name}.png", optimize=True)


def take_pictures(studio: Studio) -> None:
    """Write review-*.png: light, dark, help, codebook, tablet, phone, hidden, revealed, practice,
    adjudication.
    """
    with studio.desk(SHOWN_CASE) as live:
        desk = live.sit_down()
        desk.wait_for(SHOWN_CASE)
        studio.take(desk, "light")
        studio.take(desk, "dark", "dark")
        studio.take(desk, "tablet", size=TABLET)
        studio.take(desk, "phone", size=PHONE)
        desk.press("?")
        studio.take(desk, "help")
        desk.press("Escape", "h")
        studio.take(desk, "codebook")
    with studio.desk(SHOWN_CASE, blind_share=1.0) as live:
        desk = live.sit_down()
        desk.wait_for(SHOWN_CASE)
        studio.take(desk, "hidden")
        desk.press("50", "Enter", "a", "Tab", "0", "Enter")
        desk.page.wait_for_selector(".pill.amber")
        studio.take(desk, "revealed")
    with studio.desk(CLEAR_CASE, vigilance_share=1.0) as live:
        desk = live.sit_down()
        desk.wait_for(CLEAR_CASE)
        desk.press("Enter")
        desk.page.wait_for_selector(".reason >> text=Practice record")
        studio.take(desk, "practice")
    with studio.desk(
        SHOWN_CASE, annotators=("Meera", "Jonas"), leads=("Ines",), second_reading_share=1.0
    ) as live:
        read_differently(live)
        desk = live.sit_down(0)
        desk.wait_for(SHOWN_CASE)
        studio.take(desk, "adjudication")


def read_differently(live: LiveDesk) -> None:
    """One person accepts the draft; another reads the same page otherwise."""
    first = live.sit_down(1)
    first.wait_for(SHOWN_CASE)
    while first.case_id == SHOWN_CASE:
        first.press("Enter")
        first.page.wait_for_timeout(300)
    second = live.sit_down(2)
    second.wait_for(SHOWN_CASE)
    second.press("55-60", "Enter", "a", "Tab", "0", "r", "22", "Enter", "Enter")
    second.page.wait_for_selector(f"#desk[aria-busy='false']:not([data-case='{SHOWN_CASE}'])")


if __name__ == "__main__":
    with sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        take_pictures(Studio(chromium, Path(sys.argv[1]), Path(sys.argv[2])))
        chromium.close()
