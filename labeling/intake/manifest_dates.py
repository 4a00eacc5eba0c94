"""Dates of a manifest, read strictly: a wrong date would put an ECG and an echo months apart.

Accepted: `2024-03-05` (a time after it is ignored) and day first, `05/03/2024`, with "/", "-" or ".".
A date such as 05/03/2024 could also be month first. It is accepted when another date of the same table shows
the day in front (13/03/2024) and none shows the month in front (03/13/2024); otherwise it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:[T ]{_TIME})?", re.ASCII)
_NUMBERS = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}})(?: {_TIME})?", re.ASCII)
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
        match = _NUMBERS.fullmatch(cell.strip())
        if match:
            first, second = int(match[1]), int(match[3])
            day_first |= first > 12 >= second
            month_first |= second > 12 >= first
    return DateOrder.DAY_FIRST if day_first and not month_first else DateOrder.UNKNOWN


def parse_date(cell: str, order: DateOrder) -> date | None:
    """The date in a cell; None for an empty one. Raises `DateError`."""
    text = " ".join(cell.split())
    if not text:
        return None
    if iso := _ISO.fullmatch(text):
        return _valid(text, int(iso[1]), int(iso[2]), int(iso[3]))
    if numbers := _NUMBERS.fullmatch(text):
        day, month = int(numbers[1]), int(numbers[3])
        if day <= 12 and month <= 12 and day != month and order is DateOrder.UNKNOWN:
            raise DateError(f"{text!r} may be day first or month first")
        return _valid(text, int(numbers[4]), month, day)
    raise DateError(f"{text[:40]!r} is not a date EchoDesk reads")


def _valid(text: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise DateError(f"{text!r} is not a day of the calendar (day first)") from None
    if year < _EARLIEST_YEAR:
        raise DateError(f"{text!r} is before {_EARLIEST_YEAR}")
    return found
