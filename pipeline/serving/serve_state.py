"""What the API keeps while it runs: how often who came, how many wait, and counts for Prometheus."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from pipeline.serving.answer import Answer
from pipeline.serving.watching.coverage import Held

# More people at once push out who has not come for longest.
_KNOWN_AT_MOST: Final = 10_000
_SECONDS: Final = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16)
_EF: Final = tuple(range(10, 90, 10))
_SHARES: Final = tuple(step / 10 for step in range(1, 10))


class TooOften(Exception):
    """Somebody came more often than they may; `wait_s`: until they may again."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class Busy(Exception):
    """As many wait as may."""


class Limits:
    """A bucket of permits for each person that fills over time, and places to wait in."""

    def __init__(self, per_minute: int, waiting: int, clock: Callable[[], float]) -> None:
        self._per_minute, self._places, self._clock = per_minute, waiting + 1, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def come(self, who: str) -> None:
        """Take one permit. Raises TooOften."""
        now = self._clock()
        left, since = self._buckets.pop(who, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - since) * self._per_minute / 60)
        is_allowed = left >= 1
        self._buckets[who] = (left - 1 if is_allowed else left, now)
        if len(self._buckets) > _KNOWN_AT_MOST:
            self._buckets.popitem(last=False)
        if not is_allowed:
            raise TooOften(math.ceil((1 - left) * 60 / self._per_minute))

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among those that wait, while it lasts. Raises Busy."""
        if self._places <= 0:
            raise Busy
        self._places -= 1
        try:
            yield
        finally:
            self._places += 1


class Meters:
    """Counts and times; no label and no number says whose."""

    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        self._answers = Counter(
            "echodesk_answers", "Answers by what came of the photo.", ["came_of"], registry=own
        )
        self._refused = Counter("echodesk_refused", "Requests turned away.", ["reason"], registry=own)
        self._referrals = Counter("echodesk_referrals", "Referrals.", ["referral"], registry=own)
        self._open = Gauge("echodesk_photos_open", "Photos that wait or are read.", registry=own)
        self._seconds = Histogram(
            "echodesk_answer_seconds", "From photo to answer, waiting too.", buckets=_SECONDS, registry=own
        )
        self._ef = Histogram("echodesk_ef_percent", "EF that was answered.", buckets=_EF, registry=own)
        self._rwma = Histogram("echodesk_rwma_said", "Probability as said.", buckets=_SHARES, registry=own)
        held = ("echodesk_outcomes", "Outcomes known."), ("echodesk_held", "Share of them that held."), (
            "echodesk_coverage_below", "1 where they hold less than promised, beyond chance.")  # fmt: skip
        self._outcomes, self._held, self._below = (Gauge(*one, ["what"], registry=own) for one in held)

    def refuse(self, reason: str) -> None:
        """A request was turned away: `key`, `rate`, `size`, `form` or `busy`."""
        self._refused.labels(reason).inc()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While a photograph waits and is read."""
        began = time.perf_counter()
        with self._open.track_inprogress():
            yield
        self._seconds.observe(time.perf_counter() - began)

    def hold(self, found: Sequence[Held]) -> None:
        """What outcomes say of intervals and sets; see `watching.coverage`."""
        for one in found:
            self._outcomes.labels(one.what).set(one.share.n)
            self._below.labels(one.what).set(one.is_below)
            if one.share.n:
                self._held.labels(one.what).set(one.share.value)

    def answer(self, answer: Answer) -> None:
        """One answer was given."""
        self._answers.labels(answer.retakes[0].reason if answer.retakes else "ok").inc()
        if answer.ef_percent is not None and answer.rwma_said is not None:
            self._ef.observe(answer.ef_percent)
            self._rwma.observe(answer.rwma_said)
        if answer.referral is not None:
            self._referrals.labels(answer.referral).inc()

    def exposition(self) -> tuple[bytes, str]:
        """All of it as Prometheus reads it, and the type of that text."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
