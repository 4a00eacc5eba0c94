"""Counts are kept while nothing changed, and a little while longer where counting is dear."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from quality_rows import NOW, QualityRows, held
from sqlmodel import Session

from review_ui.leads.kept import Kept, KeptCounts


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
    return KeptCounts(clock=lambda: counter.time_s, patience_s=60)


def get(kept: KeptCounts, session: Session, name: str, count: Counter, now: datetime = NOW) -> Kept[int]:
    """A count that is there in time."""
    found = kept.get(held(session), name, count, now=now)
    assert found is not None and not found.is_being_counted
    return found


def test_an_unchanged_table_is_not_counted_again(session: Session) -> None:
    counter = Counter(took_s=0.001)
    kept = kept_by(counter)
    first = get(kept, session, "x", counter, NOW)
    assert get(kept, session, "x", counter, NOW + timedelta(hours=1)) is first
    assert get(kept, session, "y", counter, NOW).counts == 2


def test_a_cheap_count_is_made_anew_as_soon_as_something_changed(session: Session) -> None:
    counter = Counter(took_s=0.001)
    kept = kept_by(counter)
    get(kept, session, "x", counter, NOW)
    rows = QualityRows(session)
    rows.review(rows.case(), rows.person("Ana"))
    later = NOW + timedelta(seconds=1)
    found = get(kept, session, "x", counter, later)
    assert (found.counts, found.at) == (2, later)


def test_a_dear_count_stands_for_a_minute_and_says_when_it_was_made(session: Session) -> None:
    counter = Counter(took_s=2.0)
    kept = kept_by(counter)
    get(kept, session, "x", counter, NOW)
    rows = QualityRows(session)
    review = rows.review(rows.case(), rows.person("Ana"))
    soon = get(kept, session, "x", counter, NOW + timedelta(seconds=59))
    assert (soon.counts, soon.at) == (1, NOW)
    assert get(kept, session, "x", counter, NOW + timedelta(seconds=61)).counts == 2
    rows.undo(review, 1)
    assert get(kept, session, "x", counter, NOW + timedelta(seconds=122)).counts == 3


class Slow:
    """A count that ends when it is told to."""

    def __init__(self) -> None:
        self.may_end, self.asked = threading.Event(), 0

    def __call__(self) -> int:
        self.asked += 1
        assert self.may_end.wait(30)
        return self.asked


def test_no_page_waits_for_a_count_that_takes_long(session: Session) -> None:
    slow = Slow()
    kept = KeptCounts(patience_s=0.0)
    assert kept.get(held(session), "x", slow, now=NOW) is None
    assert kept.get(held(session), "x", slow, now=NOW) is None
    slow.may_end.set()
    kept.patience_s = 60
    first = kept.get(held(session), "x", slow, now=NOW)
    assert first is not None and (first.counts, slow.asked) == (1, 1), "it was counted once for all who asked"
    rows = QualityRows(session)
    rows.review(rows.case(), rows.person("Ana"))
    slow.may_end.clear()
    kept.patience_s = 0.0
    later = NOW + timedelta(minutes=2)
    old = kept.get(held(session), "x", slow, now=later)
    assert old is not None and (old.counts, old.at, old.is_being_counted) == (1, NOW, True)
    slow.may_end.set()
    kept.patience_s = 60
    new = kept.get(held(session), "x", slow, now=later)
    assert new is not None and (new.counts, new.at, new.is_being_counted) == (2, later, False)


def test_a_count_that_fails_says_so_and_is_tried_again(session: Session) -> None:
    kept = KeptCounts(patience_s=60)

    def failing() -> int:
        raise OSError

    with pytest.raises(OSError):
        kept.get(held(session), "x", failing, now=NOW)
    assert get(kept, session, "x", Counter(0.0)).counts == 1
