"""Dates and times of day in every form hospitals print, with digits and months OCR got slightly wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from rapidfuzz.distance import OSA

from pipeline.dataset.masking.letters import DIGIT, as_digits, digits_in

MONTHS = (
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
).split()

_D = DIGIT
# Three numbers with one separator: not a range such as 10.5-12.5, not a piece of a longer number.
_NUMERIC = re.compile(
    rf"(?<![\w.,%])({_D}{{1,2}})\s?([./\-–—,:])\s?({_D}{{1,2}})\s?([./\-–—,:])\s?({_D}{{4}}"
    rf"|{_D}{{2}})(?![0-9]|[.,][0-9])"
)
_ISO = re.compile(
    rf"(?<![\w.])((?:19|2[0O]){_D}{{2}})\s?[./\-–—]\s?{_D}{{1,2}}\s?[./\-–—]\s?{_D}{{1,2}}(?![0-9])"
)
_COMPACT = re.compile(r"(?<![\w.])(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))(?:\d{6})?(?!\d)")
_MONTH = r"([A-Za-z0-9]{3,9}?)"
_DAY = rf"{_D}{{1,2}}(?:st|nd|rd|th)?"
_YEAR = rf"(?:(?:19|2[0Oo]){_D}{{2}}|'?{_D}{{2}})"
_SEPARATOR = r"[\s./,\-–—']{0,3}"
_DAY_MONTH = re.compile(
    rf"(?<![\w.]){_DAY}(?:\s+of)?{_SEPARATOR}{_MONTH}{_SEPARATOR}(?:{_YEAR})(?![0-9])", re.IGNORECASE
)
_MONTH_DAY = re.compile(rf"(?<!\w){_MONTH}{_SEPARATOR}{_DAY}[\s.,\-]{{1,3}}{_YEAR}(?![0-9])", re.IGNORECASE)
_GLUED = re.compile(rf"(?<!\w){_MONTH}{_DAY}[,.]?{_YEAR}(?![0-9])", re.IGNORECASE)
_MONTH_YEAR = re.compile(
    rf"(?<!\w){_MONTH}[\s,.\-/']{{1,3}}((?:19|2[0Oo]){_D}{{2}}|'\d\d)(?![0-9])", re.IGNORECASE
)
_DAY_AND_MONTH = re.compile(rf"(?<![\w.])({_DAY})[\s\-]{{1,2}}{_MONTH}(?!\w)", re.IGNORECASE)
_TIME = re.compile(
    r"(?<![\d:.])(?:[01]?\d|2[0-3])[:.][0-5]\d(?::[0-5]\d)?\s?(?:am|pm|a\.m\.?|p\.m\.?|hrs?|ist)\b"
    r"|(?<![\d:.])(?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d(?!\d)",
    re.IGNORECASE,
)


def is_month(text: str) -> bool:
    """Whether a word is a month, or one letter away from one."""
    word = text.lower().translate(str.maketrans("0158", "olsb"))
    if word in MONTHS:
        return True
    if len(word) == 3:
        # "May" is too near to other words; of three letters two must be right, and a digit beside it decides.
        return any(OSA.distance(word, month, score_cutoff=1) <= 1 for month in MONTHS if len(month) == 3)
    return len(word) > 4 and any(
        OSA.distance(word, month, score_cutoff=1) <= 1 for month in MONTHS if len(month) > 4
    )


def date_spans(text: str) -> Iterator[tuple[int, int]]:
    """Character spans of the dates, and of times of day that can be nothing else, in one line of text."""
    for patterns, is_date in _FORMS:
        for pattern in patterns:
            yield from (found.span() for found in pattern.finditer(text) if is_date(found))


def _is_numeric_date(found: re.Match[str]) -> bool:
    has_one_mark = found[2] == found[4] and found[2] != ":"
    return has_one_mark and _is_day(found[1], found[3], found[5])


def _has_digits(found: re.Match[str]) -> bool:
    return digits_in(found[0]) >= 4


def _has_month(found: re.Match[str]) -> bool:
    return bool(found[1]) and is_month(found[1]) and digits_in(found[0]) >= 2


def _is_day_of_month(found: re.Match[str]) -> bool:
    """Without a year the month must be right, and "may" is a word like any other."""
    day, month = as_digits(re.sub(r"(?i)st|nd|rd|th", "", found[1])), found[2].lower()
    return month in MONTHS and month != "may" and day.isdigit() and 1 <= int(day) <= 31


# Patterns, and what makes a match a date.
_FORMS: Final[tuple[tuple[tuple[re.Pattern[str], ...], Callable[[re.Match[str]], bool]], ...]] = (
    ((_NUMERIC,), _is_numeric_date),
    ((_ISO, _COMPACT, _TIME), _has_digits),
    ((_DAY_MONTH, _MONTH_DAY, _GLUED, _MONTH_YEAR), _has_month),
    ((_DAY_AND_MONTH,), _is_day_of_month),
)


def _is_day(first: str, second: str, year: str) -> bool:
    """Whether three numbers can be day, month and year in some order; doubtful digits get the benefit."""
    if digits_in(first + second + year) < len(first + second + year) / 2:
        return False
    one, two = (int(as_digits(part)) if as_digits(part).isdigit() else 1 for part in (first, second))
    if len(year) == 4 and as_digits(year).isdigit() and not 1880 <= int(as_digits(year)) <= 2199:
        return digits_in(year) < 4
    return 0 < one <= 31 and 0 < two <= 31
