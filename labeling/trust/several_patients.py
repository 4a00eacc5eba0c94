"""Whether the pages of one report are of several patients: a scanner puts all that lies in its tray in one
PDF.

Two witnesses are asked for, since both may be misread: two pages that print other numbers and other names
behind the labels of a patient. A page without either says nothing, and a number that both have settles it.
One page is of two patients where it prints two names, and two numbers or two ages behind one label.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import Final

# Below this share of letters in common two names are of two people; misread letters leave more.
SAME_NAME_MIN: Final = 0.6

_NUMBER: Final = re.compile(
    r"\b(?:(?:uhid|mrn|mrd|mr|cr|ip|op|ipd|opd|hosp(?:ital)?|reg(?:istration|n|d)?|patient|pat|pt)\W{0,3})?"
    r"(?:id|no|number|uhid|mrn|mrd)\b[ .]{0,2}(?:no\b)?[ .]{0,2}[:=\-–]?[ ]{0,3}"
    r"(?P<number>(?=[a-z0-9/\-]*\d{3})[a-z0-9][a-z0-9/\-]{3,19})\b",
    re.IGNORECASE,
)
_NAME: Final = re.compile(
    r"(?:\b(?P<before>\w{1,20})(?:['’]s)?[^\w\n]{1,3})?"
    r"\b(?:patient(?:['’]?s)?[ ]{1,2}name|name[ ]of[ ](?:the[ ])?patient|name|patient|re)"
    r"[ ]{0,6}[:=][ ]{0,3}(?P<name>[a-z][a-z.’' ]{3,60})",
    re.IGNORECASE,
)
_AGE: Final = re.compile(
    r"\bage\b(?:[ ]?[/&][ ]?(?:sex|gender))?[ .:=\-]{0,4}(?P<age>\d{1,3})\b", re.IGNORECASE
)
# Whose name it is not.
_OTHERS_NAME: Final = frozenset(
    "hospital hosp doctor dr consultant physician cardiologist father husband spouse guardian ref referring "
    "referred by test study centre center institute file user technician department".split()
)
# Where a name on the same line ends.
_AFTER_A_NAME: Final = frozenset(
    "uhid id uid mrn mrd age sex gender date ref refd referred no number hospital hosp ip op ipd opd reg "
    "bill tel mobile phone address dob ward bed time study visit height weight bsa bp yrs years male female "
    "m f patient lab".split()
)
_TITLES: Final = frozenset("mr mrs ms miss master baby smt shri sri dr md kum mast".split())
# Letters that are read for one another.
_LIKE: Final = str.maketrans("oilsbz", "011582")


@dataclass(frozen=True)
class _Head:
    """Who a page says it is about."""

    names: frozenset[str]
    numbers: frozenset[str]


def are_of_several(pages: Iterable[str]) -> bool:
    """Whether any two of these pages, as text, or one of them alone, name different patients."""
    texts = list(pages)
    heads = [head for head in map(_head, texts) if head.names and head.numbers]
    return any(map(_is_of_two, texts)) or any(_is_other(one, two) for one, two in combinations(heads, 2))


def _is_of_two(text: str) -> bool:
    """Whether one page has two unlike names of patients, and one label twice with other numbers or ages."""
    names = list(_names(text))
    if not any(_likeness([one], [two]) < SAME_NAME_MIN for one, two in combinations(names, 2)):
        return False
    said: dict[str, set[str]] = {}
    for match in _NUMBER.finditer(text):
        label = re.sub(r"[^a-z]", "", text[match.start() : match.start("number")].casefold())
        number = re.sub(r"[^a-z0-9]", "", match["number"].casefold().translate(_LIKE))
        said.setdefault(label, set()).add(number)
    said["age"] = {match["age"] for match in _AGE.finditer(text)}
    return any(
        not _is_same_number(this, that)
        for values in said.values()
        for this, that in combinations(sorted(values), 2)
    )


def _head(text: str) -> _Head:
    found = (match["number"].casefold().translate(_LIKE) for match in _NUMBER.finditer(text))
    numbers = frozenset(re.sub(r"[^a-z0-9]", "", number) for number in found)
    return _Head(frozenset(_names(text)), numbers)


def _names(text: str) -> Iterator[str]:
    for match in _NAME.finditer(text):
        if (match["before"] or "").casefold() in _OTHERS_NAME:
            continue
        words = list(_words_of_name(re.findall(r"[a-z]+", match["name"].casefold())))
        if sum(map(len, words)) >= 4:
            yield "".join(sorted(words))


def _words_of_name(words: Sequence[str]) -> Iterator[str]:
    for word in words[:6]:
        if word in _AFTER_A_NAME:
            return
        if word not in _TITLES:
            yield word


def _is_other(one: _Head, two: _Head) -> bool:
    if any(_is_same_number(this, that) for this in one.numbers for that in two.numbers):
        return False
    return _likeness(one.names, two.names) < SAME_NAME_MIN


def _likeness(names: Iterable[str], others: Collection[str]) -> float:
    """Of the two names that are most alike, 0-1."""
    return max(SequenceMatcher(None, this, that).ratio() for this in names for that in others)


def _is_same_number(this: str, that: str) -> bool:
    return this in that or that in this
