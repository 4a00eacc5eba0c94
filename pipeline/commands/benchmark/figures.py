"""How one figure is printed: hits, a rate with its interval, a percentage, a ratio."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.measures.proportions import Rate


def hits(measured: Rate) -> str:
    """`12/14`."""
    return f"{measured.hits}/{measured.n}" if measured.n else "-"


def rate(measured: Rate) -> str:
    """`66/68 = 97.1 % [89.9, 99.2]`; a dash where nothing could be measured."""
    if not measured.n:
        return "-"
    low, high = measured.interval
    return f"{hits(measured)} = {100 * measured.value:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def percent(value: float) -> str:
    """`1.3 %`, a dash where it is undefined."""
    return "-" if math.isnan(value) else f"{100 * value:.1f} %"


def ratio(value: float) -> str:
    """Two to three decimals, a dash where it is undefined."""
    return "-" if math.isnan(value) else f"{value:.3f}"
