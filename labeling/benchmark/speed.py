"""Pages a second of the whole reading path, against a plain pytesseract loop over the same pages."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from db.processes import process_pool
from labeling.apart.pages import open_pages
from labeling.pages.page import Page, PageLimits

# Long enough that both workers stay busy, short enough that noise of the machine falls on both sides alike.
_PAGES_A_ROUND = 8


@dataclass(frozen=True)
class BenchResult:
    """What was measured; times in seconds.

    Attributes:
        pages: pages read by each side.
        workers: processes of our side.
        ours_s, plain_s: wall time of our side, and of a plain single-process loop in its default environment.
        plain_one_thread_s: wall time of the same loop with Tesseract's own threads switched off.
        ocr_s, own_s: seconds our side spent in Tesseract and in our own code, added over all workers.
    """

    pages: int
    workers: int
    ours_s: float
    plain_s: float
    plain_one_thread_s: float
    ocr_s: float
    own_s: float

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
    spent = {"ours": 0.0, "plain": 0.0, "one thread": 0.0}
    ocr_s = own_s = 0.0
    with process_pool(workers, one_thread_each) as pool:
        _warm_up(pool, pages[0], workers, tesseract)
        for start in range(0, len(pages), _PAGES_A_ROUND):
            batch = pages[start : start + _PAGES_A_ROUND]
            started = time.perf_counter()
            for page_ocr_s, page_own_s in pool.map(partial(_read_page, tesseract=tesseract), batch):
                ocr_s, own_s = ocr_s + page_ocr_s, own_s + page_own_s
            spent["ours"] += time.perf_counter() - started
            spent["plain"] += _plain_loop(batch, tesseract, one_thread=False)
            spent["one thread"] += _plain_loop(batch, tesseract, one_thread=True)
    return BenchResult(len(pages), workers, spent["ours"], spent["plain"], spent["one thread"], ocr_s, own_s)


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
    list(pool.map(partial(_read_page, tesseract=tesseract), [page] * (2 * workers)))


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
