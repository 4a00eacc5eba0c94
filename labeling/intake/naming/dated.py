"""Ids with a time in them: A17_2023-05-01 and A17_2024-06-02 are one patient's reports, or two patients."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from labeling.intake.naming.no_ids import MONTHS, is_of_a_device

_BETWEEN: Final = r"[-_.,/ ]"
_MONTH: Final = rf"(?:0?[1-9]|1[0-2]|{MONTHS})"
_DAY_OF_MONTH: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR: Final = r"(?:19|20)\d\d"
_DAY: Final = (
    rf"(?:{_YEAR}{_BETWEEN}{_MONTH}{_BETWEEN}{_DAY_OF_MONTH}"
    rf"|{_DAY_OF_MONTH}{_BETWEEN}?{MONTHS}{_BETWEEN}?{_YEAR}"
    rf"|{_DAY_OF_MONTH}(?P<sign>{_BETWEEN}){_MONTH}(?P=sign)(?:{_YEAR}|\d\d)"
    rf"|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2]){_YEAR})"
)
_TIME: Final = rf"(?:{_YEAR}|{MONTHS}{_BETWEEN}?(?:{_YEAR})?|{_YEAR}{_BETWEEN}{_MONTH})"
_OPEN, _CLOSE = r"[-_., (\[]+", r"[)\]]?"
_DAY_BEHIND: Final = re.compile(rf"(?P<id>.*\d.*?){_OPEN}{_DAY}{_CLOSE}", re.IGNORECASE)
_DAY_IN_FRONT: Final = re.compile(rf"{_DAY}[-_., ]+(?P<id>.*\d.*)", re.IGNORECASE)
_TIME_BEHIND: Final = re.compile(rf"(?P<id>.*\d.*?){_OPEN}{_TIME}{_CLOSE}", re.IGNORECASE)
_TIME_IN_FRONT: Final = re.compile(rf"{_TIME}[-_., ]+(?P<id>.*\d.*)", re.IGNORECASE)


def without_day(text: str) -> str:
    """An id without the day behind it or in front; empty where it has none, and for a device's names."""
    return _without(text, _DAY_BEHIND, _DAY_IN_FRONT)


def without_time(text: str) -> str:
    """An id without the year or the month behind it or in front; one without them as it is."""
    return _without(text, _TIME_BEHIND, _TIME_IN_FRONT) or unicodedata.normalize("NFC", text).lower()


def _without(text: str, *patterns: re.Pattern[str]) -> str:
    plain = unicodedata.normalize("NFC", text).lower().strip()
    if is_of_a_device(plain):
        return ""
    matches = (pattern.fullmatch(plain) for pattern in patterns)
    return next((match["id"] for match in matches if match), "")


def same_but_for_the_day(ids: Iterable[str]) -> dict[str, str]:
    """The ids that are another's but for a day -> that other one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for one in dict.fromkeys(ids):
        bare = without_day(one)
        groups[bare or unicodedata.normalize("NFC", one).lower()].append(one)
    found: dict[str, str] = {}
    for group in groups.values():
        if len(group) > 1 and any(map(without_day, group)):
            found |= {one: group[1] if one == group[0] else group[0] for one in group}
    return found
