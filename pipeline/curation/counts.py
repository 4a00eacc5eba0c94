"""What curation brought, counted in the database: weeks, reasons, people, and time against the blind arm."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from db.fields.names import ANSWERS
from db.measures.estimate import Estimate, unknown
from db.measures.means import difference_of_means, mean_of_counts

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.quality.throughput import TimeSpent

GROUPS: Final = ("reader", "layout", "site")
# Below this in either arm a difference of times says next to nothing.
LEAST_IN_ARM: Final = 10


@dataclass
class Period:
    """Labels decided from one day on, over a week or a day, and how they differ from their drafts.

    Attributes:
        records: labels that had a draft; changed: of these, with any field corrected.
        by_field: corrected, by field.
    """

    start: date
    records: int = 0
    changed: int = 0
    by_field: Counter[str] = field(default_factory=Counter)

    @property
    def corrections_per_100(self) -> float:
        """Corrected fields for every hundred records."""
        return 100 * self.by_field.total() / self.records if self.records else math.nan


@dataclass(frozen=True)
class TimeSaved:
    """Active time of first readings with the draft shown against those with it hidden.

    Attributes:
        shown_s, hidden_s: mean seconds a record with 95 % intervals by Student's t.
        saved_s: hidden minus shown, seconds a record, by Welch's t; unknown where an arm has fewer than ten.
        minutes: the same over all records read with the draft shown.
    """

    shown_s: Estimate
    hidden_s: Estimate
    saved_s: Estimate
    minutes: Estimate


@dataclass(frozen=True)
class CurationCounts:
    """Everything the report says that the quality pages do not count.

    Attributes:
        periods: in order; by weeks, or by days where everything lies within three weeks.
        reasons: reason -> corrected labels with it; empty for those without.
        reasons_by_field: (reason, field) -> corrected labels.
        by_annotator: person -> records, and of these those with a correction.
    """

    periods: list[Period]
    is_weekly: bool
    reasons: Counter[str]
    reasons_by_field: Counter[tuple[str, str]]
    by_annotator: dict[str, tuple[int, int]]


def count_curation(session: Session) -> CurationCounts:
    """One pass over the labels that had a draft."""
    days: dict[date, Period] = {}
    reasons: Counter[str] = Counter()
    by_field: Counter[tuple[str, str]] = Counter()
    people: dict[str, tuple[int, int]] = {}
    for row in _label_kinds(session):
        on = row[0] if isinstance(row[0], date) else date.fromisoformat(str(row[0]))
        reason, person, records = str(row[1] or ""), str(row[2]), int(row[-1])
        changed = [name for name, differs in zip(ANSWERS, row[3:-1], strict=True) if differs]
        period = days.setdefault(on, Period(on))
        period.records += records
        period.changed += records * bool(changed)
        total, corrected = people.get(person, (0, 0))
        people[person] = (total + records, corrected + records * bool(changed))
        for name in changed:
            period.by_field[name] += records
            by_field[reason, name] += records
        if changed:
            reasons[reason] += records
    periods, is_weekly = _periods([days[day] for day in sorted(days)])
    return CurationCounts(periods, is_weekly, reasons, by_field, people)


def _label_kinds(session: Session) -> list[Any]:
    """Day, reason, person, five differences, and how many labels are alike in these."""
    from sqlalchemy import case, func, select
    from sqlmodel import col

    from db.label_view import LABEL
    from db.quality.corrections import answers_differ
    from db.tables.drafts import Draft
    from db.tables.people import User

    label = LABEL.c

    differs = answers_differ(Draft, label)
    keys: list[Any] = [
        func.date(label.created_at),
        label.reason,
        col(User.name),
        *(case((differs[answer], 1), else_=0) for answer in ANSWERS),
    ]
    named = [key.label(f"k{place}") for place, key in enumerate(keys)]
    return list(
        session.execute(
            select(*named, func.count())
            .select_from(LABEL)
            .join(Draft, col(Draft.id) == label.draft_id)
            .join(User, col(User.id) == label.annotator_id)
            .group_by(*named)
            .order_by(*named)
        ).all()
    )


def _periods(days: list[Period]) -> tuple[list[Period], bool]:
    if not days or (days[-1].start - days[0].start).days < 21:
        return days, False
    weeks: dict[date, Period] = {}
    for day in days:
        monday = day.start - timedelta(days=day.start.weekday())
        week = weeks.setdefault(monday, Period(monday))
        week.records += day.records
        week.changed += day.changed
        week.by_field.update(day.by_field)
    return [weeks[monday] for monday in sorted(weeks)], True


def accuracy(rate: Estimate) -> Estimate:
    """The share of drafts that were the final label, from the share that was corrected."""
    return Estimate(1 - rate.value, 1 - rate.high, 1 - rate.low, rate.n)


def time_saved(spent: dict[str, TimeSpent]) -> TimeSaved:
    """What a shown draft saved, from counts of active seconds by arm."""
    shown, hidden = (spent[arm].counts if arm in spent else () for arm in ("shown", "hidden"))
    of_shown, of_hidden = mean_of_counts(shown), mean_of_counts(hidden)
    if min(of_shown.n, of_hidden.n) < LEAST_IN_ARM:
        nothing = unknown(of_shown.n + of_hidden.n)
        return TimeSaved(of_shown, of_hidden, nothing, nothing)
    saved = difference_of_means(hidden, shown)
    minutes = of_shown.n / 60
    value, low, high = (end * minutes for end in (saved.value, saved.low, saved.high))
    return TimeSaved(of_shown, of_hidden, saved, Estimate(value, low, high, saved.n))
