"""A walk through the pages, counted: what was clicked and typed, and how long it took."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, Playwright

# Debian's Chromium; the one without a window where it is there.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")


def open_browser(playwright: Playwright) -> Browser:
    """A Chromium to walk in."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    return playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])


@dataclass
class Walk:
    """What was done so far, and how long it took."""

    page: Page
    clicks: int = 0
    keys: int = 0
    began_s: float = 0.0

    @classmethod
    def begin(cls, page: Page) -> Walk:
        """A walk that begins now."""
        return cls(page, began_s=time.perf_counter())

    def click(self, selector: str) -> None:
        """One click, and what it leads to."""
        self.clicks += 1
        self.page.click(selector)
        self.page.wait_for_load_state("load")

    def type(self, words: str) -> None:
        """Where the cursor stands."""
        self.page.keyboard.type(words)
        self.keys += len(words)

    def press(self, key: str) -> None:
        """One key."""
        self.page.keyboard.press(key)
        self.keys += 1

    def say(self, what: str) -> None:
        """How far it is."""
        seconds = time.perf_counter() - self.began_s
        sys.stdout.write(f"{what}: {self.clicks} clicks, {self.keys} keys, {seconds:.1f} s\n")
