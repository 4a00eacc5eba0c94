"""Whether a number is a field's own, by the wording around it.

A report prints many numbers, and the wrong one of them is a value like any other. Of each number that could
be a field's this judge learned, from the same invented reports as `expectation.py`, whether it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from labeling.rules.expectation.wording import folded, pieces_of, together

if TYPE_CHECKING:
    from labeling.rules.expectation import weights
    from labeling.rules.expectation.wording import Pieces

# Column -> the numbers that it may be, in its unit.
NUMBERS: Final[Mapping[str, tuple[float, float]]] = {"ef_percent": (5, 95), "rvsp_mmhg": (8, 150)}
# Below this chance of being the field's own a person looks; docs/decisions.md has other bounds.
IMPROBABLE_NUMBER: Final = 0.03
ITS_OWN: Final = "its own"
OTHER: Final = "another"

_PRINTED: Final = re.compile(r"(?<![\d.,:/])\d{1,3}(?:[.,]\d{1,2})?(?![\d:])")
_SAME: Final = 0.01
# Characters to either side, and those that are looked at as one with the number.
_FAR: Final = 90
_NEAR: Final = 28
_ITSELF: Final = "\x02"
_BEFORE, _BEHIND, _AROUND = 1, 2, 3


def head_of(column: str) -> str:
    """The name under which the weights hold the judge of a column's number."""
    return f"{column}.number"


def printed_numbers(small: str, column: str) -> Iterator[tuple[int, int, float]]:
    """Where a plain text prints a number that a column may be: start, end (half-open) and number."""
    least, most = NUMBERS[column]
    for found in _PRINTED.finditer(small):
        number = float(found.group().replace(",", "."))
        if least <= number <= most:
            yield found.start(), found.end(), number


def is_same(one: float, other: float) -> bool:
    """Whether two numbers are the same to the second digit behind the point."""
    return abs(one - other) < _SAME


def number_pieces(small: str, start: int, end: int) -> Pieces:
    """The pieces around a number of a plain text: before it, behind it, and close around it."""
    before, behind = folded(small[max(0, start - _FAR) : start]), folded(small[end : end + _FAR])
    return together(
        [
            pieces_of(before, _BEFORE),
            pieces_of(behind, _BEHIND),
            pieces_of(before[-_NEAR:] + _ITSELF + behind[:_NEAR], _AROUND),
        ]
    )


def chance_of_number(head: weights.Head, small: str, column: str, value: float) -> float:
    """The chance, 0-1, that a value is the column's own where it is printed likeliest; 1 where it is not
    printed as such.
    """
    places = [(start, end) for start, end, number in printed_numbers(small, column) if is_same(number, value)]
    return max((head.chances(*number_pieces(small, *place))[ITS_OWN] for place in places), default=1.0)
