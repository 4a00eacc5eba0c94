"""Small plots as SVG without script: line with band, bars with intervals, histogram, confusion map, scatter.

Colours are classes of `assets/pages.css`, so both themes work. Each plot has a title and a description for
screen readers and stands beside a table with the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from db.measures.bland_altman import Limits
from db.measures.estimate import Estimate
from review_ui.leads.scales import Scale, scale_over
from review_ui.markup import Child, Html, element, join
from review_ui.text import quality as text

WIDTH: Final = 640
HEIGHT: Final = 264
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 24, 20, 44
_NAMES_WIDTH: Final = 176
_BAR_ROW: Final = 32


@dataclass(frozen=True)
class Words:
    """What a plot is called and shows, and what its axes measure."""

    title: str
    description: str
    x: str = ""
    y: str = ""


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
    x = Scale(min(xs), max(max(xs), min(xs) + 1), _LEFT, WIDTH - _RIGHT)
    y = scale_over(0, max(ys), HEIGHT - _BOTTOM, _TOP)
    upper = [f"{x(at):.1f},{y(high):.1f}" for at, _, high in band]
    lower = [f"{x(at):.1f},{y(low):.1f}" for at, low, _ in reversed(band)]
    ticks = sorted({round(min(xs) + part * (max(xs) - min(xs)) / 4) for part in range(5)})
    return _frame(
        words,
        _y_axis(y, str_of_count),
        [_x_tick(x(at), x_label(at)) for at in ticks],
        element("polygon", points=" ".join(upper + lower), class_="band") if band else None,
        _across(y(top), "goal") if top is not None else None,
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
    height = _TOP + _BAR_ROW * len(rows) + _BOTTOM
    x = scale_over(0, end, _NAMES_WIDTH, WIDTH - 88)
    drawn: list[Child] = [
        [_x_tick(x(tick), text.percent(tick), foot=height - _BOTTOM, head=_TOP) for tick in x.ticks()],
    ]
    for place, (name, rate) in enumerate(rows):
        middle = _TOP + _BAR_ROW * place + _BAR_ROW / 2
        drawn.append(_text(_NAMES_WIDTH - 8, middle + 4, name, "name end"))
        drawn.append(_text(WIDTH - 80, middle + 4, text.N.format(n=rate.n), "tick"))
        if not rate.is_known:
            continue
        width = x(rate.value) - _NAMES_WIDTH
        drawn.append(
            element("rect", x=_NAMES_WIDTH, y=middle - 7, width=max(width, 0.5), height=14, class_="bar")
        )
        if rate.has_interval:
            drawn.append(_whisker(x(rate.low), x(rate.high), middle))
    return _frame(words, drawn, height=height)


def histogram(
    bins: Sequence[tuple[str, Sequence[float]]], words: Words, *, series: Sequence[str] = (), every: int = 1
) -> Html:
    """Standing bars: counts of one series, or shares of two beside each other.

    Args:
        bins: (label, one height for each series) in order; counts, or shares where there are two series.
        series: names of the two series; the first is drawn filled, the second outlined.
        every: label every so many bins.
    """
    tallest = max((height for _, heights in bins for height in heights), default=0)
    y = scale_over(0, tallest or 1, HEIGHT - _BOTTOM, _TOP + (20 if series else 0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(bins), 1)
    drawn: list[Child] = [_y_axis(y, text.percent if series else str_of_count)]
    for place, (label, heights) in enumerate(bins):
        left = _LEFT + place * step
        for number, height in enumerate(heights):
            top = y(height)
            drawn.append(
                element(
                    "rect",
                    x=left + 1,
                    y=top,
                    width=max(step - 2, 1),
                    height=HEIGHT - _BOTTOM - top,
                    class_="bar" if number == 0 else "outline",
                )
            )
        if place % every == 0:
            drawn.append(_text(left + step / 2, HEIGHT - _BOTTOM + 16, label, "tick middle"))
    for number, name in enumerate(series):
        at = _LEFT + 8 + number * 160
        drawn.append(
            element("rect", x=at, y=_TOP - 8, width=12, height=12, class_="bar" if number == 0 else "outline")
        )
        drawn.append(_text(at + 18, _TOP + 2, name, "tick"))
    return _frame(words, drawn)


def confusion_map(answers: Sequence[str], counts: Sequence[Sequence[int]], words: Words) -> Html:
    """How often each draft (row) became each label (column); cells are darker the larger their share of the
    row.

    Args:
        answers: words for the answers, in the order of rows and columns.
    """
    cell_width = min(92.0, (WIDTH - _NAMES_WIDTH - _RIGHT) / max(len(answers), 1))
    cell_height, head = 32, 40
    drawn: list[Child] = []
    for row, (name, line) in enumerate(zip(answers, counts, strict=True)):
        top = head + row * cell_height
        total = sum(line)
        drawn.append(_text(_NAMES_WIDTH - 8, top + 20, name, "name end"))
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
            drawn.append(_text(left + cell_width / 2, top + 20, f"{count:,}", "count middle"))
    for column, name in enumerate(answers):
        drawn.append(_text(_NAMES_WIDTH + (column + 0.5) * cell_width, head - 8, _short(name), "tick middle"))
    drawn.append(_text(_NAMES_WIDTH, 14, words.x, "axis"))
    drawn.append(_text(_NAMES_WIDTH - 8, head - 8, words.y, "axis end"))
    inner = Words(words.title, words.description)
    return _frame(inner, drawn, height=head + cell_height * len(answers) + 8)


def difference_plot(pairs: Sequence[tuple[float, float]], limits: Limits, words: Words) -> Html:
    """Bland and Altman's plot: the difference of two readings over their mean, with bias and limits.

    Args:
        pairs: (first, second), at least two, percent.
    """
    points = Counter(((one + other) / 2, one - other) for one, other in pairs)
    reach = max(
        [abs(difference) for _, difference in points] + [abs(limits.lower.low), abs(limits.upper.high), 1]
    )
    means = [mean for mean, _ in points]
    x = scale_over(min(means), max(means), _LEFT, WIDTH - 96)
    y = scale_over(-reach, reach, HEIGHT - _BOTTOM, _TOP)
    marks: list[Child] = []
    for name, value in ((text.UPPER, limits.upper), (text.BIAS, limits.bias), (text.LOWER, limits.lower)):
        kind = "line" if name == text.BIAS else "limit"
        top, foot = y(value.high), y(value.low)
        marks.append(
            element("rect", x=_LEFT, y=top, width=WIDTH - 96 - _LEFT, height=foot - top, class_="band")
        )
        marks.append(
            element("line", x1=_LEFT, x2=WIDTH - 96, y1=y(value.value), y2=y(value.value), class_=kind)
        )
        marks.append(_text(WIDTH - 90, y(value.value) + 4, f"{name} {value.value:+.1f}", "tick"))
    dots = [
        element("circle", cx=x(mean), cy=y(difference), r=min(2.2 + 0.6 * (often - 1), 7), class_="dot")
        for (mean, difference), often in sorted(points.items())
    ]
    return _frame(
        words,
        _y_axis(y, lambda value: f"{value:+g}" if value else "0", end=WIDTH - 96),
        [_x_tick(x(tick), f"{tick:g}") for tick in x.ticks()],
        marks,
        dots,
    )


def str_of_count(value: float) -> str:
    """A count at a tick."""
    return f"{value:,.0f}" if value == round(value) else f"{value:g}"


def _frame(words: Words, *drawn: Child, height: float = HEIGHT) -> Html:
    axes = [
        _text(_LEFT, 10, words.y, "axis") if words.y else None,
        _text((WIDTH + _LEFT) / 2, height - 6, words.x, "axis middle") if words.x else None,
    ]
    return element(
        "svg",
        element("title", words.title),
        element("desc", words.description),
        join(drawn),
        axes,
        viewBox=f"0 0 {WIDTH} {height:g}",
        role="img",
        aria_label=f"{words.title}. {words.description}",
        class_="plot",
    )


def _y_axis(y: Scale, label: Callable[[float], str], *, end: float = WIDTH - _RIGHT) -> list[Html]:
    drawn = []
    for tick in y.ticks(4):
        drawn.append(element("line", x1=_LEFT, x2=end, y1=y(tick), y2=y(tick), class_="grid"))
        drawn.append(_text(_LEFT - 8, y(tick) + 4, label(tick), "tick end"))
    return drawn


def _x_tick(at: float, label: str, *, foot: float = HEIGHT - _BOTTOM, head: float | None = None) -> Html:
    mark = element("line", x1=at, x2=at, y1=foot if head is None else head, y2=foot + 4, class_="grid")
    return join([mark, _text(at, foot + 18, label, "tick middle")])


def _across(at: float, kind: str) -> Html:
    return element("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=at, y2=at, class_=kind)


def _whisker(start: float, end: float, middle: float) -> Html:
    line = element("line", x1=start, x2=end, y1=middle, y2=middle, class_="whisker")
    ends = [
        element("line", x1=at, x2=at, y1=middle - 4, y2=middle + 4, class_="whisker") for at in (start, end)
    ]
    return join([line, *ends])


def _text(x: float, y: float, words: str, kind: str) -> Html:
    return element("text", words, x=x, y=y, class_=kind)


def _short(name: str) -> str:
    return name if len(name) <= 13 else name[:12] + "…"
