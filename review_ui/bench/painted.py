"""From a key press to the next record on screen, in a real Chromium: the desk and a bare Gradio page."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError, pip_install
from review_ui.bench.figures import PaintTimes, latency

if TYPE_CHECKING:
    from playwright.sync_api import Page

# What takes the key press on the bare page, and where its picture is.
BUTTON_ID: Final = "bare-next"
PICTURE_ID: Final = "bare-picture"

WARM_UP: Final = 5  # the first records also load and compile the page's own code
# A person looks for at least a second; the shorter the pause, the less time to fetch the next record ahead.
PAUSE_S: Final = 0.25
PATIENCE_S: Final = 20.0
_ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")

# Runs in both pages before their own scripts, which know nothing of it: from the time the browser saw the key
# until another page picture is in place, decoded, and the frame that shows it is drawn.
OBSERVER: Final = """
(() => {
  const picture = () => document.querySelector("#page img, #PICTURE");
  const afterFrame = (done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(null);
  });
  window.observedTimes = [];
  addEventListener("keydown", (event) => {
    const before = picture()?.src;
    const look = () => {
      const now = picture();
      const isDrawn = now && now.src !== before && now.complete && now.naturalWidth;
      if (!isDrawn) return requestAnimationFrame(look);
      now.decode().then(() => afterFrame(() => observedTimes.push(performance.now() - event.timeStamp)));
    };
    requestAnimationFrame(look);
  }, true);
})();
""".replace("PICTURE", PICTURE_ID)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser window without a screen.

    Raises:
        EchoDeskError: Playwright or Chromium is not installed.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ModuleNotFoundError as error:
        raise EchoDeskError(
            "measuring in a browser needs Playwright",
            f"Install it: {pip_install('dev')}, or leave it out: --keys 0",
        ) from error
    names = ("chromium", "chromium-browser", "chromium-headless-shell")
    program = next((found for name in names if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        except Error as error:
            raise EchoDeskError(
                "Chromium cannot be started", "Install it with the system, or leave it out: --keys 0"
            ) from error
        try:
            yield browser
        finally:
            browser.close()


def measure_painted(
    link: str,
    bare_address: str,
    *,
    keys: int,
    pause_s: float = PAUSE_S,
    on_progress: Callable[[int, int], None],
) -> PaintTimes:
    """Press a key for each record, on the desk and on the bare page in turns of ten.

    In turns, so that the machine's other work falls on both alike.

    Args:
        link: a one-time link to a desk whose records all take a single Enter.
        keys: records on each side, at least 1.
    """
    with chromium() as browser:
        desk, bare = (
            browser.new_context(viewport={"width": 1366, "height": 768}).new_page() for _ in range(2)
        )
        for page in (desk, bare):
            page.add_init_script(OBSERVER)
        desk.goto(link)
        desk.wait_for_selector("#desk[data-state='record'][aria-busy='false']", timeout=30_000)
        bare.goto(bare_address)
        bare.wait_for_selector(f"#{BUTTON_ID}", timeout=30_000)
        bare.focus(f"#{BUTTON_ID}")
        measured: list[float] = []
        for start in range(-WARM_UP, keys, 10):
            turn = range(start, min(start + 10, keys))
            desk.bring_to_front()
            for number in turn:
                _press_on_desk(desk, pause_s)
                if number >= 0:
                    measured.append(float(desk.evaluate(_OWN_MEASURE)) / 1000)
            bare.bring_to_front()
            for _ in turn:
                _press(bare, pause_s)
            on_progress(turn.stop, keys)
        observed, plain = (_times_s(page)[WARM_UP:] for page in (desk, bare))
    return PaintTimes(observed=latency(observed), measured=latency(measured), bare=latency(plain))


_OWN_MEASURE: Final = "performance.getEntriesByName('key-to-record').at(-1).duration"


def _press_on_desk(desk: Page, pause_s: float) -> None:
    """Accept a record; where a notice came between (too fast, a practice record), say so by failing."""
    before = desk.get_attribute("#desk", "data-case")
    _press(desk, 0.0)
    desk.wait_for_selector(f"#desk:not([data-case='{before}'])[aria-busy='false']", timeout=20_000)
    time.sleep(pause_s)


def _press(page: Page, pause_s: float) -> None:
    """Press Enter and wait until the browser has rendered a picture since."""
    before = int(page.evaluate("observedTimes.length"))
    page.keyboard.press("Enter")
    until_s = time.monotonic() + PATIENCE_S
    # The desk's content policy forbids waiting in the page.
    while int(page.evaluate("observedTimes.length")) == before:
        if time.monotonic() > until_s:
            raise EchoDeskError(
                "a key was pressed and no record came", "Try again; is the machine very busy?"
            )
        time.sleep(0.02)
    time.sleep(pause_s)


def _times_s(page: Page) -> list[float]:
    return [float(time_ms) / 1000 for time_ms in page.evaluate("observedTimes")]
