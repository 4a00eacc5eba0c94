"""The lines of a DICOM structured report: what is named, what it is, and how it was measured.

Names of people, times, places in pictures and references are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

# (scheme, value) of the codes that name our fields -> how a report prints them. Older files use SNOMED's own
# scheme. Source: DICOM PS3.16, CID 12200, 12202, 12204, 12300.
_NAMES: Final = {
    **dict.fromkeys((("LN", "18043-0"), ("LN", "10230-1"), ("LN", "8806-2")), "LVEF"),
    ("LN", "79990-8"): "LVEF, 3D",
    ("LN", "79991-6"): "LVEF, biplane",
    ("LN", "79992-4"): "LVEF, single plane 2C",
    ("LN", "79993-2"): "LVEF, single plane 4C",
    ("LN", "77891-0"): "LVEF, Teichholz 2D",
    ("LN", "18049-7"): "LVEF, Teichholz M-mode",
    **dict.fromkeys((("SCT", "399023006"), ("SCT", "276772001"), ("SRT", "G-0380")), "RVSP"),
}
_UNITS: Final = {"mm[Hg]": "mmHg", "{ratio}": "", "1": "", "m/s": "m/s", "cm2": "cm2", "%": "%"}
# What one of these is in mmHg, the unit in which pressures are read.
_MMHG: Final = {"kPa": 7.50062, "Pa": 0.00750062}
# How a value was taken stands beside it; who the report is about, and by, is nobody's business here.
_ASIDE: Final = frozenset({"HAS CONCEPT MOD", "INFERRED FROM", "SELECTED FROM", "HAS OBS CONTEXT"})
# What stands below such a heading was found on another day.
_PRIOR: Final = re.compile(r"\b(?:prior|previous|earlier)\b", re.IGNORECASE)
_ABSENT: Final = re.compile(r"[(, ](?:absent|absence|not present|negative|no)[),]", re.IGNORECASE)
_MOST_DEPTH: Final = 12
_MOST_LINES: Final = 2000
# What says how a value was chosen or where in the picture it was taken says nothing of the value.
_SILENT: Final = frozenset({"PNAME", "UIDREF", "DATETIME", "DATE", "TIME", "SCOORD", "TCOORD", "COMPOSITE"})


def lines_of_report(held: Any) -> list[str]:
    """The lines of a report, headings and values in the order of its tree."""
    found: list[str] = []
    for line in _lines(held, 0):
        found.append(line)
        if len(found) >= _MOST_LINES:
            break
    return found


def _lines(item: Any, depth: int, *, is_prior: bool = False) -> Iterator[str]:
    if depth > _MOST_DEPTH:
        return
    kind = str(item.get("ValueType", ""))
    line = _line_of(item, kind)
    if line:
        yield f"Prior study, {line}" if is_prior else line
    is_prior |= kind == "CONTAINER" and _PRIOR.search(line) is not None
    for child in item.get("ContentSequence") or ():
        if str(child.get("RelationshipType", "")) not in _ASIDE:
            yield from _lines(child, depth + 1, is_prior=is_prior)


def _line_of(item: Any, kind: str) -> str:
    name = _name_of(item)
    if kind in _SILENT:
        return ""
    if kind == "CONTAINER":
        return name
    value = _value_of(item, kind)
    if not value:
        # A measurement without a number is told: whoever reads the report sees that it was not taken.
        return f"{name}:" if kind == "NUM" and name else ""
    how = _how(item)
    if kind == "CODE" and _ABSENT.search(how):
        name, value, how = "", f"{value}: absent", ""
    said = f"{name}{how}"
    return f"{said}: {value}" if said else value


def _value_of(item: Any, kind: str) -> str:
    if kind == "TEXT":
        return " ".join(str(item.get("TextValue") or "").split())
    if kind == "CODE":
        return _meaning(item.get("ConceptCodeSequence"))
    if kind == "NUM":
        measured = (item.get("MeasuredValueSequence") or [None])[0]
        if measured is None or measured.get("NumericValue") is None:
            return ""
        unit = (measured.get("MeasurementUnitsCodeSequence") or [{}])[0]
        code = str(unit.get("CodeValue") or "")
        if code in _MMHG:
            return f"{_plain_number(_first(measured.NumericValue) * _MMHG[code])} mmHg"
        return f"{_plain_number(measured.NumericValue)} {_UNITS.get(code, code)}".strip()
    return ""


def _plain_number(value: Any) -> str:
    """Of several values the first; at most two decimals, as reports are printed."""
    return f"{round(_first(value), 2):g}"


def _first(value: Any) -> float:
    is_several = isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue"
    return float(value[0] if is_several else value)


def _how(item: Any) -> str:
    """The method and view of a measurement, in brackets."""
    said = [
        _meaning(child.get("ConceptCodeSequence"))
        for child in item.get("ContentSequence") or ()
        if str(child.get("RelationshipType", "")) == "HAS CONCEPT MOD" and child.get("ValueType") == "CODE"
    ]
    said = [one for one in said if one]
    return f" ({', '.join(said)})" if said else ""


def _name_of(item: Any) -> str:
    for code in item.get("ConceptNameCodeSequence") or ():
        key = str(code.get("CodingSchemeDesignator") or ""), str(code.get("CodeValue") or "")
        return _NAMES.get(key) or " ".join(str(code.get("CodeMeaning") or "").split())
    return ""


def _meaning(codes: Any) -> str:
    return next((" ".join(str(code.get("CodeMeaning") or "").split()) for code in codes or ()), "")
