"""Cells without a value beside their range: "EF |  | 55-75", "RVSP | NA | < 35 mmHg", "EF: % (55 - 75)"."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.ef_patterns import LABEL
from labeling.rules.kinds.passages import LineKind, Passage
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL

_N: Final = r"\d{1,3}(?:[.,]\d)?"
_UNIT: Final = r"(?:[ ]*(?:%|mm ?hg))?"
_EMPTY: Final = re.compile(
    r"[ ]*:?(?:[ ]*\|[ ]*(?:n/?a|nd|-+|normal|%|mm ?hg)?[ ]*\||[ ]+(?:n/?a|nd|-+|normal)[ ]{2,}|"
    r"[ ]*(?:%|mm ?hg)[ ]*(?=\())[ ]*"
    rf"(?P<reference>\(?[ ]*(?:(?P<low>{_N}){_UNIT}[ ]*(?:-|to)[ ]*(?P<high>{_N})|[<>][ ]*=?[ ]*{_N}){_UNIT}"
    r"[ ]*\)?)(?=[ ]*(?:%|mm ?hg)?[ ]*(?:$|[\n\v|]))"
)
# Looking for an empty cell first costs next to nothing.
_ANY_EMPTY: Final = re.compile(
    r"\|[ ]*(?:n/?a|nd|-+|normal|%|mm ?hg)?[ ]*\||[ ](?:n/?a|nd|-+|normal)[ ]{2,}|(?:%|mm ?hg)[ ]*\("
)
# One patient's estimate spans less.
_WIDE: Final = 12


def empty_cell_passages(text: str) -> list[Passage]:
    """The range or limit behind a name and an empty cell, or one with a word for normal."""
    found = []
    for cell in _ANY_EMPTY.finditer(text):
        line = text.rfind("\n", 0, cell.start()) + 1
        for names in (LABEL, RVSP_LABEL):
            for label in names.finditer(text, line, cell.end()):
                empty = _EMPTY.match(text, label.end())
                if empty and _is_wide(empty):
                    found.append(Passage(*empty.span("reference"), LineKind.REFERENCE))
    return found


def _is_wide(empty: re.Match[str]) -> bool:
    """Whether the range is wider than one estimate; a limit is nobody's."""
    if empty.group("low") is None:
        return True
    low, high = (float(empty.group(part).replace(",", ".")) for part in ("low", "high"))
    return high - low >= _WIDE
