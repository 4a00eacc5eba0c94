"""Dates as hospitals write them, read strictly: a wrong one would put an ECG and an echo months apart.

Accepted: `2024-03-05`, `2024/03/05`, `20240305` (a time after it is ignored), day first `05/03/2024` with
"/", "-" or ".", and an English, German or Hindi month in letters, `5 Mar 2024`, `13-Mar-24`, `March 5th,
2024`; digits of any script. A date such as 05/03/2024 could also be month first. It is accepted when another
date of the same table shows the day in front (13/03/2024) and none shows the month in front (03/13/2024);
otherwise it is an error.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?| Uhr)?(?:Z|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(rf"(\d{{4}})(?P<sign>[-/.])(\d{{1,2}})(?P=sign)(\d{{1,2}})(?:[T ]{_TIME})?", re.ASCII)
_PACKED = re.compile(rf"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]{_TIME})?", re.ASCII)
_NUMBERS = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}})(?: {_TIME})?", re.ASCII)
_SHORT_YEAR = re.compile(rf"\d{{1,2}}([/.-])\d{{1,2}}\1\d{{2}}(?: {_TIME})?", re.ASCII)

_MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)
# Short and long, where they begin otherwise than in English; Hindi as people write it.
_OTHER_MONTHS: Final = {
    unicodedata.normalize("NFKC", name): month
    for month, names in {
        1: "januar जनवरी", 2: "februar feber फरवरी फ़रवरी", 3: "mär märz mrz maerz मार्च",
        4: "अप्रैल", 5: "mai मई", 6: "juni जून", 7: "juli जुलाई", 8: "अगस्त",
        9: "sept सितंबर सितम्बर", 10: "okt oktober अक्टूबर अक्तूबर", 11: "नवंबर नवम्बर",
        12: "dez dezember दिसंबर दिसम्बर",
    }.items()
    for name in names.split()
}  # fmt: skip
_MONTH = r"(?P<month>[A-Za-zÄäऀ-ॣॲ-ॿ]{2,10})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|'?\d{2})"
_GAP = r"[ ,./-]{1,2}"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
_IN_WORDS = (
    re.compile(rf"{_WEEKDAY}{_DAY}(?:{_GAP}| of )?{_MONTH}{_GAP}{_YEAR}(?: {_TIME})?", re.ASCII | re.I),
    re.compile(rf"{_WEEKDAY}{_MONTH}{_GAP}{_DAY}{_GAP}{_YEAR}(?: {_TIME})?", re.ASCII | re.I),
    re.compile(rf"{_DAY}{_MONTH}{_YEAR}", re.ASCII | re.I),
    re.compile(rf"(?P<year>\d{{4}}){_GAP}{_MONTH}{_GAP}{_DAY}", re.ASCII | re.I),
)
_EARLIEST_YEAR = 1950

_REMEDY = "Write dates as year-month-day, such as 2024-03-05."


class DateError(ValueError):
    """A date that can't be read with certainty; the text says why, `remedy` what to do."""

    remedy = _REMEDY


class DateOrder(StrEnum):
    """What the dates of one table show about the order of day and month."""

    DAY_FIRST = "day_first"
    UNKNOWN = "unknown"


def written_order(cells: Iterable[str]) -> DateOrder:
    """Day first when some date can only be so and none can only be month first."""
    day_first = month_first = False
    for cell in cells:
        match = _NUMBERS.fullmatch(_plain(cell))
        if match:
            first, second = int(match[1]), int(match[3])
            day_first |= first > 12 >= second
            month_first |= second > 12 >= first
    return DateOrder.DAY_FIRST if day_first and not month_first else DateOrder.UNKNOWN


def parse_date(cell: str, order: DateOrder) -> date | None:
    """The date in a cell; None for an empty one. Raises `DateError`."""
    text = _plain(cell)
    if not text:
        return None
    if iso := _ISO.fullmatch(text):
        return _valid(text, int(iso[1]), int(iso[3]), int(iso[4]))
    if packed := _PACKED.fullmatch(text):
        return _valid(text, int(packed[1]), int(packed[2]), int(packed[3]))
    if numbers := _NUMBERS.fullmatch(text):
        day, month = int(numbers[1]), int(numbers[3])
        if day <= 12 and month <= 12 and day != month and order is DateOrder.UNKNOWN:
            raise DateError(f"{text!r} may be day first or month first")
        return _valid(text, int(numbers[4]), month, day)
    for pattern in _IN_WORDS:
        if (match := pattern.fullmatch(text)) and (month := _month(match["month"])):
            return _valid(text, _year(match["year"]), month, int(match["day"]))
    if _SHORT_YEAR.fullmatch(text):
        raise DateError(f"{text!r} has a year of two digits, which may be its first number or its last")
    raise DateError(f"{text[:40]!r} is not a date EchoDesk reads")


def looks_like_a_date(text: str) -> bool:
    """Whether a text is a date, or what Excel makes of a text that looks like one (2-Mar, Mar-12)."""
    plain = _plain(text)
    for pattern, places in ((_ISO, (3, 4)), (_NUMBERS, (1, 3))):
        if match := pattern.fullmatch(plain):
            low, high = sorted(int(match[place]) for place in places)
            return 1 <= low <= 12 and high <= 31
    if any((match := pattern.fullmatch(plain)) and _month(match["month"]) for pattern in _IN_WORDS):
        return True
    # English Excel shows 2-Mar and Mar-12, German Excel 02. Mrz and Mrz 12.
    short = re.fullmatch(r"(?:\d{1,2}(?:-|\. ?)([^\W\d_]{3})\.?|([^\W\d_]{3})[- ]\d{2})", plain)
    return bool(short and _month(short[1] or short[2]))


def _plain(text: str) -> str:
    """A date's cell with plain digits and dashes, and no blanks around them."""
    narrow = unicodedata.normalize("NFKC", text)
    digits = "".join(str(unicodedata.decimal(letter, letter)) for letter in narrow)
    tidy = " ".join(re.sub("[\u2010-\u2015\u2212]", "-", digits).split())
    return re.sub(r"(?<=\d) ?([-/.]) ?(?=\d)", r"\1", tidy)


def _month(word: str) -> int:
    """1-12; 0 for a word that is no month or could be two."""
    low = unicodedata.normalize("NFKC", word).lower()
    if low in _OTHER_MONTHS:
        return _OTHER_MONTHS[low]
    found = [number for number, name in enumerate(_MONTHS, start=1) if name.startswith(low)]
    return found[0] if len(found) == 1 and len(low) > 2 else 0


def _year(text: str) -> int:
    """Four digits as they are; two digits lie between 1950 and 2049."""
    year = int(text.removeprefix("'"))
    if len(text) == 4:
        return year
    return 2000 + year if year < _EARLIEST_YEAR % 100 else 1900 + year


def _valid(text: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise DateError(f"{text!r} is not a day of the calendar (day first)") from None
    if year < _EARLIEST_YEAR:
        raise DateError(f"{text!r} is before {_EARLIEST_YEAR}")
    return found
