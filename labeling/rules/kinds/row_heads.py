"""What the rows of a table are called: of today or another day, of rest or stress, of nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from labeling.rules.kinds.cells import DATE, Cell, newest

# The name of a row, where it has one, and its values.
Row = tuple[Cell | None, list[Cell]]
# Rows of nobody's values, and names of rows of other days and of a stressed heart.
ASIDE_ROW: Final = re.compile(
    r"[\s|]*(?:goals?|targets?|aims?|normals?|ref(?:erence)?|n\.?v\.?|ranges?|limits?|predicted|expected|"
    r"cut-?offs?|hf\w{0,3}ef)\b"
)
_NOW_ROW: Final = re.compile(r"(?:this|today|now|current|present|latest|recent)\b")
_THEN_ROW: Final = re.compile(
    r"(?:baseline|previous|prior|then\b|before|earlier|past|last|old|pre\b|pre-?\w+|admission|discharge|"
    r"initial|first|"
    r"(?:after|post|month|week|day|visit|cycle|year)\b|\d+ ?(?:m|mo|w|d|y|months?|weeks?|days?|years?|yrs?|"
    r"wks?)\b)"
)
_REST_ROW: Final = re.compile(r"(?:rest|resting|at rest|baseline)\b")
_STRESS_ROW: Final = re.compile(
    r"(?:peak|stress|exercise|low|high|dobutamine|recovery|post|immediate|\d+ ?(?:mcg|ug|w|watts?|mets?)\b)\b"
)
# "05/17": a month of a year, or a day of a month.
_SHORT_DATE: Final = re.compile(r"\d{1,2}/\d{2}")
# By which method a row was measured; the rules know which of them counts.
METHOD_ROW: Final = re.compile(
    r"(?:bi-?plane|simpson\w*|mod(?:erate)? bp|teich\w*|m-?mode|single[- ]plane|visual\w*|eyeball\w*|3d|"
    r"triplane|a?[24]ch?|ap[24]|bp)\b"
)
SAYS_WHEN: Final = re.compile(
    rf"{METHOD_ROW.pattern}|{_NOW_ROW.pattern}|{_THEN_ROW.pattern}|{_REST_ROW.pattern}|{_STRESS_ROW.pattern}"
)


def rows_that_count(rows: list[Row]) -> list[Row]:
    """The row of today by its name or date, at rest where there was stress; none where that can't be told."""
    heads = [head.text if head else "" for head, _ in rows]
    for date, last_of in ((DATE, newest), (_SHORT_DATE, _latest)):
        if len(heads) > 1 and all(date.fullmatch(head) for head in heads):
            best = last_of(heads)
            return [] if best is None else [rows[best]]
    own = _own_row(heads)
    if own is not None:
        return [rows[own]]
    is_serial = sum(_THEN_ROW.match(head) is not None for head in heads) > 1
    return [] if is_serial else rows


def _latest(heads: list[str]) -> int | None:
    """Which of several "month/year" is the last; None where they may be "day/month", or two are alike."""
    dates = [tuple(int(number) for number in head.split("/")) for head in heads]
    is_month_first = all(1 <= month <= 12 for month, _ in dates) and any(year > 12 for _, year in dates)
    best = max(range(len(dates)), key=lambda n: dates[n][::-1])
    return best if is_month_first and dates.count(dates[best]) == 1 else None


def _own_row(heads: Sequence[str]) -> int | None:
    """The one row that is called today's, or at rest, where others are called something else."""
    for name, others in ((_NOW_ROW, _THEN_ROW), (_REST_ROW, _STRESS_ROW)):
        own = [n for n, head in enumerate(heads) if name.match(head)]
        if len(own) == 1 and any(others.match(head) or DATE.fullmatch(head) for head in heads):
            return own[0]
    return None
