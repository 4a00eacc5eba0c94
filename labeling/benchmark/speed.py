"""Pages a second of the whole reading path, against a plain pytesseract loop over the same pages."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from db.processes import process_pool
from labeling.apart.pages import open_pages
from labeling.pages.page import Page, PageLimits

if TYPE_CHECKING:
    from labeling.words.read_page import OcrPage

# Long enough that both workers stay busy, short enough that noise of the machine falls on both sides alike.
_PAGES_A_ROUND = 8


@dataclass(frozen=True)
class BothResult:
    """Both engines on the pages, as `echodesk extract` reads; times in seconds.

    Attributes:
        now_s: wall time of the engines side by side, Tesseract's library kept ready.
        before_s: wall time as it was until November 2026: one after the other, Tesseract started anew for
            each page, all lines beside a doubtful one read again, the detector's numbers reckoned.
        engines_s, own_s: seconds of the former in the engines and in our own code, added over all workers.
        differing: pages whose reading differed between the two ways; 0 is right.
    """

    now_s: float
    before_s: float
    engines_s: float
    own_s: float
    differing: int

    @property
    def ratio(self) -> float:
        """How many times faster than the way before; higher is better."""
        return self.before_s / self.now_s

    @property
    def own_share(self) -> float:
        """Our own code's time as a share of the engines'; lower is better."""
        return self.own_s / self.engines_s if self.engines_s else 0.0


@dataclass(frozen=True)
class BenchResult:
    """What was measured; times in seconds.

    Attributes:
        pages: pages read by each side.
        workers: processes of our side.
        ours_s, plain_s: wall time of our side, and of a plain single-process loop in its default environment.
        plain_one_thread_s: wall time of the same loop with Tesseract's own threads switched off.
        ocr_s, own_s: seconds our side spent in Tesseract and in our own code, added over all workers.
        both: the same pages read by both engines; None where the second is not installed.
    """

    pages: int
    workers: int
    ours_s: float
    plain_s: float
    plain_one_thread_s: float
    ocr_s: float
    own_s: float
    both: BothResult | None = None

    @property
    def pages_per_s(self) -> float:
        """Pages a second of our side; higher is better."""
        return self.pages / self.ours_s

    @property
    def ratio(self) -> float:
        """How many times faster than the plain loop as a user would type it; higher is better."""
        return self.plain_s / self.ours_s

    @property
    def ratio_one_thread(self) -> float:
        """How many times faster than the plain loop at its best, with one Tesseract thread."""
        return self.plain_one_thread_s / self.ours_s

    @property
    def own_share(self) -> float:
        """Our own code's time as a share of the time in Tesseract; lower is better."""
        return self.own_s / self.ocr_s if self.ocr_s else 0.0


def bench_extraction(
    pages_or_paths: Sequence[Page | Path], *, workers: int = 2, tesseract: str = "tesseract"
) -> BenchResult:
    """Read the pages with our reader and with plain loops, in turns of a few pages.

    Our side is everything from the decoded page to the values: recognition, reading order and rules. All
    sides get pages that are already decoded.

    Args:
        pages_or_paths: pages, or files that hold them.
        workers: processes for our side.
        tesseract: the Tesseract program, for both sides.

    Raises:
        ValueError: there are no pages, or no workers.
        EchoDeskError: Tesseract is missing, or a file can't be opened.
    """
    pages = _decoded(pages_or_paths)
    if not pages or workers < 1:
        raise ValueError("a bench needs at least one page and one worker")
    from labeling.words import rapid_ocr

    spent = {"ours": 0.0, "plain": 0.0, "one thread": 0.0}
    ocr_s = own_s = 0.0
    both: list[BothResult] = []
    with process_pool(workers, one_thread_each) as pool:
        _warm_up(pool, pages[0], workers, tesseract)
        for start in range(0, len(pages), _PAGES_A_ROUND):
            batch = pages[start : start + _PAGES_A_ROUND]
            started = time.perf_counter()
            for page_ocr_s, page_own_s in pool.map(partial(_read_page, tesseract=tesseract), batch):
                ocr_s, own_s = ocr_s + page_ocr_s, own_s + page_own_s
            spent["ours"] += time.perf_counter() - started
            if rapid_ocr.is_installed():
                both.append(_both_ways(pool, batch, tesseract, is_new_first=len(both) % 2 == 0))
            spent["plain"] += _plain_loop(batch, tesseract, one_thread=False)
            spent["one thread"] += _plain_loop(batch, tesseract, one_thread=True)
    return BenchResult(
        pages=len(pages),
        workers=workers,
        ours_s=spent["ours"],
        plain_s=spent["plain"],
        plain_one_thread_s=spent["one thread"],
        ocr_s=ocr_s,
        own_s=own_s,
        both=_added(both),
    )


def _added(rounds: Sequence[BothResult]) -> BothResult | None:
    if not rounds:
        return None
    sums = {field.name: sum(getattr(one, field.name) for one in rounds) for field in fields(BothResult)}
    return BothResult(**sums)


def _both_ways(pool: Executor, batch: Sequence[Page], tesseract: str, *, is_new_first: bool) -> BothResult:
    """The pages of a round read side by side, and as they were before; whichever is first in turns."""
    took: dict[bool, float] = {}
    read: dict[bool, list[_Read]] = {}
    for is_new in (is_new_first, not is_new_first):
        started = time.perf_counter()
        read[is_new] = list(pool.map(partial(_read_both, tesseract=tesseract, is_new=is_new), batch))
        took[is_new] = time.perf_counter() - started
    return BothResult(
        now_s=took[True],
        before_s=took[False],
        engines_s=sum(one.engines_s for one in read[True]),
        own_s=sum(one.own_s for one in read[True]),
        differing=sum(a.said != b.said for a, b in zip(read[True], read[False], strict=True)),
    )


@dataclass(frozen=True)
class _Read:
    said: str
    engines_s: float
    own_s: float


def _read_both(page: Page, *, tesseract: str, is_new: bool) -> _Read:
    """One page from picture to lights' opinions, with what was read and where."""
    from labeling.pen import pen_marks
    from labeling.readers.rules import reading_of_ocr
    from labeling.trust.cross_check import check_reading, recognise_report
    from labeling.trust.light import decide_lights
    from labeling.words import ink_marks, rapid_ocr
    from labeling.words.both_engines import BothEngines
    from labeling.words.tesseract import read_words

    def read_alone(page: Page) -> OcrPage:
        read = read_words(page, tesseract=tesseract, is_kept=False)
        by_shape = ink_marks.marked_lines(page, read, tesseract=tesseract)
        return ink_marks.with_marks(read, pen_marks.with_pen(page, read, by_shape, tesseract))

    def read_beside(page: Page, seen: OcrPage) -> OcrPage:
        with rapid_ocr.load_engine().reckoning_anew():
            return rapid_ocr.read_words(page, first=seen, with_all_beside=True)

    started = time.perf_counter()
    engines = BothEngines(tesseract, rapid_ocr)
    first, second = (engines.first, engines.second) if is_new else (read_alone, read_beside)
    words = recognise_report([page], first, second)
    reading = check_reading(reading_of_ocr(words.first), words, version="bench", is_rules=True)
    all_s = time.perf_counter() - started
    seconds = [seen for seen, before in zip(words.second, words.first, strict=True) if seen is not before]
    engines_s = sum(seen.elapsed_s for seen in (*words.first, *seconds))
    # Not how sure the second engine is of each letter: that hangs on which lines it reads at once.
    seconds_say = [opinion.findings for opinion in reading.opinions]
    lights = {field: (decided.light, decided.reasons) for field, decided in decide_lights(reading).items()}
    said = repr((reading.findings, reading.evidence, reading.confidence, seconds_say, lights))
    return _Read(said, engines_s, all_s - engines_s)


def _decoded(pages_or_paths: Sequence[Page | Path]) -> list[Page]:
    pages: list[Page] = []
    for item in pages_or_paths:
        pages.extend([item] if isinstance(item, Page) else open_pages(item, PageLimits()))
    for page in pages:
        page.image.load()
    return pages


def one_thread_each() -> None:
    """The processes are the parallelism; more threads than cores only wait for each other."""
    import cv2

    os.environ["OMP_THREAD_LIMIT"] = "1"
    cv2.setNumThreads(1)


def _warm_up(pool: Executor, page: Page, workers: int, tesseract: str) -> None:
    """Let every worker import what it needs, so that the clock measures reading."""
    from labeling.words import rapid_ocr

    list(pool.map(partial(_read_page, tesseract=tesseract), [page] * (2 * workers)))
    if rapid_ocr.is_installed():
        list(pool.map(partial(_read_both, tesseract=tesseract, is_new=True), [page] * (2 * workers)))


def _read_page(page: Page, *, tesseract: str) -> tuple[float, float]:
    """Seconds in Tesseract and in our own code for one page, from picture to values."""
    from labeling.readers.rules import reading_of_ocr
    from labeling.words.tesseract import read_words

    ocr_page = read_words(page, tesseract=tesseract)
    started = time.perf_counter()
    reading_of_ocr([ocr_page])
    return ocr_page.elapsed_s, ocr_page.own_elapsed_s + time.perf_counter() - started


def _plain_loop(pages: Sequence[Page], tesseract: str, *, one_thread: bool) -> float:
    """Seconds for the loop a user would type, with Tesseract's threads limited by the environment or not."""
    from labeling.words.tesseract import plain_text

    before = os.environ.pop("OMP_THREAD_LIMIT", None)
    if one_thread:
        os.environ["OMP_THREAD_LIMIT"] = "1"
    try:
        started = time.perf_counter()
        for page in pages:
            plain_text(page.image, tesseract=tesseract)
        return time.perf_counter() - started
    finally:
        os.environ.pop("OMP_THREAD_LIMIT", None)
        if before is not None:
            os.environ["OMP_THREAD_LIMIT"] = before
