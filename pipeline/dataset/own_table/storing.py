"""The photographs of a table's rows: stored, compared with each other, and looked at for ECGs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.store.images import ImageStore
from labeling.apart.pages import encoded_pages
from labeling.intake.report import Refused
from labeling.pages.page import PageError, PageLimits
from pipeline.dataset.own_table.agreeing import Photographed
from pipeline.dataset.own_table.looking import CODE, REASON, REMEDY, without_ecg
from pipeline.dataset.records import ImageRef

# The stored pictures of each row, by its number.
Pictures = Mapping[int, tuple[ImageRef, ...]]


@dataclass(frozen=True)
class Seen:
    """What stored photographs show.

    Attributes:
        pictures: of the rows that can be taken. refused: the others.
        blank: names (SHA-256) of pictures on which no ECG is seen.
    """

    pictures: Pictures
    refused: tuple[Refused, ...]
    blank: frozenset[str]


def looked_at(
    rows: Sequence[Photographed],
    pictures: Pictures,
    store: ImageStore,
    *,
    takes_all: bool,
    on_progress: Callable[[int, int], None] | None,
) -> Seen:
    """Look whether each picture shows an ECG.

    Args:
        takes_all: refuse nothing for it.
    """
    files = {one.sha256: store.path(one.sha256) for found in pictures.values() for one in found}
    blank = without_ecg(files, on_progress)
    bare = {row for row, found in pictures.items() if any(one.sha256 in blank for one in found)}
    if takes_all or not bare:
        return Seen(pictures, (), blank)
    refused = tuple(
        Refused(one.files[0], CODE, REASON, REMEDY, one.row.row) for one in rows if one.row.row in bare
    )
    return Seen({row: found for row, found in pictures.items() if row not in bare}, refused, blank)


def stored(
    rows: Sequence[Photographed],
    store: ImageStore,
    limits: PageLimits,
    on_progress: Callable[[int, int], None] | None,
) -> tuple[Pictures, list[Refused]]:
    """The photographs of each row, by its number, and those that can't be read or are of two rows."""
    pictures: dict[int, tuple[ImageRef, ...]] = {}
    shown: dict[str, dict[int, tuple[Photographed, Path]]] = defaultdict(dict)
    refused: list[Refused] = []
    for done, one in enumerate(rows, start=1):
        found: list[tuple[Path, ImageRef]] = []
        bad = len(refused)
        for file, digest in dict(zip(one.files, one.digests, strict=True)).items():
            try:
                for page in encoded_pages(file, limits):
                    kept = store.keep(page.encoded, original_sha256=digest, page=page.number)
                    found.append((file, _reference(kept, len(found) + 1)))
            except PageError as error:
                refused.append(Refused(file, error.code, error.message, error.hint, one.row.row))
        if len(refused) == bad:
            pictures[one.row.row] = tuple(picture for _, picture in found)
            for file, picture in found:
                shown[picture.sha256].setdefault(one.row.row, (one, file))
        if on_progress is not None:
            on_progress(done, len(rows))
    clashes = {error.row: error for group in shown.values() for error in _of_two_rows(group)}
    kept_rows = {row: found for row, found in pictures.items() if row not in clashes}
    return kept_rows, sorted((*refused, *clashes.values()), key=lambda error: error.row or 0)


def _of_two_rows(group: Mapping[int, tuple[Photographed, Path]]) -> Iterable[Refused]:
    """Every row that shows one picture, where there are several: nothing says whose it is.

    The files differ, or the plan had found it.
    """
    if len(group) < 2:
        return
    is_one_patient = len({one.patient for one, _ in group.values()}) == 1
    remedy = (
        "Keep one of the rows."
        if is_one_patient
        else "At most one of them can be right: correct the file, or the id."
    )
    for row, (one, file) in group.items():
        other = next((another for another, _ in group.values() if another.patient != one.patient), None)
        number = other.row.row if other else next(another for another in group if another != row)
        whose = ", another patient's" if other else ", which is of the same patient"
        yield Refused(file, "photo_clash", f"it shows the very picture of row {number}{whose}", remedy, row)


def _reference(kept: Any, page: int) -> ImageRef:
    return ImageRef(
        kept.sha256, "ecg", page, kept.width_px, kept.height_px, kept.media_type, kept.perceptual_hash
    )
