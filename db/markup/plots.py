"""Plots as SVG without script: a frame with axes, a histogram, a plot of differences.

Colours are classes of the page's style sheet, so both themes work. Each plot has a title and a description
for screen readers and stands beside a table with the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from db.markup.elements import Child, Html, element, join
from db.markup.scales import Scale, scale_over
from db.measures.bland_altman import Limits

WIDTH: Final = 640
HEIGHT: Final = 264
LEFT: Final = 56
RIGHT: Final = 24
TOP: Final = 20
BOTTOM: Final = 44


@dataclass(frozen=True)
class Words:
    """What a plot is called and shows, and what its axes measure."""

    title: str
    description: str
    x: str = ""
    y: str = ""


def histogram(
    bins: Sequence[tuple[str, Sequence[float]]],
    words: Words,
    *,
    said: Callable[[float], str],
    series: Sequence[str] = (),
    every: int = 1,
) -> Html:
    """Standing bars: counts of one series, or shares of two beside each other.

    Args:
        bins: (label, one height for each series) in order; counts, or shares where there are two series.
        said: what stands at a height.
        series: names of the two series; the first is drawn filled, the second outlined.
        every: label every so many bins.
    """
    tallest = max((height for _, heights in bins for height in heights), default=0)
    y = scale_over(0, tallest or 1, HEIGHT - BOTTOM, TOP + (20 if series else 0))
    step = (WIDTH - LEFT - RIGHT) / max(len(bins), 1)
    drawn: list[Child] = [y_axis(y, said)]
    for place, (label, heights) in enumerate(bins):
        left = LEFT + place * step
        for number, height in enumerate(heights):
            top = y(height)
            drawn.append(
                element(
                    "rect",
                    x=left + 1,
                    y=top,
                    width=max(step - 2, 1),
                    height=HEIGHT - BOTTOM - top,
                    class_="bar" if number == 0 else "outline",
                )
            )
        if place % every == 0:
            drawn.append(label_at(left + step / 2, HEIGHT - BOTTOM + 16, label, "tick middle"))
    for number, name in enumerate(series):
        at = LEFT + 8 + number * 160
        drawn.append(
            element("rect", x=at, y=TOP - 2, width=12, height=12, class_="bar" if number == 0 else "outline")
        )
        drawn.append(label_at(at + 18, TOP + 8, name, "tick"))
    return frame(words, drawn)


def difference_plot(
    pairs: Sequence[tuple[float, float]], limits: Limits, words: Words, names: tuple[str, str, str]
) -> Html:
    """Bland and Altman's plot: the difference of two readings over their mean, with bias and limits.

    Args:
        pairs: (first, second), at least two, percent.
        names: of the upper limit, the bias and the lower limit.
    """
    points = Counter(((one + other) / 2, one - other) for one, other in pairs)
    reach = max(
        [abs(difference) for _, difference in points] + [abs(limits.lower.low), abs(limits.upper.high), 1]
    )
    means = [mean for mean, _ in points]
    x = scale_over(min(means), max(means), LEFT, WIDTH - 96)
    y = scale_over(-reach, reach, HEIGHT - BOTTOM, TOP)
    marks: list[Child] = []
    kinds = ("limit", "line", "limit")
    for name, kind, value in zip(names, kinds, (limits.upper, limits.bias, limits.lower), strict=True):
        top, foot = y(value.high), y(value.low)
        marks.append(
            element("rect", x=LEFT, y=top, width=WIDTH - 96 - LEFT, height=foot - top, class_="band")
        )
        marks.append(
            element("line", x1=LEFT, x2=WIDTH - 96, y1=y(value.value), y2=y(value.value), class_=kind)
        )
        marks.append(
            label_at(WIDTH - 90, y(value.value) + 4, f"{name} {_signed(value.value, '.1f')}", "tick")
        )
    dots = [
        element("circle", cx=x(mean), cy=y(difference), r=min(2.2 + 0.6 * (often - 1), 7), class_="dot")
        for (mean, difference), often in sorted(points.items())
    ]
    return frame(
        words,
        y_axis(y, lambda value: _signed(value, "g") if value else "0", end=WIDTH - 96),
        [x_tick(x(tick), f"{tick:g}") for tick in x.ticks()],
        marks,
        dots,
    )


def _signed(value: float, digits: str) -> str:
    """`+11.2` or `−1.5`, with a minus as long as the plus."""
    return f"{value:+{digits}}".replace("-", "\u2212")


def str_of_count(value: float) -> str:
    """A count at a tick."""
    return f"{value:,.0f}" if value == round(value) else f"{value:g}"


def frame(
    words: Words, *drawn: Child, height: float = HEIGHT, width: float = WIDTH, kind: str = "plot"
) -> Html:
    """A plot: what is drawn, under its title and the names of its axes."""
    axes = [
        label_at(LEFT, 10, words.y, "axis") if words.y else None,
        label_at((width + LEFT) / 2, height - 6, words.x, "axis middle") if words.x else None,
    ]
    return element(
        "svg",
        element("title", words.title),
        element("desc", words.description),
        join(drawn),
        axes,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=f"{words.title}. {words.description}",
        class_=kind,
    )


def y_axis(y: Scale, label: Callable[[float], str], *, end: float = WIDTH - RIGHT) -> list[Html]:
    """Lines across at round values, with what stands at each."""
    drawn = []
    for tick in y.ticks(4):
        drawn.append(element("line", x1=LEFT, x2=end, y1=y(tick), y2=y(tick), class_="grid"))
        drawn.append(label_at(LEFT - 8, y(tick) + 4, label(tick), "tick end"))
    return drawn


def x_tick(at: float, label: str, *, foot: float = HEIGHT - BOTTOM, head: float | None = None) -> Html:
    """A tick of the x axis, from `head` down where it runs through the plot."""
    mark = element("line", x1=at, x2=at, y1=foot if head is None else head, y2=foot + 4, class_="grid")
    return join([mark, label_at(at, foot + 18, label, "tick middle")])


def across(at: float, kind: str) -> Html:
    """A line across the whole plot."""
    return element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at, class_=kind)


def whisker(start: float, end: float, middle: float) -> Html:
    """A lying interval with its ends."""
    line = element("line", x1=start, x2=end, y1=middle, y2=middle, class_="whisker")
    ends = [
        element("line", x1=at, x2=at, y1=middle - 4, y2=middle + 4, class_="whisker") for at in (start, end)
    ]
    return join([line, *ends])


def label_at(x: float, y: float, words: str, kind: str) -> Html:
    """Words; `y` is their baseline."""
    return element("text", words, x=x, y=y, class_=kind)
