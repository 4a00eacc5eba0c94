"""Cells of a line: words and numbers, and dates, as they stand in rows and columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = r"\d{1,3}(?:[.,]\d{1,2})?"
UNIT: Final = r"(?:%|mm\s?hg|mmhg|mm|cms?|mls?|m/s|m/sec|cm/s|mm/s|g|gm|kg|l/min|bpm|cm2|ml/m2|/min)"
# A range, a limit or a single number, with its unit.
VALUE: Final = re.compile(
    rf"(?P<value>[(\[]?\s?-?(?:(?P<limit>[<>]=?|up ?to|upto)\s*)?[~=]?\s*{_NUMBER}\s*{UNIT}?"
    rf"(?P<range>\s*(?:-|to)\s*{_NUMBER}\s*{UNIT}?)?\+?\s?[)\]]?)(?![\w])"
)
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH: Final = rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
DATE: Final = re.compile(
    rf"(?<![\d/.-])(?:\d{{1,2}}\s?[/.-]\s?(?:\d{{1,2}}|{_MONTH})\s?[/.-]\s?(?:\d{{4}}|\d{{2}})(?![\d%])|"
    rf"(?:19|20)\d\d[/.-]\d{{1,2}}[/.-]\d{{1,2}}|(?:19|20)\d\d[/-](?:0[1-9]|1[0-2])(?![\d/.%-])|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?[\s-]{_MONTH}(?:[\s,-]+(?:19|"
    rf"20)?\d\d)?"
    rf"(?![\w%])|{_MONTH}[\s-]\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d|"
    rf"\b{_MONTH}[\s,'-]*(?:19|20)\d\d|\d{{1,2}}/(?:19|20)\d\d|\b(?:19|20)\d\d\b(?!\s*(?:ml|g\b|mg)))"
)


@dataclass(frozen=True)
class Cell:
    """One cell: its half-open range in the text, and its words."""

    start: int
    end: int
    text: str


def lines_of(text: str) -> list[tuple[int, int]]:
    """The half-open ranges of the printed lines."""
    ranges, start = [], 0
    for line in text.replace("\v", "\n").split("\n"):
        ranges.append((start, start + len(line)))
        start += len(line) + 1
    return ranges


def cells_of(text: str, start: int, end: int) -> list[Cell]:
    """The cells of a line: between bars or two spaces, else word by word."""
    line = text[start:end]
    gap = r"\s*\|\s*" if "|" in line.strip(" |") else r"\s{2,}" if re.search(r"\S\s{2,}\S", line) else None
    if gap is None:
        found = list(re.finditer(r"\S+", line))
        return [Cell(start + m.start(), start + m.end(), m.group()) for m in found]
    cells, at = [], 0
    for match in [*re.finditer(gap, line), None]:
        stop = match.start() if match else len(line)
        piece = line[at:stop]
        if piece.strip(" |"):
            left = start + at + len(piece) - len(piece.lstrip(" |"))
            cells.append(Cell(left, left + len(piece.strip(" |")), piece.strip(" |")))
        at = match.end() if match else stop
    return cells


def sign_between(line: str) -> str | None:
    """The sign that parts the cells of a line without bars and gaps: commas of a CSV file, spaced slashes."""
    if re.search(r"\S\s{2,}\S|\|", line.strip()):
        return None
    for sign in (",", ";", " / "):
        cells = line.split(sign)
        if len(cells) >= 3 and all(0 < len(cell.split()) <= 4 for cell in cells):
            return sign
    return None


def split_cells(text: str, start: int, end: int) -> list[Cell]:
    """The cells of a line, between whatever sign parts them."""
    sign = sign_between(text[start:end])
    if sign is None:
        return cells_of(text, start, end)
    cells, at = [], start
    for piece in text[start:end].split(sign):
        left = at + len(piece) - len(piece.lstrip())
        cells.append(Cell(left, left + len(piece.strip()), piece.strip()))
        at += len(piece) + len(sign)
    return cells


def is_value(cell: str) -> bool:
    """Whether a cell holds one number, range or limit and nothing else."""
    return VALUE.fullmatch(cell.strip()) is not None


def when(date: str, *, is_month_first: bool = False) -> tuple[int, ...] | None:
    """A date as (year, month, day) that sorts, as far as it says them; year 0 where it says none.

    None where it is no date. Of two numbers that may both be a month, `is_month_first` says which is.
    """
    plain = date.strip().lower()
    month = next((n for n, name in enumerate(_MONTHS, 1) if re.search(rf"\b{name}|\d{name}", plain)), 0)
    numbers = [int(n) for n in re.findall(r"\d+", plain)]
    years = [n for n in numbers if n > 1900]
    rest = [n for n in numbers if n <= 1900]
    if month:
        year = years[0] if years else (2000 + rest[1] if len(rest) > 1 else 0)
        return (year, month, rest[0] if rest else 0)
    if years and len(rest) < 2:
        return (years[0], rest[0] if rest else 0, 0)
    return _of_numbers(years, rest, is_month_first or re.match(r"(?:19|20)\d\d", plain) is not None)


def _of_numbers(years: list[int], rest: list[int], is_month_first: bool) -> tuple[int, ...] | None:
    """(year, month, day) of a date in numbers alone."""
    if len(rest) == 3 and not years:
        years, rest = [2000 + rest[2]], rest[:2]
    if not years or len(rest) < 2:
        return None
    is_month_first = rest[0] <= 12 and (is_month_first or rest[1] > 12)
    month, day = rest[:2] if is_month_first else rest[1::-1]
    return (years[0], month, day)


def newest(dates: list[str]) -> int | None:
    """Which of several dates is the newest; None where they can't be ordered for certain."""
    day_first = _last_of([when(date) for date in dates])
    month_first = _last_of([when(date, is_month_first=True) for date in dates])
    return day_first if day_first == month_first else None


def _last_of(keys: list[tuple[int, ...] | None]) -> int | None:
    known = [key for key in keys if key is not None]
    has_years = {key[0] > 0 for key in known}
    if len(known) < max(2, len(keys)) or len(has_years) > 1:
        return None
    best = max(range(len(known)), key=known.__getitem__)
    return best if known.count(known[best]) == 1 else None
