"""What opening files at arm's length costs: the same files taken in both ways, in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from db.store.images import encode_picture
from labeling.apart.pages import encoded_pages
from labeling.pages.opening import iter_pages
from labeling.pages.page import PageLimits


@dataclass(frozen=True)
class OpeningResult:
    """What was measured; times in seconds.

    Attributes:
        apart_s: every file decoded and packed for the store by a process of its own, already begun.
        here_s: the same in this process.
    """

    files: int
    apart_s: float
    here_s: float

    @property
    def ratio(self) -> float:
        """How fast it is apart, as a share of the speed here; higher is better."""
        return self.here_s / self.apart_s


def bench_opening(paths: Sequence[Path], limits: PageLimits | None = None) -> OpeningResult:
    """Open files one by one, apart and here, whichever is first in turns.

    Raises:
        PageError: one of them gives no pages.
    """
    chosen = limits or PageLimits()
    ways: list[Callable[[Path], None]] = [partial(_apart, limits=chosen), partial(_here, limits=chosen)]
    for way in ways:  # what is loaded once is loaded before the clock runs
        way(paths[0])
    spent = [0.0, 0.0]
    for number, path in enumerate(paths):
        for which in (0, 1) if number % 2 else (1, 0):
            spent[which] += _seconds(ways[which], path)
    return OpeningResult(len(paths), *spent)


def _seconds(way: Callable[[Path], None], path: Path) -> float:
    started = time.perf_counter()
    way(path)
    return time.perf_counter() - started


def _apart(path: Path, limits: PageLimits) -> None:
    for _ in encoded_pages(path, limits):
        pass


def _here(path: Path, limits: PageLimits) -> None:
    for page in iter_pages(path, limits):
        encode_picture(page.image, lossy=page.lossy)
