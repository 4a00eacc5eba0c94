"""Five folds: patients whole, look-alike pictures together, strata and sites spread evenly.

The assignment depends on what the rows are and on nothing else: not on their order, not on chance. Groups
(see `grouped`) are dealt one by one, large and rare ones first, each to the fold that has least of its kind:
first of its stratum of ejection fraction x wall motion, then of each of the two alone, then of its site, then
of all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

FOLDS: Final = 5

# A group tied together by pictures alone may hold this share of the rows; larger ones would unbalance the
# folds.
LARGEST_SHARE: Final = 1 / FOLDS

# Label -> rows of a group, at one level of what is to be spread.
_Level = Sequence[tuple[Hashable, int]]


@dataclass(frozen=True)
class FoldRow:
    """What of a row decides its fold.

    Attributes:
        key: the row's name; ties are broken by it.
        group: rows with one group stay together.
    """

    key: str
    group: str
    ef_stratum: str
    rwma: str
    site: str


def assign_folds(rows: Sequence[FoldRow], *, folds: int = FOLDS) -> dict[str, int]:
    """The fold of every row by its key, 0 to folds - 1; the same for the same rows in any order."""
    groups: dict[str, list[FoldRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.key):
        groups[row.group].append(row)
    totals = [Counter(labels) for labels in zip(*(_labels(row) for row in rows), strict=True)]
    dealt = _Dealt(totals, folds)
    chosen: dict[str, int] = {}
    for members in sorted(groups.values(), key=lambda members: _order(members, totals[0])):
        fold = dealt.deal(members)
        chosen.update((row.key, fold) for row in members)
    return chosen


def _labels(row: FoldRow) -> tuple[Hashable, ...]:
    """What is to be spread evenly, most important first."""
    return (row.ef_stratum, row.rwma), row.ef_stratum, row.rwma, row.site, "all"


def _order(members: Sequence[FoldRow], strata: Mapping[Hashable, int]) -> tuple[object, ...]:
    """Large groups first, then rare strata, then site by site, so that each site is dealt round the folds."""
    rarest = min((strata[(row.ef_stratum, row.rwma)], row.ef_stratum, row.rwma) for row in members)
    return -len(members), rarest, min(row.site for row in members), min(row.key for row in members)


class _Dealt:
    """How much of each label each fold holds so far."""

    def __init__(self, totals: Sequence[Mapping[Hashable, int]], folds: int) -> None:
        self._totals = totals
        self._held: list[list[Counter[Hashable]]] = [[Counter() for _ in totals] for _ in range(folds)]

    def deal(self, members: Sequence[FoldRow]) -> int:
        """Put a group into the fold where it makes the folds least uneven; returns the fold."""
        levels = [_counted(labels) for labels in zip(*map(_labels, members), strict=True)]
        fold = self._best(levels)
        for held, level in zip(self._held[fold], levels, strict=True):
            for label, rows in level:
                held[label] += rows
        return fold

    def _best(self, levels: Sequence[_Level]) -> int:
        """The fold whose sums of squared counts grow least, level by level; of equal ones the first.

        Counts are shares of each label's rows, so that rare labels weigh as much as common ones.
        """
        left: Sequence[int] = range(len(self._held))
        for place, (level, total) in enumerate(zip(levels, self._totals, strict=True)):
            growth = [_growth(self._held[fold][place], level, total) for fold in left]
            least = min(growth)
            left = [fold for fold, grown in zip(left, growth, strict=True) if grown == least]
            if len(left) == 1:
                break
        return left[0]


def _counted(labels: Sequence[Hashable]) -> _Level:
    # Most groups are one row; a Counter for each is what takes the time at 100,000 rows.
    return [(labels[0], 1)] if len(labels) == 1 else list(Counter(labels).items())


def _growth(held: Mapping[Hashable, int], level: _Level, total: Mapping[Hashable, int]) -> float:
    grown = 0.0
    for label, rows in level:
        grown += held[label] * rows / total[label]
    return round(grown, 9)


def grouped(patients: Mapping[str, str], alike: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Rows that must stay in one fold, as row -> group (the smallest row key in it).

    A patient's rows are always together. Rows with pictures alike are too, unless that would make a group of
    more than `LARGEST_SHARE` of all rows: then its patients are left apart, and `checks.pictures_apart` will
    say so.

    Args:
        patients: row -> patient.
        alike: pairs of rows that show the same or nearly the same picture.
    """
    firm, loose = _Sets(patients), _Sets(patients)
    by_patient: dict[str, str] = {}
    for row, patient in sorted(patients.items()):
        for sets in (firm, loose):
            sets.join(row, by_patient.setdefault(patient, row))
    for one, other in alike:
        loose.join(one, other)
    sizes = Counter(loose.find(row) for row in patients)
    most = max(1.0, LARGEST_SHARE * len(patients))
    return {row: (loose if sizes[loose.find(row)] <= most else firm).find(row) for row in patients}


class _Sets:
    """Sets of rows that grow together; a set is named by its smallest row."""

    def __init__(self, rows: Iterable[str]) -> None:
        self._parent = {row: row for row in rows}

    def find(self, row: str) -> str:
        while self._parent[row] != row:
            self._parent[row] = self._parent[self._parent[row]]
            row = self._parent[row]
        return row

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._parent[second] = first


def in_two_folds(placed: Iterable[tuple[str, int]]) -> int:
    """How many names stand in more than one fold, of (name, fold) pairs."""
    folds: dict[str, set[int]] = defaultdict(set)
    for name, fold in placed:
        folds[name].add(fold)
    return sum(len(places) > 1 for places in folds.values())
