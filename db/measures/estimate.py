"""A number with its interval and the number of cases behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """One measured number.

    Attributes:
        value: the number in its own unit; NaN where it cannot be said.
        low, high: the ends of its interval; NaN where there is none.
        n: cases (or pairs, or events) it rests on.
    """

    value: float
    low: float
    high: float
    n: int

    @classmethod
    def from_json(cls, one: Mapping[str, Any]) -> Estimate:
        """From what `as_json` gave; unknown where nothing is in it."""
        value, low, high = (
            math.nan if one.get(name) is None else float(one[name]) for name in ("value", "low", "high")
        )
        return cls(value, low, high, int(one.get("n") or 0))

    def as_json(self) -> dict[str, float | int | None]:
        """`{value, low, high, n}`; null where a number cannot be said, because NaN is no JSON."""
        ends = {"value": self.value, "low": self.low, "high": self.high}
        return {**{name: None if math.isnan(end) else end for name, end in ends.items()}, "n": self.n}

    @property
    def is_known(self) -> bool:
        """Whether there is a number at all."""
        return not math.isnan(self.value)

    @property
    def has_interval(self) -> bool:
        """Whether both ends of the interval are known."""
        return not (math.isnan(self.low) or math.isnan(self.high))


def unknown(n: int = 0) -> Estimate:
    """An estimate that cannot be said."""
    return Estimate(math.nan, math.nan, math.nan, n)


def estimates_json(named: Mapping[str, Estimate]) -> dict[str, dict[str, float | int | None]]:
    """Several estimates by name, as JSON."""
    return {name: estimate.as_json() for name, estimate in named.items()}
