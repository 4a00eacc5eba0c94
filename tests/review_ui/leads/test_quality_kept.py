"""Counts are kept while nothing changed, and a little while longer where counting is dear."""

from __future__ import annotations

from datetime import timedelta

from quality_rows import NOW, QualityRows, held
from sqlmodel import Session

from review_ui.leads.kept import KeptCounts


class Counter:
    """Counts how often it was asked, and takes as long as it is told."""

    def __init__(self, took_s: float) -> None:
        self.asked, self.time_s, self.took_s = 0, 0.0, took_s

    def __call__(self) -> int:
        self.asked += 1
        self.time_s += self.took_s
        return self.asked


def kept_by(counter: Counter) -> KeptCounts:
    """Kept counts whose clock is the counter's."""
    return KeptCounts(clock=lambda: counter.time_s)


def test_an_unchanged_table_is_not_counted_again(session: Session) -> None:
    counter = Counter(took_s=0.001)
    kept = kept_by(counter)
    first = kept.get(held(session), "x", counter, now=NOW)
    assert kept.get(held(session), "x", counter, now=NOW + timedelta(hours=1)) is first
    assert kept.get(held(session), "y", counter, now=NOW).counts == 2


def test_a_cheap_count_is_made_anew_as_soon_as_something_changed(session: Session) -> None:
    counter = Counter(took_s=0.001)
    kept = kept_by(counter)
    kept.get(held(session), "x", counter, now=NOW)
    rows = QualityRows(session)
    rows.review(rows.case(), rows.person("Ana"))
    later = NOW + timedelta(seconds=1)
    found = kept.get(held(session), "x", counter, now=later)
    assert (found.counts, found.at) == (2, later)


def test_a_dear_count_stands_for_a_minute_and_says_when_it_was_made(session: Session) -> None:
    counter = Counter(took_s=2.0)
    kept = kept_by(counter)
    kept.get(held(session), "x", counter, now=NOW)
    rows = QualityRows(session)
    review = rows.review(rows.case(), rows.person("Ana"))
    soon = kept.get(held(session), "x", counter, now=NOW + timedelta(seconds=59))
    assert (soon.counts, soon.at) == (1, NOW)
    assert kept.get(held(session), "x", counter, now=NOW + timedelta(seconds=61)).counts == 2
    rows.undo(review, 1)
    assert kept.get(held(session), "x", counter, now=NOW + timedelta(seconds=122)).counts == 3
