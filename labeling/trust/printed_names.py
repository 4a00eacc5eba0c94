"""The printed names of an EF and of a pressure, right or nearly so, in a line that was read badly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# What a field's value stands behind, as printed, and how alike a misread one must be, 0-100.
NAMES: Final = {
    "ef_percent": ("ejection fraction", "lvef", "lv ef"),
    "rvsp_mmhg": (
        "rvsp",
        "pasp",
        "right ventricular systolic pressure",
        "pulmonary artery systolic pressure",
    ),
}
LEAST_ALIKE: Final = 78.0
_LEAST_ALIKE_SHORT: Final = 88.0
_SHORT: Final = 6
_EXACT: Final = {
    "ef_percent": re.compile(r"\be\.?\s?f\b|(?<![a-z])[il1|!]v\s?ef\b", re.IGNORECASE),
    "rvsp_mmhg": re.compile(r"(?!)"),
}
# What makes another name of one, misread or not.
_LEFT: Final = re.compile(r"\bl[eo][tfh]{1,2}t?\b", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d{2}")


@dataclass(frozen=True)
class Named:
    """Where a line names a field.

    Attributes:
        spelling: the name as it should be; empty where it stands so.
        start, end: in the line.
    """

    spelling: str
    start: int
    end: int


def find_name(text: str, field: str) -> Named | None:
    """Where a line holds the field's name, or nearly."""
    from rapidfuzz import fuzz

    exact = _EXACT[field].search(text)
    if exact:
        return Named("", exact.start(), exact.end())
    best: tuple[float, Named] | None = None
    for name in NAMES[field]:
        least = LEAST_ALIKE if len(name) > _SHORT else _LEAST_ALIKE_SHORT
        place = fuzz.partial_ratio_alignment(name, text.lower(), score_cutoff=least)
        if place is None or place.dest_end == place.dest_start:
            continue
        is_other = name.startswith("right") and _LEFT.search(text[place.dest_start : place.dest_end])
        if not is_other and (best is None or place.score > best[0]):
            best = (place.score, Named(name, place.dest_start, place.dest_end))
    return best[1] if best else None


def is_named(text: str, field: str) -> bool:
    """Whether a line holds the field's name, or nearly; with or without a number."""
    return find_name(text, field) is not None


def with_name(text: str, field: str) -> str:
    """The text with what is nearly the field's name spelled right; empty without it, or without a number."""
    named = find_name(text, field) if _NUMBER.search(text) else None
    if named is None:
        return ""
    return f"{text[: named.start]} {named.spelling} {text[named.end :]}" if named.spelling else text
