"""Which photographs of a snapshot show one page: candidates by their fingerprints, each looked at closely.

A fingerprint alone takes different recordings on one layout for one page, the oftener the more pages there
are; and a bad photograph of one page is further away than they are. So each picture's nearest is compared
stroke by stroke (`pipeline.imaging.same_page`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from db.tabular import read_jsonl
from pipeline.dataset.probe.copies import nearest_pairs

if TYPE_CHECKING:
    from pipeline.imaging.same_page import Plane

# Of 1,024 bits: hurried photographs of one page are up to 192 apart, most pairs of different pages above 190.
WITHIN_BITS: Final = 200
# Pages that are kept in memory while pairs are compared, 1.8 MB each.
_KEPT: Final = 300


def same_pages(
    snapshot: Path, *, paths: Collection[str] | None = None, workers: int = 2
) -> tuple[tuple[str, str], ...]:
    """Pairs of ECG photographs that show one page; those that can't be opened are in none.

    Args:
        paths: look at these alone. Default: all.
    """
    pairs = read_jsonl((snapshot / "data/pairs.jsonl").read_bytes())
    chosen = sorted({row["path"] for row in pairs if row["path"] and (paths is None or row["path"] in paths)})
    with ThreadPoolExecutor(workers) as pool:
        looks = list(pool.map(lambda path: _fingerprint(snapshot / path), chosen))
        near = nearest_pairs(looks, within_bits=WITHIN_BITS)
        found = pool.map(_comparing(snapshot, chosen), near)
        return tuple((chosen[one], chosen[other]) for (one, other), is_same in zip(near, found, strict=True)
                     if is_same)  # fmt: skip


def _comparing(snapshot: Path, paths: Sequence[str]) -> Callable[[tuple[int, int]], bool]:
    """What says of two places in `paths` whether their photographs show one page."""
    from pipeline.imaging.same_page import fit_of

    strokes = lru_cache(_KEPT)(lambda place: _strokes(snapshot / paths[place]))
    return lambda pair: fit_of(strokes(pair[0]), strokes(pair[1])).is_same


def _strokes(file: Path) -> Plane:
    import numpy as np
    from PIL import Image

    from pipeline.imaging.same_page import page_strokes

    with Image.open(file) as image:
        return page_strokes(np.asarray(image.convert("RGB"), dtype=np.uint8))


def _fingerprint(file: Path) -> str:
    """How a picture looks; zeros, which are like none, where it can't be opened."""
    from PIL import Image

    from db.fingerprints import NO_INK, page_hash

    try:
        with Image.open(file) as image:
            return page_hash(image)
    except (OSError, ValueError, Image.DecompressionBombError):
        return NO_INK
