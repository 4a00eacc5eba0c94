"""How many labels each day brought, when the rest may be done, how EF is spread, how long a record takes."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Float, Label, cast, func, select
from sqlmodel import Session, col

from db.decisions import DECIDING, Purpose
from db.label_view import has_purpose, is_of_cases, newest_labels
from db.measures.estimate import Estimate, unknown
from db.measures.means import mean_of
from db.measures.medians import median_of_counts
from db.progress import first_readings
from db.tables.reviews import Review
from db.withdrawals import is_in_force

# The pace is that of the last fortnight, and needs at least this many days.
PACE_DAYS: Final = 14
LEAST_DAYS: Final = 3
EF_BIN_POINTS: Final = 5
_HALVES: Final = 2  # active seconds are counted in halves


@dataclass(frozen=True)
class Labelled:
    """What is labelled.

    Attributes:
        total: drafted records.
        by_day: new labels by the day (UTC) they were decided, in order, days without any left out.
        by_ef: labels with a number, by the lower end of their 5-point bin.
    """

    total: int
    by_day: dict[date, int]
    by_ef: dict[int, int]

    @property
    def done(self) -> int:
        """Labels there are."""
        return sum(self.by_day.values())

    @property
    def left(self) -> int:
        """Drafted records without a label."""
        return max(0, self.total - self.done)

    def __add__(self, other: Labelled) -> Labelled:
        """Two parts of one project."""
        by_day = Counter(self.by_day) + Counter(other.by_day)
        by_ef = Counter(self.by_ef) + Counter(other.by_ef)
        total = max(self.total, other.total, by_day.total())
        return Labelled(total, dict(sorted(by_day.items())), dict(sorted(by_ef.items())))


@dataclass(frozen=True)
class Forecast:
    """When the rest may be labelled, at the pace of the last fortnight.

    Attributes:
        pace: labels a day, all days of the week, with a 95 % interval by Student's t.
        likely, earliest, latest: days (UTC); None where the pace may be nothing.
    """

    pace: Estimate
    likely: date | None
    earliest: date | None
    latest: date | None


def labelled(session: Session, among: range | None = None) -> Labelled:
    """Count labels by day and by EF in one pass.

    Args:
        among: the cases that are counted; all drafted records stand in the total of every part.
    """
    newest = newest_labels(among)
    day = func.date(Review.created_at).label("day")
    percent: Label[float | None] = col(Review.ef_percent).label("percent")
    of_label = select(day, percent, func.count()).join(newest, newest.c.review_id == col(Review.id))
    by_day: Counter[date] = Counter()
    by_ef: Counter[int] = Counter()
    for on, ef_percent, records in session.execute(of_label.group_by(day, percent)):
        by_day[on if isinstance(on, date) else date.fromisoformat(str(on))] += int(records)
        if ef_percent is not None:
            by_ef[int(ef_percent // EF_BIN_POINTS) * EF_BIN_POINTS] += int(records)
    total = max(first_readings(session).total, by_day.total())
    return Labelled(total, dict(sorted(by_day.items())), dict(sorted(by_ef.items())))


def forecast(work: Labelled, *, today: date) -> Forecast:
    """The pace of the last fortnight carried on. Today is left out: it is not over."""
    first = min(work.by_day, default=today)
    days = min(PACE_DAYS, (today - first).days)
    if days < LEAST_DAYS:
        return Forecast(unknown(max(days, 0)), None, None, None)
    counts = [work.by_day.get(today - timedelta(days=back), 0) for back in range(1, days + 1)]
    mean = mean_of(counts)
    pace = Estimate(mean.value, max(0.0, mean.low), mean.high, days)
    return Forecast(
        pace, *(_day_of_last(work.left, rate, today) for rate in (pace.value, pace.high, pace.low))
    )


def _day_of_last(left: int, per_day: float, today: date) -> date | None:
    """The day the last one is done; None where that is more than ten years off."""
    if per_day <= 0 or left / per_day > 3650:
        return None
    return today + timedelta(days=math.ceil(left / per_day))


@dataclass(frozen=True)
class TimeSpent:
    """Active seconds of first readings in one arm: median with interval, and counts by half seconds."""

    median_s: Estimate
    counts: tuple[tuple[float, int], ...]


# Arm -> half seconds -> readings.
Halves = Counter[tuple[str, float]]


def half_seconds(session: Session, among: range | None = None) -> Halves:
    """How many first readings took how many half seconds, by arm; `among` are the cases that are counted."""
    halves = func.round(cast(Review.active_s, Float) * _HALVES).label("halves")
    arm = func.coalesce(col(Review.arm), "").label("arm")
    rows = session.execute(
        select(arm, halves, func.count())
        .where(
            col(Review.decision).in_(DECIDING),
            has_purpose(Purpose.FIRST),
            is_in_force(),
            *([] if among is None else [is_of_cases(among)]),
        )
        .group_by(arm, halves)
    ).all()
    return Counter({(str(name), float(half)): int(records) for name, half, records in rows})


def time_by_arm(readings: Halves) -> dict[str, TimeSpent]:
    """How long first readings took, by arm (`shown`, `hidden`; empty for readings older than the arms)."""
    by_arm: dict[str, list[tuple[float, int]]] = {}
    for (name, half), records in readings.items():
        by_arm.setdefault(name, []).append((half / _HALVES, records))
    return {
        name: TimeSpent(median_of_counts(counts), tuple(sorted(counts)))
        for name, counts in sorted(by_arm.items())
    }
