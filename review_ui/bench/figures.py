"""What a measurement of the desk reports: times with their number, and what they are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Latency:
    """Times of one thing measured n times, milliseconds; lower is better."""

    n: int
    p50_ms: float
    p95_ms: float
    max_ms: float


def latency(times_s: Sequence[float]) -> Latency:
    """Summary of times in seconds; percentiles are the nearest measured time, never one in between.

    Raises:
        ValueError: nothing was measured.
    """
    if not times_s:
        raise ValueError("nothing was measured")
    ordered = sorted(times_s)

    def share(percent: int) -> float:
        rank = -(-percent * len(ordered) // 100)  # rounded up, so that a p95 is never below 95 % of the times
        return round(1000 * ordered[max(rank, 1) - 1], 2)

    return Latency(len(ordered), share(50), share(95), round(1000 * ordered[-1], 2))


@dataclass(frozen=True)
class Load:
    """Several annotators at once, each deciding as fast as the desk answers.

    Attributes:
        annotators: how many at once.
        requests: one answer each; for the desk storing a decision and getting the next record.
        per_s: answers a second of all annotators together; higher is better.
        failed: answers that were neither a record nor the end of the queue.
    """

    annotators: int
    requests: Latency
    per_s: float
    failed: int


@dataclass(frozen=True)
class PaintTimes:
    """One key press until the next record is on screen, in Chromium.

    Attributes:
        observed: until the page picture was rendered, by the browser's own element timing.
        measured: the desk's own measure `key-to-record`: everything drawn and two frames gone by.
        bare: as `observed`, for a bare Gradio page with one unqueued event and the same pictures.
    """

    observed: Latency
    measured: Latency
    bare: Latency

    @property
    def ratio(self) -> float:
        """The desk's median over the bare page's; lower is better."""
        return round(self.observed.p50_ms / self.bare.p50_ms, 2)


@dataclass(frozen=True)
class ReviewBench:
    """What was measured; None where a part was left out.

    Attributes:
        records: in the queue for `painted` and `load`.
        paced: as `load`, at a set number of decisions a second, from when each was due.
        whole_page: as `load`, with every request the page sends for a record: prefetch and page picture, too.
        bare_load: the same load on a bare unqueued Gradio event.
        queue_records: in the queue for `queue`.
        queue: what was asked of the long queue -> how long it took.
    """

    records: int
    painted: PaintTimes | None
    load: Load | None
    paced: Load | None
    whole_page: Load | None
    bare_load: Load | None
    queue_records: int
    queue: dict[str, Latency]

    @property
    def load_ratio(self) -> float | None:
        """Decisions a second of the desk over answers a second of the bare event; higher is better."""
        if self.load is None or self.bare_load is None:
            return None
        return round(self.load.per_s / self.bare_load.per_s, 2)

    def as_json(self) -> dict[str, Any]:
        """All figures with the ratios."""
        shown = asdict(self)
        if self.painted is not None:
            shown["painted"]["ratio"] = self.painted.ratio
        return {**shown, "load_ratio": self.load_ratio}
