"""The dashboard: how far, how often corrected, how long, how sure. For lead, researcher and admin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING, Any, Final, TypeVar

from db.markup.elements import Child, Html, table
from db.markup.plots import Words, histogram, str_of_count
from db.quality import audit, blind_arm, corrections, throughput, vigilance
from review_ui.leads import plots, words
from review_ui.leads.audit_page import bound_table
from review_ui.leads.correction_parts import confusion_section, correction_section
from review_ui.leads.frame import aside, section, sentence
from review_ui.leads.kept import Counted, Read, in_parts
from review_ui.text import quality as text

if TYPE_CHECKING:
    from sqlmodel import Session

Summed = TypeVar("Summed", bound=Any)

# Bins of the plot of times: two seconds each, everything slower in the last one.
_BIN_S: Final = 2
_MOST_BINS: Final = 20


@dataclass(frozen=True)
class DashboardCounts:
    """Everything the dashboard says, counted in the database."""

    work: throughput.Labelled
    found: corrections.Corrections
    spent: dict[str, throughput.TimeSpent]
    caught: vigilance.CatchRate
    effects: list[blind_arm.Anchoring]
    audited: audit.AuditReport | None


def dashboard_counts(read: Read, *, ef_tolerance_points: float) -> DashboardCounts:
    """Count it all, each part in a reading of its own: a decision made meanwhile may be in the later ones
    only.
    """

    def counted(count: Callable[[Session], Counted]) -> Counted:
        with read() as session:
            return count(session)

    def summed(count: Callable[[Session, range], Summed]) -> Summed:
        return reduce(add, in_parts(read, count))

    return DashboardCounts(
        summed(throughput.labelled),
        summed(corrections.corrections),
        throughput.time_by_arm(summed(throughput.half_seconds)),
        vigilance.catch_rate(counted(vigilance.practice_records)),
        blind_arm.anchoring(summed(blind_arm.same_as_draft)),
        counted(lambda session: audit.newest_audit(session, ef_tolerance_points=ef_tolerance_points)),
    )


def dashboard_sections(counts: DashboardCounts, *, today: date) -> list[Child]:
    """Every section of the dashboard."""
    if not counts.work.done:
        return [section(text.PROGRESS, sentence(text.PROGRESS_NONE), wide=True)]
    return [
        progress_section(counts.work, today),
        ef_section(counts.work),
        correction_section(counts.found),
        confusion_section(counts.found),
        time_section(counts.spent),
        vigilance_section(counts.caught),
        anchoring_section(counts.effects),
        errors_section(counts.audited),
    ]


def progress_section(work: throughput.Labelled, today: date) -> Html:
    """Labels so far as a line, with the band where the pace leads."""
    ahead = throughput.forecast(work, today=today)
    line = text.PROGRESS_LINE.format(done=work.done, total=work.total, left=work.left)
    first = min(work.by_day)
    so_far = list(zip(work.by_day, accumulate(work.by_day.values()), strict=True))
    points = [(-1.0, 0.0), *(((on - first).days + 0.0, float(total)) for on, total in so_far)]
    said = Words(
        text.PROGRESS_PLOT,
        text.PROGRESS_PLOT_SAYS.format(done=work.done, day=words.day(so_far[-1][0]), total=work.total),
        y=text.LABELS_SO_FAR,
    )
    plot = plots.line_with_band(
        points,
        _band(work, ahead, (today - first).days),
        said,
        x_label=lambda at: _short_day(first + timedelta(days=round(at))),
        top=float(work.total),
    )
    rows = [(words.day(on), f"{work.by_day[on]:,}", f"{total:,}") for on, total in reversed(so_far)]
    numbers = table((text.DAY, text.LABELS, text.LABELS_SO_FAR), rows, caption=text.PROGRESS_PLOT)
    return section(
        text.PROGRESS, sentence(line), aside(forecast_words(work, ahead)), plots.with_table(plot, numbers)
    )


def forecast_words(work: throughput.Labelled, ahead: throughput.Forecast) -> str:
    """When the rest may be done, or why that cannot be said."""
    days = ahead.pace.n
    if not work.left:
        return text.FORECAST_DONE
    if not ahead.pace.is_known:
        return text.FORECAST_LITTLE.format(days=days)
    if ahead.likely is None or ahead.earliest is None:
        return text.FORECAST_STANDS.format(days=days)
    filled = {
        "days": days,
        "pace": f"{ahead.pace.value:,.0f}",
        "low": f"{ahead.pace.low:,.0f}",
        "high": f"{ahead.pace.high:,.0f}",
        "likely": words.day(ahead.likely),
        "earliest": words.day(ahead.earliest),
    }
    if ahead.latest is None:
        return text.FORECAST_OPEN.format(**filled)
    return text.FORECAST.format(**filled, latest=words.day(ahead.latest))


def ef_section(work: throughput.Labelled) -> Html:
    """How the labels' ejection fractions are spread."""
    n = sum(work.by_ef.values())
    said = text.EF_SPREAD_SAYS.format(n=n, rest=work.done - n)
    if n < words.LEAST:
        return section(text.EF_SPREAD, sentence(said))
    lowest, highest = min(work.by_ef), max(work.by_ef)
    bins = [(low, work.by_ef.get(low, 0)) for low in range(lowest, highest + 1, throughput.EF_BIN_POINTS)]
    plot = histogram(
        [(str(low), (float(count),)) for low, count in bins],
        Words(text.EF_SPREAD, said, x=text.EF_AXIS, y=text.LABELS_AXIS),
        said=str_of_count,
        every=2 if len(bins) > 12 else 1,
    )
    width = throughput.EF_BIN_POINTS
    rows = [(f"{low}–{low + width - 1}", f"{count:,}") for low, count in bins]
    return section(
        text.EF_SPREAD,
        sentence(said),
        plots.with_table(plot, table((text.EF_AXIS, text.LABELS), rows, caption=text.EF_SPREAD)),
    )


def errors_section(report: audit.AuditReport | None) -> Html:
    """The bound of every field from the newest sample."""
    if report is None:
        return section(text.ERRORS_LEFT, sentence(text.ERRORS_NONE))
    line = text.ERRORS_LINE.format(
        name=report.name, read=report.read, size=report.size, population=report.population
    )
    return section(text.ERRORS_LEFT, sentence(line), bound_table(report), wide=True)


def vigilance_section(caught: vigilance.CatchRate) -> Html:
    """The pooled catch rate; never by person."""
    if not caught.rate.n:
        return section(text.VIGILANCE, aside(text.VIGILANCE_LINE), sentence(text.VIGILANCE_NONE))
    rows = [(text.ALL_FIELDS, words.share(caught.rate))]
    rows += [(text.FIELDS.get(field, field), words.share(rate)) for field, rate in caught.by_field.items()]
    numbers = table((text.FIELD, text.RATE), rows, caption=text.CAUGHT)
    void = aside(text.VIGILANCE_VOID.format(void=caught.void)) if caught.void else None
    return section(text.VIGILANCE, aside(text.VIGILANCE_LINE), numbers, void)


def _band(
    work: throughput.Labelled, ahead: throughput.Forecast, today: int
) -> list[tuple[float, float, float]]:
    """From today to the likely end, and at most as far again as the work has gone."""
    if not work.left or ahead.likely is None or not ahead.pace.is_known:
        return []
    days = min(work.left / ahead.pace.value, max(7.0, 1.5 * (today + 1)))
    steps = [days * part / 8 for part in range(9)]

    def reached(per_day: float, after: float) -> float:
        return min(work.total, work.done + per_day * after)

    return [
        (today + after, reached(ahead.pace.low, after), reached(ahead.pace.high, after)) for after in steps
    ]


def _short_day(on: date) -> str:
    return f"{on.day} {on:%b}"


def time_section(spent: Mapping[str, throughput.TimeSpent]) -> Html:
    """Medians and spread of active seconds by arm."""
    rows = [(text.ARMS[arm], words.seconds(of_arm.median_s)) for arm, of_arm in spent.items()]
    drawn = {arm: of_arm for arm, of_arm in spent.items() if of_arm.median_s.n >= words.LEAST}
    numbers = table((text.ARM, text.MEDIAN), rows, caption=text.TIME)
    arms = sorted(drawn, key=lambda arm: arm != "shown")[:2]
    if not arms:
        return section(text.TIME, aside(text.TIME_LINE), numbers)
    by_arm = {arm: _binned(drawn[arm].counts) for arm in arms}
    last = max(place for bins in by_arm.values() for place in bins)
    shares = [
        (_label(place), [by_arm[arm].get(place, 0) / drawn[arm].median_s.n for arm in arms])
        for place in range(last + 1)
    ]
    said = Words(text.TIME, text.TIME_SAYS, x=text.TIME_AXIS)
    plot = histogram(shares, said, said=text.percent, series=[text.ARMS[arm] for arm in arms], every=2)
    spread = [(label, *(text.percent(share) for share in of_arms)) for label, of_arms in shares]
    details = table((text.TIME_AXIS, *(text.ARMS[arm] for arm in arms)), spread, caption=text.TIME_SAYS)
    return section(text.TIME, aside(text.TIME_LINE), numbers, plots.with_table(plot, details))


def anchoring_section(effects: Sequence[blind_arm.Anchoring]) -> Html:
    """How much oftener the answer is the draft's when the draft is seen."""
    rows = [
        (text.FIELDS[one.field], words.share(one.shown), words.share(one.hidden), _effect(one))
        for one in effects
    ]
    headings = (text.FIELD, text.EQUAL_SHOWN, text.EQUAL_HIDDEN, text.EFFECT)
    numbers = table(headings, rows, caption=text.ANCHORING_PLOT)
    return section(text.ANCHORING, aside(text.ANCHORING_LINE), numbers, wide=True)


def _effect(one: blind_arm.Anchoring) -> Html | str:
    fewer = min(one.shown.n, one.hidden.n)
    if fewer < words.LEAST:
        return sentence(text.TOO_LITTLE.format(n=fewer))
    return words.effect(one.effect)


def _binned(counts: Sequence[tuple[float, int]]) -> dict[int, int]:
    bins: dict[int, int] = {}
    for seconds, often in counts:
        place = min(int(seconds // _BIN_S), _MOST_BINS)
        bins[place] = bins.get(place, 0) + often
    return bins


def _label(place: int) -> str:
    low = place * _BIN_S
    return text.TIME_OVER.format(seconds=low) if place == _MOST_BINS else str(low)
