"""How a share or an average is written on the card: with its interval, or that it is not known."""

from __future__ import annotations

from typing import Final

from db.measures.estimate import Estimate

NOT_KNOWN: Final = "not known"


def percent(share: Estimate) -> str:
    """`31.7 % (21.3 to 44.2)`."""
    if not share.is_known:
        return NOT_KNOWN
    said = f"{100 * share.value:.1f} %"
    return f"{said} ({100 * share.low:.1f} to {100 * share.high:.1f})" if share.has_interval else said


def number(one: Estimate, digits: int = 1) -> str:
    """`54.2 (51.0 to 57.4)`."""
    if not one.is_known:
        return NOT_KNOWN
    said = f"{one.value:.{digits}f}"
    if not one.has_interval:
        return f"{said} (no interval)"
    return f"{said} ({one.low:.{digits}f} to {one.high:.{digits}f})"
