"""Which photographs of a snapshot show one page: candidates by their fingerprints, each looked at closely.

A fingerprint alone takes different recordings on one layout for one page, the oftener the more pages there
are; and a bad photograph of one page is further away than they are. So each picture is compared stroke by
stroke (`pipeline.imaging.same_page`) with the one of another fold that looks most like it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.dataset.probe.copies import nearest_pairs

if TYPE_CHECKING:
    from pipeline.imaging.same_page import Plane

# Of 1,024 bits: hurried photographs of one page are up to 192 apart, most pairs of different pages above 190.
WITHIN_BITS: Final = 200
# Pages that are kept in memory while pairs are compared, 1.8 MB each.
_KEPT: Final = 300
# Of a large JPEG no more is decoded than strokes need.
_ENOUGH_PX: Final = (1536, 1152)


def same_pages(
    fingerprints: Mapping[Path, str], folds: Mapping[Path, int], *, workers: int = 2
) -> tuple[tuple[Path, Path], ...]:
    """Pairs of ECG photographs in two folds that show one page.

    Args:
        fingerprints: `db.fingerprints.page_hash` of each photograph that is looked at.
        folds: of these photographs; those that are in none are not looked at.
    """
    chosen = [file for file in fingerprints if file in folds]
    near = nearest_pairs(
        [fingerprints[file] for file in chosen], [folds[file] for file in chosen], within_bits=WITHIN_BITS
    )
    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(_comparing(chosen), near)
        return tuple((chosen[one], chosen[other]) for (one, other), is_same in zip(near, found, strict=True)
                     if is_same)  # fmt: skip


def _comparing(files: Sequence[Path]) -> Callable[[tuple[int, int]], bool]:
    """What says of two places in `files` whether their photographs show one page."""
    from pipeline.imaging.same_page import fit_of

    strokes = lru_cache(_KEPT)(lambda place: _strokes(files[place]))
    return lambda pair: fit_of(strokes(pair[0]), strokes(pair[1])).is_same


def _strokes(file: Path) -> Plane:
    import numpy as np
    from PIL import Image

    from pipeline.imaging.same_page import page_strokes

    with Image.open(file) as image:
        image.draft("RGB", _ENOUGH_PX)
        return page_strokes(np.asarray(image.convert("RGB"), dtype=np.uint8))
