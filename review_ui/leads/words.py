"""Numbers as they stand on the pages: always with n, and plainly said where there is too little."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from string import Formatter
from typing import Final, Literal

from db.markup.elements import Child, Html, element
from db.measures.estimate import Estimate
from review_ui.text import quality as text

# Below this a share or a measure says next to nothing, however it is drawn.
LEAST: Final = 10

NumberFormat = Callable[[float], str]


def measured(estimate: Estimate, form: NumberFormat, *, least: int = LEAST) -> str:
    """`0.91 (0.88 to 0.94), n 300`, or that there is too little."""
    if estimate.n < least:
        return text.TOO_LITTLE.format(n=estimate.n)
    if not estimate.is_known:
        return text.NOTHING_VARIES.format(n=estimate.n)
    if not estimate.has_interval:
        return text.NO_INTERVAL.format(value=form(estimate.value), n=estimate.n)
    return text.INTERVAL.format(
        value=form(estimate.value), low=form(estimate.low), high=form(estimate.high), n=estimate.n
    )


def share(estimate: Estimate) -> str:
    """A share as percent with its interval."""
    return measured(estimate, text.percent)


def coefficient(estimate: Estimate) -> str:
    """A kappa, an ICC or an alpha."""
    return measured(estimate, lambda value: f"{value:.2f}")


def effect(estimate: Estimate) -> str:
    """A difference of shares in percentage points."""
    return measured(estimate, lambda value: text.signed(100 * value))


def points(estimate: Estimate) -> str:
    """A difference of ejection fractions."""
    return measured(estimate, text.signed, least=2)


def seconds(estimate: Estimate) -> str:
    """A time."""
    return measured(estimate, lambda value: text.SECONDS.format(value=value))


def drawable(estimate: Estimate) -> Estimate:
    """The estimate, or one without a number where there is too little to draw."""
    return estimate if estimate.n >= LEAST else Estimate(math.nan, math.nan, math.nan, estimate.n)


def day(on: date | datetime) -> str:
    """A day without doubt about which number is the month."""
    return f"{on.day} {on:%b %Y}"


def moment(at: datetime, form: Literal["moment", "day", "recent"] = "moment") -> Html:
    """A moment: in UTC and saying so, until `times.js` writes what the browser's own clock had.

    Args:
        form: `moment` is day and time, `day` the day alone, `recent` the time alone where it was today.
    """
    at = at.astimezone(UTC)
    said = day(at) if form == "day" else f"{day(at)} {at:%H:%M}"
    return element("time", f"{said} UTC", datetime=f"{at:%Y-%m-%dT%H:%M:%SZ}", data_form=form)


def filled(sentence: str, **parts: Child) -> list[Child]:
    """A sentence whose gaps hold elements, which a string could not keep."""
    found: list[Child] = []
    for words_of_it, name, form, _ in Formatter().parse(sentence):
        found.append(words_of_it)
        if name:
            value = parts[name]
            found.append(format(value, form) if form and isinstance(value, int | float) else value)
    return found
