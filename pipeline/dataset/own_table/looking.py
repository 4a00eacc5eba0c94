"""Which photographs show no ECG, as far as a picture tells: a report, a screen, an empty sheet.

What is blurred, cut off or mirrored is an ECG all the same. Of 306 real and drawn ECGs none was called none;
of 93 pages of reports every one was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError
from db.processes import processors
from labeling.apart.pages import encoded_pages
from labeling.intake.report import Refused
from labeling.pages.page import PageError, PageLimits
from pipeline.dataset.own_table.agreeing import Photographed
from pipeline.imaging.photo_file import decode_photo
from pipeline.imaging.preprocess import shrunk
from pipeline.imaging.quality import Fault, judge

CODE: Final = "no_ecg"
CHECK: Final = "no-ecg"
REASON: Final = "the photograph shows no ECG: no grid with rows of trace was found"
REMEDY: Final = f"Name the photograph of the ECG, or take it all the same: --override {CHECK}."
# As large as photographs are judged for screening.
_LOOKED_AT_PX: Final = 2400
# On less nothing can be told, and it is not told; see `imaging.quality`.
_LEAST_PX: Final = 450
_MOST_AT_ONCE: Final = 4

Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Looked:
    """What was seen of a table's photographs before anything is frozen.

    Attributes:
        looked_at, photographs: how many of how many were opened.
        refused: those that show no ECG, or can't be read, by row.
    """

    looked_at: int
    photographs: int
    refused: tuple[Refused, ...]


def shows_no_ecg(data: bytes) -> bool:
    """Whether nothing of an ECG is seen in the bytes of a picture; what can't be read, or is
    very small, is not judged.
    """
    try:
        image = decode_photo(data, "photo", at_least_px=_LOOKED_AT_PX)
    except EchoDeskError:
        return False
    if max(image.shape[:2]) < _LEAST_PX:
        return False
    return any(one.fault is Fault.NOT_AN_ECG for one in judge(shrunk(image, _LOOKED_AT_PX)).complaints)


def without_ecg(files: Mapping[str, Path], on_progress: Advance | None = None) -> frozenset[str]:
    """The names of those stored pictures that show no ECG."""

    def looked(name: str) -> bool:
        return shows_no_ecg(files[name].read_bytes())

    found = []
    with ThreadPoolExecutor(min(_MOST_AT_ONCE, processors())) as pool:
        for done, (name, is_none) in enumerate(zip(files, pool.map(looked, files), strict=True), start=1):
            found += [name] if is_none else []
            if on_progress is not None:
                on_progress(done, len(files))
    return frozenset(found)


def looked_over(
    rows: Sequence[Photographed], limits: PageLimits, *, most: int, on_progress: Advance | None = None
) -> Looked:
    """Open at most so many photographs, spread evenly over the rows, and look whether they show an ECG."""
    named = [(one.row.row, file) for one in rows for file in one.files]
    some = named if len(named) <= most else [named[place * len(named) // most] for place in range(most)]

    def looked(named_one: tuple[int, Path]) -> Refused | None:
        row, file = named_one
        try:
            pages = [page.encoded.data for page in encoded_pages(file, limits)]
        except PageError as error:
            return Refused(file, error.code, error.message, error.hint, row)
        return Refused(file, CODE, REASON, REMEDY, row) if any(map(shows_no_ecg, pages)) else None

    found = []
    with ThreadPoolExecutor(min(_MOST_AT_ONCE, processors())) as pool:
        for done, refused in enumerate(pool.map(looked, some), start=1):
            found += [refused] if refused is not None else []
            if on_progress is not None:
                on_progress(done, len(some))
    return Looked(len(some), len(named), tuple(found))
