"""Pictures that occur more than once, byte for byte or nearly, and whether they part classes or groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.files.manifest import sha256_of

# Of 1,024 bits; measured in `db/fingerprints.py` on photographs of one and the same page.
NEAR_BITS: Final = 120


@dataclass(frozen=True)
class Copies:
    """Which pictures repeat others.

    Attributes:
        byte_copies: pictures beyond the first of those with the same bytes.
        byte_sets: sets of two or more pictures with the same bytes.
        byte_across: sets that occur under more than one label.
        near_pairs: pairs that look alike and are not the same bytes; near_across: those with two labels.
        groups: one number a picture; copies, near copies and what was grouped before share one.
        copies_by_label: label -> byte copies.
    """

    byte_copies: int
    byte_sets: int
    byte_across: int
    near_pairs: int
    near_across: int
    groups: tuple[int, ...]
    copies_by_label: dict[str, int]


def find_copies(
    data: Sequence[bytes], labels: Sequence[str], groups: Sequence[str], hashes: Sequence[str] | None = None
) -> Copies:
    """Look for copies among pictures.

    Args:
        hashes: perceptual hashes, hex, all of one length; empty where there is none.
    """
    joined = _Sets(len(data))
    _join_equal(joined, groups)
    digests = [sha256_of(one) for one in data]
    _join_equal(joined, digests)
    places: dict[str, list[int]] = defaultdict(list)
    for place, digest in enumerate(digests):
        places[digest].append(place)
    repeated = [members for members in places.values() if len(members) > 1]
    near = [pair for pair in near_pairs(hashes) if digests[pair[0]] != digests[pair[1]]] if hashes else []
    for one, other in near:
        joined.join(one, other)
    copies = Counter(labels[place] for members in repeated for place in members[1:])
    return Copies(
        byte_copies=copies.total(),
        byte_sets=len(repeated),
        byte_across=sum(len({labels[place] for place in members}) > 1 for members in repeated),
        near_pairs=len(near),
        near_across=sum(labels[one] != labels[other] for one, other in near),
        groups=tuple(joined.root(place) for place in range(len(data))),
        copies_by_label=dict(sorted(copies.items())),
    )


def near_pairs(hashes: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of pictures few bits apart; a hash of zeros is a picture without ink and like every other."""
    known, bits = _bits(hashes)
    pairs = []
    for row in range(len(known) - 1):
        apart = np.bitwise_count(bits[row + 1 :] ^ bits[row]).sum(axis=1, dtype=np.int64)
        pairs += [(known[row], known[row + 1 + int(offset)]) for offset in np.flatnonzero(apart <= NEAR_BITS)]
    return pairs


def _bits(hashes: Sequence[str]) -> tuple[list[int], NDArray[np.uint8]]:
    """Which pictures have ink, and their bits by eights: [pictures, bytes]."""
    known = [place for place, one in enumerate(hashes) if one.strip("0")]
    data = bytes.fromhex("".join(hashes[place] for place in known))
    return known, np.frombuffer(data, dtype=np.uint8).reshape(len(known), -1 if known else 0)


def _join_equal(joined: _Sets, names: Sequence[str]) -> None:
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        joined.join(first.setdefault(name, place), place)


class _Sets:
    """Which of n things belong together."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def root(self, place: int) -> int:
        """The smallest number of the set this one is in."""
        while self._above[place] != place:
            self._above[place] = self._above[self._above[place]]
            place = self._above[place]
        return place

    def join(self, one: int, other: int) -> None:
        """Make two sets one."""
        first, second = self.root(one), self.root(other)
        self._above[max(first, second)] = min(first, second)
