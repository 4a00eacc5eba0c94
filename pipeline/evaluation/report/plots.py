"""The plots of the report that are its own: curves on square axes, and estimates one below the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from db.markup.elements import Child, Html, element, join
from db.markup.plots import TOP, WIDTH, Words, frame, label_at, whisker, x_tick
from db.markup.scales import Scale, scale_over

Point = tuple[float, float]

_SIDE: Final = 300
_LEFT: Final = 64
_HEAD: Final = 24
_FOOT: Final = 44
_KEY: Final = 20
_NAMES: Final = 216
_ROW: Final = 26
# As many curves as can be told apart without colour: by class, drawn whole, dashed and dotted.
LOOKS: Final = ("line", "line second", "line third", "line fourth")


@dataclass(frozen=True)
class Curve:
    """One line of a plot, and what it is called beside the plot."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Axes:
    """What a plot of curves spans.

    Attributes:
        x, y: lowest and highest value.
        said: how a tick is written.
        diagonal: two ends of a line that nothing better than chance, or nothing worse than right, lies on.
    """

    x: Point = (0.0, 1.0)
    y: Point = (0.0, 1.0)
    said: Callable[[float], str] = "{:g}".format
    diagonal: tuple[Point, Point] | None = None


def curves_plot(
    curves: Sequence[Curve],
    axes: Axes,
    words: Words,
    *,
    marks: Sequence[Curve] = (),
    below: Callable[[Scale, Scale], Child] | None = None,
) -> Html:
    """Curves in a square, named below it.

    Args:
        marks: single points, named, too. below: what is drawn first, given the two scales.
    """
    x = Scale(*axes.x, _LEFT, _LEFT + _SIDE)
    y = Scale(*axes.y, _HEAD + _SIDE, _HEAD)
    drawn: list[Child] = [_grid(x, y, axes.said)]
    if axes.diagonal is not None:
        (x1, y1), (x2, y2) = axes.diagonal
        drawn.append(element("line", x1=x(x1), y1=y(y1), x2=x(x2), y2=y(y2), class_="limit"))
    if below is not None:
        drawn.append(below(x, y))
    keys: list[tuple[Html, str]] = []
    for place, curve in enumerate(curves):
        look = LOOKS[place % len(LOOKS)]
        for run in above(curve.points, axes.y[0]):
            at = " ".join(f"{x(one):.1f},{y(other):.1f}" for one, other in run)
            drawn.append(element("polyline", points=at, class_=look))
        keys.append((element("line", x1=0, x2=24, y1=0, y2=0, class_=look), curve.name))
    for place, mark in enumerate(marks):
        look = f"mark m{place}"
        for one, other in mark.points:
            drawn.append(element("circle", cx=x(one), cy=y(other), r=4.5, class_=look))
        keys.append((element("circle", cx=12, cy=0, r=4.5, class_=look), mark.name))
    foot = _HEAD + _SIDE + _FOOT
    drawn.append(label_at(_LEFT + _SIDE / 2, foot - 8, words.x, "axis middle"))
    drawn.append(label_at(_LEFT - 48, 12, words.y, "axis"))
    drawn += [_key(foot + 12 + _KEY * place, *key) for place, key in enumerate(keys)]
    height = foot + _KEY * len(keys) + (8 if keys else 0)
    said = Words(words.title, words.description)
    return frame(said, drawn, height=height, width=_LEFT + _SIDE + 20, kind="plot square")


def above(points: Sequence[Point], floor: float) -> list[list[Point]]:
    """The parts of a line that lie at or above the floor of a plot, each up to where it crosses the floor."""
    runs: list[list[Point]] = []
    before: Point | None = None
    for point in points:
        is_above = point[1] >= floor
        crossing = [] if before is None else _crossings(before, point, floor)
        if is_above and (before is None or before[1] < floor):
            runs.append([*crossing, point])
        elif is_above:
            runs[-1].append(point)
        elif crossing:
            runs[-1] += crossing
        before = point
    return runs


def _crossings(one: Point, other: Point, floor: float) -> list[Point]:
    """Where a piece of a line crosses the floor, if it does."""
    if (one[1] >= floor) == (other[1] >= floor):
        return []
    share = (floor - one[1]) / (other[1] - one[1])
    return [(one[0] + share * (other[0] - one[0]), floor)]


def _key(top: float, sample: Html, name: str) -> Html:
    """A line of the legend."""
    return join(
        [
            element("g", sample, transform=f"translate({_LEFT} {top:g})"),
            label_at(_LEFT + 34, top + 4, name, "name"),
        ]
    )


def _grid(x: Scale, y: Scale, said: Callable[[float], str]) -> Html:
    drawn: list[Child] = []
    for tick in y.ticks():
        drawn.append(element("line", x1=x.start, x2=x.end, y1=y(tick), y2=y(tick), class_="grid"))
        drawn.append(label_at(x.start - 8, y(tick) + 4, said(tick), "tick end"))
    drawn += [x_tick(x(tick), said(tick), foot=y.start, head=y.end) for tick in x.ticks()]
    return join(drawn)


def estimates_plot(
    rows: Sequence[tuple[str, Mapping[str, Any], str]],
    words: Words,
    *,
    said: Callable[[float], str] = "{:g}".format,
    reference: float | None = None,
) -> Html:
    """Estimates one below the other, each a point with its interval; what cannot be said has none.

    Args:
        rows: name, estimate, what stands to its right.
        reference: a value to hold them against, drawn down the whole plot.
    """
    known = [one for _, one, _ in rows if one.get("value") is not None]
    ends = [end for one in known for end in (one["value"], one["low"], one["high"]) if end is not None]
    ends += [] if reference is None else [reference]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    height = TOP + _ROW * len(rows) + _FOOT
    x = scale_over(low, high, _NAMES, WIDTH - 168)
    drawn: list[Child] = [[x_tick(x(tick), said(tick), foot=height - _FOOT, head=TOP) for tick in x.ticks()]]
    if reference is not None:
        drawn.append(
            element("line", x1=x(reference), x2=x(reference), y1=TOP, y2=height - _FOOT, class_="goal")
        )
    for place, (name, one, beside) in enumerate(rows):
        drawn.append(_estimate_row(x, TOP + _ROW * (place + 0.5), name, one, beside))
    return frame(words, drawn, height=height)


def _estimate_row(x: Scale, middle: float, name: str, one: Mapping[str, Any], beside: str) -> Html:
    drawn: list[Child] = [
        label_at(_NAMES - 12, middle + 4, name, "name end"),
        label_at(WIDTH - 158, middle + 4, beside, "count"),
    ]
    if one.get("value") is None:
        return join(drawn)
    if one.get("low") is not None and one.get("high") is not None:
        drawn.append(whisker(x(one["low"]), x(one["high"]), middle))
    drawn.append(element("circle", cx=x(one["value"]), cy=middle, r=4.5, class_="point"))
    return join(drawn)
