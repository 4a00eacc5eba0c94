"""Two values of one name, each with what it is of: "PAH: moderate (peak), severe (rest)", "EF: RV 38 %, LV
56 %", "EF  65 % - stress   55 % - rest".

The one of today, at rest or of the left ventricle is kept.
"""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.passages import fields_named
from labeling.rules.layout.tables import kind_of
from labeling.rules.normalise import NormalText
from labeling.rules.parts.paired_rows import rewritten

_OF: Final = r"[a-z][a-z -]{0,14}[a-z]"
_VALUE: Final = (
    r"(?:\d{1,3}(?:[.,]\d)?[ ]*(?:%|mm ?hg)?|yes|no|nil|none|absent|present|normal|mild|moderate|severe|"
    r"trivial)"
)
_BEHIND: Final = rf"{_VALUE}[ ]*(?:\([ ]*{_OF}[ ]*\)|-[ ]+{_OF})"
_AHEAD: Final = rf"{_OF}[ ]*(?:[:=-][ ]*)?{_VALUE}"
_LINE: Final = re.compile(
    r"(?m)^[ *-]*(?P<name>[a-z][a-z ()%/.]{1,44}?)(?:[ ]*[:=|-][ |]*|[ ]{2,})"
    rf"(?P<one>{_BEHIND}|{_AHEAD})(?:[ ]*[,;/|][ ]*|[ ]{{2,}})(?P<two>{_BEHIND}|{_AHEAD})[ .]*$"
)
_PARTS: Final = re.compile(
    rf"(?P<value>{_VALUE})[ ]*(?:\([ ]*(?P<of>{_OF})[ ]*\)|-[ ]+(?P<of_behind>{_OF}))|"
    rf"(?P<of_ahead>{_OF}?)[ ]*(?:[:=-][ ]*)?(?P<value_behind>{_VALUE})"
)


def marked_values_written_out(normal: NormalText) -> NormalText:
    """The text with the one value that counts behind such a name."""
    for line in reversed(list(_LINE.finditer(normal.text))):
        kept = _kept(line) if fields_named(line.group("name")) else None
        if kept:
            name, words = line.span("name"), normal.text[slice(*kept)]
            pieces = [(line.group("name"), *name), (": ", *kept), (words, *kept), (";", *kept)]
            normal = rewritten(normal, line.start("name"), line.end(), pieces)
    return normal


def _kept(line: re.Match[str]) -> tuple[int, int] | None:
    """Where the value of the one that counts stands; None where both do, or what one is of is not known."""
    today: list[tuple[int, int]] = []
    for group in ("one", "two"):
        found = _PARTS.fullmatch(line.string, *line.span(group))
        if found is None:
            return None
        told = found.group("of") or found.group("of_behind") or found.group("of_ahead")
        kind = kind_of(told)
        if kind not in ("today", "other", "stage"):
            return None
        if kind == "today":
            today.append(found.span("value" if found.group("value") else "value_behind"))
    return today[0] if len(today) == 1 else None
