"""Names that count, and do not say what: A17_1-2 and A17_2-2, p1 A17 and p2 A17, A17_first and A17_second."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from labeling.intake.naming.words import ORDINALS, PAGE_WORD

_BETWEEN: Final = r"[-_.\s]+"
_OF_TIME: Final = r"(?:19|20)\d\d|[vtmwd]\d|vis|tag|day|mon|we"
_WORD: Final = "|".join(ORDINALS)
# The id, and what counts: a number or a word for one; `total` where the name says it.
_COUNTS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<id>.*\d){_BETWEEN}(?P<count>\d{{1,2}})[-_/](?P<total>\d{{1,2}})",
        # But P1_2024 and P1_V2 are patients with a year or a visit.
        rf"p[-_.\s]?(?P<count>\d{{1,2}}){_BETWEEN}(?!{_OF_TIME})(?P<id>.*\d.*)",
        rf"(?P<id>.*\d){_BETWEEN}(?:pt|s[-_.\s]|f[-_.\s]|no?[-_.\s])[-_.\s]*(?P<count>\d{{1,2}})",
        rf"(?P<id>.*\d){_BETWEEN}(?P<count>{_WORD})",
        rf"(?P<id>.*\d{_BETWEEN}(?:{PAGE_WORD})[-_.\s]?\d{{0,2}})[-_.\s]?(?P<count>[a-d])",
    )
)
_LETTERS: Final = "abcd"


def counted(ids: Iterable[str]) -> dict[str, str]:
    """The ids that count from one on, and are the same but for that -> another one of theirs."""
    groups: dict[tuple[int, str, str], dict[int, str]] = defaultdict(dict)
    for one in ids:
        plain = unicodedata.normalize("NFC", one).lower()
        for place, pattern in enumerate(_COUNTS):
            if match := pattern.fullmatch(plain):
                total = match.groupdict().get("total") or ""
                groups[place, match["id"], total].setdefault(_number(match["count"]), one)
    found: dict[str, str] = {}
    for (_, _, total), group in groups.items():
        numbers = sorted(group)
        if len(numbers) < 2 or numbers != list(range(1, int(total or len(numbers)) + 1)):
            continue
        for number, one in group.items():
            found.setdefault(one, group[2 if number == 1 else 1])
    return found


def _number(count: str) -> int:
    if count in _LETTERS:
        return _LETTERS.index(count) + 1
    return int(ORDINALS.get(count, count))
