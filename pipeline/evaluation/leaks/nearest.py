"""Which pages of thousands look most alike: each page's sketch as a row of signs, compared by their products.

Pages on one layout are alike in nearly everything, so a sign says whether a wave of the picture is stronger
than in the middle page, not whether it is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.fingerprints import cosines
from pipeline.imaging.same_page import Sketch

Floats = NDArray[np.float32]
Bits = NDArray[np.uint8]

# The slowest waves of a sketch, down and across, and how many pages say what is usual.
_DOWN, _ACROSS = 48, 96
_USUAL_OF: Final = 1_000
# Of fewer pages the middle one is any of them.
_FEWEST: Final = 40
# Less than any two pages share.
_NEVER: Final = np.float32(-2 * _DOWN * _ACROSS)
# Pages that are compared with as many at a time: 75 MB of signs on either side.
_ROWS: Final = 4_000


def nearest_pairs(sketches: Sequence[Sketch], groups: Sequence[int], *, most: int) -> list[tuple[int, int]]:
    """Each page with those few of other groups that look most like it; each pair once, in order.

    Pages without ink are like no other; pages of one sketch and one group are one, the first of them.

    Args:
        groups: one a page; within a group nobody looks.
        most: how many for each page.
    """
    first: dict[tuple[bytes, bool, int], int] = {}
    for place, (sketch, group) in enumerate(zip(sketches, groups, strict=True)):
        if sketch.has_ink():
            first.setdefault((sketch.packed, sketch.is_upright, group), place)
    pairs: set[tuple[int, int]] = set()
    for is_upright in (False, True):
        places = np.array([place for (_, so, _), place in first.items() if so is is_upright], np.int64)
        alike = _alike([sketches[place] for place in places], np.array(groups, np.int64)[places], most)
        pairs |= {
            (min(pair), max(pair)) for pair in zip(*(places[side].tolist() for side in alike), strict=True)
        }
    return sorted(pairs)


def _alike(
    sketches: Sequence[Sketch], groups: NDArray[np.int64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of pages, and of those that look most like them."""
    found = Likest(len(sketches), most)
    bits = _signs(sketches)
    for start in range(0, len(bits), _ROWS):
        rows = slice(start, start + _ROWS)
        here = _as_signs(bits[rows])
        for begin in range(start, len(bits), _ROWS):
            columns = slice(begin, begin + _ROWS)
            product = here @ (here if begin == start else _as_signs(bits[columns])).T
            product[groups[rows][:, None] == groups[columns][None]] = _NEVER
            if begin > start:
                found.take(begin, start, product.T.copy())
            found.take(start, begin, product)
    ones, ranks = np.nonzero(found.places >= 0)
    return ones, found.places[ones, ranks]


class Likest:
    """The few pages most like each of n pages, as far as they were compared.

    Attributes:
        places: of those, the likest first, [n, most]; -1 where there are fewer.
    """

    def __init__(self, n: int, most: int) -> None:
        self.places = np.full((n, most), -1, np.int64)
        self._shared = np.full((n, most), _NEVER, np.float32)

    def take(self, start: int, begin: int, product: Floats) -> None:
        """What pages from `start` on share with those from `begin` on, [pages, others]; written over."""
        rows = slice(start, start + len(product))
        most = self.places.shape[1]
        for _ in range(min(most, product.shape[1])):
            likest = product.argmax(axis=1)[:, None]
            score = np.take_along_axis(product, likest, axis=1)
            np.put_along_axis(product, likest, _NEVER, axis=1)
            scores = np.concatenate([self._shared[rows], score], axis=1)
            places = np.concatenate([self.places[rows], likest + begin], axis=1)
            # As like as one that was found before is behind it.
            order = np.argsort(-scores, axis=1, kind="stable")[:, :most]
            self.places[rows] = np.take_along_axis(places, order, axis=1)
            self._shared[rows] = np.take_along_axis(scores, order, axis=1)


def _as_signs(bits: Bits) -> Floats:
    """Bits by eights -> -1 and 1."""
    return np.unpackbits(bits, axis=1).astype(np.float32) * 2 - 1


def _signs(sketches: Sequence[Sketch]) -> Bits:
    """Which waves of each sketch are stronger than usual, by eights; [pages, bytes]."""
    usual = np.zeros(_DOWN * _ACROSS, np.float32)
    if len(sketches) >= _FEWEST:
        some = np.unique(np.linspace(0, len(sketches) - 1, _USUAL_OF).round().astype(np.int64))
        usual = np.median([_waves(sketches[place]) for place in some], axis=0).astype(np.float32)
    found = [np.packbits(_waves(sketch) > usual) for sketch in sketches]
    return np.array(found, np.uint8).reshape(len(sketches), _DOWN * _ACROSS // 8)


def _waves(sketch: Sketch) -> Floats:
    """How strong the slowest waves of a sketch are, [`_DOWN` * `_ACROSS`]."""
    strokes = sketch.strokes()
    down, across = (cosines(count, side) for count, side in zip((_DOWN, _ACROSS), strokes.shape, strict=True))
    return np.asarray(down @ (strokes - strokes.mean()) @ across.T, np.float32).ravel()
