"""Pages a second of PDFs by their text layer, against the same pages read as pictures by both engines."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labeling.benchmark.speed import one_thread_each
from labeling.pages.opening import open_pages
from labeling.pages.page import Page, PageLimits
from labeling.readers.base import Reader, ReaderSpec, Reading
from labeling.readers.registry import build_reader
from labeling.trust.light import light_of_fields


@dataclass(frozen=True)
class LayerBench:
    """What was measured, one process for both sides; times in seconds.

    Attributes:
        files, pages: with a text layer that was believed, and read in both ways.
        refused: files of which a page's layer was not believed; not timed.
        layer_s, pictures_s: from the file to values and lights.
        differing: files whose values are not the same both ways; the pictures may be the ones misread.
    """

    files: int
    pages: int
    refused: int
    layer_s: float
    pictures_s: float
    differing: int

    @property
    def ratio(self) -> float:
        """How many times faster than by pictures; higher is better."""
        return self.pictures_s / self.layer_s if self.layer_s else 0.0


def bench_layer(
    paths: Sequence[Path],
    *,
    tesseract: str = "tesseract",
    on_progress: Callable[[int, int], None] | None = None,
) -> LayerBench:
    """Read files in both ways in turns, so that the machine's other work falls on both.

    Raises:
        EchoDeskError: Tesseract is missing, or a file can't be opened.
    """
    one_thread_each()
    primary = {"name": "rules", "options": {"tesseract": tesseract}}
    reader = build_reader(ReaderSpec("panel", {"primary": primary, "tesseract": tesseract}))
    files = pages = refused = differing = 0
    spent = {"layer": 0.0, "pictures": 0.0}
    for done, path in enumerate(paths, start=1):
        opened = open_pages(path, PageLimits())
        if not opened or any(page.layer is None for page in opened):
            continue
        if done == 1:
            _read(reader, path, as_pictures=True)  # both sides' programs are loaded before the clock runs
        by_layer, layer_s = _read(reader, path, as_pictures=False)
        if any(code.startswith("text_layer:") for code in by_layer.warnings):
            refused += 1
            continue
        by_pictures, pictures_s = _read(reader, path, as_pictures=True)
        files, pages = files + 1, pages + len(opened)
        spent["layer"] += layer_s
        spent["pictures"] += pictures_s
        differing += by_layer.findings != by_pictures.findings
        if on_progress:
            on_progress(done, len(paths))
    return LayerBench(files, pages, refused, spent["layer"], spent["pictures"], differing)


def _read(reader: Reader, path: Path, *, as_pictures: bool) -> tuple[Reading, float]:
    """The reading of a file and the seconds it took, opening it included."""
    started = time.perf_counter()
    pages: list[Page] = open_pages(path, PageLimits())
    if as_pictures:
        pages = [replace(page, layer=None) for page in pages]
    reading = reader.read_pages(pages)
    light_of_fields(reading)
    return reading, time.perf_counter() - started
