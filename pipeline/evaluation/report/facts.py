"""What the report may show: numbers of `results.json`, found by their place and written one way.

Nothing else of the report turns a number into text, so a number on the page is a number of the results.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from db.fields.strata import EF_STRATA
from pipeline.evaluation.report.text import page as text

MINUS: Final = "\u2212"
THIN: Final = "\u202f"


def number(value: float | None, digits: int = 2) -> str:
    """`0.76`, `1,204`, `−1.5`; a dash where there is none."""
    if value is None or isinstance(value, bool) or not math.isfinite(value):
        return text.NO_NUMBER
    said = f"{abs(value):,.{digits}f}"
    is_below = value < 0 and any(letter not in "0.," for letter in said)
    return f"{MINUS}{said}" if is_below else said


def percent(share: float | None, digits: int = 0) -> str:
    """`63 %`."""
    return text.NO_NUMBER if share is None else f"{number(100 * share, digits)}{THIN}%"


def estimate(one: Mapping[str, Any] | None, digits: int = 2, *, is_share: bool = False) -> str:
    """`0.76 [0.70, 0.81]`, or without the interval where there is none."""
    if not one or one.get("value") is None:
        return text.NO_NUMBER
    if one.get("low") is None or one.get("high") is None:
        return percent(one["value"], digits) if is_share else number(one["value"], digits)
    scale = 100 if is_share else 1
    value, low, high = (number(scale * one[end], digits) for end in ("value", "low", "high"))
    return f"{value} [{low}, {high}]" + (f"{THIN}%" if is_share else "")


def signed(one: Mapping[str, Any] | None, digits: int = 2) -> str:
    """An estimate of a difference, `+` said where it is above 0."""
    said = estimate(one, digits)
    return (
        f"+{said}"
        if one and one.get("value") is not None and said[0].isdigit() and one["value"] > 0
        else said
    )


def is_not_run(part: Any) -> bool:
    """Whether a part says only why it was not done."""
    return isinstance(part, Mapping) and set(part) == {"reason"}


@dataclass(frozen=True)
class Facts:
    """The results, by dotted places such as `ef.pooled.mae`."""

    data: Mapping[str, Any]

    def at(self, place: str) -> Any:
        """What lies there; None where nothing does."""
        found: Any = self.data
        for name in place.split("."):
            if isinstance(found, Mapping):
                found = found.get(name)
            elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
                found = found[int(name)]
            else:
                return None
        return found

    def has(self, place: str) -> bool:
        """Whether a part was done."""
        found = self.at(place)
        return found is not None and not is_not_run(found)

    def count(self, place: str) -> str:
        """A whole number."""
        return number(self.at(place), 0)

    def said(self, place: str, digits: int = 2, *, is_share: bool = False) -> str:
        """An estimate with its interval, or a plain number."""
        found = self.at(place)
        if isinstance(found, int | float):
            return percent(found, digits) if is_share else number(found, digits)
        return estimate(found, digits, is_share=is_share) if isinstance(found, Mapping) else text.NO_NUMBER

    def n(self, place: str) -> str:
        """How many cases an estimate rests on."""
        found = self.at(place)
        return number(found.get("n"), 0) if isinstance(found, Mapping) else text.NO_NUMBER

    def parts(self, place: str) -> Iterator[tuple[str, Any]]:
        """The named parts of a part, bands of EF in their order, else as they stand."""
        found = self.at(place)
        if isinstance(found, Mapping) and not is_not_run(found):
            order = {name: rank for rank, name in enumerate(EF_STRATA)}
            yield from sorted(found.items(), key=lambda item: order.get(item[0], len(order)))

    def listed(self, place: str) -> Sequence[Any]:
        """A list; empty where there is none."""
        found = self.at(place)
        return found if isinstance(found, list) else []
