"""Systolic pressures printed as a sum without their name: "RV-RA gradient 36 mmHg + 10 = 46 mmHg"."""

from __future__ import annotations

import re
from typing import Final

from db.labels import RVSP_MAX_MMHG, RVSP_MIN_MMHG

_ATRIAL: Final = r"(?:ra|rap|ra pressure|right atrial(?: pressure)?|cvp|jvp)"
_SUMMED: Final = re.compile(
    r"(?<![\d.])(?P<a>\d{2,3})\s*(?:mm\s?hg)?\)?\s*(?:,?\s*(?:\+|\bplus\b|\band\b)\s*|,\s*(?=[a-z(]))"
    rf"(?:(?:an?|the|estimated|assumed|{_ATRIAL}|of|[:=(])\s*){{0,4}}(?P<b>\d{{1,2}})\s*(?:mm\s?hg)?\s*\)?\s*"
    rf"(?:(?:for|from|of|in) (?:the )?)?(?:\(?{_ATRIAL}\)?)?\s*,?\s*\(?\s*"
    r"(?:=|-+>|=>|\u2192|\b(?:makes?|gives?|giving|totals?|totalling|total of|i\.?e\.?|that is|sum|"
    r"equals?)\b)"
    r"(?:[\s:=(]|\b(?:of|about|a)\b)*(?P<sum>\d{2,3})(?![\d.]*\s*(?:cm|m/s|%))"
)
# What is added to stands so far before it.
_LEAD: Final = 80
_GRADIENT_AHEAD: Final = re.compile(
    r"\b(?:tr|trpg|trg|gradient|pg|rv-ra|jet|rvsp|pasp|spap|regurg\w*)\b[^.;\n]*$"
)


def summed_pressures(text: str, start: int, end: int) -> list[tuple[float, int, int]]:
    """(mmHg, from, to) of each gradient with an atrial pressure and their sum, where the sum comes out."""
    found = []
    for summed in _SUMMED.finditer(text, start, end):
        gradient, atrial, total = (int(summed.group(part)) for part in ("a", "b", "sum"))
        lead = text[max(start, summed.start() - _LEAD) : summed.start()]
        is_sum = gradient + atrial == total and RVSP_MIN_MMHG <= total <= RVSP_MAX_MMHG
        if is_sum and _GRADIENT_AHEAD.search(lead):
            found.append((float(total), summed.start(), summed.end("sum")))
    return found
