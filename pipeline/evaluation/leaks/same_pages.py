"""Which photographs of a snapshot show one page: candidates by their sketches, each looked at closely.

A fingerprint alone takes different recordings on one layout for one page, the oftener the more pages there
are; and a bad photograph of one page is further away than they are. So each picture is held against the few
of other folds that look most like it: at half the size first, and where that says nothing against it, stroke
by stroke (`pipeline.imaging.same_page`). The first takes a fortieth of the time of the second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain, compress, groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from pipeline.evaluation.leaks.nearest import nearest_pairs
from pipeline.evaluation.workers import workers_for
from pipeline.imaging.same_page import Sketch

if TYPE_CHECKING:
    from pipeline.imaging.same_page import Plane

_Pair = TypeVar("_Pair")

# How many look-alikes of each page are compared. Among 20,000 pages four in five of those photographed again
# would be the one most like it, and 19 in 20 of the four most.
_LOOK_ALIKES: Final = 4
# Pairs that one worker is handed at a time.
_AT_ONCE: Final = 64
# Pages that are kept in memory while pairs are compared, 1.8 MB each.
_KEPT: Final = 100
# Of a large JPEG no more is decoded than strokes need.
_ENOUGH_PX: Final = (1536, 1152)


def same_pages(
    sketches: Mapping[Path, Sketch], folds: Mapping[Path, int], *, workers: int = 2
) -> tuple[tuple[Path, Path], ...]:
    """Pairs of ECG photographs in two folds that show one page.

    Args:
        sketches: of each photograph that is looked at.
        folds: of these photographs; those that are in none are not looked at.
    """
    chosen = [file for file in sketches if file in folds]
    kept = [sketches[file] for file in chosen]
    near = nearest_pairs(kept, [folds[file] for file in chosen], most=_LOOK_ALIKES)
    with workers_for(len(near), workers) as pool:
        drawn = [[(kept[one], kept[other]) for one, other in some] for some in _by_few(near)]
        likely = chain.from_iterable(pool.map(_may_be_same, drawn))
        files = [(chosen[one], chosen[other]) for one, other in compress(near, likely)]
        return tuple(compress(files, chain.from_iterable(pool.map(_are_same, _by_few(files)))))


def _by_few(pairs: Sequence[_Pair]) -> list[Sequence[_Pair]]:
    return [pairs[start : start + _AT_ONCE] for start in range(0, len(pairs), _AT_ONCE)]


def _may_be_same(pairs: Sequence[tuple[Sketch, Sketch]]) -> list[bool]:
    from pipeline.imaging.same_page import may_be_same

    found: list[bool] = []
    # Pairs that follow one another have their first page in common.
    for one, some in groupby(pairs, key=itemgetter(0)):
        found += may_be_same(one.strokes(), (other.strokes() for _, other in some))
    return found


def _are_same(pairs: Sequence[tuple[Path, Path]]) -> list[bool]:
    """Of photographs whose sketches may show one page, whether they do."""
    from pipeline.imaging.same_page import fit_of

    strokes = lru_cache(_KEPT)(_strokes)
    return [fit_of(strokes(one), strokes(other)).is_same for one, other in pairs]


def _strokes(file: Path) -> Plane:
    import numpy as np
    from PIL import Image

    from pipeline.imaging.same_page import page_strokes

    with Image.open(file) as image:
        image.draft("RGB", _ENOUGH_PX)
        return page_strokes(np.asarray(image.convert("RGB"), dtype=np.uint8))
