"""Plots of the quality pages: a line with its band, bars with intervals, the map of corrections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from db.markup.elements import Child, Html, element
from db.markup.plots import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Words,
    across,
    frame,
    label_at,
    str_of_count,
    whisker,
    x_tick,
    y_axis,
)
from db.markup.scales import Scale, scale_over
from db.measures.estimate import Estimate
from review_ui.text import quality as text

_NAMES_WIDTH: Final = 176
_BAR_ROW: Final = 32
_NARROW: Final = 70.0


def with_table(plot: Html, table: Html) -> Html:
    """A plot and, folded away below it, its numbers."""
    return element("figure", plot, element("details", element("summary", text.AS_TABLE), table))


def line_with_band(
    points: Sequence[tuple[float, float]],
    band: Sequence[tuple[float, float, float]],
    words: Words,
    *,
    x_label: Callable[[float], str],
    top: float | None = None,
) -> Html:
    """A line, and where it may go on.

    Args:
        points: (x, y) in order.
        band: (x, low, high) in order, beside or after the line.
        x_label: what stands at a tick of x.
        top: a value of y to mark with a line of its own, such as all there is.
    """
    xs = [x for x, _ in points] + [x for x, _, _ in band]
    ys = [y for _, y in points] + [high for _, _, high in band] + ([top] if top is not None else [])
    x = Scale(min(xs), max(max(xs), min(xs) + 1), LEFT, WIDTH - RIGHT)
    y = scale_over(0, max(ys), HEIGHT - BOTTOM, TOP)
    upper = [f"{x(at):.1f},{y(high):.1f}" for at, _, high in band]
    lower = [f"{x(at):.1f},{y(low):.1f}" for at, low, _ in reversed(band)]
    ticks = sorted({round(min(xs) + part * (max(xs) - min(xs)) / 4) for part in range(5)})
    return frame(
        words,
        y_axis(y, str_of_count),
        [x_tick(x(at), x_label(at)) for at in ticks],
        element("polygon", points=" ".join(upper + lower), class_="band") if band else None,
        across(y(top), "goal") if top is not None else None,
        element(
            "polyline", points=" ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in points), class_="line"
        ),
    )


def bars_with_intervals(
    rows: Sequence[tuple[str, Estimate]], words: Words, *, high: float | None = None
) -> Html:
    """Lying bars of shares with their intervals; what cannot be said has no bar.

    Args:
        high: the right end of the axis, a share; None for what the intervals need.
    """
    known = [rate.high for _, rate in rows if rate.has_interval]
    end = high if high is not None else min(1.0, max([*known, 0.01]))
    height = TOP + _BAR_ROW * len(rows) + BOTTOM
    x = scale_over(0, end, _NAMES_WIDTH, WIDTH - 88)
    drawn: list[Child] = [
        [x_tick(x(tick), text.percent(tick), foot=height - BOTTOM, head=TOP) for tick in x.ticks()],
    ]
    for place, (name, rate) in enumerate(rows):
        middle = TOP + _BAR_ROW * place + _BAR_ROW / 2
        drawn.append(label_at(_NAMES_WIDTH - 8, middle + 4, name, "name end"))
        drawn.append(label_at(WIDTH - 80, middle + 4, text.N.format(n=rate.n), "tick"))
        if not rate.is_known:
            continue
        width = x(rate.value) - _NAMES_WIDTH
        drawn.append(
            element("rect", x=_NAMES_WIDTH, y=middle - 7, width=max(width, 0.5), height=14, class_="bar")
        )
        if rate.has_interval:
            drawn.append(whisker(x(rate.low), x(rate.high), middle))
    return frame(words, drawn, height=height)


def confusion_map(answers: Sequence[str], counts: Sequence[Sequence[int]], words: Words) -> Html:
    """How often each draft (row) became each label (column); cells are darker the larger their share of the
    row.

    Args:
        answers: words for the answers, in the order of rows and columns.
    """
    cell_width = min(92.0, (WIDTH - _NAMES_WIDTH - RIGHT) / max(len(answers), 1))
    # Where cells are narrow a name of two words has two lines, so that none runs into the next.
    is_narrow = cell_width < _NARROW
    cell_height, head = 32, 52 if is_narrow else 40
    drawn: list[Child] = []
    for row, (name, line) in enumerate(zip(answers, counts, strict=True)):
        top = head + row * cell_height
        total = sum(line)
        drawn.append(label_at(_NAMES_WIDTH - 8, top + 20, name, "name end"))
        for column, count in enumerate(line):
            left = _NAMES_WIDTH + column * cell_width
            share = count / total if total else 0.0
            kind = "cell same" if row == column else "cell other"
            box = {"x": left + 1, "y": top + 1, "width": cell_width - 2, "height": cell_height - 2}
            drawn.append(element("rect", **box, class_="cell ground"))
            if count:
                # The share is said by opacity, over a ground that is the theme's; never so dark that words
                # drown.
                drawn.append(element("rect", **box, class_=kind, fill_opacity=round(0.12 + 0.38 * share, 3)))
            drawn.append(label_at(left + cell_width / 2, top + 20, f"{count:,}", "count middle"))
    for column, name in enumerate(answers):
        parts = _short(name).split(" ", 1) if is_narrow else [_short(name)]
        for above, part in enumerate(reversed(parts)):
            at = _NAMES_WIDTH + (column + 0.5) * cell_width
            drawn.append(label_at(at, head - 8 - 14 * above, part, "tick middle"))
    drawn.append(label_at(_NAMES_WIDTH, 14, words.x, "axis"))
    drawn.append(label_at(_NAMES_WIDTH - 8, head - 8, words.y, "axis end"))
    inner = Words(words.title, words.description)
    return frame(inner, drawn, height=head + cell_height * len(answers) + 8)


def _short(name: str) -> str:
    return name if len(name) <= 13 else name[:12] + "…"
